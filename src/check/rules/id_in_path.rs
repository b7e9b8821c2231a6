//! A route by which ids of payments come in the address.

use std::ops::Range;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::origin::Value;
use crate::resolve::environment::Environment;

pub const RULE: Rule = Rule {
    code: Code::IdInPath,
    severities: &[Severity::Warning],
    what: "\
        `builtin:payment-status` gets the id of a payment in the address: by a parameter in a path of the API, or a \
        wildcard in a pattern of the load balancer.",
    why: "\
        What a client writes into an address, also a card number that it took for an id, stands in the load balancer's access log \
        and in traces of X-Ray before a function can refuse it, and nothing takes it out again (PCI DSS 3.5.1). `/payments/status` \
        takes the id from the header `Payment-Id`, which is in no record. Offer both while clients move: of a spec with both, nothing \
        is said until 2027-12-01, the date that answers of the old route give as their `Sunset`.",
    wrong: "\
        [api.routes.\"GET /payments/{payment_id}\"]\n\
        function = \"payment-status\"",
    right: "\
        [api.routes.\"GET /payments/status\"]\n\
        function = \"payment-status\"",
    check: Some(check),
};

/// Where the function takes the id from a header.
const STATUS: &str = "/payments/status";

/// From then on the old route has no reason any more: the `Sunset` of its answers.
const SUNSET: &str = "2027-12-01";

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let is_over = SUNSET
        .parse()
        .is_ok_and(|sunset: Date| context.today.days_until(sunset) <= 0);
    let routes = &environment.api.routes;
    let moves = routes.iter().any(|route| {
        route.method == "GET" && route.path == STATUS && tells(environment, &route.function)
    });
    for route in routes.iter().filter(|_| is_over || !moves) {
        if route.method == "GET" && has_id(&route.path) && tells(environment, &route.function) {
            let new = format!("[api.routes.\"GET {STATUS}\"]");
            let told = written(&route.key)
                .map(|(_, span)| tell(&route.key.value, "X-Ray keeps the path", span, moves, &new));
            found.extend(told);
        }
    }
    let routes = &environment.load_balancer.routes;
    let moves = routes
        .iter()
        .any(|route| route.pattern.value == STATUS && tells(environment, &route.function));
    for route in routes.iter().filter(|_| is_over || !moves) {
        if is_wide(&route.pattern.value) && tells(environment, &route.function) {
            let new = format!("[load_balancer.routes.\"{STATUS}\"]");
            let keeps = "the load balancer's access log keeps the path";
            let told = written(&route.pattern)
                .map(|(_, span)| tell(&route.pattern.value, keeps, span, moves, &new));
            found.extend(told);
        }
    }
}

fn tell(route: &str, keeps: &str, span: Range<usize>, moves: bool, new: &str) -> Diagnostic {
    let message = format!("`{route}` takes ids of payments in the address");
    let told = Diagnostic::warning(Code::IdInPath, span, message).label(keeps);
    if moves {
        return told.help(format!(
            "remove the route: `{STATUS}` is there, and the time to move to it ended on {SUNSET}"
        ));
    }
    told.help(format!(
        "add `{new}`, which takes the id from the header `Payment-Id`; remove this route when its clients use that one"
    ))
}

fn tells(environment: &Environment, function: &Value<String>) -> bool {
    let mut functions = environment.functions.iter();
    functions.any(|one| one.key.value == function.value && one.is_builtin("payment-status"))
}

/// The path that the function answers with the id in it.
fn has_id(path: &str) -> bool {
    path.strip_prefix("/payments/{")
        .is_some_and(|rest| rest.find(['/', '+', '}']) == rest.len().checked_sub(1))
}

fn is_wide(pattern: &str) -> bool {
    pattern.starts_with("/payments/") && pattern.contains(['*', '?'])
}

#[cfg(test)]
mod tests {
    use super::{SUNSET, has_id, is_wide};

    #[test]
    fn a_path_with_an_id_is_known() {
        assert!(has_id("/payments/{payment_id}") && has_id("/payments/{id}"));
        assert!(!has_id("/payments/status") && !has_id("/payments/{id}/refunds"));
        assert!(
            is_wide("/payments/*") && is_wide("/payments/pay_?*") && !is_wide("/payments/status")
        );
    }

    #[test]
    fn the_date_is_the_one_that_answers_give() {
        let handler = include_str!("../../../templates/functions/payment_status/handler.py");
        assert!(handler.contains("\"Sunset\": \"Wed, 01 Dec 2027 00:00:00 GMT\""));
        assert_eq!(SUNSET, "2027-12-01");
    }
}
