//! An override whose ground has changed. Found in the graph.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::StaleOverride,
    severities: &[Severity::Error],
    what: "`replaces` differs from the value that the compiler sets.",
    why: "\
        An override was decided against a default. When a new version of the compiler, or another key, \
        changes that default, its owner has to decide again.",
    wrong: "\
        [overrides.\"database.instance\"]\n\
        argument = \"monitoring_interval\"\n\
        value = 30\n\
        replaces = 15",
    right: "\
        [overrides.\"database.instance\"]\n\
        argument = \"monitoring_interval\"\n\
        value = 30\n\
        replaces = 60",
    check: None,
};
