//! A schedule that EventBridge does not take.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::InvalidSchedule,
    severities: &[Severity::Error],
    what: "A function's `schedule` is neither `rate(…)` nor `cron(…)` as EventBridge reads them.",
    why: "\
        EventBridge refuses the rule when it is deployed. A rate counts minutes, hours or days, in the \
        singular after 1; `cron` has six fields in UTC, and either the day of the month or the day of \
        the week is `?`.",
    wrong: "schedule = \"rate(1 minutes)\"",
    right: "schedule = \"rate(1 minute)\"             # or \"cron(0 6 * * ? *)\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for schedule in context
        .environment
        .functions
        .iter()
        .filter_map(|function| function.schedule.as_ref())
    {
        let (Some((key, span)), Err((label, help))) = (written(schedule), judge(schedule)) else {
            continue;
        };
        found.push(
            Diagnostic::error(
                Code::InvalidSchedule,
                span,
                format!("`{key}` is no schedule"),
            )
            .label(label)
            .help(help),
        );
    }
}

/// What is wrong with it, and what to write.
fn judge(schedule: &str) -> Result<(), (String, String)> {
    let inside = |word: &str| schedule.strip_prefix(word)?.strip_suffix(')');
    if let Some(rate) = inside("rate(") {
        return judge_rate(rate);
    }
    if let Some(fields) = inside("cron(") {
        return judge_cron(fields);
    }
    Err((
        "begins with neither `rate(` nor `cron(`, or does not end with `)`".to_owned(),
        "write \"rate(5 minutes)\", or \"cron(0 6 * * ? *)\" for six in the morning, UTC"
            .to_owned(),
    ))
}

fn judge_rate(rate: &str) -> Result<(), (String, String)> {
    let (number, unit) = rate.split_once(' ').unwrap_or((rate, ""));
    let singular = unit.strip_suffix('s').unwrap_or(unit);
    let known = ["minute", "hour", "day"].contains(&singular);
    let Some(number) = number
        .parse::<u32>()
        .ok()
        .filter(|number| *number > 0 && known)
    else {
        return Err((
            "a rate is a number above 0 and `minutes`, `hours` or `days`".to_owned(),
            "write for example \"rate(5 minutes)\"".to_owned(),
        ));
    };
    let right = if number == 1 {
        singular.to_owned()
    } else {
        format!("{singular}s")
    };
    if unit == right {
        return Ok(());
    }
    Err((
        format!("EventBridge wants `{right}` after {number}"),
        format!("write \"rate({number} {right})\""),
    ))
}

fn judge_cron(fields: &str) -> Result<(), (String, String)> {
    let fields: Vec<&str> = fields.split(' ').collect();
    let [.., day, _, weekday, _] = fields.as_slice() else {
        return Err(six_fields(fields.len()));
    };
    if fields.len() != 6 {
        return Err(six_fields(fields.len()));
    }
    let may_hold = |c: char| c.is_ascii_alphanumeric() || ",-*?/#".contains(c);
    if let Some(field) = fields
        .iter()
        .find(|field| field.is_empty() || !field.chars().all(may_hold))
    {
        return Err((
            format!("`{field}` is no field of a schedule"),
            "separate the fields by one space each".to_owned(),
        ));
    }
    if (*day == "?") == (*weekday == "?") {
        return Err((
            "either the day of the month or the day of the week has to be `?`".to_owned(),
            "write for example \"cron(0 6 * * ? *)\"".to_owned(),
        ));
    }
    Ok(())
}

fn six_fields(count: usize) -> (String, String) {
    (
        format!("has {count} fields, and six are needed"),
        "write minute, hour, day of the month, month, day of the week and year: \
         \"cron(0 6 * * ? *)\""
            .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn schedules_of_eventbridge_are_taken_and_others_are_not() {
        for right in [
            "rate(1 minute)",
            "rate(5 minutes)",
            "rate(12 hours)",
            "rate(1 day)",
            "cron(0 6 * * ? *)",
            "cron(0/15 8-17 ? * MON-FRI *)",
            "cron(0 9 ? * 2#1 *)",
        ] {
            assert_eq!(judge(right), Ok(()), "{right}");
        }
        for wrong in [
            "",
            "5 minutes",
            "rate(5 minutes",
            "rate(1 minutes)",
            "rate(5 minute)",
            "rate(0 minutes)",
            "rate(-1 minutes)",
            "rate(5 weeks)",
            "rate(5)",
            "rate(5  minutes)",
            "cron(0 6 * * *)",
            "cron(0 6 * * * *)",
            "cron(0 6 ? * ? *)",
            "cron(0  6 * * ? *)",
            "cron(0 6 * * ? é)",
        ] {
            assert!(judge(wrong).is_err(), "{wrong}");
        }
    }
}
