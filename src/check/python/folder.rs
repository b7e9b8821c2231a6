//! Which modules of a folder run when one of them is imported.

use std::collections::{BTreeMap, BTreeSet};

use super::fault::Fault;
use super::imports::{imports, relative};
use super::scan::{Statement, scan};
use super::text::decode;

/// The statements of a module, nothing where it cannot be judged, or what Python cannot read in it.
type Read<'s> = Result<Option<&'s [Statement<'s>]>, Fault>;

/// Shows each module of the folder that is imported on the way from the first, with its file.
pub fn walk<'a>(
    files: &BTreeMap<&'a str, &'a [u8]>,
    first: &'a str,
    version: &str,
    visit: &mut dyn FnMut(&'a str, Read<'_>),
) {
    let mut seen: BTreeSet<&str> = BTreeSet::from([first]);
    let mut waiting = vec![first];
    while let Some(file) = waiting.pop() {
        let Some((file, content)) = files.get_key_value(file) else {
            continue;
        };
        let text = match decode(content) {
            Ok(text) => text,
            Err(fault) => {
                visit(file, Err(fault));
                continue;
            }
        };
        let statements = match text.as_deref().map(|text| scan(text, version)) {
            Some(Ok(Some(statements))) => statements,
            Some(Err(fault)) => {
                visit(file, Err(fault));
                continue;
            }
            None | Some(Ok(None)) => {
                visit(file, Ok(None));
                continue;
            }
        };
        visit(file, Ok(Some(&statements)));
        let package = file.rsplit_once('/').map_or("", |(package, _)| package);
        let near = relative(&statements, package);
        for (module, names) in imports(&statements).into_iter().chain(near) {
            let own = own_files(&module, &names, files);
            waiting.extend(own.into_iter().filter(|file| seen.insert(file)));
        }
    }
}

/// Files of the folder that an import runs.
fn own_files<'a>(
    module: &str,
    names: &[&str],
    files: &BTreeMap<&'a str, &'a [u8]>,
) -> Vec<&'a str> {
    let path = module.replace('.', "/");
    let parents = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
    let modules = parents
        .map(str::to_owned)
        .chain([path.clone()])
        .chain(names.iter().map(|name| format!("{path}/{name}")));
    modules
        .flat_map(|module| [format!("{module}.py"), format!("{module}/__init__.py")])
        .filter_map(|file| Some(*files.get_key_value(file.as_str())?.0))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::walk;

    #[test]
    fn relative_imports_are_followed_too() {
        let files: BTreeMap<&str, &[u8]> = [
            ("handler.py", "from lib import money\nfrom .none import x\n"),
            ("lib/__init__.py", "from .deep import (\n    one,\n)\n"),
            ("lib/money.py", "from . import rates\nfrom .. import far\n"),
            ("lib/rates.py", "x ="),
            (
                "lib/deep/__init__.py",
                "from ..other import y\nfrom ...beyond import z\n",
            ),
            ("lib/deep/one.py", "\u{0}"),
            ("lib/other.py", ""),
            ("lib/unused.py", "x ="),
            ("unused.py", ""),
        ]
        .map(|(path, text)| (path, text.as_bytes()))
        .into();
        let mut seen = Vec::new();
        walk(&files, "handler.py", "python3.13", &mut |file, found| {
            let end = if found.is_ok() { "" } else { " cannot be read" };
            seen.push(format!("{file}{end}"));
        });
        seen.sort();
        assert_eq!(
            seen,
            [
                "handler.py",
                "lib/__init__.py",
                "lib/deep/__init__.py",
                "lib/deep/one.py cannot be read",
                "lib/money.py",
                "lib/other.py",
                "lib/rates.py cannot be read"
            ]
        );
    }
}
