//! Environment variables that Lambda would refuse, or that mean something else already.

use std::ops::Range;

use crate::catalogue::reserved_names;
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::format::{NamedText, OWN_VARIABLES, queue_variable, secret_variable, topic_variable};
use crate::resolve::environment::{Function, Source};

/// Of all names and values together: botocore says nothing, Lambda's quotas do. Those of the compiler's own need their part.
const MOST_BYTES: usize = 4_096 - OWN_BYTES;
/// Names and values that the compiler sets on a function of a team's, at their longest.
const OWN_BYTES: usize = 1_024;

pub const RULE: Rule = Rule {
    code: Code::InvalidVariable,
    severities: &[Severity::Error],
    what: "\
        An environment variable of a function has a name that Lambda does not take (a letter, then letters, \
        digits and low lines; at least two characters), that Lambda or the compiler sets itself, or no value; \
        all of them together are larger than 3 KiB; or the function is one of the compiler's, which reads no \
        variables of yours.",
    why: "\
        Lambda refuses the function, whose variables may have 4 KiB in all, of which the compiler's need up \
        to one; or the variable would change what the compiler has set.",
    wrong: "environment = { LOG_LEVEL = \"debug\" }",
    right: "log_level = \"DEBUG\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for function in &context.environment.functions {
        let before = found.len();
        for variable in &function.environment {
            let Some((key, span)) = written(&variable.name) else {
                continue;
            };
            if let Some((label, help)) = fault(function, variable) {
                found.push(invalid(span, key, label).help(help));
            }
        }
        if found.len() == before {
            found.extend(too_large(function));
        }
    }
}

fn invalid(span: Range<usize>, key: &str, label: impl Into<String>) -> Diagnostic {
    let message = format!("`{key}` cannot be an environment variable");
    Diagnostic::error(Code::InvalidVariable, span, message).label(label)
}

/// What is wrong with a variable, and what to do.
fn fault(function: &Function, variable: &NamedText) -> Option<(String, String)> {
    let name = variable.name.value.as_str();
    // A source that cannot be used has an error of its own.
    if let (Source::Builtin(builtin), Some(_)) = (&function.source.value, written(&function.source))
    {
        let label = format!("`builtin:{builtin}` reads no variables of yours");
        let help =
            "remove it: what the code that comes with the compiler needs has keys of its own";
        return Some((label, help.to_owned()));
    }
    if is_of_use(function, name) {
        let help = "it follows from what the function `uses`; for a variable of your own, choose another name";
        return Some(("set by the compiler".to_owned(), help.to_owned()));
    }
    if let Some(key) = key_for(name) {
        let label = "set by the compiler".to_owned();
        return Some((
            label,
            format!("{key}; for a variable of your own, choose another name"),
        ));
    }
    if reserved_names().lambda_variables.has(name) {
        let label = "set by Lambda itself".to_owned();
        return Some((label, "choose another name".to_owned()));
    }
    if !is_name(name) {
        let label = "not a name that Lambda takes".to_owned();
        let help = "a letter, then letters, digits and low lines, at least two characters in all";
        return Some((label, help.to_owned()));
    }
    if variable.text.value.is_empty() {
        let label = "has no value".to_owned();
        let help = "remove it: `os.environ.get` answers for a variable that is not there";
        return Some((label, help.to_owned()));
    }
    None
}

/// Whether it says where a secret or a queue is that the function uses.
fn is_of_use(function: &Function, name: &str) -> bool {
    let uses = &function.uses;
    let secrets = uses.secrets.iter().map(|used| secret_variable(used));
    let queues = uses.queues.iter().map(|(used, _)| queue_variable(used));
    let topics = uses.topics.iter().map(|used| topic_variable(used));
    secrets
        .chain(queues)
        .chain(topics)
        .any(|taken| taken == name)
}

fn is_name(name: &str) -> bool {
    let is_of = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.len() > 1 && name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(is_of)
}

/// Where a variable of the compiler's comes from.
fn key_for(name: &str) -> Option<&'static str> {
    OWN_VARIABLES.contains(&name).then(|| match name {
        "LOG_LEVEL" => "the function's `log_level` sets it",
        "ENVIRONMENT" => "`environment.name` sets it",
        "PAYMENT_RULES" => "`[payments]` sets it",
        _ if name.starts_with("POWERTOOLS_") => "it follows from the function's name",
        _ => "it follows from what the function `uses`",
    })
}

fn too_large(function: &Function) -> Option<Diagnostic> {
    let variables = function.environment.iter();
    let sizes = variables.map(|variable| variable.name.value.len() + variable.text.value.len());
    let size: usize = sizes.sum();
    let (_, span) = written(&function.environment.last()?.name)?;
    let key = format!("functions.{}.environment", function.key.value);
    (size > MOST_BYTES).then(|| {
        let label = format!("{size} bytes in all, and {MOST_BYTES} are left for them");
        Diagnostic::error(Code::InvalidVariable, span, format!("`{key}` is too large"))
            .label(label)
            .help("put what is large into a file of the function's folder")
    })
}
