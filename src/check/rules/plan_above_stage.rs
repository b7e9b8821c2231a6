//! A plan that promises more than the stage admits.

use crate::check::Rule;
use crate::check::context::{Context, source, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::number::grouped;
use crate::origin::Value;

pub const RULE: Rule = Rule {
    code: Code::PlanAboveStage,
    severities: &[Severity::Warning],
    what: "A plan's throttle is above the API's.",
    why: "The stage's throttle applies to all requests together, so the plan's can never be reached.",
    wrong: "\
        [api]\n\
        throttle = { rate_per_second = 50, burst = 100 }\n\
        [api.plans.partner]\n\
        throttle = { rate_per_second = 80, burst = 100 }",
    right: "\
        [api]\n\
        throttle = { rate_per_second = 50, burst = 100 }\n\
        [api.plans.partner]\n\
        throttle = { rate_per_second = 20, burst = 40 }",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let api = &context.environment.api;
    for plan in &api.plans {
        found.extend(judge(
            &plan.throttle.rate_per_second,
            &api.throttle.rate_per_second,
        ));
        found.extend(judge(&plan.throttle.burst, &api.throttle.burst));
    }
}

fn judge(plan: &Value<u64>, stage: &Value<u64>) -> Option<Diagnostic> {
    let (key, span) = written(plan).filter(|_| plan.value > stage.value)?;
    let warning = Diagnostic::warning(
        Code::PlanAboveStage,
        span,
        format!("`{key}` can never be reached"),
    )
    .label(format!(
        "the whole API is throttled to {}{}",
        grouped(stage.value),
        source(stage)
    ))
    .help(match stage.value {
        0 => "raise the API's throttle".to_owned(),
        most => format!(
            "write {} or less, or raise the API's throttle",
            grouped(most)
        ),
    });
    Some(match written(stage) {
        Some((_, place)) => warning.secondary(place, "the API's"),
        None => warning,
    })
}
