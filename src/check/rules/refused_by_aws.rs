//! A value that AWS's own models refuse. It needs the arguments of all resources, so it is asked with the graph (`judge/models.rs`).

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::RefusedByAws,
    severities: &[Severity::Error],
    what: "\
        A key or an override gives an argument a value that AWS's model of the call does not allow: too \
        long, too large, of the wrong format, or not one of a list.",
    why: "\
        The deployment would fail half-way. Lengths, ranges, patterns and lists come from botocore's service \
        models and CloudFormation's schemas.",
    wrong: "argument = \"passthrough_behavior\"\nvalue = \"whatever\"",
    right: "argument = \"passthrough_behavior\"\nvalue = \"WHEN_NO_MATCH\"",
    check: None,
};
