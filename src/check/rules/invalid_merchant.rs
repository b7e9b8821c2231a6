//! Ids of merchants that no payment can name.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::InvalidMerchant,
    severities: &[Severity::Error],
    what: "A merchant in `[payments.merchants]` has an id that no payment can refer to.",
    why: "The built-in functions accept ids of `mer_` and 6 to 32 letters or digits only.",
    wrong: "[payments.merchants.acme]",
    right: "[payments.merchants.mer_acme0001]",
    check: Some(check),
};

const PREFIX: &str = "mer_";

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for merchant in &context.environment.payments.merchants {
        let Some((_, span)) = written(&merchant.id).filter(|_| !is_id(&merchant.id)) else {
            continue;
        };
        found.push(
            Diagnostic::error(
                Code::InvalidMerchant,
                span,
                format!("`{}` is not a merchant id", merchant.id.value),
            )
            .label("not `mer_` and 6 to 32 letters or digits")
            .help("write an id such as `mer_acme0001`"),
        );
    }
}

fn is_id(id: &str) -> bool {
    id.strip_prefix(PREFIX).is_some_and(|rest| {
        (6..=32).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}
