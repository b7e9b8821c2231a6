//! A folder without function code. Found while resolving.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::FunctionSource,
    severities: &[Severity::Error],
    what: "\
        The folder with a function's code cannot be read, is reached through a symbolic link, or has no \
        handler.py.",
    why: "Lambda calls `handler.handle`; without it every invocation fails.",
    wrong: "source = \"/home/me/refund\"",
    right: "source = \"functions/refund\"       # holds handler.py",
    check: None,
};
