//! Packages that a function's folder asks an installer for.

use crate::catalogue::modules;
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::check::packages::{FILES, asked_for, is_vendored};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::resolve::environment::Source;

pub const RULE: Rule = Rule {
    code: Code::FunctionPackages,
    severities: &[Severity::Error],
    what: "\
        requirements.txt, pyproject.toml or Pipfile in a function's folder names packages that are neither in the folder nor there anyway: in \
        Lambda's runtime (boto3) or in the layer of all functions (aws-lambda-powertools, aws-xray-sdk, pg8000 and what they need).",
    why: "Nothing installs them: a function's folder is packaged as it is, so the first call fails at the import.",
    wrong: "source = \"functions/refund\"       # holds handler.py and requirements.txt: requests",
    right: "source = \"functions/refund\"       # holds handler.py and the packages, of pure Python",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for function in &context.environment.functions {
        let Source::Folder { path, files, .. } = &function.source.value else {
            continue;
        };
        let Some((key, span)) = written(&function.source) else {
            continue;
        };
        for (file, content) in files
            .iter()
            .filter(|(name, _)| FILES.contains(&name.as_str()))
        {
            let mut missing = asked_for(file, content);
            missing.retain(|name| !modules().bring(name) && !is_vendored(name, files));
            missing.sort_unstable();
            missing.dedup();
            if missing.is_empty() {
                continue;
            }
            let folder = path.trim_end_matches('/');
            let names = missing.join("`, `");
            let message = format!("`{key}` asks for packages that nothing installs");
            found.push(
                Diagnostic::error(Code::FunctionPackages, span.clone(), message)
                    .label(format!("`{folder}/{file}` names `{names}`"))
                    .help(format!(
                        "put them into the folder, if they are pure Python: `pip install --target {folder} {}`; or take them out of {file}",
                        missing.join(" ")
                    )),
            );
        }
    }
}
