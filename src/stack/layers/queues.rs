//! Queues between functions, each with a queue of dead letters, and the alarms on both.

use super::monitoring::alarms::{self, PERIOD};
use super::policy::{self, Statement};
use super::shared::{key_arn, key_origin, refer};
use super::table::{Cell, cell, cell_from};
use crate::resolve::environment::{Environment, Queue};
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Family, Handle, Resource};

/// What dead letters and queue are called, of queues that functions send to, and of those that a topic feeds.
const PLAIN: (&str, &str) = ("dead_letters", "queue");
const FED: (&str, &str) = ("fed_dead_letters", "fed_queue");

const DAY_IN_SECONDS: u64 = 24 * 60 * 60;
/// The longest that SQS keeps a message: time for people to look.
const DEAD_LETTERS_SECONDS: u64 = 14 * DAY_IN_SECONDS;

/// Nothing without a queue.
pub fn queues(env: &Environment) -> Option<Component> {
    if env.queues.is_empty() {
        return None;
    }
    let mut layer = Component::new(
        "queues",
        "Queues between functions: encrypted, over TLS only, each with a queue of dead letters",
        "Queues of SQS: what fails too often goes to the dead letters.",
        &["SEC-1", "SEC-2"],
    );
    let (fed, others): (Vec<&Queue>, Vec<&Queue>) =
        env.queues.iter().partition(|queue| queue.topic.is_some());
    if !others.is_empty() {
        let mut family = family(
            "QUEUES",
            "Queue",
            vec![dead_letters(env, PLAIN), queue_of(env, PLAIN)],
        );
        for queue in others {
            family.row(cells(queue));
        }
        layer.add_family(family);
    }
    if !fed.is_empty() {
        let resources = vec![dead_letters(env, FED), queue_of(env, FED), subscription()];
        let mut family = family("FED_QUEUES", "FedQueue", resources);
        family.columns.push(("topic", "str"));
        for queue in fed {
            let topic = queue.topic.iter().map(|topic| cell("topic", topic));
            family.row(cells(queue).into_iter().chain(topic).collect());
        }
        layer.add_family(family);
    }
    Some(layer)
}

/// The queue with this key, as others refer to it.
pub fn queue(env: &Environment, key: &str) -> Handle {
    let mut queues = env.queues.iter();
    let is_fed = queues.any(|queue| queue.key.value == key && queue.topic.is_some());
    let (_, variable) = if is_fed { FED } else { PLAIN };
    refer("queues", variable).member(key)
}

fn family(table: &'static str, class: &'static str, resources: Vec<Resource>) -> Family {
    Family {
        table,
        class,
        doc: "A queue and how long its messages are hidden and kept.",
        comment: None,
        variable: "row",
        key: "name",
        columns: vec![
            ("name", "str"),
            ("visibility_seconds", "int"),
            ("retention_seconds", "int"),
            ("max_receives", "int"),
        ],
        rows: Vec::new(),
        resources,
    }
}

fn cells(queue: &Queue) -> Vec<Cell> {
    let days = &queue.retention_days;
    vec![
        cell("name", &queue.key),
        cell("visibility_seconds", &queue.visibility_timeout_seconds),
        (
            "retention_seconds",
            Expr::from(&(days.value * DAY_IN_SECONDS)),
            days.origin.clone(),
        ),
        cell("max_receives", &queue.max_receives),
    ]
}

/// Built from its name: a queue's policies cannot refer to the queue itself.
fn arn(role: &str) -> Expr {
    Expr::concat([
        "arn:aws:sqs:".into(),
        Expr::Region,
        ":".into(),
        Expr::AccountId,
        ":".into(),
        Expr::name("queue", role),
    ])
}

/// What both queues of a row have in common.
fn encrypted(env: &Environment, variable: &str, role: &str, others: Vec<Statement>) -> Resource {
    let tls_only = Statement::deny("TlsOnly", ["sqs:*"], arn(role))
        .principal("AWS", "*".into())
        .condition("Bool", "aws:SecureTransport", "false");
    Resource::new("aws.sqs.Queue", variable)
        .logical(role)
        .arg("name", Expr::name("queue", role))
        .fixed(
            "kms_master_key_id",
            key_arn(env, "data"),
            "SEC-1 CKV_AWS_27 SQS.1",
        )
        .decided_too("kms_master_key_id", key_origin(env, "data"))
        .fixed(
            "policy",
            policy::document(std::iter::once(tls_only).chain(others)),
            "SEC-2",
        )
        .tags("queue", role)
}

