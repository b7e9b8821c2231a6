//! A version of the format that this compiler does not read. Found while resolving.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::UnsupportedVersion,
    severities: &[Severity::Error],
    what: "This compiler does not support the spec's version of the format.",
    why: "Keys may have another meaning in that version.",
    wrong: "version = 2",
    right: "version = 1",
    check: None,
};
