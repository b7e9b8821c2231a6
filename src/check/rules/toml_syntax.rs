//! The file is not TOML. Found by the parser.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::TomlSyntax,
    severities: &[Severity::Error],
    what: "The file is not valid TOML.",
    why: "The compiler ignores such a line, and skips rules that need it, until it is corrected.",
    wrong: "owner = payments-platform",
    right: "owner = \"payments-platform\"",
    check: None,
};
