//! A conflict that git left in the file: one error for the whole of it.

use std::ops::Range;

use super::mender::Mender;
use super::scan::{self, line_end, slice};
use crate::diagnostic::{Code, Diagnostic, Edit};

/// A conflict with both sides.
pub struct Sides {
    /// The lines of the first one.
    pub first: Range<usize>,
    /// Where the last line of the conflict ends.
    pub end: usize,
}

impl Mender<'_> {
    /// Reports a conflict. Its first side is to be read, if it has two.
    pub fn conflict(&mut self, start: usize, end: usize) -> Option<Sides> {
        let line = slice(self.text, start..end).trim_end();
        let lines = lines_from(self.text, end + 1);
        let is = |line: &str, mark: &str| scan::is_marker(line) && line.starts_with(mark);
        let mut marks: Vec<Range<usize>> = Vec::new();
        let mut close = None;
        if line.starts_with("<<<<<<<") {
            for span in lines {
                let line = slice(self.text, span.clone());
                if is(line, "<<<<<<<") {
                    break;
                }
                if scan::is_marker(line.trim_end()) {
                    marks.push(span.clone());
                    if is(line, ">>>>>>>") {
                        close = Some(span);
                        break;
                    }
                }
            }
        }
        let place = start..start + line.len();
        let mut told = Diagnostic::error(
            Code::TomlSyntax,
            place.clone(),
            "git left a conflict in the file",
        )
        .label("one side begins here")
        .help("keep one of the two sides, and remove the lines with these marks");
        let middle = marks
            .iter()
            .find(|span| is(slice(self.text, (*span).clone()), "======="));
        match (&close, middle, marks.first()) {
            (Some(close), Some(middle), Some(first)) => {
                let ours = slice(self.text, end + 1..first.start).to_owned();
                let theirs_start = line_end(self.text, middle.start) + 1;
                let theirs = slice(self.text, theirs_start..close.start).to_owned();
                let whole = start..(line_end(self.text, close.start) + 1).min(self.text.len());
                told = told
                    .secondary(middle.clone(), "the other side begins here")
                    .secondary(close.clone(), "and ends here")
                    .suggest(Edit::Replace(whole.clone(), ours))
                    .suggest(Edit::Replace(whole, theirs));
                self.result.faults.push(told);
                self.blank(place);
                Some(Sides {
                    first: end + 1..first.start,
                    end: line_end(self.text, close.start),
                })
            }
            _ => {
                told = told
                    .label("a line of git's, left from a conflict")
                    .help("keep one of the two sides, and remove the lines with git's marks")
                    .suggest(Edit::Remove(place.clone()));
                self.result.faults.push(told);
                self.blank(place);
                None
            }
        }
    }
}

/// The lines of a text from one on, without their line feeds.
fn lines_from(text: &str, start: usize) -> impl Iterator<Item = Range<usize>> {
    let mut at = start;
    std::iter::from_fn(move || {
        if at >= text.len() {
            return None;
        }
        let end = line_end(text, at);
        let span = at..end;
        at = end + 1;
        Some(span)
    })
    .take(20_000)
}
