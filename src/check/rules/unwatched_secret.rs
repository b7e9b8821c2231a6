//! Secrets whose age nobody measures.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::UnwatchedSecret,
    severities: &[Severity::Warning],
    what: "The spec has secrets, and no function that measures their age once a day.",
    why: "\
        AWS has no metric for the age of a value. `builtin:secret-ages` measures it, and the alarms on \
        `rotate_after_days` need its figures.",
    wrong: "[secrets.processor-api-key]",
    right: "\
        [secrets.processor-api-key]\n\
        \n\
        [functions.secret-ages]\n\
        source = \"builtin:secret-ages\"\n\
        schedule = \"rate(12 hours)\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let mut functions = environment.functions.iter();
    // One that nothing calls is told as such.
    if functions.any(|function| function.is_builtin("secret-ages")) {
        return;
    }
    let first = environment.secrets.first();
    let Some((_, span)) = first.and_then(|secret| written(&secret.key)) else {
        return;
    };
    let told = Diagnostic::warning(
        Code::UnwatchedSecret,
        span,
        "nobody measures the age of secrets",
    )
    .label("no alarm reminds people to renew its value")
    .help(
        "add a function with `source = \"builtin:secret-ages\"` and `schedule = \"rate(12 hours)\"`",
    );
    found.push(told);
}
