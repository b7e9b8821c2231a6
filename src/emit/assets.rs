//! Files that are copied byte for byte: whatever `templates/` holds that no template claims, and function code.

use askama::Template;
use include_dir::{Dir, include_dir};

use super::python::module::variable_name;
use super::{File, deployed};
use crate::origin::Origin;
use crate::resolve::environment::{Clients, Environment, Extension, Function, Source};

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// Templates that askama renders; everything else is copied.
const RENDERED: &[&str] = &[
    "__main__.py",
    "Pulumi.staging.yaml",
    "Pulumi.yaml",
    "README.md",
    "components/component.py",
    "components/functions/__init__.py",
    "components/functions/function.py",
    "components/lambda_function.py",
    "deployer/README.md",
    "docs/answers.md",
    "docs/architecture.md",
    "docs/backups.md",
    "docs/keys.md",
    "docs/requirements.md",
    "docs/runbook.md",
    "environment.py",
    "pyproject.toml",
    "settings.py",
    "tests/domain.py",
    "tests/environment_class.py",
    "tests/integration/spec.py",
    "tests/integration/test_database.py",
    "tests/log_days.py",
    "tests/owners_keys.py",
    "tests/unit/conftest.py",
    BUILTIN_TEMPLATE,
    "tests/unit/extensions.py",
    "tests/unit/overrides.py",
    "tests/unit/test_database.py",
    "tests/unit/test_overrides.py",
];

/// Template of the package around the tests of each built-in function.
const BUILTIN_TEMPLATE: &str = "tests/unit/functions/builtin.py";

#[derive(Template)]
#[template(path = "tests/unit/functions/builtin.py")]
struct BuiltinTemplate<'a> {
    builtin: &'a str,
    folder: &'a str,
}

/// What the built-in functions share; it goes along with any of them.
const SHARED: &str = "payments";
/// What the functions' libraries are, with hashes.
pub const LIBRARIES: &str = "requirements.txt";

pub fn plain_files(env: &Environment) -> Vec<File> {
    let left_out = deployed::left_out(env);
    let mut files: Vec<File> = below(&TEMPLATES)
        .filter(|(path, _)| is_plain(path, env) && !left_out.contains(&path.as_str()))
        .map(|(path, content)| File {
            path,
            content: content.into(),
        })
        .collect();
    files.extend(code_of_functions(env));
    files.extend(env.functions.iter().filter_map(package_list));
    files.extend(clients(env));
    files.extend(env.extensions.iter().map(|extension| File {
        path: extension_file(extension),
        content: extension.content.clone().into_bytes().into(),
    }));
    files
}

/// What archives, digests and texts of the project are made of, and nothing else of it: the functions' code, the list of their
/// libraries, and the authorities of the load balancer's callers. Sorted by path.
pub fn packaged_files(env: &Environment) -> Vec<File> {
    let mut files = code_of_functions(env);
    files.extend(env.functions.iter().filter_map(package_list));
    files.extend(clients(env));
    files.extend(TEMPLATES.get_file(LIBRARIES).map(|file| File {
        path: LIBRARIES.to_owned(),
        content: file.contents().into(),
    }));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// What is installed for a function.
fn package_list(function: &Function) -> Option<File> {
    let target = function.packages.target?;
    let text = format!(
        "# What the {} of `{}` locks, for Python {} on {}.\n{}",
        function.packages.lock,
        function.key.value,
        target.python(),
        target.platform(),
        function.packages.list()
    );
    Some(File::text(function.package_list()?, &text))
}

fn clients(env: &Environment) -> Option<File> {
    env.load_balancer.clients.as_ref().map(|clients| File {
        path: Clients::FILE.to_owned(),
        content: clients.value.content.clone().into(),
    })
}

fn code_of_functions(env: &Environment) -> Vec<File> {
    let mut files = Vec::new();
    if env.functions.iter().any(Function::shares_payments) {
        files.extend(copied(SHARED, SHARED));
    }
    for function in &env.functions {
        files.extend(function_files(&function.key, &function.source));
    }
    files
}

/// Every file below a folder, with its path in `templates/`.
fn below(folder: &'static Dir<'static>) -> impl Iterator<Item = (String, &'static [u8])> {
    let mut folders = vec![folder];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        files.extend(folder.files());
    }
    files.into_iter().map(|file| {
        let path = file.path().to_string_lossy().replace('\\', "/");
        (path, file.contents())
    })
}

pub fn uses_builtins(env: &Environment) -> bool {
    env.functions
        .iter()
        .any(|function| matches!(function.source.value, Source::Builtin(_)))
}

/// Folder of a function with this code; of several, which are alike, the one of the same name, or the first by name.
fn builtin_folder(env: &Environment, builtin: &str) -> Option<String> {
    let source = builtin.replace('_', "-");
    let functions = env.functions.iter();
    let folders = functions
        .filter(|function| function.is_builtin(&source))
        .map(|function| variable_name(&function.key));
    folders.min_by_key(|folder| (folder != builtin, folder.clone()))
}

