//! What every form of a report is about.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Lines, Suggestion};
use crate::whole::beside;

/// The spec that diagnostics are about.
pub struct Spec<'a> {
    /// As on the command line.
    pub name: &'a str,
    pub text: &'a str,
}

impl Spec<'_> {
    /// The file that a place is in: the spec, or its base.
    pub fn file(&self, lines: &Lines<'_>, span: &Range<usize>) -> String {
        match lines.base_at(span.start) {
            Some(base) => beside(self.name, base),
            None => self.name.to_owned(),
        }
    }

    /// What a tool may apply to the file of the diagnostic.
    pub fn edits(
        &self,
        lines: &Lines<'_>,
        found: &Diagnostic,
        one: &Suggestion,
    ) -> Vec<(Range<usize>, String)> {
        let file = lines.base_at(found.span.start);
        let edits = one.replacements(self.text);
        let is_of_file = |(span, _): &(Range<usize>, String)| lines.base_at(span.start) == file;
        if edits.iter().all(is_of_file) {
            edits
        } else {
            Vec::new()
        }
    }
}

/// What a diagnostic says, in lines, for readers that show no more than one text.
pub fn paragraphs(diagnostic: &Diagnostic) -> String {
    let mut lines = vec![diagnostic.message.clone()];
    if !diagnostic.label.is_empty() {
        lines.push(diagnostic.label.clone());
    }
    lines.extend(diagnostic.note.iter().map(|text| format!("note: {text}")));
    lines.extend(diagnostic.help.iter().map(|text| format!("help: {text}")));
    lines.join("\n")
}
