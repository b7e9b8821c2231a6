//! A value that a requirement forbids. Keys such as `multi_az`, which do not exist, are found while reading.

use crate::catalogue::life_cycle;
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Edit, Severity};
use crate::format::{Key, RawAudit, RawDatabase, RawKeys, RawMonitoring};
use crate::origin::Value;
use crate::requirements::POSTGRES;

pub const RULE: Rule = Rule {
    code: Code::RequirementSwitchedOff,
    severities: &[Severity::Error],
    what: "The value, or an unknown key, would switch off a requirement.",
    why: "The environment always meets these requirements; the spec cannot switch one off.",
    wrong: "[database]\nmulti_az = false",
    right: "[database]                            # always Multi-AZ: DB-2",
    check: Some(check),
};

/// Keys that may have one value only, which a requirement gives them.
pub const FIXED_KEYS: [(&str, &str); 3] = [
    ("environment.region", "REG-1"),
    ("audit.retention_days", "S3-3"),
    ("monitoring.log_retention_days", "MON-1"),
];

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let region = &environment.region;
    let version = &environment.database.version;
    let backups = &environment.database.backup_retention_days;
    let usual_backups = RawDatabase::backup_retention_days.default_in(environment.class);
    let usual_backups = usual_backups.map_or(String::new(), |usual| usual.value.to_string());
    let sampling = &environment.tracing.sampling_percent;
    let refusals = [
        refuse(
            region,
            *region.value != *"us-east-1",
            "REG-1",
            "deploys to us-east-1",
            "\"us-east-1\"",
        ),
        refuse(
            version,
            // A newer one is refused by a rule of its own, which can be waived.
            life_cycle(version).is_none(),
            "DB-1",
            &format!("PostgreSQL {POSTGRES}.x"),
            &format!("\"{POSTGRES}\""),
        ),
        refuse(
            backups,
            backups.value == 0,
            "DB-3",
            "automated backups with a retention",
            &usual_backups,
        ),
        refuse(
            sampling,
            sampling.value == 0,
            "XR-1",
            "a transaction can be found by its payment id",
            "100",
        ),
    ];
    found.extend(refusals.into_iter().flatten());
    found.extend(only_numbers(context));
}

/// Numbers that a requirement of the class leaves no choice about.
fn only_numbers(context: &Context<'_>) -> Vec<Diagnostic> {
    let environment = context.environment;
    let numbers: [(&Value<u64>, &Key, &str, &str); 4] = [
        (
            &environment.database.backup_retention_days,
            &RawDatabase::backup_retention_days,
            "DB-3",
            "backups are kept",
        ),
        (
            &environment.audit.retention_days,
            &RawAudit::retention_days,
            "S3-3",
            "retention on all buckets is",
        ),
        (
            &environment.monitoring.log_retention_days,
            &RawMonitoring::log_retention_days,
            "MON-1",
            "log groups keep",
        ),
        (
            &environment.keys.deletion_window_days,
            &RawKeys::deletion_window_days,
            "KEEP-1",
            "a key can be restored for",
        ),
    ];
    let refused = numbers.into_iter().filter_map(|(value, key, id, words)| {
        let range = key.range_in(environment.class)?;
        let is_only = range.because.is_none() && range.lowest == range.highest;
        let is_broken = is_only && value.value != 0 && !range.contains(value.value);
        let only = range.lowest.to_string();
        let words = format!("{words} {only} days");
        refuse(value, is_broken, id, &words, &only)
    });
    refused.collect()
}

fn refuse<T: std::fmt::Display>(
    value: &Value<T>,
    is_broken: bool,
    requirement: &str,
    words: &str,
    right: &str,
) -> Option<Diagnostic> {
    let (key, span) = written(value).filter(|_| is_broken)?;
    let message = format!(
        "`{key}` cannot be {}: requirement {requirement}",
        value.value
    );
    let value_span = span.clone();
    let name = key.rsplit('.').next().unwrap_or(key);
    Some(
        Diagnostic::error(Code::RequirementSwitchedOff, span, message)
            .label(format!("{requirement}: {words}"))
            .help(format!("remove the line, or write `{name} = {right}`"))
            .suggest(Edit::Remove(value_span))
            .replace_with(right),
    )
}
