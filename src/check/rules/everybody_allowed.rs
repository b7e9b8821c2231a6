//! A staging environment that is open to the internet, or to a large part of it.

use ipnet::Ipv4Net;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::number::grouped;

pub const RULE: Rule = Rule {
    code: Code::EverybodyAllowed,
    severities: &[Severity::Warning],
    what: "\
        The load balancer is open to the whole internet, or to more addresses than a /8, in one range or in \
        all ranges together.",
    why: "\
        NET-6 allows open ingress at the load balancer only, but a staging environment has known clients, \
        and scanners find an open one within minutes. `0.0.0.0/1` and `128.0.0.0/1` together are the whole \
        internet, and no office or partner has 16 million addresses.",
    wrong: "allowed_cidrs = [\"0.0.0.0/1\", \"128.0.0.0/1\"]",
    right: "allowed_cidrs = [\"203.0.113.0/24\"]",
    check: Some(check),
};

/// Addresses of a /8, the most that anybody has: more are strangers'.
const MOST: u64 = 1 << 24;

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let ranges = &context.environment.load_balancer.allowed_cidrs;
    let all: Vec<Ipv4Net> = ranges.iter().map(|range| range.value).collect();
    // Overlapping ranges count once.
    let sum: u64 = Ipv4Net::aggregate(&all).iter().map(addresses).sum();
    if sum <= MOST {
        return;
    }
    let is_wide = |range: &Ipv4Net| addresses(range) > MOST;
    let any_is_wide = all.iter().any(is_wide);
    let written = ranges
        .iter()
        .filter_map(|range| Some((range.value, written(range)?.1)));
    let mut places = written.filter(|(range, _)| is_wide(range) || !any_is_wide);
    if any_is_wide {
        for (range, span) in places {
            let (message, label) = match range.prefix_len() {
                0 => (
                    "the whole internet may reach the load balancer".to_owned(),
                    "every IPv4 address".to_owned(),
                ),
                _ => (
                    "a large part of the internet may reach the load balancer".to_owned(),
                    format!("{} addresses", grouped(addresses(&range))),
                ),
            };
            found.push(tell(span, message, label));
        }
        return;
    }
    let Some((_, span)) = places.next() else {
        return;
    };
    let message = "a large part of the internet may reach the load balancer".to_owned();
    let label = format!("{} addresses in all ranges together", grouped(sum));
    let told = tell(span, message, label);
    found.push(places.fold(told, |told, (_, span)| {
        told.secondary(span, "and this range")
    }));
}

fn tell(span: std::ops::Range<usize>, message: String, label: String) -> Diagnostic {
    Diagnostic::warning(Code::EverybodyAllowed, span, message)
        .label(label)
        .help("list the ranges of offices and partners instead")
}

fn addresses(range: &Ipv4Net) -> u64 {
    1 << (32 - u32::from(range.prefix_len()))
}
