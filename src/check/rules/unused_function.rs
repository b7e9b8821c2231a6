//! A function that no route calls.

use std::collections::BTreeSet;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::resolve::environment::Function;

pub const RULE: Rule = Rule {
    code: Code::UnusedFunction,
    severities: &[Severity::Warning],
    what: "No route of the API or the load balancer, no schedule and no queue calls the function.",
    why: "It is deployed, with its own permissions, and never runs.",
    wrong: "[functions.refund]\nsource = \"functions/refund\"",
    right: "\
        [functions.refund]\n\
        source = \"functions/refund\"\n\
        \n\
        [api.routes.\"POST /refunds\"]\n\
        function = \"refund\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let by_api = environment
        .api
        .routes
        .iter()
        .map(|route| route.function.as_str());
    let by_load_balancer = environment
        .load_balancer
        .routes
        .iter()
        .map(|route| route.function.as_str());
    let called: BTreeSet<&str> = by_api.chain(by_load_balancer).collect();
    // Without any route at all, that is what is wrong.
    if called.is_empty() {
        return;
    }
    // The deployment itself calls what migrates the database.
    let needs_caller = |function: &&Function| {
        function.schedule.is_none()
            && function.consumes.is_none()
            && !function.is_builtin("migrate")
    };
    for function in environment.functions.iter().filter(needs_caller) {
        let Some((_, span)) =
            written(&function.key).filter(|_| !called.contains(function.key.as_str()))
        else {
            continue;
        };
        found.push(
            Diagnostic::warning(
                Code::UnusedFunction,
                span,
                format!("unused function `{}`", function.key.value),
            )
            .label("no route names it, and it has neither `schedule` nor `consumes`")
            .help(format!(
                "add a route with `function = \"{}\"`, a `schedule` or `consumes`, or remove the table",
                function.key.value
            )),
        );
    }
}
