//! A VPC range that the address plan or AWS does not take.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

/// AWS takes nothing larger; below /20 a public subnet would have fewer addresses than a load balancer wants.
const LARGEST: u8 = 16;
const SMALLEST: u8 = 20;

pub const RULE: Rule = Rule {
    code: Code::CidrSize,
    severities: &[Severity::Error],
    what: "The VPC's range is larger than /16 or smaller than /20.",
    why: "\
        AWS takes no VPC larger than /16. Public subnets are 1/64 of the range, and a load balancer \
        needs a /27 at least, with addresses to spare in each subnet.",
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
    let (problem, nearest) = if prefix < LARGEST {
        ("too large", LARGEST)
    } else if prefix > SMALLEST {
        ("too small", SMALLEST)
    } else {
        return;
    };
    found.push(
        Diagnostic::error(
            Code::CidrSize,
            span,
            format!("`{key}` is {problem} for three zones"),
        )
        .label(format!("must be /{LARGEST} to /{SMALLEST}, is /{prefix}"))
        .help(format!("write \"{}/{nearest}\"", range.network())),
    );
}
