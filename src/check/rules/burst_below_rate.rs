//! A burst that keeps the rate from being reached.

use crate::check::Rule;
use crate::check::context::{Context, source, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::resolve::environment::Throttle;

pub const RULE: Rule = Rule {
    code: Code::BurstBelowRate,
    severities: &[Severity::Warning],
    what: "A throttle's burst is smaller than its rate per second.",
    why: "\
        The burst is how many requests may stand in line at once: with fewer than a second's worth, even \
        traffic at the rate is refused now and then.",
    wrong: "throttle = { rate_per_second = 50, burst = 10 }",
    right: "throttle = { rate_per_second = 50, burst = 100 }",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let api = &context.environment.api;
    found.extend(judge(&api.throttle));
    found.extend(api.plans.iter().filter_map(|plan| judge(&plan.throttle)));
}

fn judge(throttle: &Throttle) -> Option<Diagnostic> {
    let (rate, burst) = (&throttle.rate_per_second, &throttle.burst);
    // Nothing at all is out of range already.
    if burst.value == 0 || burst.value >= rate.value {
        return None;
    }
    let help = format!("write `burst = {}`", u64::from(rate.value) * 2);
    let message = "the burst is smaller than the rate";
    let warning = match (written(burst), written(rate)) {
        (Some((_, span)), rate_place) => {
            let label = format!("less than {} requests a second{}", rate.value, source(rate));
            let warning = Diagnostic::warning(Code::BurstBelowRate, span, message).label(label);
            match rate_place {
                Some((_, place)) => warning.secondary(place, "the rate"),
                None => warning,
            }
        }
        (None, Some((_, span))) => Diagnostic::warning(Code::BurstBelowRate, span, message)
            .label(format!("the burst is {}{}", burst.value, source(burst))),
        (None, None) => return None,
    };
    Some(warning.help(help))
}
