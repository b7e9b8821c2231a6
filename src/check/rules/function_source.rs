//! A folder without function code. Found while resolving.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::FunctionSource,
    severities: &[Severity::Error],
    what: "\
        The folder with a function's code cannot be read, is reached through a symbolic link, or has no \
        module for the function's `handler`, which is handler.py unless the spec names another.",
    why: "Lambda imports the module and calls a function in it; without it every invocation fails.",
    wrong: "source = \"/home/me/refund\"",
    right: "source = \"functions/refund\"       # holds handler.py",
    check: None,
};
