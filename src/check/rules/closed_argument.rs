//! An override of what a key of the spec or a requirement decides. Found in the graph.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::ClosedArgument,
    severities: &[Severity::Error],
    what: "\
        An override sets an argument that a key of the spec or a requirement fixes, that is not a plain \
        value, or that cannot be overridden.",
    why: "\
        Overrides are limited: they cannot break a requirement, as the first example would break DB-2, and \
        cannot contradict a key of the spec. Set an argument with a key there. The help lists the arguments \
        that can be overridden.",
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
