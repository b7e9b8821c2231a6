//! A schedule that EventBridge does not take.

use std::ops::Range;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::check::schedule::judge;
use crate::diagnostic::{Code, Diagnostic, Edit, Severity};

pub const RULE: Rule = Rule {
    code: Code::InvalidSchedule,
    severities: &[Severity::Error, Severity::Warning],
    what: "A function's `schedule` is neither a `rate(…)` nor a `cron(…)` expression of EventBridge, or never runs.",
    why: "\
        EventBridge rejects the rule at deployment. A rate counts minutes, hours or days, in the singular \
        after 1; `cron` has six fields in UTC: minute (0-59), hour (0-23), day of the month (1-31, L, W), \
        month (1-12 or JAN-DEC), day of the week (1-7 or SUN-SAT, 1 is Sunday, L, #) and year (1970-2199). \
        Either the day of the month or the day of the week is `?`. Expressions that EventBridge accepts but \
        never runs, and forms that its guide does not document, are warnings.",
    wrong: "schedule = \"rate(1 minutes)\"",
    right: "schedule = \"rate(1 minute)\"             # or \"cron(0 6 * * ? *)\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let schedules = context
        .environment
        .functions
        .iter()
        .filter_map(|function| function.schedule.as_ref());
    for schedule in schedules {
        let Some((key, span)) = written(schedule) else {
            continue;
        };
        for fault in judge(schedule, context.today.year()) {
            let place = inside(&span, schedule, &fault.place);
            let diagnostic = if fault.is_error {
                let message = format!("`{key}` is not a schedule expression");
                Diagnostic::error(Code::InvalidSchedule, place, message)
            } else {
                let message = format!("`{key}` may not run as intended");
                Diagnostic::warning(Code::InvalidSchedule, place, message)
            };
            let diagnostic = diagnostic.label(fault.label);
            found.push(with_remedy(diagnostic, fault.help, &span));
        }
    }
}

/// The help, and as an edit where it is what stands at the place, or the whole string.
fn with_remedy(told: Diagnostic, help: String, whole: &Range<usize>) -> Diagnostic {
    let between = |open: &str, close: &str| {
        let right = help.strip_prefix(open)?.strip_suffix(close)?;
        (!right.contains(['`', '"'])).then(|| right.to_owned())
    };
    let (text, part) = (between("write \"", "\""), between("write `", "`"));
    let told = told.help(help);
    match (text, part) {
        (Some(text), _) => told.suggest(Edit::Replace(whole.clone(), format!("\"{text}\""))),
        (None, Some(part)) if told.span != *whole => told.replace_with(part),
        _ => told,
    }
}

/// The bytes of the spec that hold a part of the schedule: the whole string where it has escapes or other quotes, or all of it is meant.
fn inside(span: &Range<usize>, schedule: &str, part: &Range<usize>) -> Range<usize> {
    let is_plain = span.len() == schedule.len() + 2;
    if !is_plain || part.len() == schedule.len() || part.is_empty() {
        return span.clone();
    }
    let start = span.start + 1;
    start + part.start..start + part.end
}
