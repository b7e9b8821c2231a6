//! A range with bits set behind its prefix.

use ipnet::Ipv4Net;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::origin::Value;

pub const RULE: Rule = Rule {
    code: Code::CidrNotCanonical,
    severities: &[Severity::Error],
    what: "The range has bits set after its prefix length.",
    why: "AWS would store a different range than the spec has, and it is unclear which one is meant.",
    wrong: "cidr = \"10.40.0.7/16\"",
    right: "cidr = \"10.40.0.0/16\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    found.extend(judge(&environment.network.cidr));
    found.extend(
        environment
            .load_balancer
            .allowed_cidrs
            .iter()
            .filter_map(judge),
    );
}

fn judge(range: &Value<Ipv4Net>) -> Option<Diagnostic> {
    let canonical = range.value.trunc();
    let (key, span) = written(range).filter(|_| canonical != range.value)?;
    Some(
        Diagnostic::error(
            Code::CidrNotCanonical,
            span,
            format!("`{key}` is not a canonical range"),
        )
        .label(format!("has bits set after /{}", range.prefix_len()))
        .write_text(&canonical.to_string()),
    )
}
