//! Not three zones.

use crate::check::Rule;
use crate::check::context::Context;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::requirements::Class;

pub const RULE: Rule = Rule {
    code: Code::ZoneCount,
    severities: &[Severity::Error],
    what: "The network does not have exactly three zones, or in the class development two or three.",
    why: "\
        NET-1 requires three availability zones, and of development two: load balancer and database take no \
        less. Each has its own NAT gateway, which costs about 33 dollars \
        a month; development has one gateway.",
    wrong: "zones = [\"use1-az1\", \"use1-az2\"]",
    right: "zones = [\"use1-az1\", \"use1-az2\", \"use1-az4\"]",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let zones = &context.environment.network.zones;
    let is_development = context.environment.class == Class::Development;
    let (enough, count) = match is_development {
        true => (2..=3, "two or three"),
        false => (3..=3, "three"),
    };
    if enough.contains(&zones.len()) || context.is_unusable("network.zones") {
        return;
    }
    let span = context.place("network.zones");
    found.push(
        Diagnostic::error(
            Code::ZoneCount,
            span,
            match is_development {
                true => "the network needs two or three zones",
                false => "the network needs exactly three zones",
            },
        )
        .label(format!("NET-1 requires {count}, found {}", zones.len()))
        .write_value("zones", "[\"use1-az1\", \"use1-az2\", \"use1-az4\"]"),
    );
}
