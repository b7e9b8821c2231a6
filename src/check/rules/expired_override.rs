//! An override whose time is over. Found with the environment.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::ExpiredOverride,
    severities: &[Severity::Error],
    what: "\
        The last day of an override is over.",
    why: "\
        An override is a decision for a time. Today is what the clock says, in UTC, or the command line's \
        `--today`; it decides about diagnostics only, never about what is written.",
    wrong: "\
        [overrides.\"database.instance\"]\n\
        argument = \"monitoring_interval\"\n\
        value = 30\n\
        replaces = 60\n\
        expires = 2025-12-31",
    right: "\
        [overrides.\"database.instance\"]\n\
        argument = \"monitoring_interval\"\n\
        value = 30\n\
        replaces = 60\n\
        expires = 2027-12-31",
    check: None,
};
