//! Payments that nobody can make.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::NoMerchant,
    severities: &[Severity::Warning],
    what: "A function validates payments, but no merchant in `[payments.merchants]` is active.",
    why: "\
        `builtin:validate-payment` rejects payments of unknown and of inactive merchants. The spec does not \
        know merchants that are written to the database in another way.",
    wrong: "[payments.merchants.mer_acme0001]\nstatus = \"closed\"",
    right: "[payments.merchants.mer_acme0001]\nstatus = \"active\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let merchants = &environment.payments.merchants;
    if merchants
        .iter()
        .any(|merchant| merchant.status.value == "active")
    {
        return;
    }
    let mut validating = environment
        .functions
        .iter()
        .filter(|function| function.is_builtin("validate-payment"));
    let Some((_, span)) = validating.find_map(|function| written(&function.source)) else {
        return;
    };
    let (label, help) = if merchants.is_empty() {
        (
            "rejects all payments: it knows no merchant",
            "add `[payments.merchants.mer_acme0001]`, or fill the table `merchants` in another way",
        )
    } else {
        (
            "rejects all payments: no merchant is active",
            "set `status = \"active\"` for at least one merchant",
        )
    };
    found.push(
        Diagnostic::warning(Code::NoMerchant, span, "no merchant can receive payments")
            .label(label)
            .help(help),
    );
}
