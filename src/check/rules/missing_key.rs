//! A key without a default was left out. Found while resolving.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::MissingKey,
    severities: &[Severity::Error],
    what: "A key or table that has no default was left out.",
    why: "Everything that has one right value has a default; what is left is the team's to decide. docs/spec.md has every key.",
    wrong: "[functions.refund]\nmemory_mib = 512",
    right: "[functions.refund]\nsource = \"functions/refund\"\nmemory_mib = 512",
    check: None,
};
