//! A base that a spec cannot have.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::InvalidBase,
    severities: &[Severity::Error],
    what: "\
        `base` names a file that is no spec in the same folder, or one that has a base itself; or `without` \
        lists what the base does not have.",
    why: "\
        A spec with a base says only what differs: without the base, nothing else of it can be judged. One base \
        is as much as a reader follows: a base of a base, and with it every circle, is refused. The files that \
        a base names are found from its folder, which therefore is the spec's.",
    wrong: "base = \"../staging.toml\"",
    right: "base = \"staging.toml\"",
    check: None,
};
