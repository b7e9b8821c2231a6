//! Texts of several parts: f-strings, and texts that take more than a line.

use super::{WIDTH, literal, pad, put};
use crate::stack::expr::Expr;

/// A part of an f-string: text that is escaped already, or code.
pub struct Piece {
    pub text: String,
    pub is_code: bool,
}

impl Piece {
    pub fn width(&self) -> usize {
        self.text.chars().count() + if self.is_code { 2 } else { 0 }
    }
}

/// One literal of all pieces; an f-string only where there is code.
pub fn joined(out: &mut String, pieces: &[Piece], quote: char) {
    let has_code = pieces.iter().any(|piece| piece.is_code);
    if has_code {
        out.push('f');
    }
    out.push(quote);
    for piece in pieces {
        match (has_code, piece.is_code) {
            (false, _) => out.push_str(&piece.text),
            (true, true) => put!(out, "{{{}}}", piece.text),
            (true, false) => out.push_str(&brace(&piece.text)),
        }
    }
    out.push(quote);
}

/// The quote that needs fewer escapes in all parts together.
pub fn quote_for_all(parts: &[&Expr]) -> char {
    let text: String = parts
        .iter()
        .filter_map(|part| {
            if let Expr::Text(text) = part {
                Some(text.as_str())
            } else {
                None
            }
        })
        .collect();
    literal::quote_for(&text)
}

/// Braces as an f-string writes them.
pub fn brace(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// A long text over several lines, broken between words.
pub fn broken_string(out: &mut String, text: &str, indent: usize) {
    let inner = indent + 4;
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_inclusive(' ') {
        let fits = lines.last().is_some_and(|line| {
            line.is_empty()
                || inner + 2 + literal::escape(line, '"').chars().count() + word.chars().count()
                    <= WIDTH
        });
        if !fits {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(word);
        }
    }
    out.push_str("(\n");
    for line in &lines {
        pad(out, inner);
        // Each has the quotes that suit it best: `ruff format` looks at one at a time.
        literal::push_string(out, line);
        out.push('\n');
    }
    pad(out, indent);
    out.push(')');
}

/// Whether a text takes at most `room` columns.
pub fn fits(text: &str, room: usize) -> bool {
    text.len() <= room || text.chars().count() <= room
}

/// What `print` prints, between two texts.
pub fn enclosed(
    out: &mut String,
    open: &str,
    close: &str,
    print: impl FnOnce(&mut String) -> bool,
) -> bool {
    out.push_str(open);
    let printed = print(out);
    out.push_str(close);
    printed
}
