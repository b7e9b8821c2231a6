//! A loss of data that the spec does not state. Found by comparing the graph with that of the last commit.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::UnstatedLoss,
    severities: &[Severity::Error],
    what: "\
        Compared with the spec in `HEAD`, a resource is deleted or replaced that holds data or an identity which cannot be \
        had again: a database, a bucket, a key, an API key, a public address.",
    why: "\
        To Pulumi, a renamed key is a removed and an added one: it deletes the old resource with its data. \
        `renamed_from` states that both are one, `removed` that the loss is intended. \
        Without a git repository the rule does not run; `build` and `check` then say so.",
    wrong: "[api.plans.gold]      # was `[api.plans.partner]`, whose API key clients have",
    right: "[api.plans.gold]\nrenamed_from = \"partner\"",
    check: None,
};
