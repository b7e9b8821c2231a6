//! Makes control characters visible in text from outside: a spec, an edited file, the name of a file. A terminal would execute an
//! escape sequence and reverse the text after a bidirectional mark, so neither is printed as it is.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Controls, and what takes no place on a screen or turns the text around it.
pub fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{a0}' | '\u{ad}' | '\u{61c}' | '\u{feff}' | '\u{2028}'..='\u{202e}' | '\u{200b}'..='\u{200f}'
            | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Lines for people. Line ends and tabs stay.
pub fn lines(text: &str) -> Cow<'_, str> {
    replaced(text, &['\n', '\t'], push)
}

/// A text that is one line: a line end in it would begin another message.
pub fn line(text: &str) -> Cow<'_, str> {
    replaced(text, &['\t'], push)
}

/// Lines of a file to point into: a character stands for a character, so that columns stay.
pub fn excerpt(text: &str) -> Cow<'_, str> {
    let push = |out: &mut String, character| {
        out.push(picture(character).unwrap_or(char::REPLACEMENT_CHARACTER));
    };
    // A line end of two characters is one for the library that shows it.
    if text.contains("\r\n") {
        let parts: Vec<Cow<'_, str>> = text
            .split("\r\n")
            .map(|part| replaced(part, &['\n', '\t', '\u{a0}'], push))
            .collect();
        return Cow::Owned(parts.join("\r\n"));
    }
    replaced(text, &['\n', '\t', '\u{a0}'], push)
}

/// JSON. Its own rules escape only the first 32 characters; terminals execute others too.
pub fn json(text: &str) -> Cow<'_, str> {
    replaced(text, &['\n', '\r', '\t'], |out, character| {
        for unit in character.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    })
}

fn push(out: &mut String, character: char) {
    match picture(character) {
        Some(picture) => out.push(picture),
        // Writing to a String cannot fail.
        None => drop(write!(out, "{}", character.escape_unicode())),
    }
}

/// `␛` for an escape, and so on.
fn picture(character: char) -> Option<char> {
    match u32::from(character) {
        code @ 0..0x20 => char::from_u32(0x2400 + code),
        0x7f => Some('␡'),
        _ => None,
    }
}

/// Whether a text has a character of these. Most have none, and byte by byte that is seen in a fraction of the time.
fn hides(text: &str, keeps_lines: bool, is_hidden: impl Fn(char) -> bool) -> bool {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') || (keeps_lines && byte == b'\n');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| !is_plain(byte)) {
        let mut characters = rest.split_at(at).1.chars();
        if characters.next().is_some_and(&is_hidden) {
            return true;
        }
        rest = characters.as_str();
    }
    false
}

fn replaced<'a>(
    text: &'a str,
    kept: &[char],
    push: impl Fn(&mut String, char) + Copy,
) -> Cow<'a, str> {
    let is_hidden = |character: char| is_invisible(character) && !kept.contains(&character);
    if !hides(text, kept.contains(&'\n'), is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_hidden(character) {
            push(&mut out, character);
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::{excerpt, json, line, lines};

    #[test]
    fn control_characters_are_visible() {
        let text = "a\x1b[2J\tb\u{9b}31m\r\nc\u{202e}d\x7f\0 \u{e9}\u{1f980}\n";
        assert_eq!(
            lines(text),
            "a␛[2J\tb\\u{9b}31m␍\nc\\u{202e}d␡␀ \u{e9}\u{1f980}\n"
        );
        assert_eq!(line("a\nb\x1b"), "a␊b␛");
        assert_eq!(lines("plain\n"), "plain\n");
    }

    #[test]
    fn an_excerpt_keeps_its_columns() {
        let text = "a\x1b\u{9b}\r\nb\u{2066}\u{a0}c\r\td\n";
        let shown = excerpt(text);
        assert_eq!(shown, "a␛\u{fffd}\r\nb\u{fffd}\u{a0}c␍\td\n");
        assert_eq!(shown.chars().count(), text.chars().count());
    }

    #[test]
    fn json_stays_the_same_json() {
        let value = serde_json::json!({ "a\u{9b}": "b\x1b\u{202e}\u{e0001}\u{e9}\n\x7f" });
        let text = serde_json::to_string_pretty(&value).unwrap();
        let shown = json(&text);
        assert!(
            shown
                .chars()
                .all(|character| character == '\n' || !super::is_invisible(character))
        );
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&shown).unwrap(),
            value
        );
    }
}
