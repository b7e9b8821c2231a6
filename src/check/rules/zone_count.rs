//! Not three zones.

use crate::check::Rule;
use crate::check::context::Context;
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::ZoneCount,
    severities: &[Severity::Error],
    what: "The network does not have exactly three zones.",
    why: "\
        NET-1 requires three availability zones. Each has its own NAT gateway, which costs about 33 dollars \
        a month.",
    wrong: "zones = [\"use1-az1\", \"use1-az2\"]",
    right: "zones = [\"use1-az1\", \"use1-az2\", \"use1-az4\"]",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let zones = &context.environment.network.zones;
    if zones.len() == 3 || context.is_unusable("network.zones") {
        return;
    }
    let span = context.place("network.zones");
    found.push(
        Diagnostic::error(
            Code::ZoneCount,
            span,
            "the network needs exactly three zones",
        )
        .label(format!("NET-1 requires three, found {}", zones.len()))
        .write_value("zones", "[\"use1-az1\", \"use1-az2\", \"use1-az4\"]"),
    );
}
