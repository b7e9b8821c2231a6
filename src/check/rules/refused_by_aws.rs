//! A value that AWS's own models refuse. It needs the arguments of all resources, so it is asked with the graph (`judge/models.rs`).

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::RefusedByAws,
    severities: &[Severity::Error],
    what: "\
        A key or an override gives an argument a value that AWS's own model of the call refuses: too long, too \
        large, of another form, or none of a list.",
    why: "\
        The deployment would end there, half-way. Lengths, ranges, patterns and lists are those of botocore's \
        service models and of CloudFormation's schemas.",
    wrong: "argument = \"passthrough_behavior\"\nvalue = \"whatever\"",
    right: "argument = \"passthrough_behavior\"\nvalue = \"WHEN_NO_MATCH\"",
    check: None,
};
