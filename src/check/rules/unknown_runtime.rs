//! A runtime that Lambda does not have, or no longer.

use crate::catalogue::{runtime, runtimes};
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::spec::nearest;

pub const RULE: Rule = Rule {
    code: Code::UnknownRuntime,
    severities: &[Severity::Error],
    what: "Lambda does not have this Python runtime, or has deprecated it.",
    why: "Deprecated runtimes get no security patches, and Lambda soon blocks new functions with them.",
    wrong: "runtime = \"python3.9\"",
    right: "runtime = \"python3.13\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for function in &context.environment.functions {
        let Some((_, span)) = written(&function.runtime) else {
            continue;
        };
        let name = function.runtime.as_str();
        let usable = || {
            runtimes()
                .iter()
                .filter(|runtime| runtime.allowed)
                .map(|runtime| runtime.name)
        };
        let list = usable().collect::<Vec<_>>().join(", ");
        match runtime(name) {
            Some(known) if known.allowed => {}
            Some(known) => found.push(
                Diagnostic::error(
                    Code::UnknownRuntime,
                    span,
                    format!("the runtime `{name}` is deprecated"),
                )
                .label(format!(
                    "since {}; Lambda blocks new functions from {}",
                    known.deprecated_on, known.creation_blocked_on
                ))
                .help(format!("take one of {list}")),
            ),
            None => {
                let diagnostic = Diagnostic::error(
                    Code::UnknownRuntime,
                    span,
                    format!("unknown runtime `{name}`"),
                )
                .label("not a Python runtime of Lambda");
                found.push(
                    match nearest(name, usable()).filter(|_| !name.starts_with("python3.")) {
                        Some(best) => diagnostic.did_you_mean(best),
                        None => diagnostic.help(format!("take one of {list}")),
                    },
                );
            }
        }
    }
}
