//! `[functions.*]`.

use super::database::PERCENT;
use super::forms::{KEBAB, RELATIVE};
use super::prelude::*;
use super::services::LONGEST_LOGS;
use super::uses::RawBatch;
use crate::catalogue::{self, reserved_names};

/// Longest short name: `tg-<short name>-<environment>-<suffix>` must stay within 32 characters.
pub const SHORT_NAME_LENGTH: usize = 10;

const LONGEST_SECONDS: u64 = 900;

/// What Lambda takes as the name of an environment variable: botocore, lambda, `EnvironmentVariableName`.
const VARIABLE: &str = "^[A-Za-z][A-Za-z0-9_]+$";

/// Module and function, as Python names them. Lambda takes at most 128 characters: botocore, lambda, `Handler`.
const HANDLER: &str = "^[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)+$";

/// What each function is told by the compiler, or by what it uses.
pub const OWN_VARIABLES: [&str; 12] = [
    "AUDIT_BUCKET",
    "DATABASE_HOST",
    "DATABASE_NAME",
    "DATABASE_PORT",
    "DATABASE_SECRET_ARN",
    "DATABASE_USER",
    "ENVIRONMENT",
    "LOG_LEVEL",
    "PAYMENT_RULES",
    "POWERTOOLS_METRICS_NAMESPACE",
    "POWERTOOLS_SERVICE_NAME",
    "SECRETS",
];

table! {
    "functions.*", "A function", "Named in lower-case words joined by hyphens.", RawFunction => FunctionSettings;

    own source: text,
        "Code", "A folder relative to the spec with the function's code, or code that comes with the compiler: `builtin:validate-payment`, `builtin:health`.",
        required(), form(RELATIVE), examples(&["builtin:validate-payment", "builtin:health", "functions/refund"]);

    own short_name: text,
        "Short name", "For resources whose names must be short. Left out, the first words of the name that fit.",
        form(KEBAB), max_length(SHORT_NAME_LENGTH), examples(&["validate"]);

    own renamed_from: text,
        "Former name", "What the function was called in the stacks that still have it. Its physical names contain the key, so each of its resources is replaced: the new one is created first.",
        form(KEBAB), examples(&["validate"]);

    key handler: text default("handler.handle", "the file and the function that the code of the compiler has"),
        "Handler", "Of a function of your own, what Lambda calls with an event and a context: module and function, with points between, as Lambda writes it. `app.main` is `main` in `app.py` of the folder.",
        form(HANDLER), examples(&["app.main", "refunds.entry.handle"]), serves("FN-1");

    key runtime: text default("python3.13", "supported until 2029"),
        "Runtime", "Python of the function.", one_of(runtimes), serves("FN-1");

    key architecture: text default("arm64", "a fifth cheaper than x86_64 for the same work"),
        "Architecture", "Processor of the function.", choices(&["arm64", "x86_64"]);

    key memory_mib: number default(256, "enough for a handler with a database client"),
        "Memory", "The share of a processor grows with it.",
        unit("MiB"), range(128, 10_240, "what Lambda takes"), examples(&["128", "512"]);

    key timeout_seconds: number default(10, "well under the API's 29 seconds"),
        "Timeout", "The longest that one call may take. Behind the API at most 28, behind the load balancer alone at most 59.",
        unit("seconds"), range(1, LONGEST_SECONDS, "what Lambda takes");

    key expected_duration_ms: number default(500, "two statements of the database and a record in S3, with room"),
        "Expected duration", "How long a usual call takes; with the throttles it says how many calls run at a time.",
        unit("milliseconds"), at_most_within(1, 1_000 * LONGEST_SECONDS);

    key log_level: text default("INFO", "every transaction is traceable without debug output"),
        "Log level", "What is logged, and everything graver.", choices(&["DEBUG", "INFO", "WARN", "ERROR"]), serves("MON-1");

    key log_retention_days: number optional,
        "Retention of its logs", "How long the function's logs are kept, where they are needed for longer than other logs. Left out, `monitoring.log_retention_days`.",
        unit("days"), at_most_within(1, LONGEST_LOGS), examples(&["365"]), serves("MON-1");

    key reserved_concurrency: number optional,
        "Reserved concurrency", "The most calls at a time, kept free for this function. Left out, it shares the account's.",
        unit("calls at a time"), range(1, 1_000, "zero would switch the function off, and an account has 1,000 unless raised"), examples(&["20"]);

    key schedule: text optional,
        "Schedule", "When the function is called by itself: `rate(1 minute)`, or `cron(0 6 * * ? *)` in UTC. Left out, never.",
        form("^(rate|cron)\\(.+\\)$"), examples(&["rate(1 minute)", "cron(0 6 * * ? *)"]);

    key library: text optional,
        "Library", "Of a function of your own: `payments` is what the built-in functions share, packaged beside its code for `from payments.cards import redact`. Left out, nothing.",
        choices(&["payments"]), serves("FN-1");

    own environment: named_texts,
        "Environment variables", "What a function of your own is told, by name. Never a secret: whoever may see the function's settings reads them.",
        names(|| VARIABLE.to_owned()), none_of(taken_variables), examples(&["{ PROCESSOR_URL = \"https://processor.example/v2\" }"]), serves("FN-2");

    own consumes: text,
        "Consumed queue", "The queue whose messages call the function. It is told by `batchItemFailures` in the answer which of them failed; the others are done.",
        form(KEBAB), examples(&["settlements"]);

    own batch: table(RawBatch);

    own uses: table(RawUses);

    key alarm_error_percent: number default(5, "above what retries hide"),
        "Alarm: errors", "Tells people when more calls than this fail.", unit("percent"), within(PERCENT), serves("MON-3");
}

table! {
    "functions.*.uses", "Uses", "What the function may touch; its role and its network rules follow from it. Left out, nothing.", RawUses;

    own database: text,
        "Use of the database", "`read` and `write` log in by IAM, each as a user of its own; `owner` logs in as the master user, with the managed secret, and is for migrations.",
        choices(&["read", "write", "owner"]);

    own audit: text,
        "Use of audit records", "Whether it reads or writes audit records.", choices(&["read", "write"]);

    own secrets: texts,
        "Use of secrets", "Secrets whose values it reads. The variable `PROCESSOR_API_KEY_SECRET_ARN` says where `processor-api-key` is.",
        form(KEBAB), distinct(), examples(&["processor-api-key"]);

    own topics: texts,
        "Use of topics", "Topics that it publishes to. The variable `PAYMENT_EVENTS_TOPIC_ARN` says where `payment-events` is.",
        form(KEBAB), distinct(), examples(&["payment-events"]);

    own queues: named_texts,
        "Use of queues", "Queues by name, with `send` or `receive`. The variable `SETTLEMENTS_QUEUE_URL` says where `settlements` is.",
        names(|| KEBAB.to_owned()), choices(&["send", "receive"]), examples(&["{ settlements = \"send\" }"]);
}

fn taken_variables() -> Vec<String> {
    let reserved = reserved_names().lambda_variables.words.iter();
    reserved
        .chain(&OWN_VARIABLES)
        .map(|&name| name.to_owned())
        .collect()
}

fn runtimes() -> Vec<String> {
    let rows = catalogue::runtimes().iter().filter(|row| row.allowed);
    rows.map(|row| row.name.to_owned()).collect()
}
