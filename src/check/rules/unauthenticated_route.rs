//! A route of the load balancer that leads to data, while it asks nobody who they are.

use std::collections::BTreeMap;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::resolve::environment::Function;

pub const RULE: Rule = Rule {
    code: Code::UnauthenticatedRoute,
    severities: &[Severity::Error],
    what: "\
        A route of the load balancer leads to a function that uses the database or the audit bucket, and \
        `load_balancer.clients` is missing.",
    why: "\
        The load balancer knows no API keys. Without certificates of callers, whoever has an address in \
        `allowed_cidrs` could pay in any merchant's name and read its payments (LB-2). The health check of a \
        function needs no caller.",
    wrong: "\
        [load_balancer]\n\
        allowed_cidrs = [\"203.0.113.0/24\"]\n\
        [load_balancer.routes.\"/payments/*\"]\n\
        function = \"payment-status\"",
    right: "\
        [load_balancer]\n\
        clients = \"certificates/ca.pem\"\n\
        allowed_cidrs = [\"203.0.113.0/24\"]\n\
        [load_balancer.routes.\"/payments/*\"]\n\
        function = \"payment-status\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    // What is deployed was right for the version that built it: this rule is younger than such specs.
    if context.today == Date::LONG_AGO {
        return;
    }
    let environment = context.environment;
    let balancer = &environment.load_balancer;
    if balancer.clients.is_some() || context.is_unusable("load_balancer.clients") {
        return;
    }
    let functions: BTreeMap<&str, &Function> = environment
        .functions
        .iter()
        .map(|function| (function.key.as_str(), function))
        .collect();
    for route in &balancer.routes {
        let Some(function) = functions.get(route.function.as_str()) else {
            continue;
        };
        let uses = [&function.uses.database, &function.uses.audit];
        let Some((used, place)) = uses.into_iter().flatten().find_map(written) else {
            continue;
        };
        let (Some((_, span)), pattern) = (written(&route.pattern), &route.pattern.value) else {
            continue;
        };
        found.push(
            Diagnostic::error(
                Code::UnauthenticatedRoute,
                span,
                format!("the load balancer asks nobody who calls `{pattern}`"),
            )
            .label("no caller shows a certificate")
            .secondary(place, format!("its function has access to data: `{used}`"))
            .note("LB-2: without `load_balancer.clients`, callers are anonymous")
            .help(
                "add `clients = \"certificates/ca.pem\"` to `[load_balancer]`, the certificates of the authorities that issue \
                 callers' certificates; or remove the route, and let callers come through the API",
            ),
        );
    }
}
