//! A waiver whose time is over. Found when waivers are applied.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::ExpiredWaiver,
    severities: &[Severity::Error],
    what: "The last day of a waiver is over.",
    why: "\
        A waiver is a decision for a time. Today is what the clock says, in UTC, or the command line's \
        `--today`; it decides about diagnostics only, never about what is written.",
    wrong: "\
        [[waivers]]\n\
        rule = \"everybody-allowed\"\n\
        reason = \"public demonstration in December\"\n\
        owner = \"payments-platform\"\n\
        expires = 2025-12-31",
    right: "\
        [[waivers]]\n\
        rule = \"everybody-allowed\"\n\
        reason = \"public demonstration, prolonged\"\n\
        owner = \"payments-platform\"\n\
        expires = 2027-12-31",
    check: None,
};
