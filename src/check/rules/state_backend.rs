//! Keys of `[state]` that do not fit its backend. Those of another backend are found while resolving.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::resolve::environment::Backend;

pub const RULE: Rule = Rule {
    code: Code::StateBackend,
    severities: &[Severity::Error],
    what: "A key of `[state]` belongs to another backend, or the KMS key is neither an ARN nor an alias.",
    why: "\
        The state lists every resource and contains secrets. Its location and its encryption key must be \
        unambiguous.",
    wrong: "[state]\nbackend = \"local\"\nbucket = \"our-pulumi-state\"",
    right: "[state]\nbackend = \"s3\"\nbucket = \"our-pulumi-state\"\nkms_key = \"alias/pulumi-state\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let Backend::S3 { kms_key, .. } = &context.environment.state.backend else {
        return;
    };
    let is_name = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_/:".contains(c))
    };
    let is_key = |text: &str| {
        let name = text
            .strip_prefix("alias/")
            .or_else(|| text.strip_prefix("arn:aws:kms:"));
        name.is_some_and(is_name)
    };
    let Some((key, span)) = written(kms_key).filter(|_| !is_key(kms_key)) else {
        return;
    };
    found.push(
        Diagnostic::error(
            Code::StateBackend,
            span,
            format!("`{key}` is not a KMS key"),
        )
        .label("neither an alias nor an ARN")
        .help("write \"alias/pulumi-state\" or \"arn:aws:kms:us-east-1:<account>:key/<id>\""),
    );
}
