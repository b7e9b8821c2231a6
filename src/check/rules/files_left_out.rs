//! What stands in a function's folder and is not packaged.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::check::secrets;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::load::{LeftOut, Why};
use crate::resolve::environment::Source;

/// More are not named one by one.
const MOST_NAMED: usize = 5;

pub const RULE: Rule = Rule {
    code: Code::FilesLeftOut,
    severities: &[Severity::Warning, Severity::Note],
    what: "\
        A function's folder contains files that are not packaged: virtual environments, node_modules, hidden \
        files and folders, and compiled modules (a warning, because a package that needs them fails). Caches \
        and editors' temporary files are left out without a message.",
    why: "\
        They would make the archive depend on the machine, or only larger. Compiled modules fit one \
        processor and one version of Python, and a build packages none: those of packages come with a lock.",
    wrong: "source = \"functions/refund\"       # holds handler.py, venv/ and fast.so",
    right: "source = \"functions/refund\"       # holds handler.py, and requirements.txt with hashes",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for function in &context.environment.functions {
        let Source::Folder { left_out, .. } = &function.source.value else {
            continue;
        };
        let Some((key, span)) = written(&function.source) else {
            continue;
        };
        let (compiled, weight): (Vec<&LeftOut>, Vec<&LeftOut>) = left_out
            .iter()
            // Those have an error of their own.
            .filter(|left| secrets::in_name(&left.path).is_none())
            .partition(|left| left.why == Why::Compiled);
        if !compiled.is_empty() {
            let message = format!("`{key}` contains compiled modules, which are not packaged");
            let help = "lock their packages in requirements.txt, which installs those for Lambda; in Lambda, importing these modules fails";
            found.push(
                Diagnostic::warning(Code::FilesLeftOut, span.clone(), message)
                    .label(list(&compiled))
                    .help(help),
            );
        }
        if !weight.is_empty() {
            let message = format!("`{key}` contains files that are not packaged");
            found.push(
                Diagnostic::note_only(Code::FilesLeftOut, span, message).label(list(&weight)),
            );
        }
    }
}

fn list(left_out: &[&LeftOut]) -> String {
    let mut named: Vec<String> = left_out
        .iter()
        .take(MOST_NAMED)
        .map(|left| {
            let why = match left.why {
                Why::Hidden => " (hidden)",
                Why::Environment => " (a virtual environment)",
                Why::NodeModules | Why::Compiled => "",
            };
            format!("`{}`{why}", left.path)
        })
        .collect();
    if left_out.len() > MOST_NAMED {
        named.push(format!("{} more", left_out.len() - MOST_NAMED));
    }
    format!("left out: {}", named.join(", "))
}
