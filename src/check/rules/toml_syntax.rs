//! The file is not TOML. Found by the parser.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::TomlSyntax,
    severities: &[Severity::Error],
    what: "The file is not valid TOML.",
    why: "Nothing on such a line can be trusted, so that rules about it are left out until it is repaired.",
    wrong: "owner = payments-platform",
    right: "owner = \"payments-platform\"",
    check: None,
};
