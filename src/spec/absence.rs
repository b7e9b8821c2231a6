//! A file of which the beginning or the end is missing: all that is not there is told once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::diagnostic::{Code, Diagnostic};
use crate::format::keys;

/// So many parts must be missing, and so many of them be whole tables: fewer are told one by one, each with what to add.
const LEAST: usize = 4;
const LEAST_TABLES: usize = 2;

const ADVICE: &str = "add what is missing, or restore the rest of the file; `paystagec init` writes a whole spec to compare with";

/// What is said where something is not there.
pub fn follows_from_absence(code: Code) -> bool {
    matches!(
        code,
        Code::MissingKey
            | Code::UnknownFunction
            | Code::UnusedFunction
            | Code::NoFunction
            | Code::NoMerchant
            | Code::NoMigration
            | Code::NoRoute
            | Code::IncompletePlan
            | Code::NobodyAllowed
            | Code::NobodyToTell
    )
}

/// Makes one error of all that is missing behind the end of the file, or in its last table.
pub fn join(diagnostics: &mut Vec<Diagnostic>, places: &BTreeMap<String, Range<usize>>) {
    let Some(end) = places.get("").map(|span| span.start) else {
        return;
    };
    let named = || places.iter().filter(|(path, _)| !path.is_empty());
    let last = named().max_by_key(|(_, span)| span.start);
    let (last, begin) = last.map_or(("", 0), |(path, span)| (path.as_str(), span.start));
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
        .help(ADVICE);
    diagnostics.retain(|found| !is_missing(found));
    diagnostics.push(told);
}

/// Whether neither the version nor the environment is there.
pub fn lacks_beginning(diagnostics: &[Diagnostic]) -> bool {
    let lacks = |message: &str| diagnostics.iter().any(|found| found.message == message);
    lacks("missing key `version`") && lacks("missing table `[environment]`")
}

/// Makes one error of what is missing where a spec begins: with its version and environment went the headers of keys that stand before
/// every table now, and maybe functions. `header` is where the first table begins, `end` where the file ends.
pub fn join_beginning(diagnostics: &mut Vec<Diagnostic>, header: usize, end: usize) {
    if !lacks_beginning(diagnostics) {
        return;
    }
    let names: BTreeSet<&str> = keys().iter().map(|key| key.name).collect();
    let is_stray = |found: &Diagnostic| {
        let key = found.message.strip_prefix("unknown key `");
        let key = key.and_then(|key| key.strip_suffix('`'));
        found.span.start < header && key.is_some_and(|key| names.contains(key))
    };
    let is_part = |found: &Diagnostic| {
        // The first table may have begun above.
        let is_there = header < found.span.start && found.span.start < end;
        found.is_error() && follows_from_absence(found.code) && !is_there
    };
    let parts: Vec<&str> = diagnostics
        .iter()
        .filter(|found| is_part(found))
        .map(|found| found.message.as_str())
        .collect();
    let told = Diagnostic::error(
        Code::MissingKey,
        0..0,
        "the beginning of the spec is missing",
    )
    .label(format!("{} parts of a spec are not there", parts.len()))
    .note(parts.join("; "))
    .help(ADVICE);
    diagnostics.retain(|found| {
        // Names of what may have stood there.
        let is_of_lost = matches!(found.code, Code::UnknownFunction | Code::InvalidCaller);
        !(is_stray(found) || is_part(found) || is_of_lost)
    });
    diagnostics.push(told);
}
