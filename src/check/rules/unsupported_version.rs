//! A version of the format that this compiler does not read. Found while resolving.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::UnsupportedVersion,
    severities: &[Severity::Error],
    what: "The spec is written in a version of the format that this compiler does not know.",
    why: "A key may mean something else there.",
    wrong: "version = 2",
    right: "version = 1",
    check: None,
};
