//! Names of required headers and query parameters.

use std::collections::BTreeMap;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::origin::Value;

pub const RULE: Rule = Rule {
    code: Code::InvalidParameter,
    severities: &[Severity::Error],
    what: "\
        The name of a required header or query parameter has a character that is not allowed, or is \
        listed twice.",
    why: "\
        API Gateway maps parameters by name and rejects other characters. The names of headers are not \
        case-sensitive.",
    wrong: "required_headers = [\"Content Type\"]",
    right: "required_headers = [\"Content-Type\"]",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for route in &context.environment.api.routes {
        judge(&route.required_headers, str::to_lowercase, found);
        judge(&route.required_query, str::to_owned, found);
    }
}

fn judge(names: &[Value<String>], same: fn(&str) -> String, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<String, &Value<String>> = BTreeMap::new();
    for name in names {
        let Some((key, span)) = written(name) else {
            continue;
        };
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || !name.chars().all(allowed) {
            found.push(
                Diagnostic::error(
                    Code::InvalidParameter,
                    span,
                    format!("`{key}` is not a valid parameter name"),
                )
                .label("must consist of letters, digits and - _ .")
                .help("write the name only, such as \"Content-Type\""),
            );
            continue;
        }
        let first = *seen.entry(same(name)).or_insert(name);
        if std::ptr::eq(first, name) {
            continue;
        }
        if let Some((_, first)) = written(first) {
            found.push(
                Diagnostic::error(
                    Code::InvalidParameter,
                    span,
                    format!("`{}` is required twice", name.value),
                )
                .label("again")
                .secondary(first, "first here")
                .help("remove one of the two"),
            );
        }
    }
}
