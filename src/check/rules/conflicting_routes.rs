//! Two parameters of different names in one place of the path.

use std::collections::BTreeMap;
use std::ops::Range;

use super::too_large::PATH_LENGTH;
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::ConflictingRoutes,
    severities: &[Severity::Error],
    what: "Two API routes have parameters with different names at the same position of the path.",
    why: "API Gateway allows one parameter resource at each position and rejects a sibling with another name.",
    wrong: "[api.routes.\"GET /payments/{id}\"]\n[api.routes.\"DELETE /payments/{payment_id}\"]",
    right: "[api.routes.\"GET /payments/{payment_id}\"]\n[api.routes.\"DELETE /payments/{payment_id}\"]",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    // The parameter that was first seen under each parent.
    let mut parameters: BTreeMap<&str, (&str, Range<usize>)> = BTreeMap::new();
    for route in &context.environment.api.routes {
        let Some((_, span)) = written(&route.key) else {
            continue;
        };
        // Which is told by itself, and a hundred thousand parameters would be compared for minutes.
        if route.path.len() > PATH_LENGTH {
            continue;
        }
        for (start, _) in route.path.match_indices('{') {
            let (Some(parent), Some(rest)) = (route.path.get(..start), route.path.get(start..))
            else {
                continue;
            };
            let parameter = rest.split('/').next().unwrap_or(rest);
            match parameters.get(parent) {
                Some((other, first)) if *other != parameter => {
                    found.push(
                        Diagnostic::error(
                            Code::ConflictingRoutes,
                            span.clone(),
                            format!("`{parent}` is followed by two parameters"),
                        )
                        .label(format!("`{parameter}` here"))
                        .secondary(first.clone(), format!("`{other}` here"))
                        .help(format!("use one name: `{other}`")),
                    );
                    break;
                }
                Some(_) => {}
                None => {
                    parameters.insert(parent, (parameter, span.clone()));
                }
            }
        }
    }
}
