//! More allowed ranges than the public network ACL has rules for.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

/// Inbound rules of a network ACL, the default deny included: AWS's default quota (documented). Four are taken:
/// HTTPS from the private subnets, two ranges of ephemeral ports, the default deny. Each range needs two, for 443 and 80.
const MOST: usize = (20 - 4) / 2;

pub const RULE: Rule = Rule {
    code: Code::TooManyNetworks,
    severities: &[Severity::Error],
    what: "`allowed_cidrs` has more ranges than a network ACL has rules for.",
    why: "\
        A network ACL has 20 inbound rules (NET-7). Each allowed range needs two, for ports 443 and 80, and \
        four are in use.",
    wrong: "allowed_cidrs = [\"192.0.2.0/28\", \"192.0.2.16/28\", … nine in all]",
    right: "allowed_cidrs = [\"192.0.2.0/24\"]",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let ranges = &context.environment.load_balancer.allowed_cidrs;
    let Some((_, place)) = ranges.get(MOST).and_then(written) else {
        return;
    };
    let message = format!("{} allowed ranges, where {MOST} fit", ranges.len());
    found.push(
        Diagnostic::error(Code::TooManyNetworks, place, &message)
            .label("NET-7: the public network ACL has no rule left for this one")
            .help("merge neighbouring ranges into larger ones"),
    );
}
