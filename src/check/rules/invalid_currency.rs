//! Currencies of `[payments]` that no payment could be in.

use crate::catalogue::{currencies, largest_amount};
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::number::grouped;
use crate::resolve::environment::Currency;
use crate::spec::nearest;

pub const RULE: Rule = Rule {
    code: Code::InvalidCurrency,
    severities: &[Severity::Error],
    what: "\
        A currency in `[payments.currencies]` is not an ISO 4217 currency with minor units, its `maximum` has \
        more than ten digits before the decimal point, its `minimum` is above its `maximum`, or there are more \
        than 60 currencies.",
    why: "\
        The functions get the limits in an environment variable. Lambda allows 4 KB for all variables \
        together, and a function fails to start with a currency that it does not know.",
    wrong: "[payments.currencies.EURO]\nmaximum = 950_000",
    right: "[payments.currencies.EUR]\nmaximum = 950_000",
    check: Some(check),
};

/// As many fit into the environment of a function, beside all that is there already.
const MOST: usize = 60;

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let all = &context.environment.payments.currencies;
    for currency in all {
        let Some((_, span)) = written(&currency.code) else {
            continue;
        };
        if !currencies().any(|known| known == currency.code.value) {
            let code = &currency.code.value;
            let best = nearest(&code.to_uppercase(), currencies());
            found.push(
                Diagnostic::error(
                    Code::InvalidCurrency,
                    span,
                    format!("`{code}` is not a currency"),
                )
                .label("not a code of ISO 4217 with minor units")
                .help("a code has three capital letters, such as USD"),
            );
            if let (Some(best), Some(told)) = (best, found.pop()) {
                found.push(told.did_you_mean_name(best));
            }
            continue;
        }
        found.extend(too_large(currency).or_else(|| crossed(currency)));
    }
    if let Some((_, span)) = all.get(MOST).and_then(|first| written(&first.code)) {
        found.push(
            Diagnostic::error(Code::InvalidCurrency, span, "too many currencies")
                .label(format!("number {} of {}", MOST + 1, all.len()))
                .note("Lambda allows 4 KB for all environment variables together")
                .help(format!("list at most {MOST}")),
        );
    }
}

/// A limit that no amount reaches, as the functions take none above the currency's own.
fn too_large(currency: &Currency) -> Option<Diagnostic> {
    let code = &currency.code.value;
    let most = largest_amount(code)?;
    let (key, span) = written(&currency.maximum)?;
    if currency.maximum.value <= most {
        return None;
    }
    let most = grouped(most);
    Some(
        Diagnostic::error(
            Code::InvalidCurrency,
            span,
            format!("`{key}` is more than a payment in {code} may be"),
        )
        .label("more than ten digits before the decimal point")
        .help(format!("write `maximum = {most}` or less"))
        .replace_with(most),
    )
}

fn crossed(currency: &Currency) -> Option<Diagnostic> {
    let (minimum, maximum) = (&currency.minimum, &currency.maximum);
    let (key, span) = written(minimum)?;
    // A maximum of nothing is out of range already.
    if minimum.value <= maximum.value || maximum.value == 0 {
        return None;
    }
    let most = grouped(maximum.value);
    let diagnostic = Diagnostic::error(
        Code::InvalidCurrency,
        span,
        format!("`{key}` accepts no amount"),
    )
    .label(format!(
        "the minimum {} is above the maximum {most}",
        grouped(minimum.value)
    ))
    .help(format!(
        "write `minimum = {most}` or less, or raise `maximum`"
    ))
    .replace_with(most);
    Some(match written(maximum) {
        Some((_, span)) => diagnostic.secondary(span, "the maximum"),
        None => diagnostic,
    })
}
