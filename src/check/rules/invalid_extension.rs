//! A module of the team's own that cannot be copied and called. That it is no file is found while resolving.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::check::python::{Binding, binding, scan};
use crate::diagnostic::{Code, Diagnostic, Severity};

/// The function that the program calls, with so many values.
const HOOK: &str = "extend";
const VALUES: usize = 3;
const DEFINITION: &str =
    "def extend(environment: Environment, naming: Naming, opts: pulumi.ResourceOptions) -> None:";

/// The program runs on the Python of whoever deploys: what any version reads is read.
const NEWEST: &str = "python3.14";

pub const RULE: Rule = Rule {
    code: Code::InvalidExtension,
    severities: &[Severity::Error],
    what: "\
        An extension cannot be read, is not named as a Python module, is listed twice, is not valid Python, \
        or has no function that can be called as `extend(environment, naming, opts)`.",
    why: "\
        The file is copied into the package `extensions` of the generated project under its own name, and \
        `extend(environment, naming, opts)` is called after the components.",
    wrong: "extensions = [\"../more resources.py\"]",
    right: "extensions = [\"../more_resources.py\"]   # has `def extend(environment, naming, opts)`",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for extension in &context.environment.extensions {
        let Some((key, span)) = written(&extension.path) else {
            continue;
        };
        let path = &extension.path.value;
        if let Some((label, help)) = fault(&extension.content, path) {
            let message = format!("`{key}` is not a usable extension");
            found.push(
                Diagnostic::error(Code::InvalidExtension, span, message)
                    .label(label)
                    .help(help),
            );
        }
    }
}

/// What is wrong with the module and what to do.
fn fault(content: &str, file: &str) -> Option<(String, String)> {
    let statements = match scan(content, NEWEST) {
        Ok(statements) => statements?,
        Err(fault) => {
            return Some((
                format!("{file}:{}: {}", fault.line, fault.reason),
                fault.help,
            ));
        }
    };
    let write = format!("write `{DEFINITION}`");
    match binding(&statements, HOOK) {
        Binding::Absent => Some((
            format!("`{file}` has no function `{HOOK}`"),
            format!("add `{DEFINITION}`"),
        )),
        Binding::Coroutine => Some((
            format!("`{HOOK}` in `{file}` is a coroutine, which nothing awaits"),
            write,
        )),
        Binding::Value => Some((
            format!("`{HOOK}` in `{file}` is not a function after the import"),
            write,
        )),
        Binding::Function(parameters) if !parameters.take(VALUES) => Some((
            format!("`{HOOK}` in `{file}` cannot be called with {VALUES} arguments"),
            write,
        )),
        Binding::Function(_) | Binding::Unknown => None,
    }
}
