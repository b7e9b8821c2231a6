//! Cuts a text that is no TOML into statements: headers and pairs, each with the lines that belong to it. A value that was left
//! open ends where the next statement begins.

use std::ops::Range;

/// What begins a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// Blank, or a comment.
    Nothing,
    Header,
    Pair,
    /// A line that git writes into a file with conflicts.
    Marker,
}

/// Most lines that belong to one broken value.
const MOST_LINES: usize = 400;

/// The end of the line, without its line feed.
pub fn line_end(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    memchr::memchr(b'\n', rest).map_or(text.len(), |newline| at + newline)
}

pub fn slice(text: &str, span: Range<usize>) -> &str {
    text.get(span).unwrap_or_default()
}

/// A line without the blanks of TOML around it; others are no blanks to its parser.
pub fn trim(line: &str) -> &str {
    line.trim_matches([' ', '\t', '\r'])
}

pub fn begin(line: &str) -> Begin {
    let line = trim(line);
    if line.is_empty() || line.starts_with('#') {
        return Begin::Nothing;
    }
    if is_marker(line) {
        return Begin::Marker;
    }
    if line.starts_with('[') {
        Begin::Header
    } else {
        Begin::Pair
    }
}

/// `<<<<<<< HEAD`, `||||||| base`, `=======`, `>>>>>>> branch`.
pub fn is_marker(line: &str) -> bool {
    let is = |mark: &str| {
        let rest = line.strip_prefix(mark);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r']))
    };
    is("<<<<<<<") || is("|||||||") || is("=======") || is(">>>>>>>")
}

/// Whether a line within an open value is rather the next statement.
pub fn is_statement(line: &str) -> bool {
    let line = line.trim();
    if is_marker(line) {
        return true;
    }
    if line.starts_with('[') {
        let name = line.trim_start_matches('[');
        let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        return named && !slice(line, 0..comment(line)).trim_end().ends_with(',');
    }
    let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let rest = line.trim_start_matches(is_key);
    rest.len() < line.len() && rest.trim_start().starts_with('=')
}

/// The string that begins here: where it ends, and whether it is closed. A string of one line ends with it.
pub fn string(text: &str, at: usize) -> (usize, bool) {
    let rest = slice(text, at..text.len());
    let long = ["\"\"\"", "'''"]
        .into_iter()
        .find(|quotes| rest.starts_with(quotes));
    let quote = rest.chars().next().unwrap_or('"');
    let (quotes, width) = match long {
        Some(quotes) => (quotes.to_owned(), 3),
        None => (quote.to_string(), 1),
    };
    let mut position = at + width;
    loop {
        let rest = slice(text, position..text.len());
        let Some(next) = rest.chars().next() else {
            return (text.len(), false);
        };
        if rest.starts_with(quotes.as_str()) {
            let mut end = position + width;
            // One or two quotes may stand before the three.
            while long.is_some()
                && end < position + 5
                && slice(text, end..end + 1) == quotes.get(..1).unwrap_or_default()
            {
                end += 1;
            }
            return (end, true);
        }
        if next == '\n' && long.is_none() {
            return (position, false);
        }
        if next == '\\' && quote == '"' {
            position += 1;
            let escaped = slice(text, position..text.len()).chars().next();
            if escaped == Some('\n') && long.is_none() {
                return (position, false);
            }
            position += escaped.map_or(0, char::len_utf8);
            continue;
        }
        position += next.len_utf8();
    }
}

/// Where the comment of a line begins, or the line's end: the first `#` that is in no string. Where a string is left open, the first
/// one behind a blank.
pub fn comment(line: &str) -> usize {
    let mut at = 0;
    while let Some(next) = slice(line, at..line.len()).chars().next() {
        match next {
            '#' => return at,
            '"' | '\'' => {
                let (end, closed) = string(line, at);
                if !closed {
                    let rest = slice(line, at..line.len());
                    let mark = rest.find(" #").or_else(|| rest.find("\t#"));
                    return mark.map_or(line.len(), |mark| at + mark + 1);
                }
                at = end;
            }
            _ => at += next.len_utf8(),
        }
    }
    line.len()
}

/// Where the pair that begins here ends if all is closed as it was opened. `most` bytes are looked at.
pub fn balanced(text: &str, start: usize, most: usize) -> usize {
    let limit = text.len().min(start.saturating_add(most));
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = start;
    while let Some(byte) = bytes.get(at).filter(|_| at < limit) {
        match byte {
            b'\n' if depth == 0 => return at,
            b'#' => {
                at = line_end(text, at);
                continue;
            }
            b'"' | b'\'' => {
                let (end, closed) = string(text, at);
                if !closed {
                    return line_end(text, at);
                }
                at = end;
                continue;
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    at
}

/// Where a pair ends that is not what it should be: before the next statement.
pub fn broken(text: &str, start: usize) -> usize {
    let mut end = line_end(text, start);
    let first = slice(text, start..end);
    let mut depth = Depth::default();
    depth.read(first);
    let indent = |line: &str| line.len() - line.trim_start().len();
    let line_start = slice(text, 0..start)
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    let own = indent(slice(text, line_start..end));
    // As in YAML: what belongs to the key stands under it.
    let is_empty = slice(first, 0..comment(first))
        .trim_end()
        .ends_with(['=', ':']);
    let mut at = end;
    for _ in 0..MOST_LINES {
        if at >= text.len() {
            break;
        }
        let from = at + 1;
        at = line_end(text, from);
        let line = slice(text, from..at);
        let trimmed = line.trim();
        let is_entry = depth.in_braces() && indent(line) > own && !trimmed.starts_with('[');
        let is_under = is_empty && indent(line) > own && !trimmed.is_empty();
        if is_under {
            end = at;
            continue;
        }
        if is_statement(line) && !is_entry {
            break;
        }
        if trimmed.is_empty() || trimmed.starts_with('#') {
            if depth.open() {
                continue;
            }
            break;
        }
        let goes_on = trimmed.starts_with(['"', '\'', ']', '}', ',']);
        if !depth.open() && !goes_on {
            break;
        }
        depth.read(line);
        end = at;
    }
    end
}

/// What is open at the end of some lines.
#[derive(Default)]
struct Depth {
    open: Vec<u8>,
    long: Option<&'static str>,
}

impl Depth {
    fn open(&self) -> bool {
        !self.open.is_empty() || self.long.is_some()
    }

    fn in_braces(&self) -> bool {
        self.open.last() == Some(&b'{')
    }

    fn read(&mut self, line: &str) {
        let mut at = 0;
        while let Some(next) = slice(line, at..line.len()).chars().next() {
            let rest = slice(line, at..line.len());
            if let Some(quotes) = self.long {
                match rest.find(quotes) {
                    Some(found) => {
                        at += found + 3;
                        self.long = None;
                    }
                    None => return,
                }
                continue;
            }
            match next {
                '#' => return,
                '"' | '\'' => {
                    let (end, closed) = string(line, at);
                    let long = ["\"\"\"", "'''"].into_iter();
                    self.long = long
                        .filter(|_| !closed)
                        .find(|quotes| rest.starts_with(quotes));
                    at = end;
                    continue;
                }
                '[' | '{' if self.open.len() < MOST_LINES => {
                    self.open.push(u8::try_from(next).unwrap_or(b'['));
                }
                ']' | '}' => drop(self.open.pop()),
                _ => {}
            }
            at += next.len_utf8();
        }
    }
}
