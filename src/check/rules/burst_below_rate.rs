//! A burst that keeps the rate from being reached.

use crate::check::Rule;
use crate::check::context::{Context, source, written};
use crate::diagnostic::{Code, Diagnostic, Edit, Severity};
use crate::format::BURST;
use crate::number::grouped;
use crate::resolve::environment::Throttle;

pub const RULE: Rule = Rule {
    code: Code::BurstBelowRate,
    severities: &[Severity::Warning],
    what: "A throttle's burst is smaller than its rate per second.",
    why: "\
        The burst is the size of the token bucket. If it holds less than one second of traffic, some \
        requests are throttled even at the allowed rate.",
    wrong: "throttle = { rate_per_second = 50, burst = 10 }",
    right: "throttle = { rate_per_second = 50, burst = 100 }",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let api = &context.environment.api;
    found.extend(judge(context, &api.throttle));
    found.extend(
        api.plans
            .iter()
            .filter_map(|plan| judge(context, &plan.throttle)),
    );
}

fn judge(context: &Context<'_>, throttle: &Throttle) -> Option<Diagnostic> {
    let (rate, burst) = (&throttle.rate_per_second, &throttle.burst);
    // Nothing at all is out of range already.
    if burst.value == 0 || burst.value >= rate.value {
        return None;
    }
    let most = BURST.highest;
    let right = grouped(rate.value.saturating_mul(2).min(most));
    let help = if rate.value > most {
        format!("lower the rate: a burst is {most} at the most")
    } else {
        format!("write `burst = {right}`")
    };
    let message = "the burst is smaller than the rate";
    let warning = match (written(burst), written(rate)) {
        (Some((_, span)), rate_place) => {
            let label = format!(
                "less than {} requests a second{}",
                grouped(rate.value),
                source(rate)
            );
            let warning = Diagnostic::warning(Code::BurstBelowRate, span, message).label(label);
            match rate_place {
                Some((_, place)) => warning.secondary(place, "the rate"),
                None => warning,
            }
        }
        (None, Some((_, span))) => Diagnostic::warning(Code::BurstBelowRate, span, message).label(
            format!("the burst is {}{}", grouped(burst.value), source(burst)),
        ),
        (None, None) => return None,
    };
    let warning = warning.help(help);
    if rate.value > most {
        return Some(warning);
    }
    let table = written(rate).and_then(|(key, _)| key.rsplit_once('.'));
    Some(match (written(burst), table) {
        (Some(_), _) => warning.replace_with(right),
        (None, Some((table, _))) => {
            let line = format!("burst = {right}");
            warning.suggest(Edit::AddTo(context.place(table), line))
        }
        (None, None) => warning,
    })
}
