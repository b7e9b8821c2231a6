//! What other programs leave around statements: lone carriage returns, the fences of Markdown, lines that divide, and comments in blocks.

use std::ops::Range;

use super::scan::{Begin, balanced, begin, comment, line_end, slice};
use crate::diagnostic::{Code, Diagnostic, Edit};

/// More line ends are not changed one by one.
const MOST_EDITS: usize = 20_000;

/// The text with line feeds at the ends of its lines, byte by byte in the same places; and what is said if it had other ends.
pub fn with_line_feeds(text: &str) -> (String, Option<Diagnostic>) {
    let bytes = text.as_bytes();
    let is_lone = |at: &usize| bytes.get(at + 1) != Some(&b'\n');
    let lone = memchr::memchr_iter(b'\r', bytes).filter(is_lone);
    let lone: Vec<usize> = lone.collect();
    let Some(first) = lone.first().copied() else {
        return (text.to_owned(), None);
    };
    let mut plain = text.as_bytes().to_vec();
    let mut edits = Vec::new();
    for at in &lone {
        // `\r\r\n` ends one line.
        let is_doubled = bytes.get(at + 1..at + 3) == Some(b"\r\n");
        let new = if is_doubled { "" } else { "\n" };
        if let Some(byte) = plain.get_mut(*at) {
            *byte = if is_doubled { b' ' } else { b'\n' };
        }
        edits.push(Edit::Replace(*at..at + 1, new.to_owned()));
    }
    let mut told = Diagnostic::error(Code::TomlSyntax, first..first + 1, super::MESSAGE)
        .label("a carriage return alone ends no line")
        .help("let the editor save the file with line ends LF, or CRLF");
    if edits.len() <= MOST_EDITS {
        told = told.suggest_all(edits);
    }
    (String::from_utf8(plain).unwrap_or_default(), Some(told))
}

/// Lines that are no part of the spec, as one thing to remove.
pub struct Frame {
    pub lines: Vec<Range<usize>>,
    pub told: Diagnostic,
}

/// The lines that other formats have around a document, or between its parts; whatever stands outside of a fence counts too.
pub fn frame(text: &str) -> Option<Frame> {
    let mut lines: Vec<Range<usize>> = Vec::new();
    let mut why = "";
    let mut fences: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    let mut is_first = true;
    while at < text.len() {
        let end = line_end(text, at);
        let line = slice(text, at..end);
        let span = at..at + line.trim_end().len();
        if let Some(reason) = decoration(line, is_first) {
            if why.is_empty() {
                why = reason;
            }
            if is_fence(line) {
                fences.push(span.clone());
            }
            lines.push(span);
        }
        let trimmed = line.trim();
        is_first &= trimmed.is_empty() || trimmed.starts_with('#');
        at = if begin(line) == Begin::Pair && line.contains('=') {
            balanced(text, at, 1 << 16).max(end) + 1
        } else {
            end + 1
        };
    }
    close_braces(text, &mut lines);
    if let Some(first) = fences.first() {
        lines.extend(prose(text, 0..first.start));
        if let Some(last) = fences.get(1) {
            lines.extend(prose(text, last.end..text.len()));
        }
    }
    lines.sort_by_key(|line| line.start);
    let first = lines.first()?.clone();
    let mut told = Diagnostic::error(Code::TomlSyntax, first, super::MESSAGE).label(why);
    for other in lines.iter().skip(1).take(4) {
        told = told.secondary(other.clone(), "nor this");
    }
    let help = match lines.len() {
        1 => "remove the line",
        _ => "remove the lines",
    };
    let edits = lines.iter().map(|line| Edit::Remove(line.clone()));
    let told = told.help(help).suggest_all(edits.collect());
    Some(Frame { lines, told })
}

/// A brace on the first line of all goes with the one on the last; without the other it is a slip like any.
fn close_braces(text: &str, lines: &mut Vec<Range<usize>>) {
    let Some(index) = lines
        .iter()
        .position(|line| slice(text, line.clone()).trim() == "{")
    else {
        return;
    };
    let end = text.trim_end().len();
    let start = slice(text, 0..end)
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    if slice(text, start..end).trim() == "}" {
        lines.push(start..end);
    } else {
        lines.remove(index);
    }
}

fn is_fence(line: &str) -> bool {
    let line = line.trim();
    let rest = line.trim_start_matches('`');
    let tildes = line.trim_start_matches('~');
    let is_word = |rest: &str| rest.chars().all(|c| c.is_ascii_alphanumeric());
    (line.len() - rest.len() >= 3 && is_word(rest.trim()))
        || (line.len() - tildes.len() >= 3 && is_word(tildes.trim()))
}

