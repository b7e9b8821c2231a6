//! A word that is none of the few that a key takes. Found while resolving.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::InvalidChoice,
    severities: &[Severity::Error],
    what: "The value is not one of the values that the key accepts.",
    why: "Each value stands for a set of settings that work together.",
    wrong: "uses = { database = \"full\" }",
    right: "uses = { database = \"write\" }",
    check: None,
};
