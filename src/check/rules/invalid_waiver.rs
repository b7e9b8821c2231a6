//! A waiver of what cannot be waived, or without a name and a reason. Found while resolving, and when waivers are applied.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::InvalidWaiver,
    severities: &[Severity::Error],
    what: "A waiver names no rule or requirement, names one that cannot be waived, or has no reason or owner.",
    why: "\
        A waiver turns an error or a warning into a note until a date. It does not change the generated \
        project. Requirements that the project always meets have no switch, and cannot be waived.",
    wrong: "\
        [[waivers]]\n\
        requirement = \"DB-2\"\n\
        reason = \"one zone is enough\"\n\
        owner = \"payments-platform\"\n\
        expires = 2027-01-31",
    right: "\
        [[waivers]]\n\
        rule = \"everybody-allowed\"\n\
        reason = \"public demonstration in December\"\n\
        owner = \"payments-platform\"\n\
        expires = 2027-01-31",
    check: None,
};
