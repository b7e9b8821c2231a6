//! A name that leaves no room for the suffix. Applied to the resource graph: see `judge/names.rs`.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::NameTooLong,
    severities: &[Severity::Error],
    what: "A resource's name is longer than AWS allows, or leaves fewer than eight characters for the suffix.",
    why: "\
        Names are `type-role-environment-suffix`. The name of a target group has at most 32 characters, and \
        copies of the environment need suffixes such as `pr1234`.",
    wrong: "[environment]\nname = \"staging-of-the-payments-platform\"",
    right: "[environment]\nname = \"staging\"",
    check: None,
};
