//! What is said of a slip: the label at its place and the line to type.

use super::scan::{self, line_end, slice};
use crate::diagnostic::{Diagnostic, Edit, Suggestion};

/// Longer corrections are not shown whole.
pub const LONGEST_HELP: usize = 160;

/// A duplicate that was reported.
pub struct Told<'m> {
    pub diagnostic: Option<&'m mut Diagnostic>,
}

impl Told<'_> {
    pub fn help_for_tables(self) {
        if let Some(diagnostic) = self.diagnostic {
            diagnostic.help = Some(
                "put the keys of both under the first header, or give one another name".to_owned(),
            );
        }
    }

    pub fn help_for_keys(self) {
        if let Some(diagnostic) = self.diagnostic {
            diagnostic.help = Some("remove one of the two lines".to_owned());
            let edit = Edit::Remove(diagnostic.span.clone());
            diagnostic
                .suggestions
                .push(Suggestion { edits: vec![edit] });
        }
    }
}

/// What a change is, in words.
pub fn told(old: &str, new: &str) -> String {
    match (old, new) {
        ("", "\n") => "the next statement needs a line of its own".to_owned(),
        ("", new) if new.trim_end_matches([' ', '\n']).is_empty() => {
            "a blank is missing here".to_owned()
        }
        (old, new) if old.trim().is_empty() && new.contains('\n') => {
            "the next statement needs a line of its own".to_owned()
        }
        ("", new) => format!("`{}` is missing here", new.trim()),
        (old, "") if old.trim().is_empty() => "blanks that do not belong here".to_owned(),
        (old, "") => format!("`{}` is too many here", old.trim()),
        (_, new) if new.len() <= LONGEST_HELP => format!("should be `{}`", new.trim()),
        _ => "cannot be read".to_owned(),
    }
}

/// The corrected line.
pub fn written(text: &str, at: usize, new: &str) -> Option<String> {
    if new.contains('\n') {
        let behind = text.rsplit('\n').next().unwrap_or_default();
        let behind = slice(behind, 0..scan::comment(behind)).trim();
        return (behind.len() <= LONGEST_HELP)
            .then(|| format!("write `{behind}` on a line of its own"));
    }
    let start = slice(text, 0..at)
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    if text.trim().is_empty() {
        return Some("remove it".to_owned());
    }
    let line = slice(text, start..line_end(text, at));
    let line = slice(line, 0..scan::comment(line)).trim();
    if line.is_empty() {
        return Some(format!("write `{}`", text.trim()))
            .filter(|text| text.len() <= LONGEST_HELP && !text.contains('\n'));
    }
    if line.len() <= LONGEST_HELP {
        return Some(format!("write `{line}`"));
    }
    None
}

/// The parser's words without its lists of what else it could read.
pub fn plain(message: &str) -> String {
    let first = message.split(", expected").next().unwrap_or(message);
    if first.is_empty() {
        "cannot be read".to_owned()
    } else {
        first.to_owned()
    }
}
