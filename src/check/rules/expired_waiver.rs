//! A waiver whose time is over. Found when waivers are applied.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::ExpiredWaiver,
    severities: &[Severity::Error],
    what: "A waiver has expired.",
    why: "\
        Waivers are temporary. Today is the clock's date in UTC, or `--today` of the command line. It \
        affects diagnostics only, never output.",
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
