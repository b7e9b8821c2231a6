//! A body schema that API Gateway cannot use. The file itself is judged while resolving.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Edit, Severity};

pub const RULE: Rule = Rule {
    code: Code::BodySchema,
    severities: &[Severity::Error],
    what: "\
        The body schema cannot be read, is not a JSON schema of draft-04, accepts everything or nothing, is \
        larger than 400 KB, or belongs to a method without a body.",
    why: "\
        API-2 requires models on bodies. API Gateway supports JSON schema draft-04 only. It rejects a model \
        with a keyword of a later draft (`$id`, `const`, `examples`, `if`) at any depth, or with a `$ref` to \
        another file.",
    wrong: "[api.routes.\"GET /payments/{id}\"]\nbody = \"schemas/payment.json\"",
    right: "[api.routes.\"POST /payments\"]\nbody = \"schemas/payment.json\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for route in &context.environment.api.routes {
        let is_bodiless = ["GET", "HEAD", "DELETE", "OPTIONS"].contains(&route.method.as_str());
        let Some((_, span)) = route
            .body
            .as_ref()
            .and_then(written)
            .filter(|_| is_bodiless)
        else {
            continue;
        };
        let place = span.clone();
        found.push(
            Diagnostic::error(
                Code::BodySchema,
                span,
                format!("a {} request has no body", route.method),
            )
            .label("never applied")
            .help("remove the line, or require parameters with `required_query`")
            .suggest(Edit::Remove(place)),
        );
    }
}
