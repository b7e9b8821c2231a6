//! Alarms on the business itself: metrics that the built-in functions write into their logs.

use super::monitoring::alarms::PERIOD;
use super::shared::{business_metrics, refer};
use super::table::{Cell, cell_fixed, cell_from};
use crate::number::float;
use crate::origin::{Origin, Value};
use crate::resolve::environment::{Environment, Function};
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Family, Handle, Resource};

/// One row of the table.
struct Watch<'a> {
    function: &'a Function,
    name: &'static str,
    /// Without the function, which the table knows.
    description: String,
    metric: &'static str,
    statistic: &'static str,
    threshold: &'a Value<u64>,
    periods: i64,
    /// What silence means.
    missing: &'static str,
}

/// Nothing without a function that measures.
pub fn payment_alarms(env: &Environment) -> Option<Component> {
    let mut layer = Component::new(
        "payment_alarms",
        "Alarms on the payments themselves: how many are rejected, how long audit records wait",
        "Alarms on payments, whatever the state of the infrastructure.",
        &["MON-5", "FN-1"],
    );
    let mut family = family(&refer("monitoring", "topic"));
    let no_difference = Value::new(0, Origin::Fixed("S3-1 MON-5"));
    for function in &env.functions {
        if function.is_builtin("validate-payment") {
            family.row(cells(&Watch {
                function,
                name: "rejections",
                description: format!(
                    "payment rejection rate above {} %",
                    env.payments.alarm_rejection_percent.value
                ),
                metric: "RejectionRate",
                statistic: "Average",
                threshold: &env.payments.alarm_rejection_percent,
                periods: 2,
                missing: "notBreaching",
            }));
        }
        if function.is_builtin("audit-relay") {
            family.row(cells(&Watch {
                function,
                name: "audit-difference",
                description: "an audit record differs from the one in the bucket".into(),
                metric: "AuditDifference",
                statistic: "Maximum",
                threshold: &no_difference,
                periods: 1,
                missing: "notBreaching",
            }));
            family.row(cells(&Watch {
                function,
                name: "outbox-age",
                description: format!(
                    "audit records undelivered for more than {} s, or no runs",
                    env.payments.alarm_outbox_age_seconds.value
                ),
                metric: "OutboxAge",
                statistic: "Maximum",
                threshold: &env.payments.alarm_outbox_age_seconds,
                periods: 2,
                // The relay reports the age with each run: without a report, nothing is delivered.
                missing: "breaching",
            }));
        }
    }
    if family.rows.is_empty() {
        return None;
    }
    layer.add_family(family);
    Some(layer)
}

fn cells(watch: &Watch<'_>) -> Vec<Cell> {
    let key = &watch.function.key;
    vec![
        cell_from("name", key, format!("{}-{}", key.value, watch.name)),
        cell_from("description", watch.threshold, watch.description.as_str()),
        cell_from("service", key, key.value.as_str()),
        cell_fixed("metric", watch.metric, "MON-5"),
        cell_fixed("statistic", watch.statistic, "MON-5"),
        (
            "threshold",
            float(watch.threshold.value).into(),
            watch.threshold.origin.clone(),
        ),
        cell_fixed("periods", watch.periods, "MON-5"),
        cell_fixed("missing", watch.missing, "MON-5"),
    ]
}

fn family(topic: &Handle) -> Family {
    Family {
        table: "PAYMENT_ALARMS",
        class: "PaymentAlarm",
        doc: "A metric of the payment functions and the threshold at which its alarm notifies the topic.",
        comment: Some(
            "The relay reports the outbox's age with each run: missing data is an alarm there.",
        ),
        variable: "alarm",
        key: "name",
        columns: vec![
            ("name", "str"),
            ("description", "str"),
            ("service", "str"),
            ("metric", "str"),
            ("statistic", "str"),
            ("threshold", "float"),
            ("periods", "int"),
            ("missing", "str"),
        ],
        rows: Vec::new(),
        resources: vec![
            Resource::new("aws.cloudwatch.MetricAlarm", "payment_alarm")
                .logical("{name}")
                .arg("name", Expr::name("alarm", "{name}"))
                .arg("alarm_actions", Expr::List(vec![topic.out("arn")]))
                .arg("ok_actions", Expr::List(vec![topic.out("arn")]))
                .arg("treat_missing_data", Expr::Column("missing"))
                .arg(
                    "alarm_description",
                    Expr::concat([
                        Expr::Column("service"),
                        ": ".into(),
                        Expr::Column("description"),
                    ]),
                )
                .arg("namespace", business_metrics())
                .arg("metric_name", Expr::Column("metric"))
                .arg(
                    "dimensions",
                    Expr::map([("service", Expr::Column("service"))]),
                )
                .arg("statistic", Expr::Column("statistic"))
                .fixed("period", PERIOD, "MON-5")
                .arg("evaluation_periods", Expr::Column("periods"))
                .fixed("comparison_operator", "GreaterThanThreshold", "MON-5")
                .arg("threshold", Expr::Column("threshold"))
                .tags("alarm", "{name}"),
        ],
    }
}
