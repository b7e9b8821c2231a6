//! A waiver that covers nothing. Found when waivers are applied.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::UnusedWaiver,
    severities: &[Severity::Error],
    what: "A waiver matches no finding in the spec.",
    why: "It would cover the next finding of the same rule, which nobody has accepted.",
    wrong: "\
        [load_balancer]\n\
        allowed_cidrs = [\"203.0.113.0/24\"]\n\
        [[waivers]]\n\
        rule = \"everybody-allowed\"\n\
        reason = \"public demonstration in December\"\n\
        owner = \"payments-platform\"\n\
        expires = 2027-01-31",
    right: "[load_balancer]\nallowed_cidrs = [\"203.0.113.0/24\"]",
    check: None,
};
