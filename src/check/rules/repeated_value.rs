//! A value that its base has already.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::RepeatedValue,
    severities: &[Severity::Warning],
    what: "A key has the value that the spec's base gives it.",
    why: "\
        A spec with a base shows how the environment differs. A line that repeats the base hides that, and \
        stays behind when the base changes.",
    wrong: "base = \"staging.toml\"             # which has storage_gib = 20\n[database]\nstorage_gib = 20",
    right: "base = \"staging.toml\"",
    check: None,
};
