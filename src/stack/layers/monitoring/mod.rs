//! Alarms, the topic that they notify, and its subscribers.

pub(super) mod alarms;

use super::policy::{self, Statement};
use super::shared::{key_arn, key_origin};
use super::table::{Cell, RowNames, RowText, cell_from};
use crate::resolve::environment::Environment;
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Family, Handle, Resource};

pub fn monitoring(env: &Environment) -> Component {
    let mut layer = Component::new(
        "monitoring",
        "Alarms on database, functions, API and load balancer, and the topic that they notify",
        "Alarms and the people that they notify.",
        &["MON-2", "MON-3", "MON-4", "MON-5"],
    );
    let topic = layer.add(
        Resource::new("aws.sns.Topic", "topic")
            .arg("name", Expr::name("topic", "alarms"))
            .fixed(
                "kms_master_key_id",
                key_arn(env, "topic"),
                "MON-5 CKV_AWS_26 SNS.1",
            )
            .decided_too("kms_master_key_id", key_origin(env, "topic"))
            .tags("topic", "alarms"),
    );
    layer.add(topic_policy(&topic));
    if !env.monitoring.notify.is_empty() {
        layer.add_family(subscribers(env, &topic));
    }
    alarms::add(&mut layer, env, &topic);
    layer
}

fn topic_policy(topic: &Handle) -> Resource {
    let publish = Statement::allow("AlarmsPublish", ["sns:Publish"], topic.out("arn"))
        .principal("Service", "cloudwatch.amazonaws.com".into())
        .condition("StringEquals", "aws:SourceAccount", Expr::AccountId);
    let tls = Statement::deny("OnlyOverTls", ["sns:Publish"], topic.out("arn"))
        .principal("AWS", "*".into())
        .condition("Bool", "aws:SecureTransport", "false");
    Resource::new("aws.sns.TopicPolicy", "topic_policy")
        .arg("arn", topic.out("arn"))
        .fixed(
            "policy",
            policy::document([publish, tls]),
            "MON-5 CKV_AWS_169 CKV_AWS_385",
        )
}

fn subscribers(env: &Environment, topic: &Handle) -> Family {
    let mut family = Family {
        table: "SUBSCRIBERS",
        class: "Subscriber",
        doc: "A person or system that alarms notify.",
        comment: Some("Each has to confirm once: AWS sends a message that asks for it."),
        variable: "subscriber",
        key: "name",
        columns: vec![("name", "str"), ("protocol", "str"), ("endpoint", "str")],
        rows: Vec::new(),
        resources: vec![
            Resource::new("aws.sns.TopicSubscription", "subscription")
                .logical("{name}")
                .arg("topic", topic.out("arn"))
                .arg("protocol", Expr::Column("protocol"))
                .arg("endpoint", Expr::Column("endpoint")),
        ],
    };
    let subscribers = &env.monitoring.notify;
    let texts = subscribers.iter().map(|subscriber| {
        let whole = format!("{}:{}", subscriber.protocol, subscriber.endpoint);
        RowText::from(whole.as_str())
    });
    // The words alone identify no address: every name has digits.
    let RowNames { names, former } = RowNames::of(texts, |_| String::new());
    for (subscriber, name) in subscribers.iter().zip(names) {
        let cells: Vec<Cell> = vec![
            cell_from("name", subscriber, name),
            cell_from("protocol", subscriber, subscriber.protocol.as_str()),
            cell_from("endpoint", subscriber, subscriber.endpoint.as_str()),
        ];
        family.row(cells);
    }
    family.formerly(former);
    family
}
