//! A file that ends early: whatever would follow is missing, and that is said once.

use std::collections::BTreeMap;
use std::ops::Range;

use super::problems::follows_from_absence;
use crate::diagnostic::{Code, Diagnostic};

/// So many parts must be missing, and so many of them be whole tables: fewer are told one by one, each with what to add.
const LEAST: usize = 4;
const LEAST_TABLES: usize = 2;

/// Makes one error of all that is missing behind the end of the file, or in its last table.
pub fn join(diagnostics: &mut Vec<Diagnostic>, places: &BTreeMap<String, Range<usize>>) {
    let Some(end) = places.get("").map(|span| span.start) else {
        return;
    };
    let named = || places.iter().filter(|(path, _)| !path.is_empty());
    let Some((last, begin)) = named().max_by_key(|(_, span)| span.start) else {
        return;
    };
    let begin = begin.start;
    // The last table, and those around it: what they lack may have followed.
    let around = |path: &str| {
        last.strip_prefix(path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let open: Vec<usize> = named()
        .filter(|(path, _)| around(path))
        .map(|(_, span)| span.start)
        .collect();
    let is_missing = |found: &Diagnostic| {
        let start = found.span.start;
        let follows = follows_from_absence(found.code) && (start == end || open.contains(&start));
        let is_unfinished = found.code == Code::BuiltinUses && start >= begin;
        found.is_error() && (follows || is_unfinished)
    };
    let missing: Vec<&Diagnostic> = diagnostics
        .iter()
        .filter(|found| is_missing(found))
        .collect();
    let tables = missing.iter().filter(|found| found.span.start == end);
    if missing.len() < LEAST || tables.count() < LEAST_TABLES {
        return;
    }
    let parts: Vec<&str> = missing.iter().map(|found| found.message.as_str()).collect();
    let note = parts.join("; ");
    let label = format!("{} parts of a spec do not follow", parts.len());
    let told = Diagnostic::error(Code::MissingKey, end..end, "the file ends early")
        .label(label)
        .note(note)
        .help("add what is missing, or restore the rest of the file; `paystagec init` writes a whole spec to compare with");
    diagnostics.retain(|found| !is_missing(found));
    diagnostics.push(told);
}
