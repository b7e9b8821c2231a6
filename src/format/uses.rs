//! What functions use beside the database and the audit bucket: `[secrets.*]`, `[queues.*]` and `[topics.*]`.

use super::forms::KEBAB;
use super::prelude::*;

const SECONDS_A_DAY: u64 = 24 * 60 * 60;

/// Where no function consumes the queue: SQS's own default.
pub const VISIBILITY_SECONDS: u64 = 30;

/// Lambda's guide, "Creating and configuring an Amazon SQS event source mapping": at least six times the function's time-out, so that
/// a batch can be tried again while earlier ones are throttled.
pub const VISIBILITY_FACTOR: u64 = 6;

/// `PROCESSOR_API_KEY_SECRET_ARN` for `processor-api-key`.
pub fn secret_variable(key: &str) -> String {
    variable(key, "SECRET_ARN")
}

/// `SETTLEMENTS_QUEUE_URL` for `settlements`.
pub fn queue_variable(key: &str) -> String {
    variable(key, "QUEUE_URL")
}

/// `PAYMENT_EVENTS_TOPIC_ARN` for `payment-events`.
pub fn topic_variable(key: &str) -> String {
    variable(key, "TOPIC_ARN")
}

fn variable(key: &str, what: &str) -> String {
    format!("{}_{what}", key.to_ascii_uppercase().replace('-', "_"))
}

table! {
    "secrets.*", "A secret", "Named in lower-case words joined by hyphens. Its value never stands here, in the state or in Pulumi: people put it into Secrets Manager once the stack is deployed.", RawSecret => SecretSettings;

    key description: text optional,
        "Description", "What the secret opens, and who issues it, for those who put its value.",
        max_length(2_048), examples(&["API key of the card processor, issued in its dashboard"]);

    key rotate_after_days: number default(90, "people who know it leave, and logs keep what slips"),
        "Rotation", "The age of its value above which an alarm reminds people to put a new one. `builtin:secret-ages` measures it.",
        unit("days"), range(1, 1_000, "an alarm that comes after years reminds nobody"), serves("MON-5");
}

table! {
    "queues.*", "A queue", "A standard queue of SQS with a queue of dead letters, named in lower-case words joined by hyphens.", RawQueue => QueueSettings;

    own topic: text,
        "Topic", "The topic whose messages it gets, each as it was published.",
        form(KEBAB), examples(&["payment-events"]);

    own visibility_timeout_seconds: number,
        "Visibility time-out", "How long a message that was received is hidden from other receivers. Left out, six times the time-out of the function that consumes it, or 30.",
        unit("seconds"), range(0, SECONDS_A_DAY / 2, "what SQS takes"), examples(&["360"]);

    key retention_days: number default(4, "over a weekend; SQS's own default"),
        "Retention", "How long a message waits before SQS deletes it.", unit("days"), range(1, 14, "what SQS takes");

    key max_receives: number default(5, "throttled calls count too, and AWS advises at least five for functions"),
        "Receives", "How often a message is received in vain before it goes to the dead letters.",
        unit("times"), range(1, 1_000, "what SQS takes");

    key alarm_age_minutes: number default(15, "well before a client asks"),
        "Alarm: age", "Tells people when a message has waited longer than this.", unit("minutes"), range(1, 14 * 24 * 60, "after fourteen days SQS has deleted it"), serves("MON-5");
}

table! {
    "topics.*", "A topic", "A topic of SNS, named in lower-case words joined by hyphens: what is published goes to every queue that names it by `topic`.", RawTopic;
}

table! {
    "functions.*.batch", "Batches", "How messages of the consumed queue reach the function.", RawBatch => BatchSettings;

    key size: number default(10, "the most that Lambda collects without waiting"),
        "Size of a batch", "The most messages of one call. More than 10 need `window_seconds`.",
        unit("messages"), range(1, 10_000, "what Lambda takes for a standard queue"), examples(&["100"]);

    key window_seconds: number default(0, "a message is handled as soon as it is there"),
        "Window", "How long Lambda collects messages before it calls the function.",
        unit("seconds"), range(0, 300, "what Lambda takes"), examples(&["5"]);

    key concurrency: number optional,
        "Concurrency", "The most calls at a time for this queue. Left out, as many as the function may have.",
        unit("calls at a time"), range(2, 1_000, "what Lambda takes"), examples(&["5"]);
}
