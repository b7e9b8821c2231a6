//! A key that does not exist. Found while reading.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::UnknownKey,
    severities: &[Severity::Error],
    what: "The table has no such key.",
    why: "\
        A misspelt key would otherwise be ignored, and the safeguard that it was meant to set would \
        silently keep its default. docs/spec.md has every key.",
    wrong: "[database]\nbackup_retention = 14",
    right: "[database]\nbackup_retention_days = 14",
    check: None,
};
