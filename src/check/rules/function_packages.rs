//! Packages that a function's folder asks for and that cannot be installed.

use std::mem::discriminant;

use crate::check::Rule;
use crate::check::context::{Context, OwnCode};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::packages::{From, MOST_ZIPPED, PROJECT, Problem, REQUIREMENTS, UV_LOCK};

/// More are not named one by one.
const MOST_NAMED: usize = 8;

pub const RULE: Rule = Rule {
    code: Code::FunctionPackages,
    severities: &[Severity::Error],
    what: "\
        A function's folder lists packages that cannot be installed for it: requirements.txt without one version \
        and a hash for each; pyproject.toml or Pipfile with packages that no lock has; a lock for another \
        version of Python, with a package that has no wheel for the function's Python and processor, or with \
        more than Lambda takes; archives, repositories and folders. What the folder brings along, Lambda's \
        runtime (boto3) or the layer of all functions (aws-lambda-powertools, aws-xray-sdk, pg8000 and their \
        dependencies) need not be locked.",
    why: "\
        Pulumi puts the wheels that requirements.txt or uv.lock locks by hashes into the function's archive: \
        the same ones on every machine. Without a lock each deployment could get others, and a package that \
        is built differs from machine to machine.",
    wrong: "source = \"functions/refund\"       # holds handler.py and requirements.txt: requests>=2",
    right: "source = \"functions/refund\"       # the same after `uv pip compile --generate-hashes`",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for own in context.own_code() {
        let problems = &own.function.packages.problems;
        let kind = |(file, problem): &(&'static str, Problem)| (*file, discriminant(problem));
        let mut told = Vec::new();
        for one in problems {
            // Of one file, what has one way out is one report.
            if !told.contains(&kind(one)) {
                told.push(kind(one));
                let alike = problems.iter().filter(|other| kind(other) == kind(one));
                let alike: Vec<&Problem> = alike.map(|(_, problem)| problem).collect();
                found.push(report(&own, one.0, &alike));
            }
        }
    }
}

fn report(own: &OwnCode<'_>, file: &str, problems: &[&Problem]) -> Diagnostic {
    let OwnCode {
        path, key, span, ..
    } = own;
    let folder = path.trim_end_matches('/');
    let message = format!("`{key}` lists packages that cannot be installed");
    Diagnostic::error(Code::FunctionPackages, span.clone(), message)
        .label(format!("`{folder}/{file}` {}", label(own, problems)))
        .help(help(own, folder, file, problems))
}

fn label(own: &OwnCode<'_>, problems: &[&Problem]) -> String {
    let listed = |of: &dyn Fn(&Problem) -> Option<String>| {
        let all: Vec<String> = problems.iter().filter_map(|problem| of(problem)).collect();
        let mut names: Vec<String> = all.iter().take(MOST_NAMED).cloned().collect();
        if all.len() > MOST_NAMED {
            names.push(format!("{} more", all.len() - MOST_NAMED));
        }
        names.join(", ")
    };
    let names = listed(&|problem| match problem {
        Problem::Unlocked(name) | Problem::Twice(name) => Some(format!("`{name}`")),
        Problem::NoWheel(name, version) => Some(format!("`{name}` {version}")),
        Problem::Elsewhere(from) => Some(place(from)),
        Problem::Marker(marker) => Some(format!("`{marker}`")),
        Problem::Both | Problem::OtherPython(_) | Problem::Unreadable(_) | Problem::TooLarge(_) => {
            None
        }
    });
    let settings = &own.function.settings;
    let python = settings.runtime.value.trim_start_matches("python");
    match problems.first() {
        Some(Problem::Unlocked(_)) => format!("names {names}, not locked by hashes"),
        Some(Problem::Twice(_)) => format!("locks {names} more than once"),
        Some(Problem::NoWheel(..)) => format!(
            "has no wheel for Python {python} on {} of {names}",
            settings.architecture.value
        ),
        Some(Problem::Marker(_)) => format!("has a condition that is none: {names}"),
        Some(Problem::Both) => format!("locks packages, and so does `{UV_LOCK}`"),
        Some(Problem::OtherPython(versions)) => {
            format!("is made for Python {versions}, and the function runs on {python}")
        }
        Some(Problem::Unreadable(what)) => what.clone(),
        Some(Problem::TooLarge(bytes)) => {
            let (are, most) = (bytes.div_ceil(1 << 20), MOST_ZIPPED >> 20);
            format!("locks wheels of {are} MiB at the least, and Lambda takes an archive of {most}")
        }
        Some(Problem::Elsewhere(_)) | None => format!("names {names}"),
    }
}

fn place(from: &From) -> String {
    match from {
        From::Index => "the package index".to_owned(),
        From::Address(address) => format!("the archive or repository `{address}`"),
        From::Path(path) => format!("the file or folder `{path}`"),
        From::Folder => "the folder itself".to_owned(),
        From::List(list) => format!("the list `{list}`, which is not in the folder"),
        From::Option(option) => format!("the option `{option}`"),
    }
}

/// What to do; never with an address, in which a login may stand.
fn help(own: &OwnCode<'_>, folder: &str, file: &str, problems: &[&Problem]) -> String {
    let python = own
        .function
        .settings
        .runtime
        .value
        .trim_start_matches("python");
    match problems.first() {
        Some(Problem::Unlocked(_)) => locking(folder, file, own.function.packages.lock),
        Some(Problem::NoWheel(name, version)) => format!(
            "take a version that has one, or another package; if it is pure Python, put it into the folder: `pip install --no-deps --target {folder} {name}=={version}`"
        ),
        Some(Problem::Twice(_)) => "keep one version of each".to_owned(),
        Some(Problem::Both) => "delete one of the two files".to_owned(),
        Some(Problem::Marker(_)) => {
            "write it as in `python_version < \"3.13\"`, or lock the list again".to_owned()
        }
        Some(Problem::OtherPython(_)) => {
            format!(
                "take {python} into `requires-python` of {PROJECT}, and `uv lock`; or change `runtime`"
            )
        }
        Some(Problem::Unreadable(_)) if file == UV_LOCK => {
            format!("write it again: `cd {folder} && uv lock`")
        }
        Some(Problem::Unreadable(_)) => "keep what the function needs".to_owned(),
        Some(Problem::TooLarge(_)) => "take fewer or smaller packages".to_owned(),
        Some(Problem::Elsewhere(_)) | None => elsewhere(folder, file, problems),
    }
}

fn locking(folder: &str, file: &str, lock: &str) -> String {
    match (file, lock) {
        (REQUIREMENTS, _) => format!(
            "lock them: `cd {folder} && mv {file} requirements.in && uv pip compile --universal --generate-hashes requirements.in -o {file}`, or `pip-compile --generate-hashes`"
        ),
        (PROJECT, REQUIREMENTS) => format!(
            "lock them: `cd {folder} && uv pip compile --universal --generate-hashes {file} -o {REQUIREMENTS}`"
        ),
        (PROJECT, _) => format!("lock them: `cd {folder} && uv lock`"),
        _ => format!("lock them: `cd {folder} && pipenv requirements --hash > {REQUIREMENTS}`"),
    }
}

fn elsewhere(folder: &str, file: &str, problems: &[&Problem]) -> String {
    let all = |is: &dyn Fn(&From) -> bool| {
        let mut problems = problems.iter();
        problems.all(|problem| matches!(problem, Problem::Elsewhere(from) if is(from)))
    };
    if all(&|from| *from == From::Folder) {
        return format!("delete this line of {file}: the folder is packaged as it is");
    }
    if all(&|from| matches!(from, From::Option(_))) {
        return format!(
            "delete it from {file}: wheels come from package indexes, and who logs in there is read from variables (`${{USER}}:${{PASSWORD}}@`) or pip's own settings"
        );
    }
    if all(&|from| matches!(from, From::List(_))) {
        return "put the list into the folder, or what it names into this one".to_owned();
    }
    format!(
        "publish them to a package index and lock them, or put what they contain into the folder, if it is pure Python, with `pip install --no-deps --target {folder}`"
    )
}
