//! `[functions.*]`.

use super::database::PERCENT;
use super::forms::{KEBAB, RELATIVE};
use super::prelude::*;
use crate::catalogue;

/// Longest short name: `tg-<short name>-<environment>-<suffix>` must stay within 32 characters.
pub const SHORT_NAME_LENGTH: usize = 10;

const LONGEST_SECONDS: u64 = 900;

table! {
    "functions.*", "A function", "Named in lower-case words joined by hyphens.", RawFunction => FunctionSettings;

    own source: text,
        "Code", "A folder relative to the spec with a `handler.py` in it, or code that comes with the compiler: `builtin:validate-payment`, `builtin:health`.",
        required(), form(RELATIVE), examples(&["builtin:validate-payment", "builtin:health", "functions/refund"]);

    own short_name: text,
        "Short name", "For resources whose names must be short. Left out, the first words of the name that fit.",
        form(KEBAB), max_length(SHORT_NAME_LENGTH), examples(&["validate"]);

    own renamed_from: text,
        "Former name", "What the function was called in the stacks that still have it. Its physical names contain the key, so each of its resources is replaced: the new one is created first.",
        form(KEBAB), examples(&["validate"]);

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

    key reserved_concurrency: number optional,
        "Reserved concurrency", "The most calls at a time, kept free for this function. Left out, it shares the account's.",
        unit("calls at a time"), range(1, 1_000, "zero would switch the function off, and an account has 1,000 unless raised"), examples(&["20"]);

    key schedule: text optional,
        "Schedule", "When the function is called by itself: `rate(1 minute)`, or `cron(0 6 * * ? *)` in UTC. Left out, never.",
        form("^(rate|cron)\\(.+\\)$"), examples(&["rate(1 minute)", "cron(0 6 * * ? *)"]);

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
}

fn runtimes() -> Vec<String> {
    let rows = catalogue::runtimes().iter().filter(|row| row.allowed);
    rows.map(|row| row.name.to_owned()).collect()
}
