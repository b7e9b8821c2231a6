//! Files that are copied byte for byte: whatever `templates/` holds that no template claims, and function code.

use include_dir::{Dir, include_dir};

use super::File;
use super::python::module::variable_name;
use crate::origin::Origin;
use crate::resolve::environment::{Environment, Extension, Source};

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// Templates that askama renders; everything else is copied.
const RENDERED: [&str; 16] = [
    "__main__.py",
    "Pulumi.staging.yaml",
    "Pulumi.yaml",
    "README.md",
    "components/component.py",
    "components/functions/__init__.py",
    "components/functions/arguments.py",
    "docs/architecture.md",
    "docs/requirements.md",
    "docs/runbook.md",
    "environment.py",
    "pyproject.toml",
    "settings.py",
    "tests/unit/conftest.py",
    "tests/unit/overrides.py",
    "tests/unit/test_overrides.py",
];

pub fn plain_files(env: &Environment) -> Vec<File> {
    let mut files = Vec::new();
    let mut folders = vec![&TEMPLATES];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        for file in folder.files() {
            let path = file.path().to_string_lossy().replace('\\', "/");
            if is_plain(&path, env) {
                files.push(File {
                    path,
                    content: file.contents().into(),
                });
            }
        }
    }
    for function in &env.functions {
        files.extend(function_files(&function.key, &function.source));
    }
    files.extend(env.extensions.iter().map(|extension| File {
        path: extension_file(extension),
        content: extension.content.clone().into_bytes().into(),
    }));
    files
}

fn is_plain(path: &str, env: &Environment) -> bool {
    let is_source = path.rsplit_once('.').is_some_and(|(_, extension)| {
        [
            "py", "md", "txt", "in", "toml", "json", "sql", "pem", "typed",
        ]
        .contains(&extension)
    });
    // A built-in function's tests come along with it.
    let foreign_test = builtins().any(|builtin| {
        path.starts_with(&format!("tests/unit/functions/{builtin}/"))
            && !env.functions.iter().any(|function| {
                function.source.value == Source::Builtin(builtin.replace('_', "-"))
                    && variable_name(&function.key) == builtin
            })
    });
    let for_extensions = [
        "extensions/__init__.py",
        "tests/unit/extensions.py",
        "tests/unit/test_extensions.py",
    ];
    let without_extensions = env.extensions.is_empty() && for_extensions.contains(&path);
    is_source
        && !without_extensions
        && !RENDERED.contains(&path)
        && !path.starts_with("functions/")
        && !path.contains("__pycache__")
        && !foreign_test
}

/// Where a file of the generated project was made from.
#[derive(Debug, Clone)]
pub enum Made<'a> {
    /// Copied byte for byte from this file of the compiler's.
    Copied(String),
    /// Copied byte for byte from a file of the team's own: what names it in the spec, and the path relative to that.
    Team(&'a Origin, String),
    /// Rendered from this template.
    Rendered(String),
}

/// Where the file at this path was made from; the path is one that the environment yields.
pub fn made_from<'a>(path: &str, env: &'a Environment) -> Made<'a> {
    if let Some((folder, file)) = path
        .strip_prefix("functions/")
        .and_then(|rest| rest.split_once('/'))
    {
        let function = env
            .functions
            .iter()
            .find(|function| variable_name(&function.key) == folder);
        return match function.map(|function| (function, &function.source.value)) {
            Some((function, Source::Folder { path, .. })) => {
                let file = format!("{}/{file}", path.trim_end_matches('/'));
                Made::Team(&function.source.origin, file)
            }
            Some((_, Source::Builtin(name))) => {
                let name = name.replace('-', "_");
                Made::Copied(format!("templates/functions/{name}/{file}"))
            }
            None => Made::Copied(format!("templates/{path}")),
        };
    }
    let mut extensions = env.extensions.iter();
    if let Some(extension) = extensions.find(|extension| extension_file(extension) == path) {
        return Made::Team(&extension.path.origin, extension.path.value.clone());
    }
    let template = if path == format!("Pulumi.{}.yaml", env.name.value) {
        "Pulumi.staging.yaml"
    } else if RENDERED.contains(&path) || TEMPLATES.get_file(path).is_some() {
        path
    } else {
        "components/component.py"
    };
    if RENDERED.contains(&template) {
        Made::Rendered(format!("templates/{template}"))
    } else {
        Made::Copied(format!("templates/{template}"))
    }
}

fn extension_file(extension: &Extension) -> String {
    format!("extensions/{}.py", extension.name)
}

/// Folders of built-in functions: `validate_payment`.
fn builtins() -> impl Iterator<Item = String> {
    let folders = TEMPLATES
        .get_dir("functions")
        .into_iter()
        .flat_map(Dir::dirs);
    folders.filter_map(|folder| Some(folder.path().file_name()?.to_string_lossy().into_owned()))
}

/// Names of the functions that come with the compiler, as the spec writes them: `validate-payment`.
pub fn builtin_functions() -> Vec<String> {
    let mut names: Vec<String> = builtins().map(|name| name.replace('_', "-")).collect();
    names.sort();
    names
}

fn function_files(key: &str, source: &Source) -> Vec<File> {
    let target = format!("functions/{}", variable_name(key));
    match source {
        Source::Folder { files, .. } => files
            .iter()
            .map(|(path, content)| File {
                path: format!("{target}/{path}"),
                content: content.clone().into(),
            })
            .collect(),
        Source::Builtin(name) => {
            let folder = TEMPLATES.get_dir(format!("functions/{}", name.replace('-', "_")));
            let files = folder.into_iter().flat_map(Dir::files);
            files
                .filter_map(|file| {
                    let name = file.path().file_name()?.to_string_lossy().into_owned();
                    Some(File {
                        path: format!("{target}/{name}"),
                        content: file.contents().into(),
                    })
                })
                .collect()
        }
    }
}
