//! Real card data in an environment that forgets too soon.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::RealCardData,
    severities: &[Severity::Error],
    what: "The spec declares that the environment holds real card data.",
    why: "\
        Logs are kept for 30 days (MON-1) and audit records for 90 (S3-3), but PCI DSS 10.5.1 requires \
        twelve months of audit history.",
    wrong: "real_card_data = true",
    right: "real_card_data = false",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let declared = &context.environment.real_card_data;
    let Some((_, span)) = written(declared).filter(|_| declared.value) else {
        return;
    };
    found.push(
        Diagnostic::error(
            Code::RealCardData,
            span,
            "this environment must not hold real card data",
        )
        .label("PCI DSS 10.5.1 requires 12 months of audit history")
        .note("logs are kept 30 days (MON-1) and audit records 90 days (S3-3)")
        .help("write `real_card_data = false` and use test cards only")
        .replace_with("false"),
    );
}
