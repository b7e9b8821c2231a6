//! Names that become files or folders, and that another system cannot hold.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::catalogue::reserved_names;
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::resolve::environment::Source;

pub const RULE: Rule = Rule {
    code: Code::UnportablePath,
    severities: &[Severity::Error],
    what: "\
        A function, an extension, a body schema or a file of function code has a name that is not valid on \
        Windows, or two names differ in upper and lower case only.",
    why: "\
        These names become files and folders that a team checks out. On Windows, `aux`, `con`, `nul`, `com1` \
        and the like are devices with any extension, a dot or space at the end is dropped, and `<>:\"|?*\\` \
        are not allowed. On Windows and macOS, `Data.txt` and `data.txt` are the same file.",
    wrong: "[functions.aux]",
    right: "[functions.auxiliary]",
    check: Some(check),
};

/// What Windows refuses in a name. A slash separates names already.
const REFUSED: &str = "<>:\"|?*\\";

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    for function in &environment.functions {
        let key = function.key.as_str();
        if let (Some(reason), Some((_, span))) = (unportable(key), written(&function.key)) {
            let message =
                format!("the folder of the function `{key}` cannot be created on Windows");
            found.push(tell(span, message, reason).help("give the function another name"));
        }
        if let (Source::Folder { path, files, .. }, Some((_, span))) =
            (&function.source.value, written(&function.source))
        {
            let below = files.iter().map(|(file, _)| file.as_str());
            found.extend(folder(&span, path, below));
        }
    }
    let extensions = environment.extensions.iter();
    let bodies = environment.api.routes.iter().filter_map(|route| {
        let body = route.body.as_ref()?;
        Some((body.path.as_str(), written(body)?.1))
    });
    let extensions = extensions
        .filter_map(|extension| Some((extension.path.as_str(), written(&extension.path)?.1)));
    found.extend(single(extensions));
    found.extend(single(bodies));
}

fn tell(span: Range<usize>, message: String, reason: String) -> Diagnostic {
    Diagnostic::error(Code::UnportablePath, span, message).label(reason)
}

/// The first file of a folder of code that has no place, or the first two that have one.
fn folder<'a>(
    span: &Range<usize>,
    path: &'a str,
    files: impl Iterator<Item = &'a str> + Clone,
) -> Option<Diagnostic> {
    let message = || format!("files of `{path}` cannot be checked out on every system");
    let wrong = std::iter::once(path)
        .chain(files.clone())
        .find_map(|file| Some((file, unportable(file)?)));
    if let Some((file, reason)) = wrong {
        let reason = if file == path {
            reason
        } else {
            format!("{reason}: `{file}`")
        };
        return Some(tell(span.clone(), message(), reason).help("rename it"));
    }
    let (one, other) = twins(files)?;
    let reason = format!("`{one}` and `{other}` differ in upper and lower case only");
    Some(tell(span.clone(), message(), reason).help("rename one of them"))
}

/// Files that the spec names one by one.
fn single<'a>(files: impl Iterator<Item = (&'a str, Range<usize>)>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut seen: BTreeMap<String, (&str, Range<usize>)> = BTreeMap::new();
    for (file, span) in files {
        if let Some(reason) = unportable(file) {
            let message = format!("`{file}` cannot be checked out on Windows");
            found.push(tell(span, message, reason).help("rename the file"));
            continue;
        }
        match seen.get(&file.to_lowercase()) {
            Some((first, place)) if *first != file => {
                let message =
                    format!("`{file}` and `{first}` cannot be checked out on every system");
                let reason = "differs from the other in upper and lower case only".to_owned();
                let told = tell(span, message, reason).secondary(place.clone(), "the other");
                found.push(told.help("rename one of the files"));
            }
            Some(_) => {}
            None => {
                seen.insert(file.to_lowercase(), (file, span));
            }
        }
    }
    found
}

/// Why Windows cannot keep a path, by its first part that it cannot.
fn unportable(path: &str) -> Option<String> {
    let mut parts = path
        .split('/')
        .filter(|part| !["", ".", ".."].contains(part));
    parts.find_map(|part| {
        let stem = part.split('.').next().unwrap_or(part).trim_end();
        if reserved_names().windows_devices.has(&stem.to_lowercase()) {
            return Some(format!(
                "`{stem}` is a device of Windows, with any extension"
            ));
        }
        if part.ends_with(['.', ' ']) {
            return Some("Windows drops a dot or space at the end".to_owned());
        }
        let refused = |c: &char| REFUSED.contains(*c) || c.is_control();
        let sign = part.chars().find(refused)?;
        Some(format!("Windows does not allow {sign:?} in a name"))
    })
}

/// Two files, or folders on their way, that differ in capitals only.
fn twins<'a>(files: impl Iterator<Item = &'a str>) -> Option<(&'a str, &'a str)> {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for file in files {
        let folders = file.match_indices('/').map(|(end, _)| end);
        for end in folders.chain([file.len()]) {
            let path = file.get(..end).unwrap_or(file);
            let first = *seen.entry(path.to_lowercase()).or_insert(path);
            if first != path {
                return Some((first, path));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_ends_and_signs_are_refused() {
        for path in [
            "aux",
            "AUX.py",
            "data/Con.tar.gz",
            "com1",
            "LPT9.txt",
            "com²",
            "conout$",
            "nul .txt",
            "a./b",
            "a ",
            "a:b",
            "what?",
            "a\\b",
            "tab\tbed",
            "\"a\"",
        ] {
            assert!(unportable(path).is_some(), "{path}");
        }
        for path in [
            "auxiliary",
            "../x/con-1.py",
            "com10",
            "com",
            ".env",
            "a b",
            "é.txt",
            "console",
            "lpt0",
        ] {
            assert_eq!(unportable(path), None, "{path}");
        }
    }

    #[test]
    fn what_differs_in_capitals_only_meets() {
        let twins = |files: &[&'static str]| twins(files.iter().copied());
        assert_eq!(twins(&["a/x", "A/y"]), Some(("a", "A")));
        assert_eq!(twins(&["a.txt", "b", "A.TXT"]), Some(("a.txt", "A.TXT")));
        assert_eq!(twins(&["a/x", "a/y", "ab"]), None);
    }
}
