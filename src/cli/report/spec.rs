//! What every form of a report is about.

use crate::diagnostic::Diagnostic;

/// The spec that diagnostics are about.
pub struct Spec<'a> {
    /// As on the command line.
    pub name: &'a str,
    pub text: &'a str,
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
