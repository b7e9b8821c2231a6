//! Source into statements.

/// A part of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    /// A name, a keyword or a number.
    Word(&'a str),
    Sign(char),
    /// A literal; what is in it is nobody's code.
    Text,
}

impl Token<'_> {
    pub fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(found) if *found == word)
    }

    pub fn is_sign(&self, sign: char) -> bool {
        *self == Self::Sign(sign)
    }
}

/// One logical line, without comments.
#[derive(Debug, PartialEq, Eq)]
pub struct Statement<'a> {
    /// Whether it stands at the left edge: what it binds belongs to the module.
    pub is_top: bool,
    pub tokens: Vec<Token<'a>>,
}

/// The statements of a module; nothing where a text or a bracket has no end, or a prompt of a merge stands in it.
pub fn scan(source: &str) -> Option<Vec<Statement<'_>>> {
    let mut scanner = Scanner {
        source: source.strip_prefix('\u{feff}').unwrap_or(source),
        at: 0,
        depth: 0,
        is_top: true,
        starts_line: true,
        tokens: Vec::new(),
        statements: Vec::new(),
    };
    while scanner.step()? {}
    scanner.end_statement();
    (scanner.depth == 0).then_some(scanner.statements)
}

struct Scanner<'a> {
    source: &'a str,
    at: usize,
    /// Brackets that are open.
    depth: usize,
    is_top: bool,
    /// Whether only blanks came since the line began.
    starts_line: bool,
    tokens: Vec<Token<'a>>,
    statements: Vec<Statement<'a>>,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or("")
    }

    /// Reads one token, line end, comment or blank; false at the end of the source.
    fn step(&mut self) -> Option<bool> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return Some(false);
        };
        let length = first.len_utf8();
        match first {
            '\n' | '\r' => {
                self.at += length;
                if self.depth == 0 {
                    self.end_statement();
                    self.is_top = true;
                    self.starts_line = true;
                }
            }
            '\\' => {
                // The line goes on: only the end of one may follow.
                let after = rest.get(1..)?;
                let end = ["\r\n", "\n", "\r"];
                let end = end.iter().find(|end| after.starts_with(**end))?;
                self.at += 1 + end.len();
            }
            ' ' | '\t' | '\u{c}' => {
                self.at += length;
                if self.starts_line && first != '\u{c}' {
                    self.is_top = false;
                }
            }
            '#' => self.at += rest.find(['\n', '\r']).unwrap_or(rest.len()),
            '"' | '\'' => self.text()?,
            _ if is_of_word(first) => self.word()?,
            ';' if self.depth == 0 => {
                self.at += length;
                self.end_statement();
            }
            _ => {
                self.at += length;
                match first {
                    '(' | '[' | '{' => self.depth += 1,
                    ')' | ']' | '}' => self.depth = self.depth.checked_sub(1)?,
                    _ => (),
                }
                self.push(Token::Sign(first));
            }
        }
        Some(true)
    }

    fn push(&mut self, token: Token<'a>) {
        self.starts_line = false;
        self.tokens.push(token);
    }

    fn end_statement(&mut self) {
        if !self.tokens.is_empty() {
            let tokens = std::mem::take(&mut self.tokens);
            let is_top = self.is_top;
            self.statements.push(Statement { is_top, tokens });
        }
    }

    fn word(&mut self) -> Option<()> {
        let rest = self.rest();
        let end = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
        let word = rest.get(..end)?;
        self.at += end;
        let is_prefix = word.len() <= 2
            && word
                .chars()
                .all(|c| "rbuft".contains(c.to_ascii_lowercase()));
        if is_prefix && self.rest().starts_with(['"', '\'']) {
            return self.text();
        }
        self.push(Token::Word(word));
        Some(())
    }

    /// A literal, from its quotes on. In a raw one, too, a quote after a backslash ends nothing.
    fn text(&mut self) -> Option<()> {
        let rest = self.rest();
        let quote = rest.get(..1)?;
        let triple = quote.repeat(3);
        let quotes = if rest.starts_with(&triple) {
            triple.as_str()
        } else {
            quote
        };
        let mut at = quotes.len();
        loop {
            let left = rest.get(at..)?;
            let next = left.chars().next()?;
            if left.starts_with(quotes) {
                break;
            }
            at += next.len_utf8();
            match next {
                '\\' => {
                    let skipped = left.get(1..)?;
                    let is_pair = skipped.starts_with("\r\n");
                    at += if is_pair {
                        2
                    } else {
                        skipped.chars().next()?.len_utf8()
                    };
                }
                '\n' | '\r' if quotes.len() == 1 => return None,
                _ => (),
            }
        }
        self.at += at + quotes.len();
        self.push(Token::Text);
        Some(())
    }
}

fn is_of_word(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::{Token, scan};

    fn words(source: &str) -> Option<Vec<(bool, String)>> {
        let statements = scan(source)?.into_iter().map(|statement| {
            let words = statement.tokens.iter().map(|token| match token {
                Token::Word(word) => (*word).to_owned(),
                Token::Sign(sign) => sign.to_string(),
                Token::Text => "TEXT".to_owned(),
            });
            (statement.is_top, words.collect::<Vec<_>>().join(" "))
        });
        Some(statements.collect())
    }

    #[test]
    fn statements_are_told_from_texts_and_comments() {
        let source = "\u{feff}\"\"\"A text.\n\ndef handle(a, b): ...\n\"\"\"\n# def handle()\nx = [\n    1,  # one\n    'a\\'b'\n]; y = rb\"\\\"\"\nif x \\\n  :\n\tdef f(): return f'{x}'\r\nz = 'é'\r";
        let expected = [
            (true, "TEXT"),
            (true, "x = [ 1 , TEXT ]"),
            (true, "y = TEXT"),
            (true, "if x :"),
            (false, "def f ( ) : return TEXT"),
            (true, "z = TEXT"),
        ];
        let expected: Vec<(bool, String)> = expected
            .map(|(is_top, text)| (is_top, text.to_owned()))
            .into();
        assert_eq!(words(source), Some(expected));
    }

    #[test]
    fn what_has_no_end_is_unknown() {
        for source in [
            "x = 'a",
            "x = \"\"\"a",
            "f(",
            "f)",
            "x = 1 \\ 2",
            "\"a\nb\"",
        ] {
            assert_eq!(words(source), None, "{source}");
        }
        assert_eq!(words(""), Some(Vec::new()));
    }
}
