//! An allowed range that no client on the internet has.

use crate::catalogue::special_range;
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::UnreachableRange,
    severities: &[Severity::Warning],
    what: "`allowed_cidrs` contains private or reserved addresses, which no client on the internet has.",
    why: "\
        The load balancer is public (LB-1) and sees a client's public address. Clients in an office network, \
        a VPN or another VPC arrive with the address of their NAT, so a private range admits nobody.",
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
            .help("list the public addresses of these clients, or remove the range"),
        );
    }
}
