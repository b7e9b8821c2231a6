//! A module of the team's own that cannot be copied and called. Found while resolving.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::InvalidExtension,
    severities: &[Severity::Error],
    what: "\
        An extension is no file that can be read, has a name that Python modules cannot have, stands \
        twice, or has no function `extend`.",
    why: "\
        The file is copied into the package `extensions` of the generated project under its own name, and \
        `extend(environment, naming, opts)` is called after the components.",
    wrong: "extensions = [\"../more resources.py\"]",
    right: "extensions = [\"../more_resources.py\"]   # has `def extend(environment, naming, opts)`",
    check: None,
};
