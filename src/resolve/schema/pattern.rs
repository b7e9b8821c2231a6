//! Whether a text can be a regular expression of JavaScript's. Says only what certainly is none: API Gateway compiles it, we do not.

/// What is wrong with it.
pub fn fault(pattern: &str) -> Option<&'static str> {
    let mut depth = 0_usize;
    let mut repeats_nothing = true;
    let mut rest = pattern.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\\' => {
                let Some(_) = rest.next() else {
                    return Some("a backslash at the end");
                };
            }
            '[' => loop {
                match rest.next() {
                    Some(']') => break,
                    Some('\\') => {
                        rest.next();
                    }
                    Some(_) => {}
                    None => return Some("a `[` without its `]`"),
                }
            },
            '(' => {
                depth += 1;
                // `(?:`, `(?=`, `(?!`: the mark is no repetition.
                if rest.peek() == Some(&'?') {
                    rest.next();
                    if !matches!(rest.next(), Some(':' | '=' | '!' | '<')) {
                        return Some("a group that JavaScript does not support");
                    }
                }
                repeats_nothing = true;
                continue;
            }
            ')' => {
                let Some(left) = depth.checked_sub(1) else {
                    return Some("a `)` without its `(`");
                };
                depth = left;
            }
            '*' | '+' | '?' if repeats_nothing => return Some("nothing to repeat"),
            '*' | '+' | '?' => {
                if rest.peek() == Some(&'?') {
                    rest.next();
                }
                repeats_nothing = true;
                continue;
            }
            '|' | '^' => {
                repeats_nothing = true;
                continue;
            }
            _ => {}
        }
        repeats_nothing = false;
    }
    (depth > 0).then_some("a `(` without its `)`")
}
