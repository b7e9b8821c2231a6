//! Currencies of `[payments]` that no payment could be in.

use crate::catalogue::currencies;
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
        A currency of `[payments.currencies]` is not one of ISO 4217's with minor units, its `minimum` \
        is above its `maximum`, or there are more than 60 of them.",
    why: "\
        The functions get the limits through an environment variable: Lambda takes 4 KB of all \
        variables together, and a function would refuse to start with a currency that it cannot count in.",
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
                    format!("`{code}` is no currency"),
                )
                .label("not a code of ISO 4217 with minor units")
                .help("a code has three capital letters, such as USD"),
            );
            if let (Some(best), Some(told)) = (best, found.pop()) {
                found.push(told.did_you_mean_name(best));
            }
            continue;
        }
        found.extend(crossed(currency));
    }
    if let Some((_, span)) = all.get(MOST).and_then(|first| written(&first.code)) {
        found.push(
            Diagnostic::error(Code::InvalidCurrency, span, "too many currencies")
                .label(format!("number {} of {}", MOST + 1, all.len()))
                .note("Lambda takes 4 KB of all environment variables together")
                .help(format!("keep to {MOST}")),
        );
    }
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
        format!("`{key}` leaves no amount that is accepted"),
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
