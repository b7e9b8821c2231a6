//! A waiver of what cannot be waived, or without a name and a reason. Found while resolving, and when waivers are applied.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::InvalidWaiver,
    severities: &[Severity::Error],
    what: "\
        A waiver names no rule or requirement, or one that cannot be waived, or has no reason or owner.",
    why: "\
        A waiver accepts a finding and leaves the generated project as the spec describes it. Only what \
        the project can carry can be accepted; the requirements that its resources and tests are built \
        on have no switch, and a waiver would only pretend to be one.",
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
