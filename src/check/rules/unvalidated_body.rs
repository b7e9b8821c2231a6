//! A request with a body that nothing looks at before the function.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::UnvalidatedBody,
    severities: &[Severity::Warning],
    what: "A POST, PUT or PATCH route of the API has no `body`: API Gateway passes any body to the function.",
    why: "\
        API-2 requires a JSON schema for bodies. API Gateway then rejects an invalid body before the \
        function is invoked and billed. Without a schema, only the function's own checks protect the \
        database.",
    wrong: "\
        [api.routes.\"POST /payments/validate\"]\n\
        function = \"validate-payment\"",
    right: "\
        [api.routes.\"POST /payments/validate\"]\n\
        function = \"validate-payment\"\n\
        body = \"schemas/payment.json\"",
    check: Some(check),
};

/// Methods whose requests bring a body.
const WITH_BODY: [&str; 3] = ["POST", "PUT", "PATCH"];

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for route in &context.environment.api.routes {
        if route.body.is_some() || !WITH_BODY.contains(&route.method.as_str()) {
            continue;
        }
        let Some((path, span)) = written(&route.key) else {
            continue;
        };
        // A body that was written and cannot be used is told of already.
        if context.is_unusable(&format!("{path}.body")) {
            continue;
        }
        let message = format!("`{path}` accepts any body");
        found.push(
            Diagnostic::warning(Code::UnvalidatedBody, span, message)
                .label("API-2: no schema")
                .help(
                    "add `body` with the path of a JSON schema (draft-04), relative to this file",
                ),
        );
    }
}
