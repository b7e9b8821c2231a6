//! A function that may run longer than its caller waits.

use std::collections::BTreeMap;

use crate::catalogue::quotas;
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::origin::Value;

pub const RULE: Rule = Rule {
    code: Code::FunctionTimeout,
    severities: &[Severity::Error],
    what: "The function's timeout is not shorter than that of the API (29 s) or the load balancer (60 s).",
    why: "\
        The client gets an error while the function still runs: a payment may be recorded although the \
        client believes that it failed.",
    wrong: "timeout_seconds = 60",
    right: "timeout_seconds = 28",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    // The first call of each: routes and functions may both be many.
    let mut by_api: BTreeMap<&str, &Value<String>> = BTreeMap::new();
    for route in environment.api.routes.iter().rev() {
        by_api.insert(&route.function, &route.function);
    }
    let mut by_load_balancer: BTreeMap<&str, &Value<String>> = BTreeMap::new();
    for route in environment.load_balancer.routes.iter().rev() {
        by_load_balancer.insert(&route.function, &route.function);
    }
    for function in &environment.functions {
        let timeout = &function.timeout_seconds;
        let Some((_, span)) = written(timeout) else {
            continue;
        };
        let name = function.key.as_str();
        let of_api = by_api.get(name).copied();
        let of_load_balancer = by_load_balancer.get(name).copied();
        let (caller, limit, route) = match (of_api, of_load_balancer) {
            (Some(route), _) => (
                "the API",
                quotas().api_timeout_seconds.value,
                written(route),
            ),
            (None, Some(route)) => (
                "the load balancer",
                // The generated project leaves the idle timeout as it comes.
                quotas().load_balancer_timeout_seconds.value,
                written(route),
            ),
            (None, None) => continue,
        };
        if timeout.value < limit {
            continue;
        }
        let mut diagnostic = Diagnostic::error(
            Code::FunctionTimeout,
            span,
            format!("the function `{name}` may run as long as {caller} waits"),
        )
        .label(format!("{caller} times out after {limit} s"))
        .help(format!(
            "write `timeout_seconds = {}` or less",
            limit.saturating_sub(1)
        ));
        diagnostic = diagnostic.replace_with(limit.saturating_sub(1).to_string());
        if let Some((_, place)) = route {
            diagnostic = diagnostic.secondary(place, "called here");
        }
        found.push(diagnostic);
    }
}
