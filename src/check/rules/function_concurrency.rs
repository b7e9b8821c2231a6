//! More requests at once than functions may run.

use crate::catalogue::quotas;
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::check::demand::{self, Called, Demand};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::number::grouped;
use crate::resolve::environment::Function;

pub const RULE: Rule = Rule {
    code: Code::FunctionConcurrency,
    severities: &[Severity::Warning],
    what: "\
        The API's throttle admits more concurrent requests than the function's reserved concurrency or the \
        account's concurrency; or the reservations exceed what an account allows.",
    why: "\
        Lambda throttles the excess, and the client gets a 500 for a request that the API admitted. The \
        concurrency is the burst, plus the requests that arrive during `expected_duration_ms`.",
    wrong: "\
        [api]\n\
        throttle = { rate_per_second = 50, burst = 100 }\n\
        [functions.validate-payment]\n\
        reserved_concurrency = 50\n\
        expected_duration_ms = 400",
    right: "\
        [api]\n\
        throttle = { rate_per_second = 50, burst = 100 }\n\
        [functions.validate-payment]\n\
        reserved_concurrency = 120\n\
        expected_duration_ms = 400",
    check: Some(check),
};

/// Reservations that a report points at beside the first: of thousands, nobody looks at each.
const MOST_SHOWN: usize = 20;

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let called = demand::called_by_api(environment);
    for function in &environment.functions {
        let demand = demand::of(environment, &called, std::iter::once(function));
        found.extend(demand.and_then(|demand| reservation(context, function, &demand)));
    }
    found.extend(account(context, &called));
    found.extend(all_reservations(context));
}

/// New accounts have less than what the rule counts with.
fn new_accounts() -> String {
    format!(
        "the default concurrency of an account is {}; new accounts start at {}, without reservations",
        quotas().function_concurrency.value,
        quotas().new_account_concurrency.value
    )
}

fn reservation(context: &Context<'_>, function: &Function, demand: &Demand) -> Option<Diagnostic> {
    let reserved = function.reserved_concurrency.as_ref()?;
    let (_, span) = written(reserved).filter(|_| reserved.value < demand.peak)?;
    // Nothing at all is out of range already.
    if reserved.value == 0 {
        return None;
    }
    let name = &function.key.value;
    let diagnostic = Diagnostic::warning(
        Code::FunctionConcurrency,
        span,
        format!("the API admits more concurrent requests than the function `{name}` can run"),
    )
    .label(format!(
        "up to {} concurrent requests",
        grouped(demand.peak)
    ))
    .note(format!("{}; {}", demand.because, new_accounts()))
    .help(format!(
        "write `reserved_concurrency = {}`, or lower the API's throttle",
        grouped(demand.peak)
    ))
    .replace_with(grouped(demand.peak));
    Some(demand::with_throttle(context, diagnostic))
}

fn reserved(context: &Context<'_>) -> u64 {
    let functions = context.environment.functions.iter();
    functions
        .filter_map(|function| function.reserved_concurrency.as_ref())
        .map(|number| number.value)
        .sum()
}

/// Functions without a reservation share what the others leave.
fn account(context: &Context<'_>, called: &Called<'_>) -> Option<Diagnostic> {
    let environment = context.environment;
    let functions = environment.functions.iter();
    let unreserved = functions.filter(|function| function.reserved_concurrency.is_none());
    let demand = demand::of(environment, called, unreserved)?;
    let left = quotas()
        .function_concurrency
        .value
        .saturating_sub(reserved(context));
    if demand.peak <= left {
        return None;
    }
    let throttle = &environment.api.throttle;
    let place = written(&throttle.rate_per_second).or_else(|| written(&throttle.burst));
    let span = place.map_or_else(|| context.place("api.throttle"), |(_, span)| span);
    Some(
        Diagnostic::warning(
            Code::FunctionConcurrency,
            span,
            "the API admits more concurrent requests than an account can run",
        )
        .label(format!(
            "up to {} concurrent requests, and {left} can run",
            grouped(demand.peak)
        ))
        .note(format!("{}; {}", demand.because, new_accounts()))
        .help("lower the throttle, or have the account's quota raised and waive this rule"),
    )
}

fn all_reservations(context: &Context<'_>) -> Option<Diagnostic> {
    let quotas = quotas();
    let most = quotas
        .function_concurrency
        .value
        .saturating_sub(quotas.unreserved_concurrency.value);
    let sum = reserved(context);
    if sum <= most {
        return None;
    }
    let functions = context.environment.functions.iter();
    let mut places = functions
        .filter_map(|function| written(function.reserved_concurrency.as_ref()?))
        .map(|(_, span)| span);
    let mut diagnostic = Diagnostic::warning(
        Code::FunctionConcurrency,
        places.next()?,
        "the reservations exceed what an account allows",
    )
    .label(format!(
        "{} in total, and {most} can be reserved",
        grouped(sum)
    ))
    .note(format!(
        "Lambda keeps {} for functions without a reservation; {}",
        quotas.unreserved_concurrency.value,
        new_accounts()
    ))
    .help("reserve less, or have the account's quota raised and waive this rule");
    for span in places.take(MOST_SHOWN) {
        diagnostic = diagnostic.secondary(span, "and this");
    }
    Some(diagnostic)
}
