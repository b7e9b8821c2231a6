//! What a diagnostic proposes to type, as edits of the spec that a tool can apply.

use std::ops::Range;

/// One way to mend what a diagnostic is about: all its edits together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    pub edits: Vec<Edit>,
}

/// One change of the spec's text. Whoever proposes it knows values and their places, not the text around them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Another text for these bytes.
    Replace(Range<usize>, String),
    /// The line that this place is in goes; of an inline table or list, the entry only.
    Remove(Range<usize>),
    /// Lines for the table that begins at this place: under its header, or inside its braces.
    AddTo(Range<usize>, String),
    /// Lines for the end of the file.
    Append(String),
}

impl Suggestion {
    /// Bytes of the text with what shall stand there, in the order of the text.
    pub fn replacements(&self, text: &str) -> Vec<(Range<usize>, String)> {
        let mut all: Vec<(Range<usize>, String)> =
            self.edits.iter().map(|edit| edit.resolve(text)).collect();
        all.sort_by_key(|(span, _)| (span.start, span.end));
        all
    }

    /// The text with the edits made.
    pub fn apply(&self, text: &str) -> String {
        let mut result = String::new();
        let mut from = 0;
        for (span, new) in self.replacements(text) {
            result.push_str(text.get(from..span.start).unwrap_or_default());
            result.push_str(&new);
            from = span.end.max(from);
        }
        result.push_str(text.get(from..).unwrap_or_default());
        result
    }

    /// The same edits for a text in which each place stands elsewhere.
    #[must_use]
    pub fn moved(self, to: &impl Fn(Range<usize>) -> Range<usize>) -> Self {
        let edits = self.edits.into_iter().map(|edit| match edit {
            Edit::Replace(span, new) => Edit::Replace(to(span), new),
            Edit::Remove(span) => Edit::Remove(to(span)),
            Edit::AddTo(span, lines) => Edit::AddTo(to(span), lines),
            Edit::Append(lines) => Edit::Append(lines),
        });
        Self {
            edits: edits.collect(),
        }
    }
}

impl Edit {
    fn resolve(&self, text: &str) -> (Range<usize>, String) {
        match self {
            Self::Replace(span, new) => (span.clone(), new.clone()),
            Self::Remove(span) => (whole_entry(text, span), String::new()),
            Self::AddTo(span, lines) => inside(text, span, lines),
            Self::Append(lines) => {
                let end = text.len();
                let gap = if text.is_empty() || text.ends_with('\n') {
                    "\n"
                } else {
                    "\n\n"
                };
                (end..end, format!("{gap}{lines}\n"))
            }
        }
    }
}

fn line_start(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    before.rfind('\n').map_or(0, |newline| newline + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    let after = text.get(at..).unwrap_or_default();
    after.find('\n').map_or(text.len(), |newline| at + newline)
}

/// What goes when the entry at a place is removed.
fn whole_entry(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = line_start(text, span.start);
    let end = line_end(text, span.end);
    let before = text.get(start..span.start).unwrap_or_default();
    let Some(open) = before
        .rfind(['{', '['])
        .filter(|_| !before.trim_start().starts_with('['))
    else {
        return start..(end + 1).min(text.len());
    };
    // Inside braces or brackets: with the comma behind, or else the one before.
    let inner = start + open + 1;
    let from = text
        .get(inner..span.start)
        .and_then(|part| part.rfind(','))
        .map_or(inner, |comma| inner + comma);
    let rest = text.get(span.end..end).unwrap_or_default();
    let mut until = span.end;
    let mut quote = None;
    for (index, character) in rest.char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, ',' | '}' | ']') => {
                until = span.end + index;
                break;
            }
            (None, _) => {}
        }
        until = span.end + index + character.len_utf8();
    }
    if from == inner && text.get(until..=until) == Some(",") {
        return from..until + 1;
    }
    from..until
}

fn inside(text: &str, span: &Range<usize>, lines: &str) -> (Range<usize>, String) {
    let table = text.get(span.clone()).unwrap_or_default();
    if table.starts_with('{') && table.ends_with('}') {
        let inner = table.get(1..table.len() - 1).unwrap_or_default();
        let end = span.start + 1 + inner.trim_end().len();
        let comma = if inner.trim().is_empty() { " " } else { ", " };
        return (end..end, format!("{comma}{}", lines.replace('\n', ", ")));
    }
    if span.start >= text.trim_end().len() && !table.starts_with('[') {
        // The file itself: its own keys stand before every table, behind a mark of the encoding.
        let start = text.len() - text.trim_start_matches('\u{feff}').len();
        return (start..start, format!("{lines}\n"));
    }
    let end = line_end(text, span.end);
    (end..end, format!("\n{lines}"))
}

#[cfg(test)]
mod tests {
    use super::{Edit, Suggestion};

    fn apply(text: &str, edit: Edit) -> String {
        Suggestion { edits: vec![edit] }.apply(text)
    }

    #[test]
    fn a_line_goes_whole_and_an_entry_alone() {
        let text = "[a]\nb = 1 # why\nc = { d = 1, e = \"x,y\" }\nf = [\"g\", \"h\"]\n";
        let at = |part: &str| {
            let start = text.find(part).unwrap();
            start..start + part.len()
        };
        let without = |part| apply(text, Edit::Remove(at(part)));
        assert_eq!(without("b"), text.replace("b = 1 # why\n", ""));
        assert_eq!(without("d"), text.replace(" d = 1,", ""));
        assert_eq!(without("\"x,y\""), text.replace(", e = \"x,y\" ", ""));
        assert_eq!(without("\"g\""), text.replace("\"g\", ", " "));
        assert_eq!(without("\"h\""), text.replace(", \"h\"", ""));
    }

    #[test]
    fn lines_are_added_where_their_table_is() {
        let text = "[a] # first\nb = 1\n\n[c]\nd = { e = 1 }\n";
        let header = apply(text, Edit::AddTo(0..3, "x = 1".to_owned()));
        assert_eq!(header, text.replace("first\n", "first\nx = 1\n"));
        let start = text.find('{').unwrap();
        let braces = apply(text, Edit::AddTo(start..text.len() - 1, "x = 1".to_owned()));
        assert_eq!(braces, text.replace("e = 1", "e = 1, x = 1"));
        let end = text.trim_end().len();
        let top = apply(text, Edit::AddTo(end..end, "x = 1".to_owned()));
        assert_eq!(top, format!("x = 1\n{text}"));
        let last = apply(text, Edit::Append("[z]".to_owned()));
        assert_eq!(last, format!("{text}\n[z]\n"));
    }
}
