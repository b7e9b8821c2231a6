//! Limits of a plan that another limit keeps it from.

use crate::check::Rule;
use crate::check::context::{Context, source, written};
use crate::diagnostic::{Code, Diagnostic, Edit, Severity};
use crate::format::QUOTA;
use crate::number::grouped;
use crate::origin::Value;
use crate::resolve::environment::{Firewall, Plan};

pub const RULE: Rule = Rule {
    code: Code::UnreachableLimit,
    severities: &[Severity::Warning],
    what: "A plan allows a rate at which the firewall blocks a client, or a quota that its rate can never use up.",
    why: "\
        The firewall evaluates requests before the API and limits each address over five minutes. A client \
        that keeps to its plan from one address gets a 403 instead of a 429. A quota above what the throttle \
        admits in the period has no effect.",
    wrong: "\
        [api.plans.partner]\n\
        throttle = { rate_per_second = 20, burst = 40 }\n\
        [firewall]\n\
        requests_per_five_minutes = 2_000",
    right: "\
        [api.plans.partner]\n\
        throttle = { rate_per_second = 20, burst = 40 }\n\
        [firewall]\n\
        requests_per_five_minutes = 6_000",
    check: Some(check),
};

const FIVE_MINUTES: u64 = 300;
const DAY: u64 = 86_400;

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    for plan in &environment.api.plans {
        if environment.firewall.enabled.value {
            found.extend(firewall(plan, &environment.firewall));
        }
        found.extend(quota(plan));
    }
}

/// Only a rate that was written for the plan is a promise to its clients.
fn firewall(plan: &Plan, firewall: &Firewall) -> Option<Diagnostic> {
    let rate = &plan.throttle.rate_per_second;
    let limit = &firewall.requests_per_five_minutes;
    let sum = rate.value * FIVE_MINUTES;
    let (key, span) = written(rate).filter(|_| sum > limit.value)?;
    let all = grouped(sum);
    let message =
        format!("the firewall blocks a client with one address before it reaches `{key}`");
    let told = Diagnostic::warning(Code::UnreachableLimit, span, message)
        .label(format!(
            "{} a second are {all} in five minutes, and the firewall allows {} per address{}",
            grouped(rate.value),
            grouped(limit.value),
            source(limit)
        ))
        .help(match limit.value / FIVE_MINUTES {
            // No plan has a rate of nothing.
            0 => format!("write `requests_per_five_minutes = {all}` or more in `[firewall]`"),
            most => format!(
                "write `requests_per_five_minutes = {all}` or more in `[firewall]`, or at most {most} here"
            ),
        });
    let told = match written(limit) {
        Some((_, place)) => told.suggest(Edit::Replace(place, all)),
        None => told.replace_with(grouped((limit.value / FIVE_MINUTES).max(1))),
    };
    Some(beside(told, limit, "the firewall's"))
}

fn quota(plan: &Plan) -> Option<Diagnostic> {
    let days = match plan.quota_period.as_str() {
        "DAY" => 1,
        "WEEK" => 7,
        _ => 31,
    };
    let rate = &plan.throttle.rate_per_second;
    let most = rate.value * DAY * days + plan.throttle.burst.value;
    let quota = &plan.quota_requests;
    // More than AWS counts is out of range by itself, and so is a rate of nothing.
    let is_above = quota.value > most && quota.value <= QUOTA.highest && rate.value > 0;
    let (key, span) = written(quota).filter(|_| is_above)?;
    let most = grouped(most);
    let told = Diagnostic::warning(
        Code::UnreachableLimit,
        span,
        format!("`{key}` can never be used up"),
    )
    .label(format!(
        "{} a second{} admit {most} requests in the period",
        grouped(rate.value),
        source(rate)
    ))
    .help(format!("write {most} or less, or raise the plan's rate"))
    .replace_with(most);
    Some(beside(told, rate, "the plan's rate"))
}

fn beside(told: Diagnostic, value: &Value<u64>, label: &str) -> Diagnostic {
    match written(value) {
        Some((_, place)) => told.secondary(place, label),
        None => told,
    }
}
