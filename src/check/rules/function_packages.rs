//! Packages that a function's folder asks an installer for.

use crate::catalogue::modules;
use crate::check::Rule;
use crate::check::context::{Context, OwnCode};
use crate::check::packages::{Asked, FILES, From, asked_for, is_vendored};
use crate::diagnostic::{Code, Diagnostic, Severity};

/// More are not named one by one.
const MOST_NAMED: usize = 8;

pub const RULE: Rule = Rule {
    code: Code::FunctionPackages,
    severities: &[Severity::Error],
    what: "\
        requirements.txt, pyproject.toml or Pipfile in a function's folder lists packages that are not in \
        the folder, in Lambda's runtime (boto3) or in the layer of all functions (aws-lambda-powertools, \
        aws-xray-sdk, pg8000 and their dependencies).",
    why: "\
        Nothing installs them: a function's folder is packaged as it is, and the first invocation fails at \
        the import.",
    wrong: "source = \"functions/refund\"       # holds handler.py and requirements.txt: requests",
    right: "source = \"functions/refund\"       # holds handler.py and the packages, of pure Python",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for own in context.own_code() {
        let OwnCode {
            path,
            files,
            key,
            span,
            ..
        } = own;
        let folder = path.trim_end_matches('/');
        let read = |path: &str| {
            let file = files.iter().find(|(name, _)| name == path);
            file.map(|(_, content)| content.as_slice())
        };
        for file in FILES {
            let mut missing = asked_for(file, &read);
            missing.retain(|asked| {
                let is_there = |name: &String| modules().bring(name) || is_vendored(name, files);
                !asked.package.as_ref().is_some_and(is_there)
            });
            missing.sort_unstable();
            missing.dedup();
            if missing.is_empty() {
                continue;
            }
            let message = format!("`{key}` lists packages that are not installed");
            found.push(
                Diagnostic::error(Code::FunctionPackages, span.clone(), message)
                    .label(label(&format!("{folder}/{file}"), &missing))
                    .help(help(folder, file, &missing)),
            );
        }
    }
}

fn label(file: &str, missing: &[Asked]) -> String {
    let name = |asked: &Asked| match &asked.from {
        From::Index => format!("`{}`", asked.package.as_deref().unwrap_or_default()),
        From::Address(address) => format!("the archive or repository `{address}`"),
        From::Path(path) => format!("the file or folder `{path}`"),
        From::Folder => "the folder itself".to_owned(),
        From::List(list) => format!("the list `{list}`, which is not in the folder"),
    };
    let mut names: Vec<String> = missing.iter().take(MOST_NAMED).map(name).collect();
    if missing.len() > MOST_NAMED {
        names.push(format!("{} more", missing.len() - MOST_NAMED));
    }
    format!("`{file}` names {}", names.join(", "))
}

/// What to do; never with an address, in which a login may stand.
fn help(folder: &str, file: &str, missing: &[Asked]) -> String {
    let mut packages: Vec<&str> = missing
        .iter()
        .filter(|asked| asked.from == From::Index)
        .filter_map(|asked| asked.package.as_deref())
        .collect();
    packages.dedup();
    if missing.iter().all(|asked| asked.from == From::Folder) {
        return format!("delete this line of {file}: the folder is packaged as it is");
    }
    if missing.iter().all(|asked| asked.from == From::Index) {
        return format!(
            "\
                put them into the folder, if they are pure Python: `pip install --target {} {}`; or remove \
                them from {file}",
            folder,
            packages.join(" ")
        );
    }
    let take_out = "remove these lines";
    if file == "requirements.txt"
        && missing
            .iter()
            .all(|asked| !matches!(asked.from, From::Folder | From::List(_)))
    {
        return format!(
            "put what they name into the folder, if it is pure Python: `cd {folder} && pip install --target . --requirement {file}`; then {take_out}"
        );
    }
    format!(
        "put what they name into the folder, if it is pure Python, with `pip install --target {}`; then {take_out}",
        folder
    )
}
