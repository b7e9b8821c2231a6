//! Secrets of functions: Pulumi makes what holds a value, people put the value, and an alarm says when it has become old.

use super::monitoring::alarms::alarm;
use super::shared::{business_metrics, refer};
use super::shared::{key_arn, key_origin};
use super::table::{cell, cell_from};
use crate::resolve::environment::Environment;
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Family, Resource};

/// Ages are measured once a day.
const DAY_IN_SECONDS: i64 = 24 * 60 * 60;
/// Of Secrets Manager.
const LONGEST_RECOVERY_DAYS: i64 = 30;

/// Nothing without a secret.
pub fn secrets(env: &Environment) -> Option<Component> {
    if env.secrets.is_empty() {
        return None;
    }
    let mut layer = Component::new(
        "secrets",
        "Secrets of functions: what holds them, never what they are",
        "Secrets of Secrets Manager, whose values people put.",
        &["SEC-1", "DEST-1"],
    );
    let mut family = Family {
        table: "SECRETS",
        class: "Secret",
        doc: "A secret and what it opens.",
        comment: Some("Values are put by people: `aws secretsmanager put-secret-value`."),
        variable: "row",
        key: "name",
        columns: vec![("name", "str"), ("description", "str")],
        rows: Vec::new(),
        resources: vec![secret(env)],
    };
    for secret in &env.secrets {
        let description = match &secret.description {
            Some(description) => cell("description", description),
            None => cell_from("description", &secret.key, secret.key.value.as_str()),
        };
        family.row(vec![cell("name", &secret.key), description]);
    }
    layer.add_family(family);
    Some(layer)
}

fn secret(env: &Environment) -> Resource {
    let secret = Resource::new("aws.secretsmanager.Secret", "secret")
        .logical("{name}")
        .arg("name", Expr::name("secret", "{name}"))
        .arg("description", Expr::Column("description"))
        .fixed("kms_key_id", key_arn(env, "data"), "SEC-1 CKV_AWS_149")
        .decided_too("kms_key_id", key_origin(env, "data"));
    let secret = if env.holds("KEEP-1") {
        secret
            .fixed("recovery_window_in_days", LONGEST_RECOVERY_DAYS, "KEEP-1")
            .because("A secret that was deleted by a slip can be restored so long.")
    } else {
        secret
            .fixed("recovery_window_in_days", 0, "DEST-1")
            .because("Deleted at once: otherwise its name is taken for a week or more.")
    };
    secret.tags("secret", "{name}")
}

/// Nothing without a function that measures ages.
pub fn alarms(env: &Environment) -> Option<Component> {
    let mut functions = env.functions.iter();
    let measures = functions.find(|function| function.is_builtin("secret-ages"))?;
    if env.secrets.is_empty() {
        return None;
    }
    let mut layer = Component::new(
        "secret_alarms",
        "Alarms that remind people to put new values of secrets",
        "Alarms on the age of secrets.",
        &["MON-5"],
    );
    let topic = refer("monitoring", "topic");
    let mut family = Family {
        table: "SECRET_ALARMS",
        class: "SecretAlarm",
        doc: "The age of a secret's value at which its alarm notifies the topic.",
        comment: None,
        variable: "alarm",
        key: "name",
        columns: vec![("name", "str"), ("days", "int")],
        rows: Vec::new(),
        resources: vec![
            alarm("age_alarm", "{name}-secret-age", &topic)
                .arg(
                    "alarm_description",
                    Expr::concat([
                        "Secret ".into(),
                        Expr::Column("name"),
                        ": its value was put more than ".into(),
                        Expr::Column("days"),
                        " days ago".into(),
                    ]),
                )
                .arg("namespace", business_metrics())
                .fixed("metric_name", "SecretAge", "MON-5")
                .arg(
                    "dimensions",
                    Expr::map([
                        ("secret", Expr::Column("name")),
                        ("service", Expr::from(&measures.key.value)),
                    ]),
                )
                .fixed("statistic", "Maximum", "MON-5")
                .fixed("period", DAY_IN_SECONDS, "MON-5")
                .fixed("evaluation_periods", 1, "MON-5")
                .fixed("comparison_operator", "GreaterThanThreshold", "MON-5")
                .arg("threshold", Expr::Column("days")),
        ],
    };
    for secret in &env.secrets {
        let days = &secret.rotate_after_days;
        family.row(vec![cell("name", &secret.key), cell("days", days)]);
    }
    layer.add_family(family);
    Some(layer)
}
