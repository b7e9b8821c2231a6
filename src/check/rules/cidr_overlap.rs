//! Ranges that contain one another.

use super::cidr_size::fitting;
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::CidrOverlap,
    severities: &[Severity::Error],
    what: "Two of the allowed ranges overlap, or one overlaps the VPC's range.",
    why: "\
        Each range becomes a security group rule, and the wider range already covers the narrower one. \
        Traffic from inside the VPC does not reach an internet-facing load balancer from a private address.",
    wrong: "allowed_cidrs = [\"203.0.113.0/24\", \"203.0.113.7/32\"]",
    right: "allowed_cidrs = [\"203.0.113.0/24\"]",
    check: Some(check),
};

/// Each range is compared with this many before it: of more than that another rule tells that they are too many.
const MOST_COMPARED: usize = 100;

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let vpc = &context.environment.network.cidr;
    let ranges = &context.environment.load_balancer.allowed_cidrs;
    for (index, range) in ranges.iter().enumerate() {
        let Some((key, span)) = written(range) else {
            continue;
        };
        let overlaps =
            |other: &ipnet::Ipv4Net| other.contains(&range.value) || range.contains(other);
        // The range of everything is another rule's business.
        if range.prefix_len() == 0 {
            continue;
        }
        let earlier = ranges
            .iter()
            .take(index.min(MOST_COMPARED))
            .find(|other| overlaps(other) && other.prefix_len() > 0);
        let (other, label) = match (earlier, written(vpc)) {
            (Some(other), _) => (written(other), "the other range"),
            (None, Some(place)) if overlaps(&fitting(vpc.value)) => {
                (Some(place), "the VPC's range")
            }
            (None, _) => continue,
        };
        let mut diagnostic = Diagnostic::error(
            Code::CidrOverlap,
            span,
            format!("`{key}` overlaps another range"),
        )
        .label("these addresses are in both")
        .help("keep the wider of the two, or make them disjoint");
        if let Some((_, place)) = other {
            diagnostic = diagnostic.secondary(place, label);
        }
        found.push(diagnostic);
    }
}
