//! Python literals, in the form that `ruff format` leaves alone.

use std::borrow::Cow;

use super::{pad, put};
use crate::visible::is_invisible;

/// A string literal: double quotes unless single ones need fewer escapes.
pub fn string(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    push_string(&mut literal, text);
    literal
}

/// Appends a string literal.
pub fn push_string(out: &mut String, text: &str) {
    let quote = quote_for(text);
    out.push(quote);
    push_escaped(out, text, quote);
    out.push(quote);
}

/// The quote that needs fewer escapes; double on a tie.
pub fn quote_for(text: &str) -> char {
    let count = |quote| text.bytes().filter(|byte| *byte == quote).count();
    if count(b'"') > count(b'\'') {
        '\''
    } else {
        '"'
    }
}

/// The text between the quotes. Whatever a spec holds, it cannot leave the literal.
pub fn escape(text: &str, quote: char) -> String {
    let mut escaped = String::with_capacity(text.len());
    push_escaped(&mut escaped, text, quote);
    escaped
}

/// Appends the text between the quotes.
pub fn push_escaped(out: &mut String, text: &str, quote: char) {
    let mut rest = text;
    let special = |character| character == quote || character == '\\' || is_invisible(character);
    while let Some(at) = rest.find(special) {
        let (plain, tail) = rest.split_at(at);
        out.push_str(plain);
        let mut characters = tail.chars();
        if let Some(character) = characters.next() {
            push_escape(out, character);
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
}

fn push_escape(out: &mut String, character: char) {
    let code = u32::from(character);
    match character {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        // Controls, line separators and bidirectional marks: invisible in a review, so written as numbers.
        _ if !is_invisible(character) => {
            out.push('\\');
            out.push(character);
        }
        _ if code <= 0xff => put!(out, "\\x{code:02x}"),
        _ if code <= 0xffff => put!(out, "\\u{code:04x}"),
        _ => put!(out, "\\U{code:08x}"),
    }
}

pub fn boolean(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// A float always shows that it is one.
pub fn float(value: f64) -> String {
    format!("{value:?}")
}

/// Comment lines at an indentation, wrapped at the line length. Words of the spec's that tools would take for an order to
/// them (`noqa`, `type: ignore`) or that a reader would not see are made harmless.
pub fn comment(text: &str, indent: usize) -> String {
    let mut lines = String::new();
    push_comment(&mut lines, text, indent);
    lines
}

/// Appends comment lines.
pub fn push_comment(out: &mut String, text: &str, indent: usize) {
    let mut used = 0;
    for word in text.split_whitespace() {
        let word = harmless(word);
        let width = word.chars().count();
        if used > 0 && used + 1 + width > super::WIDTH {
            out.push('\n');
            used = 0;
        }
        if used == 0 {
            pad(out, indent);
            out.push('#');
            used = indent + 1;
            if is_order(&word) {
                out.push_str(" \\");
                out.push_str(&word);
                used += 2 + width;
                continue;
            }
        }
        out.push(' ');
        out.push_str(&word);
        used += 1 + width;
    }
    if used == 0 {
        pad(out, indent);
        out.push_str("# ");
    }
    out.push('\n');
}

/// A word of a comment without what is invisible, and without a `#` that would begin another comment in it; `#12` is none.
fn harmless(word: &str) -> Cow<'_, str> {
    if !word.contains('#') && !word.chars().any(is_invisible) {
        return Cow::Borrowed(word);
    }
    let mut safe = String::new();
    let mut characters = word.chars().peekable();
    while let Some(character) = characters.next() {
        let is_number = characters.peek().is_some_and(char::is_ascii_digit);
        if character == '#' && !is_number {
            safe.push_str("\\x23");
        } else if is_invisible(character) {
            safe.push_str(&escape(&character.to_string(), '"'));
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
}

/// Words that order something when a comment begins with them.
fn is_order(word: &str) -> bool {
    const ORDERS: [&str; 16] = [
        "noqa", "type:", "pyright:", "fmt:", "ruff:", "isort:", "mypy:", "pylint:", "flake8:",
        "yapf:", "nosec", "pragma:", "todo", "fixme", "xxx", "hack",
    ];
    let word = word.to_lowercase();
    ORDERS.iter().any(|order| word.starts_with(order))
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
    #[test]
    fn comments_give_no_orders_and_hide_nothing() {
        let text = comment("see #12 # noqa #type:ignore a\u{202e}b\0", 0);
        assert_eq!(
            text,
            "# see #12 \\x23 noqa \\x23type:ignore a\\u202eb\\x00\n"
        );
        let long = "y".repeat(97);
        let text = comment(&format!("{long} fmt: off"), 0);
        assert_eq!(text, format!("# {long}\n# \\fmt: off\n"));
        assert_eq!(comment("noqa", 4), "    # \\noqa\n");
    }
}
