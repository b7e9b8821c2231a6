//! An override of a resource that the graph does not have. Found in the graph.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::UnknownResource,
    severities: &[Severity::Error],
    what: "An override names a component or a resource that does not exist.",
    why: "An override without a target would seem to have an effect. `paystagec plan` lists the names.",
    wrong: "\
        [overrides.\"database.database\"]\n\
        argument = \"monitoring_interval\"\n\
        value = 30",
    right: "\
        [overrides.\"database.instance\"]\n\
        argument = \"monitoring_interval\"\n\
        value = 30",
    check: None,
};
