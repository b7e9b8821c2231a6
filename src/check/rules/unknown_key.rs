//! A key that does not exist. Found while reading.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::UnknownKey,
    severities: &[Severity::Error],
    what: "The table has no such key.",
    why: "\
        Otherwise a misspelt key would be ignored, and its setting would silently keep the default. \
        docs/spec.md lists every key.",
    wrong: "[database]\nbackup_retention = 14",
    right: "[database]\nbackup_retention_days = 14",
    check: None,
};
