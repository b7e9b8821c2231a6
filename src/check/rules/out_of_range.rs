//! Numbers outside of what AWS takes or what makes sense. What a key takes is declared with it; here stand the bounds that follow
//! from another key.

use crate::catalogue::instance_class;
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::format::{LONGEST_LOGS, Range};
use crate::number::grouped;
use crate::origin::Value;
use crate::spec::Beyond;

pub const RULE: Rule = Rule {
    code: Code::OutOfRange,
    severities: &[Severity::Error],
    what: "The number is outside the key's range.",
    why: "\
        AWS would reject it during the deployment, or an alarm could never fire. docs/spec.md lists each \
        key's range.",
    wrong: "memory_mib = 64",
    right: "memory_mib = 128",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    for Beyond { number, key } in context.beyond() {
        let Some(Range {
            because: Some(because),
            lowest,
            highest,
        }) = key.range_in(environment.class)
        else {
            continue;
        };
        if number.value > 0 || !key.is_off_at_zero {
            found.extend(judge(number, lowest, highest, because));
        }
    }
    for function in &environment.functions {
        let longest = function.timeout_seconds.max(1).saturating_mul(1_000);
        let because = "no longer than the function's timeout";
        found.extend(judge(&function.expected_duration_ms, 1, longest, because));
    }
    // What is locked longer would stay longer than it is said to be kept.
    let audit = &environment.audit;
    if environment.holds("KEEP-2") && audit.lock_days.value >= 365 {
        let because = "no longer than the records are kept: `audit.retention_days`";
        found.extend(judge(
            &audit.lock_days,
            365,
            audit.retention_days.value.max(365),
            because,
        ));
    }
    let of_all = environment.monitoring.log_retention_days.value;
    let because = "no shorter than what all logs are kept for: `monitoring.log_retention_days`";
    for (_, days) in environment.logs_kept_longer() {
        found.extend(judge(days, of_all.min(LONGEST_LOGS), LONGEST_LOGS, because));
    }
    let database = &environment.database;
    let most =
        instance_class(&database.instance_class).map_or(5_000, |class| class.max_connections());
    let most = most.saturating_sub(1);
    let because = "the instance class allows no more connections";
    found.extend(judge(&database.alarm_connections, 1, most, because));
    let least = database.storage_gib.value.saturating_sub(1).max(1);
    let because = "less than the storage, or it always fires";
    found.extend(judge(&database.alarm_free_storage_gib, 1, least, because));
}

fn judge(number: &Value<u64>, lowest: u64, highest: u64, because: &str) -> Option<Diagnostic> {
    let is_inside = (lowest..=highest).contains(&number.value);
    let (key, span) = written(number).filter(|_| !is_inside)?;
    let (word, nearest) = if number.value < lowest {
        ("small", lowest)
    } else {
        ("large", highest)
    };
    let name = key.rsplit('.').next().unwrap_or(key);
    let bounds = match highest {
        u64::MAX => format!("{} or more", grouped(lowest)),
        _ => format!("{} to {}", grouped(lowest), grouped(highest)),
    };
    Some(
        Diagnostic::error(Code::OutOfRange, span, format!("`{key}` is too {word}"))
            .label(format!("must be {bounds}: {because}"))
            .write_value(name, grouped(nearest)),
    )
}
