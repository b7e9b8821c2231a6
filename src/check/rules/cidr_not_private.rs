//! A VPC range that belongs to somebody on the internet.

use ipnet::Ipv4Net;

use super::cidr_size::fitting;
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::CidrNotPrivate,
    severities: &[Severity::Error],
    what: "The VPC's range is not private.",
    why: "\
        The VPC could not reach the hosts on the internet that have these addresses. RFC 1918 reserves \
        10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16 for private networks.",
    wrong: "cidr = \"11.40.0.0/16\"",
    right: "cidr = \"10.40.0.0/16\"",
    check: Some(check),
};

/// RFC 1918.
pub fn is_private(range: &Ipv4Net) -> bool {
    let last = range.broadcast();
    let first = range.network();
    let block = |address: std::net::Ipv4Addr| match address.octets() {
        [10, ..] => 1,
        [172, second, ..] if (16..32).contains(&second) => 2,
        [192, 168, ..] => 3,
        _ => 0,
    };
    block(first) != 0 && block(first) == block(last)
}

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let range = &context.environment.network.cidr;
    // One that is too large may only reach beyond what is private.
    let Some((key, span)) = written(range).filter(|_| !is_private(&fitting(range.value))) else {
        return;
    };
    found.push(
        Diagnostic::error(
            Code::CidrNotPrivate,
            span,
            format!("`{key}` is not a private range"),
        )
        .label("public addresses, owned by somebody on the internet")
        .help("use a range within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16"),
    );
}
