//! Python literals, in the form that `ruff format` leaves alone.

use std::fmt::Write as _;

/// A string literal: double quotes unless single ones need fewer escapes.
pub fn string(text: &str) -> String {
    let quote = quote_for(text);
    format!("{quote}{}{quote}", escape(text, quote))
}

/// The quote that needs fewer escapes; double on a tie.
pub fn quote_for(text: &str) -> char {
    if text.matches('"').count() > text.matches('\'').count() {
        '\''
    } else {
        '"'
    }
}

/// The text between the quotes. Whatever a spec holds, it cannot leave the literal.
pub fn escape(text: &str, quote: char) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            _ if character == quote => {
                escaped.push('\\');
                escaped.push(character);
            }
            // Controls, line separators and bidirectional marks: invisible in a review, so written as numbers.
            _ if is_invisible(character) => {
                let code = u32::from(character);
                let _ = if code <= 0xff {
                    write!(escaped, "\\x{code:02x}")
                } else if code <= 0xffff {
                    write!(escaped, "\\u{code:04x}")
                } else {
                    write!(escaped, "\\U{code:08x}")
                };
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{a0}' | '\u{ad}' | '\u{feff}' | '\u{2028}'..='\u{202e}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{e0000}'..='\u{e007f}')
}

pub fn boolean(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// A float always shows that it is one.
pub fn float(value: f64) -> String {
    format!("{value:?}")
}

/// Comment lines at an indentation, wrapped at the line length.
pub fn comment(text: &str, indent: usize) -> String {
    let mut lines = String::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty()
            && indent + 2 + line.chars().count() + 1 + word.chars().count() > super::WIDTH
        {
            let _ = writeln!(lines, "{:indent$}# {line}", "");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let _ = writeln!(lines, "{:indent$}# {line}", "");
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_choose_the_quote_with_fewer_escapes() {
        assert_eq!(string("plain"), r#""plain""#);
        assert_eq!(string(r#"say "yes""#), r#"'say "yes"'"#);
        assert_eq!(string(r#"it's "so""#), r#"'it\'s "so"'"#);
    }

    #[test]
    fn nothing_leaves_a_literal() {
        assert_eq!(string("a\"\nb\\"), "'a\"\\nb\\\\'");
        assert_eq!(string("\u{202e}\0"), "\"\\u202e\\x00\"");
    }

    #[test]
    fn comments_wrap_at_the_line_length() {
        let text = comment(&"word ".repeat(40), 8);
        assert!(
            text.lines()
                .all(|line| line.len() <= crate::emit::python::WIDTH)
        );
        assert_eq!(
            text.split_whitespace()
                .filter(|word| *word == "word")
                .count(),
            40
        );
    }
}
