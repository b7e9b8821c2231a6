//! An allowed range that no client on the internet has.

use crate::catalogue::special_range;
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::UnreachableRange,
    severities: &[Severity::Warning],
    what: "The load balancer is opened for addresses that no client on the internet has: private or reserved ones.",
    why: "\
        The load balancer is public (LB-1): it sees the address that a client has on the internet. A network \
        of an office, a VPN or another VPC arrives with the address of its NAT, so that a private range lets \
        nobody in.",
    wrong: "allowed_cidrs = [\"10.20.0.0/16\"]",
    right: "allowed_cidrs = [\"203.0.113.0/24\"]      # the office's public addresses",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for range in &context.environment.load_balancer.allowed_cidrs {
        let (Some((_, span)), Some(special)) = (written(range), special_range(&range.value)) else {
            continue;
        };
        // One that overlaps the VPC's own is an error already.
        let vpc = &context.environment.network.cidr.value;
        if vpc.contains(&range.value) || range.contains(vpc) {
            continue;
        }
        found.push(
            Diagnostic::warning(
                Code::UnreachableRange,
                span,
                format!(
                    "no client on the internet has an address of {}",
                    range.value
                ),
            )
            .label(format!("{} ({})", special.what, special.source))
            .help("name the public addresses with which these clients arrive, or remove the range"),
        );
    }
}
