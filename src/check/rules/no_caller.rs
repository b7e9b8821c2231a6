//! Merchants for whom nobody can pay.

use std::collections::BTreeSet;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Edit, Severity};

pub const RULE: Rule = Rule {
    code: Code::NoCaller,
    severities: &[Severity::Warning],
    what: "An active merchant has neither an API key nor a client certificate.",
    why: "\
        `builtin:validate-payment` and `builtin:payment-status` answer a merchant's own callers only: requests with \
        its API keys or its client certificate. The merchant of a body or a path alone proves nothing. The spec does not know \
        callers that are written to the database in another way.",
    wrong: "[payments.merchants.mer_acme0001]\n[payments.merchants.mer_bookshop1]",
    right: "\
        [payments.merchants.mer_acme0001]\n\
        plan = \"partner\"\n\
        [payments.merchants.mer_bookshop1]\n\
        subject = \"CN=bookshop,O=Bookshop\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let merchants = &environment.payments.merchants;
    let mut functions = environment.functions.iter();
    if !functions.any(|function| function.is_builtin("validate-payment")) {
        return;
    }
    // The first plan that nobody has named.
    let taken: BTreeSet<&str> = merchants
        .iter()
        .filter_map(|merchant| Some(merchant.plan.as_ref()?.as_str()))
        .collect();
    let mut plans = environment.api.plans.iter();
    let free = plans.find(|plan| !taken.contains(plan.key.as_str()));
    let has_all = environment.only_merchant();
    for merchant in merchants {
        // Who names some has them, and is told where they are wrong.
        let names_some = merchant.plan.is_some()
            || environment.subject_of(merchant).is_some()
            || !merchant.keys.is_empty();
        // And so has the only one, as soon as there are keys.
        let is_called = names_some || has_all.is_some_and(|only| std::ptr::eq(only, merchant));
        let Some((path, span)) = written(&merchant.id) else {
            continue;
        };
        if merchant.status.value != "active" || is_called || context.is_unusable(path) {
            continue;
        }
        let id = &merchant.id.value;
        let diagnostic = Diagnostic::warning(
            Code::NoCaller,
            span.clone(),
            format!("nobody can pay as `{id}`"),
        )
        .label("has no API key and no client certificate");
        found.push(match free {
            Some(plan) => {
                let line = format!("plan = \"{}\"", plan.key.value);
                diagnostic
                    .help(format!("add `{line}`, or the `subject` of its certificate"))
                    .suggest(Edit::AddTo(span, line))
            }
            None => diagnostic.help(
                "add a plan for it and its name as `plan`, or the `subject` of its certificate",
            ),
        });
    }
}
