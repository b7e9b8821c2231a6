//! How many executions of functions the API may ask for at once: what its throttle admits, by how long a function is expected
//! to take. What comes through the load balancer has no throttle but the firewall's, which counts each address by itself, and
//! is left out.

use std::collections::BTreeSet;

use crate::check::context::{Context, written};
use crate::diagnostic::Diagnostic;
use crate::number::grouped;
use crate::resolve::environment::{Environment, Function};

/// The most executions at once that the API's throttle lets come about.
pub struct Demand {
    pub peak: u64,
    /// How it is computed.
    pub because: String,
}

/// What these functions may be asked for. Requests of the whole API share one throttle, so that the worst case is that all of
/// them go to the slowest of the functions. Nothing if the API calls none of them.
pub fn of<'a>(
    environment: &Environment,
    called: &Called<'_>,
    functions: impl Iterator<Item = &'a Function>,
) -> Option<Demand> {
    let slowest = functions
        .filter(|function| called.contains(function.key.as_str()))
        .map(|function| function.expected_duration_ms.value)
        .max()?;
    let throttle = &environment.api.throttle;
    let (rate, burst) = (throttle.rate_per_second.value, throttle.burst.value);
    // A full bucket is emptied at once, and while the first request still runs it is filled again at the rate.
    let meanwhile = (rate * slowest).div_ceil(1_000);
    Some(Demand {
        peak: burst + meanwhile,
        because: format!(
            "a burst of {} and {} requests a second, each taking {} ms (`expected_duration_ms`)",
            grouped(burst),
            grouped(rate),
            grouped(slowest)
        ),
    })
}

/// Names of functions.
pub type Called<'a> = BTreeSet<&'a str>;

/// The functions that the API calls.
pub fn called_by_api(environment: &Environment) -> Called<'_> {
    let routes = environment.api.routes.iter();
    routes.map(|route| route.function.as_str()).collect()
}

/// Shows the throttle too, where it was written.
pub fn with_throttle(context: &Context<'_>, diagnostic: Diagnostic) -> Diagnostic {
    let throttle = &context.environment.api.throttle;
    let place = written(&throttle.rate_per_second).or_else(|| written(&throttle.burst));
    match place {
        Some((_, span)) if span != diagnostic.span => {
            diagnostic.secondary(span, "the API's throttle")
        }
        _ => diagnostic,
    }
}
