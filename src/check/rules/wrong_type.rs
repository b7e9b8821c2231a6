//! A value of the wrong type. Found while reading.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::WrongType,
    severities: &[Severity::Error],
    what: "The value has the wrong type.",
    why: "Values are never converted: a number in quotes may be a different mistake.",
    wrong: "storage_gib = \"20\"",
    right: "storage_gib = 20",
    check: None,
};
