//! An override that changes nothing. Found in the graph.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::NeedlessOverride,
    severities: &[Severity::Error],
    what: "\
        An override sets what the compiler sets by itself.",
    why: "\
        It would stand in the evidence as a deviation that is none, and would hide the next change of the \
        default.",
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
