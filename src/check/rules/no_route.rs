//! An API or a load balancer without a route.

use crate::check::Rule;
use crate::check::context::Context;
use crate::diagnostic::{Code, Diagnostic, Edit, Severity};

pub const RULE: Rule = Rule {
    code: Code::NoRoute,
    severities: &[Severity::Error],
    what: "The API or the load balancer has no route.",
    why: "\
        API Gateway cannot deploy an API without a method (API-1), and the load balancer must distribute \
        traffic to functions (LB-2).",
    wrong: "[api]",
    right: "[api.routes.\"POST /payments/validate\"]\nfunction = \"validate-payment\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    // Without any function there is nothing to route to, and that is told already.
    if environment.functions.is_empty() {
        return;
    }
    let validates = environment
        .functions
        .iter()
        .find(|function| function.is_builtin("validate-payment"));
    let function = validates
        .or(environment.functions.first())
        .map_or("validate-payment", |function| function.key.value.as_str());
    let api = environment.api.routes.is_empty();
    if api && context.has_no_entries("api.routes") {
        found.push(
            Diagnostic::error(
                Code::NoRoute,
                context.place("api.routes"),
                "the API has no route",
            )
            .label("API-1 requires an API with a stage")
            .help(format!(
                "add `[api.routes.\"POST /payments/validate\"]` with `function = \"{function}\"`"
            ))
            .suggest(Edit::Append(format!(
                "[api.routes.\"POST /payments/validate\"]\nfunction = \"{function}\""
            ))),
        );
    }
    let load_balancer = environment.load_balancer.routes.is_empty();
    if load_balancer && context.has_no_entries("load_balancer.routes") {
        let span = context.place("load_balancer.routes");
        found.push(
            Diagnostic::error(Code::NoRoute, span, "the load balancer has no route")
                .label("LB-2 requires rules that distribute traffic to the functions")
                .help(format!(
                    "add `[load_balancer.routes.\"/payments/*\"]` with `function = \"{function}\"`"
                ))
                .suggest(Edit::Append(format!(
                    "[load_balancer.routes.\"/payments/*\"]\nfunction = \"{function}\""
                ))),
        );
    }
}
