//! An override of what a key of the spec or a requirement decides. Found in the graph.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::ClosedArgument,
    severities: &[Severity::Error],
    what: "\
        An override sets an argument that a key of the spec or a requirement decides, that is no plain \
        value, or that is not open.",
    why: "\
        Overrides are bounded: none takes a requirement away, as the first example would take DB-2, and \
        none hides behind a key that says something else. What has a key is set there; what is open, the \
        help lists.",
    wrong: "\
        [overrides.\"database.instance\"]\n\
        argument = \"multi_az\"\n\
        value = false\n\
        replaces = true",
    right: "\
        [overrides.\"database.instance\"]\n\
        argument = \"monitoring_interval\"\n\
        value = 30\n\
        replaces = 60",
    check: None,
};
