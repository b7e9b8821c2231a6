//! Topics of functions: what is published goes to every queue that names the topic.

use super::monitoring::alarms::{self, PERIOD};
use super::policy::{self, Statement};
use super::shared::{key_arn, key_origin, refer};
use super::table::cell;
use crate::resolve::environment::Environment;
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Family, Resource};

/// Nothing without a topic.
pub fn topics(env: &Environment) -> Option<Component> {
    if env.topics.is_empty() {
        return None;
    }
    let mut layer = Component::new(
        "topics",
        "Topics of functions: encrypted, over TLS only",
        "Topics of SNS, whose messages go to queues.",
        &["SEC-1", "SEC-2"],
    );
    let topic = refer("topics", "topic").out("arn");
    let tls_only = Statement::deny("OnlyOverTls", ["sns:Publish"], topic.clone())
        .principal("AWS", "*".into())
        .condition("Bool", "aws:SecureTransport", "false");
    let mut family = Family {
        table: "TOPICS",
        class: "Topic",
        doc: "A topic.",
        comment: None,
        variable: "row",
        key: "name",
        columns: vec![("name", "str")],
        rows: Vec::new(),
        resources: vec![
            Resource::new("aws.sns.Topic", "topic")
                .logical("{name}")
                .arg("name", Expr::name("topic", "{name}"))
                .fixed(
                    "kms_master_key_id",
                    key_arn(env, "data"),
                    "SEC-1 CKV_AWS_26 SNS.1",
                )
                .decided_too("kms_master_key_id", key_origin(env, "data"))
                .tags("topic", "{name}"),
            Resource::new("aws.sns.TopicPolicy", "policy")
                .logical("{name}")
                .arg("arn", topic)
                .fixed("policy", policy::document([tls_only]), "SEC-2"),
        ],
    };
    for topic in &env.topics {
        family.row(vec![cell("name", topic)]);
    }
    layer.add_family(family);
    Some(layer)
}

/// Messages that SNS could not hand to a queue.
pub fn alarms(env: &Environment) -> Option<Component> {
    if env.topics.is_empty() {
        return None;
    }
    let mut layer = Component::new(
        "topic_alarms",
        "Alarms on topics: messages that reach a queue no more",
        "Alarms on messages that are not delivered.",
        &["MON-5"],
    );
    let alarm_topic = refer("monitoring", "topic");
    let mut family = Family {
        table: "TOPIC_ALARMS",
        class: "TopicAlarm",
        doc: "A topic whose failed deliveries notify people.",
        comment: None,
        variable: "alarm",
        key: "topic",
        columns: vec![("topic", "str")],
        rows: Vec::new(),
        resources: vec![
            alarms::alarm("failed_alarm", "{topic}-topic-failed", &alarm_topic)
                .arg(
                    "alarm_description",
                    Expr::concat([
                        "Topic ".into(),
                        Expr::Column("topic"),
                        ": messages could not be delivered to a queue".into(),
                    ]),
                )
                .fixed("namespace", "AWS/SNS", "MON-5")
                .fixed("metric_name", "NumberOfNotificationsFailed", "MON-5")
                .arg(
                    "dimensions",
                    Expr::map([("TopicName", Expr::name("topic", "{topic}"))]),
                )
                .fixed("statistic", "Sum", "MON-5")
                .fixed("period", PERIOD, "MON-5")
                .fixed("evaluation_periods", 1, "MON-5")
                .fixed("comparison_operator", "GreaterThanThreshold", "MON-5")
                .fixed("threshold", 0, "MON-5"),
        ],
    };
    for topic in &env.topics {
        family.row(vec![cell("topic", topic)]);
    }
    layer.add_family(family);
    Some(layer)
}
