//! A route to a function that is not there.

use std::collections::BTreeSet;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::spec::nearest;

pub const RULE: Rule = Rule {
    code: Code::UnknownFunction,
    severities: &[Severity::Error],
    what: "A route names a function that the spec does not have.",
    why: "The route would lead nowhere.",
    wrong: "[api.routes.\"POST /payments/validate\"]\nfunction = \"validate\"",
    right: "[api.routes.\"POST /payments/validate\"]\nfunction = \"validate-payment\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let names = || {
        environment
            .functions
            .iter()
            .map(|function| function.key.as_str())
    };
    let known: BTreeSet<&str> = names().collect();
    let by_api = environment.api.routes.iter().map(|route| &route.function);
    let by_load_balancer = environment
        .load_balancer
        .routes
        .iter()
        .map(|route| &route.function);
    for function in by_api.chain(by_load_balancer) {
        let name = function.as_str();
        let is_unusable = context.is_unusable(&crate::spec::path_of("functions", name));
        let Some((_, span)) = written(function).filter(|_| !is_unusable && !known.contains(name))
        else {
            continue;
        };
        let diagnostic = Diagnostic::error(
            Code::UnknownFunction,
            span,
            format!("unknown function `{name}`"),
        )
        .label(format!("there is no `[functions.{name}]`"));
        found.push(match nearest(name, names()) {
            Some(best) => diagnostic.help(format!("did you mean \"{best}\"?")),
            None => diagnostic.help(format!(
                "the functions are {}",
                names().collect::<Vec<_>>().join(", ")
            )),
        });
    }
}