fn dead_letters(env: &Environment, (variable, _): (&str, &str)) -> Resource {
    encrypted(env, variable, "{name}-dead-letters", Vec::new())
        .fixed("message_retention_seconds", DEAD_LETTERS_SECONDS, "MON-5")
        .because("As long as SQS keeps a message, so that people have time to look.")
        .fixed(
            "redrive_allow_policy",
            Expr::json(Expr::map([
                ("redrivePermission", "byQueue".into()),
                ("sourceQueueArns", Expr::List(vec![arn("{name}")])),
            ])),
            "SEC-2",
        )
}

fn queue_of(env: &Environment, (dead_letters, variable): (&str, &str)) -> Resource {
    let topic = Statement::allow("TopicSends", ["sqs:SendMessage"], arn("{name}"))
        .principal("Service", "sns.amazonaws.com".into())
        .condition(
            "ArnEquals",
            "aws:SourceArn",
            refer("topics", "topic").keyed("topic").out("arn"),
        );
    let others = if variable == FED.1 {
        vec![topic]
    } else {
        Vec::new()
    };
    encrypted(env, variable, "{name}", others)
        .arg(
            "visibility_timeout_seconds",
            Expr::Column("visibility_seconds"),
        )
        .arg(
            "message_retention_seconds",
            Expr::Column("retention_seconds"),
        )
        .arg(
            "redrive_policy",
            Expr::json(Expr::map([
                (
                    "deadLetterTargetArn",
                    refer("queues", dead_letters).out("arn"),
                ),
                ("maxReceiveCount", Expr::Column("max_receives")),
            ])),
        )
}

/// What is published comes as it is, without an envelope.
fn subscription() -> Resource {
    Resource::new("aws.sns.TopicSubscription", "subscription")
        .logical("{name}")
        .arg("topic", refer("topics", "topic").keyed("topic").out("arn"))
        .fixed("protocol", "sqs", "FN-1")
        .arg("endpoint", refer("queues", FED.1).out("arn"))
        .fixed("raw_message_delivery", true, "FN-1")
}

/// Messages that wait too long, and messages that nobody could handle.
pub fn alarms(env: &Environment) -> Option<Component> {
    if env.queues.is_empty() {
        return None;
    }
    let mut layer = Component::new(
        "queue_alarms",
        "Alarms on queues: messages that wait too long, and dead letters",
        "Alarms on messages that nobody handles.",
        &["MON-5"],
    );
    let topic = refer("monitoring", "topic");
    let watch = |variable: &str, role: &str, queue: &str, metric: &str| {
        alarms::alarm(variable, role, &topic)
            .fixed("namespace", "AWS/SQS", "MON-5")
            .fixed("metric_name", metric, "MON-5")
            .arg(
                "dimensions",
                Expr::map([("QueueName", Expr::name("queue", queue))]),
            )
            .fixed("statistic", "Maximum", "MON-5")
            .fixed("period", PERIOD, "MON-5")
            .fixed("evaluation_periods", 1, "MON-5")
            .fixed("comparison_operator", "GreaterThanThreshold", "MON-5")
    };
    let mut family = Family {
        table: "QUEUE_ALARMS",
        class: "QueueAlarm",
        doc: "The age of a queue's oldest message at which its alarm notifies the topic.",
        comment: None,
        variable: "alarm",
        key: "queue",
        columns: vec![
            ("queue", "str"),
            ("age_minutes", "int"),
            ("age_seconds", "int"),
        ],
        rows: Vec::new(),
        resources: vec![
            watch(
                "age_alarm",
                "{queue}-queue-age",
                "{queue}",
                "ApproximateAgeOfOldestMessage",
            )
            .arg(
                "alarm_description",
                Expr::concat([
                    "Queue ".into(),
                    Expr::Column("queue"),
                    ": a message waits for more than ".into(),
                    Expr::Column("age_minutes"),
                    " minutes".into(),
                ]),
            )
            .arg("threshold", Expr::Column("age_seconds")),
            watch(
                "dead_letters_alarm",
                "{queue}-queue-dead-letters",
                "{queue}-dead-letters",
                "ApproximateNumberOfMessagesVisible",
            )
            .arg(
                "alarm_description",
                Expr::concat([
                    "Queue ".into(),
                    Expr::Column("queue"),
                    ": messages failed too often and are dead letters".into(),
                ]),
            )
            .fixed("threshold", 0, "MON-5"),
        ],
    };
    for queue in &env.queues {
        let minutes = &queue.alarm_age_minutes;
        family.row(vec![
            cell("queue", &queue.key),
            cell("age_minutes", minutes),
            cell_from("age_seconds", minutes, Expr::from(&(minutes.value * 60))),
        ]);
    }
    layer.add_family(family);
    Some(layer)
}
