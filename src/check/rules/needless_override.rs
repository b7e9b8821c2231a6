//! An override that changes nothing. Found in the graph.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::NeedlessOverride,
    severities: &[Severity::Error],
    what: "An override sets the value that the compiler already sets.",
    why: "The evidence would list it as a deviation, and it would hide the next change of the default.",
    wrong: "\
        [overrides.\"database.instance\"]\n\
        argument = \"monitoring_interval\"\n\
        value = 60\n\
        replaces = 60",
    right: "\
        [overrides.\"database.instance\"]\n\
        argument = \"monitoring_interval\"\n\
        value = 30\n\
        replaces = 60",
    check: None,
};
