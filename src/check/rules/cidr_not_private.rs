//! A VPC range that belongs to somebody on the internet.

use ipnet::Ipv4Net;

use super::cidr_size::fitting;
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::CidrNotPrivate,
    severities: &[Severity::Error],
    what: "The VPC's range is not a private one.",
    why: "\
        Hosts on the internet that own these addresses could not be reached from the VPC. RFC 1918 sets \
        aside 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16.",
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
        .label("these addresses belong to somebody on the internet")
        .help("take one out of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16"),
    );
}
