//! One zone twice.

use std::collections::BTreeMap;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::DuplicateZone,
    severities: &[Severity::Error],
    what: "A zone is listed twice.",
    why: "Two sets of subnets in one zone fail together. NET-1 requires three zones.",
    wrong: "zones = [\"use1-az1\", \"use1-az1\", \"use1-az2\"]",
    right: "zones = [\"use1-az1\", \"use1-az2\", \"use1-az4\"]",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen = BTreeMap::new();
    for zone in &context.environment.network.zones {
        let Some((_, span)) = written(&zone.id) else {
            continue;
        };
        if let Some(first) = seen.get(zone.id.as_str()) {
            let first: &std::ops::Range<usize> = first;
            found.push(
                Diagnostic::error(
                    Code::DuplicateZone,
                    span,
                    format!("the zone `{}` is listed twice", zone.id.value),
                )
                .label("again")
                .secondary(first.clone(), "first here")
                .help("replace one of the two with another zone"),
            );
        } else {
            seen.insert(zone.id.as_str(), span);
        }
    }
}