/// Why a line is no part of a spec.
fn decoration(line: &str, is_first: bool) -> Option<&'static str> {
    let line = line.trim();
    if is_fence(line) {
        return Some("a code fence of Markdown is no part of the spec");
    }
    if line == "---" || line == "..." {
        return Some("a mark of YAML is no part of the spec");
    }
    if line == "{" && is_first {
        return Some("TOML has no braces around a file");
    }
    if line.starts_with("<?") && line.ends_with("?>") {
        return Some("a mark of XML is no part of the spec");
    }
    // Seven of these are git's.
    let is_rule = |mark: char| line.len() >= 3 && line.chars().all(|c| c == mark);
    let divides = ['-', '=', '*', '_', '+', '~'].into_iter().any(is_rule);
    (divides && !super::scan::is_marker(line)).then_some("a line that divides begins with `#`")
}

/// Lines outside of a fence, if none of them is a statement.
fn prose(text: &str, outside: Range<usize>) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut at = outside.start;
    while at < outside.end {
        let end = line_end(text, at).min(outside.end);
        let line = slice(text, at..end);
        if super::scan::is_statement(line) {
            return Vec::new();
        }
        if begin(line) != Begin::Nothing {
            lines.push(at..at + line.trim_end().len());
        }
        at = end + 1;
    }
    lines
}

/// A comment as C or HTML has it that begins on a line: its bytes, and the lines that were meant.
pub fn block(text: &str, start: usize, end: usize) -> Option<(Range<usize>, String)> {
    let line = slice(text, start..end);
    let limit = comment(line);
    let (mark, close) = [("/*", "*/"), ("<!--", "-->")]
        .into_iter()
        .find(|(mark, _)| outside_strings(line, mark).is_some_and(|at| at < limit))?;
    let at = start + outside_strings(line, mark)?;
    let rest = slice(text, at..text.len());
    let length = rest
        .find(close)
        .map_or(end - at, |found| found + close.len());
    let span = at..at + length;
    let last = line_end(text, span.end);
    let is_whole = slice(text, span.end..last).trim().is_empty();
    let inner = slice(text, span.clone())
        .trim_start_matches(mark)
        .trim_end_matches(close);
    if !is_whole {
        // A statement goes on behind it.
        return (!inner.contains('\n')).then(|| (span, String::new()));
    }
    let lines = inner.lines().map(|line| {
        let line = line.trim().trim_start_matches('*').trim();
        format!("# {line}").trim_end().to_owned()
    });
    let mut lines: Vec<String> = lines.collect();
    while lines.len() > 1 && lines.last().is_some_and(|line| line == "#") {
        lines.pop();
    }
    Some((span.start..last, lines.join("\n")))
}

/// Where a mark begins that is in no string of the line.
fn outside_strings(line: &str, mark: &str) -> Option<usize> {
    let mut quote = None;
    for (at, character) in line.char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, _) if slice(line, at..line.len()).starts_with(mark) => return Some(at),
            (None, _) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{block, frame, with_line_feeds};

    fn lines(text: &str) -> Vec<&str> {
        let frame = frame(text);
        let lines = frame.map_or_else(Vec::new, |frame| frame.lines);
        lines.into_iter().map(|line| &text[line]).collect()
    }

    #[test]
    fn lines_around_a_document_are_found() {
        assert_eq!(lines("```toml\na = 1\n```\n"), ["```toml", "```"]);
        assert_eq!(
            lines("The spec:\n\n```\na = 1\n```\nBye\n"),
            ["The spec:", "```", "```", "Bye"]
        );
        assert_eq!(lines("---\na = 1\n...\n"), ["---", "..."]);
        assert_eq!(lines("{\na = 1\n}\n"), ["{", "}"]);
        assert_eq!(lines("{\na = 1\n"), Vec::<&str>::new());
        assert_eq!(lines("a = '''\n---\n'''\n"), Vec::<&str>::new());
        assert_eq!(lines("<<<<<<< x\n=======\n>>>>>>> y\n"), Vec::<&str>::new());
    }

    #[test]
    fn line_ends_become_line_feeds_in_their_places() {
        let (plain, told) = with_line_feeds("a\rb\r\r\nc\r\n");
        assert_eq!(plain, "a\nb \r\nc\r\n");
        let told = told.unwrap();
        assert_eq!(
            told.suggestions[0].apply("a\rb\r\r\nc\r\n"),
            "a\nb\r\nc\r\n"
        );
        assert!(with_line_feeds("a\r\nb\n").1.is_none());
    }

    #[test]
    fn comments_in_blocks_become_comments_of_lines() {
        let is = |text: &str, right: &str| {
            let end = text.find('\n').unwrap_or(text.len());
            let (span, new) = block(text, 0, end).unwrap();
            let mut text = text.to_owned();
            text.replace_range(span, &new);
            assert_eq!(text, right);
        };
        is("/* why */\n", "# why\n");
        is("a = 1 /* why */\n", "a = 1 # why\n");
        is("a = /* why */ 1\n", "a =  1\n");
        is("/*\n * why\n * so\n */\nb", "#\n# why\n# so\nb");
        is("<!-- why -->", "# why");
        assert!(block("a = \"/* no */\"", 0, 14).is_none());
    }
}
