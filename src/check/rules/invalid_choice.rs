//! A word that is none of the few that a key takes. Found while resolving.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::InvalidChoice,
    severities: &[Severity::Error],
    what: "The key takes one of a few words, and this is none of them.",
    why: "The words stand for settings that are known to work together.",
    wrong: "uses = { database = \"full\" }",
    right: "uses = { database = \"write\" }",
    check: None,
};
