//! An override without reason or owner, or a second one of the same argument. Found with the environment and the graph.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::InvalidOverride,
    severities: &[Severity::Error],
    what: "\
        An override has no reason or owner, or the argument is set twice.",
    why: "\
        An override stands in the code and in the evidence, where reviewers and auditors read who decided, \
        and why; two of one argument would leave open which of them counts.",
    wrong: "\
        [overrides.\"database.instance\"]\n\
        argument = \"monitoring_interval\"\n\
        value = 30\n\
        replaces = 60\n\
        reason = \"\"\n\
        owner = \"payments-platform\"\n\
        expires = 2027-03-01",
    right: "\
        [overrides.\"database.instance\"]\n\
        argument = \"monitoring_interval\"\n\
        value = 30\n\
        replaces = 60\n\
        reason = \"follow fail-overs more closely in the load tests\"\n\
        owner = \"payments-platform\"\n\
        expires = 2027-03-01",
    check: None,
};
