//! Characters that other programs put into a file: typographic quotes, odd spaces, and the marks of comments of other formats.

use super::scan;
use crate::spec::latin;

/// A statement in plain characters, and what was changed in it first.
pub fn tidy(statement: &str) -> (String, Option<&'static str>) {
    let mut result = String::with_capacity(statement.len());
    let mut why = None;
    let mut quote: Option<char> = None;
    let mut characters = statement.char_indices();
    while let Some((at, character)) = characters.next() {
        let rest = statement.get(at..).unwrap_or_default();
        if let Some(open) = quote {
            if character == '\\' && open == '"' {
                result.push(character);
                if let Some((_, escaped)) = characters.next() {
                    result.push(escaped);
                }
                continue;
            }
            let closes = character == open || character == '\n';
            quote = Some(open).filter(|_| !closes);
            result.push(character);
            continue;
        }
        match character {
            '"' | '\'' => {
                quote = Some(character);
                result.push(character);
            }
            '#' => {
                result.push_str(rest.split('\n').next().unwrap_or_default());
                let length = rest.find('\n').unwrap_or(rest.len());
                while characters.as_str().len() > rest.len() - length {
                    characters.next();
                }
            }
            '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{201f}' | '\u{2018}' | '\u{2019}'
            | '\u{201a}' | '\u{ab}' | '\u{bb}' | '\u{ff02}' => {
                why.get_or_insert("typographic quotes: TOML takes `\"`");
                result.push('"');
            }
            '`' => {
                why.get_or_insert("backticks: TOML takes `\"`");
                result.push('"');
            }
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {
                why.get_or_insert("a character that cannot be seen");
            }
            '\t' | ' ' | '\n' | '\r' => result.push(character),
            _ if character.is_whitespace() => {
                why.get_or_insert("a no-break space or another space that TOML does not take");
                result.push(' ');
            }
            '\u{ff1d}' => {
                why.get_or_insert("a wide character");
                result.push('=');
            }
            '\u{ff0c}' => {
                why.get_or_insert("a wide character");
                result.push(',');
            }
            '/' if rest.starts_with("//") && ends_word(&result) => {
                why.get_or_insert("a comment begins with `#`");
                result.push('#');
                characters.next();
                result.push_str(copy_line(&mut characters));
            }
            '-' if is_dashes(rest) && ends_word(&result) => {
                why.get_or_insert("a comment begins with `#`");
                result.push('#');
                characters.next();
                result.push_str(copy_line(&mut characters));
            }
            '/' if rest.starts_with("/*") && ends_word(&result) => {
                why.get_or_insert("a comment begins with `#`");
                let (length, comment) = in_block(rest);
                result.push_str(&comment);
                while characters.as_str().len() > rest.len() - length {
                    characters.next();
                }
            }
            ';' if is_within(&result) => {
                why.get_or_insert("entries are separated by `,`");
                result.push(',');
            }
            ';' => {
                why.get_or_insert(
                    "TOML has no `;`: a line ends by itself, and a comment begins with `#`",
                );
                let line = characters.as_str().split('\n').next().unwrap_or_default();
                if scan::is_statement(line) && !line.trim_start().starts_with('[') {
                    result.push('\n');
                    while characters.as_str().starts_with(' ') {
                        characters.next();
                    }
                } else if !line.trim().is_empty() && !line.trim_start().starts_with('#') {
                    result.push('#');
                    result.push_str(copy_line(&mut characters));
                }
            }
            _ => match latin(character).filter(|_| is_mixed(&result, rest)) {
                Some(latin) => {
                    why.get_or_insert("a letter of another alphabet, which looks like a Latin one");
                    result.push(latin);
                }
                None => result.push(character),
            },
        }
    }
    (result, why)
}

/// `-- comment`, as in SQL.
fn is_dashes(rest: &str) -> bool {
    let behind = rest.strip_prefix("--");
    behind.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\n', '\r', '[']))
}

/// A comment between `/*` and `*/`: its length, and what stands for it. Before more of the statement it only goes.
fn in_block(rest: &str) -> (usize, String) {
    let line = rest.split('\n').next().unwrap_or_default();
    let Some(close) = line.find("*/") else {
        let inner = line.trim_start_matches("/*").trim_end();
        return (line.len(), format!("#{inner}"));
    };
    let behind = scan::slice(line, close + 2..line.len());
    if !behind.trim().is_empty() {
        return (close + 2, String::new());
    }
    let inner = scan::slice(line, 2..close).trim_end();
    (close + 2, format!("#{inner}"))
}

/// Whether the word around a place has letters or digits of ASCII: a word of another language is left alone.
fn is_mixed(before: &str, rest: &str) -> bool {
    let is_word = |c: &char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let mut left = before.chars().rev().take_while(is_word);
    let mut right = rest.chars().take_while(is_word);
    let is_wide_digit = rest.starts_with(|c| ('\u{ff10}'..='\u{ff19}').contains(&c));
    let is_plain = |c: char| c.is_ascii_alphanumeric();
    is_wide_digit || left.any(is_plain) || right.any(is_plain)
}

fn ends_word(text: &str) -> bool {
    text.is_empty() || text.ends_with(char::is_whitespace)
}

/// Whether a bracket or brace is open on the last line.
fn is_within(text: &str) -> bool {
    let line = text.rsplit('\n').next().unwrap_or_default();
    let count = |marks: [char; 2]| line.matches(marks).count();
    count(['{', '[']) > count(['}', ']'])
}

/// The rest of the line, left behind.
fn copy_line<'t>(characters: &mut std::str::CharIndices<'t>) -> &'t str {
    let rest = characters.as_str();
    let line = rest.split('\n').next().unwrap_or_default();
    while characters.as_str().len() > rest.len() - line.len() {
        characters.next();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::tidy;

    #[test]
    fn what_stands_in_a_string_or_comment_stays() {
        for text in ["a = \"\u{201c}x\u{201d} // ; `\" # \u{a0}`;", "a = 'it//s'"] {
            assert_eq!(tidy(text), (text.to_owned(), None));
        }
    }

    #[test]
    fn marks_of_other_programs_are_replaced() {
        let is = |text, right: &str| assert_eq!(tidy(text).0, right);
        is("a = \u{201c}x\u{201d}", "a = \"x\"");
        is("a\u{a0}= 1", "a = 1");
        is("a = 1 // why", "a = 1 # why");
        is("a = 1;", "a = 1");
        is("; why", "# why");
        is("a = 1; b = 2", "a = 1\nb = 2");
        is("a = \"x\" -- why", "a = \"x\" # why");
        is("-- why", "# why");
        is("a = 1--", "a = 1--");
        is("a = 1 /* why */", "a = 1 # why");
        is("a = /* why */ 1", "a =  1");
        is("stor\u{430}ge = \u{ff12}0", "storage = 20");
        is("\u{43e}\u{43d} = 1", "\u{43e}\u{43d} = 1");
        is("a = `x`", "a = \"x\"");
    }
}
