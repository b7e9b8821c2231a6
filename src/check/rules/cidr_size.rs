//! A VPC range that the address plan or AWS does not take.

use ipnet::Ipv4Net;

use crate::catalogue::quotas;
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::resolve::addresses::subnets;

/// AWS takes nothing larger; below /20 a public subnet would have fewer addresses than a load balancer wants.
const LARGEST: u8 = 16;
const SMALLEST: u8 = 20;

pub const RULE: Rule = Rule {
    code: Code::CidrSize,
    severities: &[Severity::Error],
    what: "The VPC's range is larger than /16 or smaller than /20.",
    why: "\
        AWS accepts no VPC larger than /16. Each public subnet is 1/64 of the range. A load balancer needs \
        subnets of /27 or larger, with free addresses in each.",
    wrong: "cidr = \"10.40.0.0/24\"",
    right: "cidr = \"10.40.0.0/20\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let range = &context.environment.network.cidr;
    let prefix = range.prefix_len();
    let Some((key, span)) = written(range) else {
        return;
    };
    let problem = if prefix < LARGEST {
        "too large"
    } else if prefix > SMALLEST {
        "too small"
    } else {
        return;
    };
    let diagnostic = Diagnostic::error(
        Code::CidrSize,
        span,
        format!("`{key}` is {problem} for three zones"),
    )
    .label(format!("must be /{LARGEST} to /{SMALLEST}, is /{prefix}"))
    .write_text(&fitting(range.value).to_string());
    found.push(match shortage(range.value) {
        Some(shortage) => diagnostic.note(shortage),
        None => diagnostic,
    });
}

/// The range of a size that is taken, around the address that was written.
pub fn fitting(range: Ipv4Net) -> Ipv4Net {
    let prefix = range.prefix_len().clamp(LARGEST, SMALLEST);
    Ipv4Net::new(range.addr(), prefix).map_or(range, |range| range.trunc())
}

/// Addresses that a public subnet must have: a NAT gateway, and room for the load balancer to grow, twice because it is
/// replaced by making the new one first.
fn public_need() -> u64 {
    1 + 2 * quotas().load_balancer_free_addresses.value
}

/// Addresses that a private subnet must have: the functions, which have one security group; the database, and the instance
/// that takes its place. The endpoint of S3 is a route and has none.
fn private_need() -> u64 {
    quotas().function_interfaces.value + 2
}

/// Addresses of a subnet that are there for use.
fn usable(subnet: Ipv4Net) -> u64 {
    let all = 1u64 << (32 - subnet.prefix_len());
    all.saturating_sub(quotas().subnet_reserved_addresses.value)
}

/// What is missing in the subnets of a range. Zones have equal ones: the first slot speaks for all.
fn shortage(vpc: Ipv4Net) -> Option<String> {
    let Some((public, private)) = subnets(vpc, 1) else {
        return Some("the range cannot be cut into subnets".to_owned());
    };
    let prefix = quotas().load_balancer_prefix.value;
    if u64::from(public.prefix_len()) > prefix || usable(public) < public_need() {
        return Some(format!(
            "\
                a public subnet would be a /{} with {} usable addresses; a load balancer needs a /{prefix}, \
                and with the NAT gateway {} addresses",
            public.prefix_len(),
            usable(public),
            public_need()
        ));
    }
    (usable(private) < private_need()).then(|| {
        format!(
            "a private subnet would have {} usable addresses; functions and database need {}",
            usable(private),
            private_need()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::{LARGEST, SMALLEST, shortage};
    use ipnet::Ipv4Net;
    use std::net::Ipv4Addr;

    fn vpc(prefix: u8) -> Ipv4Net {
        Ipv4Net::new(Ipv4Addr::new(10, 40, 0, 0), prefix).unwrap()
    }

    #[test]
    fn ranges_that_are_taken_have_addresses_for_every_interface() {
        for prefix in LARGEST..=SMALLEST {
            assert_eq!(shortage(vpc(prefix)), None, "/{prefix}");
        }
        for prefix in SMALLEST + 2..=30 {
            assert!(shortage(vpc(prefix)).is_some(), "/{prefix}");
        }
    }
}
