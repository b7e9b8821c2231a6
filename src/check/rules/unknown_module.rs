//! An import that finds nothing where the function runs.

use std::collections::BTreeMap;

use crate::catalogue::modules;
use crate::check::Rule;
use crate::check::context::{Context, OwnCode};
use crate::check::python::{imports, walk};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::packages::{Packages, normalised};

pub const RULE: Rule = Rule {
    code: Code::UnknownModule,
    severities: &[Severity::Warning],
    what: "\
        The module of the handler, or one of the folder that it imports, imports a module that is neither in the \
        folder nor in Python, Lambda's runtime or the layer of all functions. Where packages are installed, their modules are not known yet, and only `payments` is looked for. Only unindented imports are \
        checked; an import in a function or a `try` may be optional.",
    why: "\
        The import fails at the first invocation. `payments`, which the built-in functions share, is \
        packaged with a function of your own only if it has `library`.",
    wrong: "import requests                     # in functions/refund/handler.py",
    right: "import urllib.request",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for own in context.own_code() {
        let OwnCode {
            function,
            path,
            files,
            entry_file,
            key,
            span,
            ..
        } = own;
        let files: BTreeMap<&str, &[u8]> = files
            .iter()
            .map(|(name, content)| (name.as_str(), content.as_slice()))
            .collect();
        for (module, file) in missing(
            &files,
            entry_file,
            &function.runtime.value,
            &function.packages,
            function
                .library
                .as_ref()
                .map(|library| library.value.as_str()),
        ) {
            let folder = path.trim_end_matches('/');
            let label = format!("`{folder}/{file}` imports `{module}`");
            let message = format!("`{key}` imports a module that is not packaged");
            let help = if module == "payments" {
                "add `library = \"payments\"`: it is packaged only where a function asks for it"
                    .to_owned()
            } else {
                format!(
                    "lock the package with `{module}` in requirements.txt, or put it into the folder, if it is pure Python"
                )
            };
            found.push(
                Diagnostic::warning(Code::UnknownModule, span.clone(), message)
                    .label(label)
                    .help(help),
            );
        }
    }
}

/// Modules that are nowhere, each with the first file that imports it.
fn missing<'a>(
    files: &BTreeMap<&'a str, &'a [u8]>,
    entry: &'a str,
    runtime: &str,
    packages: &Packages,
    library: Option<&str>,
) -> Vec<(String, &'a str)> {
    let mut missing: BTreeMap<String, &str> = BTreeMap::new();
    let mut is_searched_elsewhere = false;
    walk(files, entry, runtime, &mut |file, read| {
        let content = files.get(file).copied().unwrap_or_default();
        is_searched_elsewhere |= memchr::memmem::find(content, b"sys.path").is_some();
        for (module, _) in read.ok().flatten().map(imports).unwrap_or_default() {
            let top = module.split('.').next().unwrap_or(&module);
            let is_own = has_module(top, files) || library == Some(top);
            if !is_own && !modules().have(top) && !packages.asked.contains(&normalised(top)) {
                missing.entry(top.to_owned()).or_insert(file);
            }
        }
    });
    // Which modules a package brings is known when it is installed: only then are all imports looked at.
    if !packages.locked.is_empty() {
        missing.retain(|module, _| module == "payments");
    }
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
    use super::{Packages, missing};

    fn of(files: &[(&str, &str)]) -> Vec<String> {
        let files = files.iter().map(|(path, text)| (*path, text.as_bytes()));
        let found = missing(
            &files.collect(),
            "handler.py",
            "python3.13",
            &Packages::default(),
            None,
        );
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