/// What the tests of each built-in function call it by, as modules of the project do not know the spec's names.
pub fn builtin_tests(env: &Environment) -> anyhow::Result<Vec<File>> {
    let mut files = Vec::new();
    for builtin in builtins() {
        if let Some(folder) = builtin_folder(env, &builtin) {
            let template = BuiltinTemplate {
                builtin: &builtin.replace('_', "-"),
                folder: &folder,
            };
            let path = format!("tests/unit/functions/{builtin}/__init__.py");
            files.push(File::text(path, &template.render()?));
        }
    }
    Ok(files)
}

fn is_plain(path: &str, env: &Environment) -> bool {
    let is_source = path.rsplit_once('.').is_some_and(|(_, extension)| {
        [
            "py",
            "md",
            "txt",
            "in",
            "toml",
            "json",
            "sql",
            "pem",
            "typed",
            // The whole name, but for the point: of what is hidden, only these two are the project's.
            "gitattributes",
            "gitignore",
        ]
        .contains(&extension)
    });
    // A built-in function's tests come along with it, whatever it is called, and those of what all share with any.
    let foreign_test = path
        .strip_prefix("tests/unit/functions/")
        .filter(|test| *test != "__init__.py")
        .is_some_and(|test| {
            let of_unused = |builtin: String| {
                let of_builtin = test.strip_prefix(&builtin);
                let source = builtin.replace('_', "-");
                of_builtin.is_some_and(|rest| rest.starts_with('/'))
                    && !env.functions.iter().any(|one| one.is_builtin(&source))
            };
            !uses_builtins(env) || builtins().any(of_unused)
        });
    let about = [
        (
            "tests/unit/test_domain.py",
            env.domain.api.is_none() && env.domain.load_balancer.is_none(),
        ),
        ("tests/unit/test_queues.py", env.queues.is_empty()),
        ("tests/unit/test_topics.py", env.topics.is_empty()),
        (
            "tests/unit/test_backups.py",
            env.database.backup_vault.is_none(),
        ),
        ("tests/unit/test_stored_secrets.py", env.secrets.is_empty()),
    ];
    let is_about_nothing = about.contains(&(path, true));
    let for_extensions = [
        "extensions/__init__.py",
        "tests/unit/additions.py",
        "tests/unit/test_extensions.py",
    ];
    let without_extensions = env.extensions.is_empty() && for_extensions.contains(&path);
    is_source
        && !without_extensions
        && !is_about_nothing
        // They speak of what the built-in functions store, and of what these take for a card number.
        && (uses_builtins(env) || !is_of_payments(path))
        && !RENDERED.contains(&path)
        && !path.starts_with("functions/")
        && !path.contains("__pycache__")
        && !foreign_test
}

fn is_of_payments(path: &str) -> bool {
    ["reconcile/", "scrub/"]
        .iter()
        .any(|program| path.starts_with(program))
}

/// Where a file of the generated project was made from.
#[derive(Debug, Clone)]
pub enum Made<'a> {
    /// Copied byte for byte from this file of the compiler's.
    Copied(String),
    /// Copied byte for byte from a file of the team's own: what names it in the spec, and the path relative to that.
    Team(&'a Origin, String),
    /// Taken from a lock of the team's own: what names it in the spec, and the path relative to that.
    Locked(&'a Origin, String),
    /// Rendered from this template.
    Rendered(String),
    /// Derived from the graph with these tables of the compiler's.
    Derived(&'static str),
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
    let listed = |function: &&Function| function.package_list().as_deref() == Some(path);
    if let Some(function) = env.functions.iter().find(listed)
        && let Source::Folder { path, .. } = &function.source.value
    {
        let lock = format!("{}/{}", path.trim_end_matches('/'), function.packages.lock);
        return Made::Locked(&function.source.origin, lock);
    }
    let mut extensions = env.extensions.iter();
    if let Some(extension) = extensions.find(|extension| extension_file(extension) == path) {
        return Made::Team(&extension.path.origin, extension.path.value.clone());
    }
    if let Some(clients) = env
        .load_balancer
        .clients
        .as_ref()
        .filter(|_| path == Clients::FILE)
    {
        return Made::Team(&clients.origin, clients.value.path.clone());
    }
    if path.starts_with("deployer/") && !RENDERED.contains(&path) {
        return Made::Derived("src/catalogue/permissions.toml and scopes.toml");
    }
    let template = if path == format!("Pulumi.{}.yaml", env.name.value) {
        "Pulumi.staging.yaml"
    } else if builtins()
        .any(|builtin| path == format!("tests/unit/functions/{builtin}/__init__.py"))
    {
        BUILTIN_TEMPLATE
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
    folders
        .filter_map(|folder| Some(folder.path().file_name()?.to_string_lossy().into_owned()))
        .filter(|name| name != SHARED)
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
        Source::Builtin(name) => copied(&name.replace('-', "_"), &variable_name(key)),
    }
}

/// The files of a folder of function code, with its sub-folders, under the name that it gets in the project.
fn copied(folder: &str, target: &str) -> Vec<File> {
    let prefix = format!("functions/{folder}/");
    let files = TEMPLATES.get_dir(prefix.trim_end_matches('/'));
    files
        .into_iter()
        .flat_map(below)
        .filter_map(|(path, content)| {
            let rest = path.strip_prefix(&prefix)?;
            (!rest.contains("__pycache__")).then(|| File {
                path: format!("functions/{target}/{rest}"),
                content: content.into(),
            })
        })
        .collect()
}
