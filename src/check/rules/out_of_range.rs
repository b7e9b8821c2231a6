//! Numbers outside of what AWS takes or what makes sense.

use crate::catalogue::instance_class;
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::origin::Value;
use crate::resolve::environment::{Payments, Throttle};

pub const RULE: Rule = Rule {
    code: Code::OutOfRange,
    severities: &[Severity::Error],
    what: "The number is smaller or larger than the key takes.",
    why: "AWS would refuse it during the deployment, or an alarm could never fire.",
    wrong: "memory_mib = 64",
    right: "memory_mib = 128",
    check: Some(check),
};

/// Lowest, highest, and whose rule it is.
pub type Range = (u32, u32, &'static str);

/// Of an alarm that rings above it.
pub const PERCENT: Range = (1, 99, "a percentage, and nothing is above 100");
pub const STORAGE: Range = (20, 65_536, "what RDS takes of gp3 storage");
pub const RETENTION: Range = (
    7,
    35,
    "a week to notice a mistake (RDS.11), and RDS keeps no backup for longer",
);
pub const MEMORY: Range = (128, 10_240, "what Lambda takes");
pub const TIMEOUT: Range = (1, 900, "what Lambda takes");
pub const CONCURRENCY: Range = (
    1,
    1_000,
    "zero would switch the function off, and an account has 1,000 unless raised",
);
pub const RATE: Range = (1, 10_000, "an account's quota for all its APIs");
pub const BURST: Range = (1, 5_000, "an account's quota for all its APIs");
/// A 32-bit integer with a sign: botocore's `QuotaSettings`.
pub const QUOTA: Range = (1, 2_147_483_647, "what API Gateway counts");
pub const PRIORITY: Range = (1, 50_000, "what listener rules take");
pub const WINDOW: Range = (7, 30, "what KMS takes");
pub const ROTATION: Range = (90, 2_560, "what KMS takes");
pub const WAF: Range = (10, 2_000_000_000, "what a rate rule of WAF takes");
/// The functions take no payment above this, whatever the currency.
pub const AMOUNT: Range = (1, 99_999_999, "what the functions count in minor units");
pub const VELOCITY: Range = (1, 1_000_000, "a limit of nothing accepts no payment");
pub const VELOCITY_SECONDS: Range = (1, 3_600, "longer spans make every payment slow");
pub const IDEMPOTENCY: Range = (1, 168, "an hour to repeat a request, and a week at most");
pub const OUTBOX_AGE: Range = (60, 86_400, "a run of the relay at least, and a day at most");
pub const BUDGET: Range = (1, u32::MAX, "an environment costs something");

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let mut numbers: Vec<(&Value<u32>, Range)> = Vec::new();
    database(context, &mut numbers);
    for function in &environment.functions {
        numbers.push((&function.memory_mib, MEMORY));
        numbers.push((&function.timeout_seconds, TIMEOUT));
        let longest = function.timeout_seconds.max(1).saturating_mul(1_000);
        numbers.push((
            &function.expected_duration_ms,
            (1, longest, "no longer than the function's timeout"),
        ));
        numbers.push((&function.alarm_error_percent, PERCENT));
        numbers.extend(
            function
                .reserved_concurrency
                .iter()
                .map(|number| (number, CONCURRENCY)),
        );
    }
    let api = &environment.api;
    throttle(&api.throttle, &mut numbers);
    numbers.push((&api.alarm_4xx_percent, PERCENT));
    numbers.push((&api.alarm_5xx_percent, PERCENT));
    for plan in &api.plans {
        throttle(&plan.throttle, &mut numbers);
        numbers.push((&plan.quota_requests, QUOTA));
    }
    numbers.extend(
        environment
            .load_balancer
            .routes
            .iter()
            .map(|route| (&route.priority, PRIORITY)),
    );
    numbers.push((&environment.keys.deletion_window_days, WINDOW));
    numbers.push((&environment.keys.rotation_days, ROTATION));
    // Nothing at all is another rule's business: it switches a requirement off.
    numbers.push((
        &environment.tracing.sampling_percent,
        (0, 100, "a percentage"),
    ));
    numbers.push((&environment.firewall.requests_per_five_minutes, WAF));
    payments(&environment.payments, &mut numbers);
    numbers.extend(
        environment
            .monthly_budget_usd
            .iter()
            .map(|number| (number, BUDGET)),
    );
    found.extend(
        numbers
            .into_iter()
            .filter_map(|(number, range)| judge(number, range)),
    );
}

fn database<'a>(context: &Context<'a>, numbers: &mut Vec<(&'a Value<u32>, Range)>) {
    let database = &context.environment.database;
    let most =
        instance_class(&database.instance_class).map_or(5_000, |class| class.max_connections());
    // None at all is DB-3 switched off, which has a rule of its own.
    if database.backup_retention_days.value > 0 {
        numbers.push((&database.backup_retention_days, RETENTION));
    }
    numbers.extend([
        (&database.storage_gib, STORAGE),
        (&database.max_storage_gib, STORAGE),
        (&database.alarm_cpu_percent, PERCENT),
        (
            &database.alarm_connections,
            (
                1,
                most.saturating_sub(1),
                "the instance class allows no more connections",
            ),
        ),
        (
            &database.alarm_free_storage_gib,
            (
                1,
                database.storage_gib.value.saturating_sub(1).max(1),
                "less than the storage, or it always fires",
            ),
        ),
    ]);
}

fn payments<'a>(payments: &'a Payments, numbers: &mut Vec<(&'a Value<u32>, Range)>) {
    numbers.extend([
        (&payments.velocity.payments, VELOCITY),
        (&payments.velocity.seconds, VELOCITY_SECONDS),
        (&payments.idempotency_hours, IDEMPOTENCY),
        (&payments.alarm_rejection_percent, PERCENT),
        (&payments.alarm_outbox_age_seconds, OUTBOX_AGE),
    ]);
    for currency in &payments.currencies {
        numbers.extend([(&currency.minimum, AMOUNT), (&currency.maximum, AMOUNT)]);
    }
}

fn throttle<'a>(throttle: &'a Throttle, numbers: &mut Vec<(&'a Value<u32>, Range)>) {
    numbers.push((&throttle.rate_per_second, RATE));
    numbers.push((&throttle.burst, BURST));
}

fn judge(number: &Value<u32>, (lowest, highest, because): Range) -> Option<Diagnostic> {
    let is_inside = (lowest..=highest).contains(&number.value);
    let (key, span) = written(number).filter(|_| !is_inside)?;
    let (word, nearest) = if number.value < lowest {
        ("small", lowest)
    } else {
        ("large", highest)
    };
    let name = key.rsplit('.').next().unwrap_or(key);
    let bounds = match highest {
        u32::MAX => format!("{lowest} or more"),
        _ => format!("{lowest} to {highest}"),
    };
    Some(
        Diagnostic::error(Code::OutOfRange, span, format!("`{key}` is too {word}"))
            .label(format!("must be {bounds}: {because}"))
            .write_value(name, nearest),
    )
}
