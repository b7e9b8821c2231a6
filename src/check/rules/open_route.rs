//! A route that anybody may call, to a function that touches something.

use std::collections::BTreeMap;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Edit, Severity};
use crate::resolve::environment::Function;

pub const RULE: Rule = Rule {
    code: Code::OpenRoute,
    severities: &[Severity::Error],
    what: "\
        A route requires neither an API key nor IAM authorization, and its function uses the database or the \
        audit bucket.",
    why: "\
        Usage plans apply only to requests with a key (API-4). Without one, anybody may call the route as \
        often as the stage's throttle admits.",
    wrong: "\
        [api.routes.\"POST /payments/validate\"]\n\
        function = \"validate-payment\"\n\
        api_key_required = false",
    right: "[api.routes.\"POST /payments/validate\"]\nfunction = \"validate-payment\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let functions: BTreeMap<&str, &Function> = environment
        .functions
        .iter()
        .map(|function| (function.key.as_str(), function))
        .collect();
    for route in &environment.api.routes {
        if route.api_key_required.value || route.authorization.value != "NONE" {
            continue;
        }
        let Some(function) = functions.get(route.function.as_str()) else {
            continue;
        };
        let uses = [&function.uses.database, &function.uses.audit];
        let Some((used, place)) = uses.into_iter().flatten().find_map(written) else {
            continue;
        };
        let (path, span) = match (written(&route.key), written(&route.api_key_required)) {
            (Some((path, _)), Some((_, span))) => (path, span),
            (Some((path, span)), None) => (path, span),
            (None, _) => continue,
        };
        let flag = span.clone();
        found.push(
            Diagnostic::error(
                Code::OpenRoute,
                span,
                format!("`{path}` is open to everybody"),
            )
            .label("requires neither an API key nor IAM authorization")
            .secondary(place, format!("its function has access to data: `{used}`"))
            .note("API-4: usage plans apply only to requests with an API key")
            .help("remove `api_key_required = false`, or write `authorization = \"AWS_IAM\"`")
            .suggest(Edit::Remove(flag)),
        );
    }
}
