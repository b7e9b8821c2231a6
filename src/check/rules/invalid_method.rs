//! A route of the API without a method that REST APIs know.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::spec::nearest;

pub const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

pub const RULE: Rule = Rule {
    code: Code::InvalidMethod,
    severities: &[Severity::Error],
    what: "The key of an API route does not begin with an HTTP method in capitals.",
    why: "\
        A route is a method and a path; validators, models and permissions belong to one method each, so \
        that `ANY` is not taken.",
    wrong: "[api.routes.\"post /payments\"]",
    right: "[api.routes.\"POST /payments\"]",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for route in &context.environment.api.routes {
        let method = route.method.as_str();
        let Some((_, span)) = written(&route.key).filter(|_| !METHODS.contains(&method)) else {
            continue;
        };
        let path = route.path.trim_start();
        if method.is_empty() {
            found.push(
                Diagnostic::error(
                    Code::InvalidMethod,
                    span,
                    format!("the route `{}` has no method", route.key.value),
                )
                .label("must be a method, a space and a path")
                .help(format!("write \"GET {path}\" or another method"))
                .replace_with(format!("\"GET {path}\"")),
            );
            continue;
        }
        let diagnostic = Diagnostic::error(
            Code::InvalidMethod,
            span,
            format!("unknown method `{method}`"),
        )
        .label(format!("must be one of {}", METHODS.join(", ")));
        found.push(match nearest(method, METHODS) {
            Some(best) => diagnostic.write_text(&format!("{best} {path}")),
            None => diagnostic,
        });
    }
}
