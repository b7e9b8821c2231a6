//! An override of an argument that the SDK does not have. Found in the graph.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::UnknownArgument,
    severities: &[Severity::Error],
    what: "An override names an argument that the resource class does not have, or only a part of one.",
    why: "Pulumi would fail. Arguments are set as a whole, because their parts depend on each other.",
    wrong: "\
        [overrides.\"database.instance\"]\n\
        argument = \"monitoring_intervall\"\n\
        value = 30",
    right: "\
        [overrides.\"database.instance\"]\n\
        argument = \"monitoring_interval\"\n\
        value = 30",
    check: None,
};
