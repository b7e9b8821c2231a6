//! Imports that find nothing in the folder, in Python, in Lambda's runtime or in the layer.

use std::collections::BTreeMap;

use super::{imports, walk};
use crate::catalogue::modules;
use crate::packages::normalised;
use crate::resolve::Entry;
use crate::resolve::environment::{Function, Source};

/// Modules that a function imports and that are neither there nor asked for by the name of a package, each with the first file that imports it.
pub fn missing_modules(function: &Function) -> Vec<(String, &str)> {
    let Source::Folder { files, .. } = &function.source.value else {
        return Vec::new();
    };
    let files: BTreeMap<&str, &[u8]> = files
        .iter()
        .map(|(name, content)| (name.as_str(), content.as_slice()))
        .collect();
    let entry = Entry::of(&function.handler.value);
    let Some(entry) = entry.and_then(|entry| entry.file_in(files.keys().copied())) else {
        return Vec::new();
    };
    let asked = &function.packages.asked;
    let mut found = missing(&files, entry, &function.runtime.value);
    found.retain(|(module, _)| {
        let is_library = function
            .library
            .as_ref()
            .is_some_and(|one| one.value == *module);
        !is_library && !asked.contains(&normalised(module))
    });
    found
}

/// Modules that are nowhere, each with the first file that imports it.
fn missing<'a>(
    files: &BTreeMap<&'a str, &'a [u8]>,
    entry: &'a str,
    runtime: &str,
) -> Vec<(String, &'a str)> {
    let mut missing: BTreeMap<String, &str> = BTreeMap::new();
    let mut is_searched_elsewhere = false;
    walk(files, entry, runtime, &mut |file, read| {
        let content = files.get(file).copied().unwrap_or_default();
        is_searched_elsewhere |= memchr::memmem::find(content, b"sys.path").is_some();
        for (module, _) in read.ok().flatten().map(imports).unwrap_or_default() {
            let top = module.split('.').next().unwrap_or(&module);
            if !has_module(top, files) && !modules().have(top) {
                missing.entry(top.to_owned()).or_insert(file);
            }
        }
    });
    // Where the path of the search is changed, nothing can be said.
    if is_searched_elsewhere {
        return Vec::new();
    }
    missing.into_iter().collect()
}

/// Whether the folder has a module or a package of this name, the latter perhaps without `__init__.py`.
fn has_module(top: &str, files: &BTreeMap<&str, &[u8]>) -> bool {
    let prefix = format!("{top}/");
    let mut below = files.range(prefix.as_str()..);
    files.contains_key(format!("{top}.py").as_str())
        || below
            .next()
            .is_some_and(|(path, _)| path.starts_with(&prefix))
}

#[cfg(test)]
mod tests {
    use super::missing;

    fn of(files: &[(&str, &str)]) -> Vec<String> {
        let files = files.iter().map(|(path, text)| (*path, text.as_bytes()));
        let found = missing(&files.collect(), "handler.py", "python3.13");
        found
            .into_iter()
            .map(|(module, file)| format!("{file}: {module}"))
            .collect()
    }

    #[test]
    fn imports_are_followed_through_the_folder() {
        let files = [
            (
                "handler.py",
                "import json, lib.money\nfrom own import x\nfrom payments import rules\nimport boto3\n",
            ),
            ("lib/__init__.py", "import requests\n"),
            ("lib/money.py", "from lib import rates\n"),
            ("lib/rates.py", "import numpy as np\n"),
            (
                "own.py",
                "try:\n    import orjson\nexcept ImportError:\n    import json\n",
            ),
            ("unused.py", "import pandas\n"),
        ];
        assert_eq!(
            of(&files),
            [
                "lib/rates.py: numpy",
                "handler.py: payments",
                "lib/__init__.py: requests"
            ]
        );
    }

    #[test]
    fn where_it_is_not_certain_nothing_is_said() {
        assert!(
            of(&[(
                "handler.py",
                "import sys\nsys.path.insert(0, 'x')\nimport y\n"
            )])
            .is_empty()
        );
        assert!(of(&[("handler.py", "import y\nx = '''\n")]).is_empty());
        assert!(
            of(&[
                ("handler.py", "from .own import x\nimport data\n"),
                ("data/a.txt", "")
            ])
            .is_empty()
        );
    }
}
