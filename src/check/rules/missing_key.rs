//! A key without a default was left out. Found while resolving.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::MissingKey,
    severities: &[Severity::Error],
    what: "A key or table without a default is missing.",
    why: "Keys without a default are decisions that only the team can make. docs/spec.md lists every key.",
    wrong: "[functions.refund]\nmemory_mib = 512",
    right: "[functions.refund]\nsource = \"functions/refund\"\nmemory_mib = 512",
    check: None,
};
