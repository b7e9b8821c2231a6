//! Alarm tables, one per set of dimensions. A description is read on a telephone: it says what is wrong, where, and the threshold.

use std::collections::BTreeSet;

use super::super::load_balancer::target_functions;
use super::super::shared::refer;
use super::super::table::{Cell, cell, cell_fixed, cell_from};
use crate::number::float;
use crate::origin::{Origin, Value};
use crate::resolve::environment::Environment;
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Family, Handle, Resource};

/// Period of a metric, in seconds.
pub const PERIOD: i64 = 300;
const BALANCER_METRICS: &str = "AWS/ApplicationELB";
/// With fewer calls in a period, a single failure would be a high error rate.
const FEWEST_CALLS: i64 = 5;
/// CPU credits of a burstable class below which it will soon be slow or cost more. Every class earns more than this in an hour.
const FEWEST_CREDITS: f64 = 10.0;
/// 5XX responses in a period above which an alarm fires.
const MOST_ERRORS: f64 = 5.0;

pub(super) fn add(layer: &mut Component, env: &Environment, topic: &Handle) {
    layer.add_family(database(env, topic));
    layer.add_family(api(env, topic));
    layer.add_family(load_balancer(topic));
    if target_functions(env).next().is_some() {
        layer.add_family(targets(env, topic));
    }
    layer.add_family(functions(env, topic));
}

/// What all alarms share but those on what does not come: they notify the topic, and missing data does not breach.
pub fn alarm(variable: &str, role: &str, topic: &Handle) -> Resource {
    notifying(variable, role, topic)
        .fixed("treat_missing_data", "notBreaching", "MON-5")
        .tags("alarm", role)
}

/// Without tags, and without a word on data that are missing.
pub fn notifying(variable: &str, role: &str, topic: &Handle) -> Resource {
    Resource::new("aws.cloudwatch.MetricAlarm", variable)
        .logical(role)
        .arg("name", Expr::name("alarm", role))
        .arg("alarm_actions", Expr::List(vec![topic.out("arn")]))
        .arg("ok_actions", Expr::List(vec![topic.out("arn")]))
}

/// A table of alarms whose metrics have one namespace and the same dimensions.
fn metric_alarms(
    table: &'static str,
    variable: &str,
    (namespace, because): (&str, &'static str),
    dimensions: Expr,
    topic: &Handle,
) -> Family {
    Family {
        table,
        class: "Alarm",
        doc: "A metric and the threshold at which its alarm notifies the topic.",
        comment: None,
        variable: "alarm",
        key: "name",
        columns: vec![
            ("name", "str"),
            ("description", "str"),
            ("metric", "str"),
            ("statistic", "str"),
            ("comparison", "str"),
            ("threshold", "float"),
            ("periods", "int"),
        ],
        rows: Vec::new(),
        resources: vec![
            alarm(variable, "{name}", topic)
                .arg("alarm_description", Expr::Column("description"))
                .fixed("namespace", namespace, because)
                .arg("metric_name", Expr::Column("metric"))
                .arg("dimensions", dimensions)
                .arg("statistic", Expr::Column("statistic"))
                .fixed("period", PERIOD, "MON-5")
                .arg("evaluation_periods", Expr::Column("periods"))
                .arg("comparison_operator", Expr::Column("comparison"))
                .arg("threshold", Expr::Column("threshold")),
        ],
    }
}

/// One row of such a table.
struct Watch {
    name: &'static str,
    /// With the threshold, in a unit that people use.
    description: String,
    metric: &'static str,
    statistic: &'static str,
    below: bool,
    periods: i64,
    because: &'static str,
}

impl Watch {
    fn cells(&self, (threshold, origin): (f64, Origin)) -> Vec<Cell> {
        let comparison = if self.below {
            "LessThanThreshold"
        } else {
            "GreaterThanThreshold"
        };
        vec![
            cell_fixed("name", self.name, self.because),
            (
                "description",
                self.description.as_str().into(),
                origin.clone(),
            ),
            cell_fixed("metric", self.metric, self.because),
            cell_fixed("statistic", self.statistic, self.because),
            cell_fixed("comparison", comparison, self.because),
            ("threshold", threshold.into(), origin),
            cell_fixed("periods", self.periods, self.because),
        ]
    }
}

fn threshold(value: &Value<u64>, factor: f64) -> (f64, Origin) {
    (float(value.value) * factor, value.origin.clone())
}

fn database(env: &Environment, topic: &Handle) -> Family {
    let dimensions = Expr::map([("DBInstanceIdentifier", Expr::name("rds", ""))]);
    let mut family = metric_alarms(
        "DATABASE_ALARMS",
        "database_alarm",
        ("AWS/RDS", "MON-2"),
        dimensions,
        topic,
    );
    let watch = |name, description, metric, statistic, below| Watch {
        name,
        description,
        metric,
        statistic,
        below,
        periods: 3,
        because: "MON-2",
    };
    let database = &env.database;
    family.row(
        watch(
            "database-cpu",
            format!("Database CPU above {} %", database.alarm_cpu_percent.value),
            "CPUUtilization",
            "Average",
            false,
        )
        .cells(threshold(&database.alarm_cpu_percent, 1.0)),
    );
    family.row(
        watch(
            "database-storage",
            format!(
                "Database free storage below {} GiB",
                database.alarm_free_storage_gib.value
            ),
            "FreeStorageSpace",
            "Minimum",
            true,
        )
        .cells(threshold(&database.alarm_free_storage_gib, 1_073_741_824.0)),
    );
    family.row(
        watch(
            "database-connections",
            format!(
                "Database connections above {}",
                database.alarm_connections.value
            ),
            "DatabaseConnections",
            "Maximum",
            false,
        )
        .cells(threshold(&database.alarm_connections, 1.0)),
    );
    if database.instance_class.starts_with("db.t") {
        family.row(
            watch(
                "database-credits",
                format!(
                    "Database CPU credits below {FEWEST_CREDITS}; further load is billed extra"
                ),
                "CPUCreditBalance",
                "Minimum",
                true,
            )
            .cells((FEWEST_CREDITS, database.instance_class.origin.clone())),
        );
    }
    family
}

fn api(env: &Environment, topic: &Handle) -> Family {
    let dimensions = Expr::map([
        ("ApiName", Expr::name("api", "")),
        ("Stage", Expr::EnvironmentName),
    ]);
    let mut family = metric_alarms(
        "API_ALARMS",
        "api_alarm",
        ("AWS/ApiGateway", "MON-4"),
        dimensions,
        topic,
    );
    family.comment = Some("The average of these metrics is a share of all requests: 0.05 is 5 %.");
    for (name, rate, cause, metric, percent) in [
        (
            "api-4xx",
            "API 4XX rate",
            ": invalid input, missing key or throttling",
            "4XXError",
            &env.api.alarm_4xx_percent,
        ),
        (
            "api-5xx",
            "API 5XX rate",
            "",
            "5XXError",
            &env.api.alarm_5xx_percent,
        ),
    ] {
        let watch = Watch {
            name,
            description: format!("{rate} above {} %{cause}", percent.value),
            metric,
            statistic: "Average",
            below: false,
            periods: 2,
            because: "MON-4",
        };
        let share = float(percent.value) / 100.0;
        family.row(watch.cells((share, percent.origin.clone())));
    }
    family
}

fn load_balancer(topic: &Handle) -> Family {
    let balancer = refer("load_balancer", "load_balancer");
    let dimensions = Expr::map([("LoadBalancer", balancer.out("arn_suffix"))]);
    let mut family = metric_alarms(
        "LOAD_BALANCER_ALARMS",
        "load_balancer_alarm",
        (BALANCER_METRICS, "LB-3"),
        dimensions,
        topic,
    );
    for (name, description, metric) in [
        (
            "alb-5xx",
            format!(
                "Load balancer 5XX above {MOST_ERRORS} in 5 minutes: a function fails or cannot be invoked"
            ),
            "HTTPCode_ELB_5XX_Count",
        ),
        (
            "alb-target-5xx",
            format!("5XX of functions behind the load balancer above {MOST_ERRORS} in 5 minutes"),
            "HTTPCode_Target_5XX_Count",
        ),
    ] {
        let watch = Watch {
            name,
            description,
            metric,
            statistic: "Sum",
            below: false,
            periods: 2,
            because: "LB-3",
        };
        family.row(watch.cells((MOST_ERRORS, Origin::Fixed("LB-3"))));
    }
    family
}

/// A function that fails its health checks, even while nobody else calls it.
fn targets(env: &Environment, topic: &Handle) -> Family {
    let balancer = refer("load_balancer", "load_balancer");
    let group = refer("load_balancer", "target_group").keyed("function");
    let because = "LB-3";
    let mut family = Family {
        table: "TARGET_ALARMS",
        class: "TargetAlarm",
        doc: "A function whose health checks the load balancer makes.",
        comment: None,
        variable: "alarm",
        key: "function",
        columns: vec![("function", "str")],
        rows: Vec::new(),
        resources: vec![
            alarm("target_alarm", "{function}-health", topic)
                .arg(
                    "alarm_description",
                    Expr::concat([
                        Expr::Column("function"),
                        " fails the load balancer's health checks".into(),
                    ]),
                )
                .fixed("namespace", BALANCER_METRICS, because)
                .fixed("metric_name", "UnHealthyHostCount", because)
                .arg(
                    "dimensions",
                    Expr::map([
                        ("LoadBalancer", balancer.out("arn_suffix")),
                        (
                            "TargetGroup",
                            group.named("arn_suffix", "", "target_group_suffixes"),
                        ),
                    ]),
                )
                .fixed("statistic", "Maximum", because)
                .fixed("period", PERIOD, because)
                .fixed("evaluation_periods", 2, because)
                .fixed("comparison_operator", "GreaterThanThreshold", because)
                .fixed("threshold", 0, because),
        ],
    };
    for function in target_functions(env) {
        family.row(vec![cell("function", &function.key)]);
    }
    family
}

/// Error rates by metric math. Health checks of the load balancer are subtracted, because they would lower the rate.
fn functions(env: &Environment, topic: &Handle) -> Family {
    let mut family = Family {
        table: "FUNCTION_ALARMS",
        class: "FunctionAlarm",
        doc: "The error rate of a function at which its alarm notifies the topic.",
        comment: Some("Health checks in a period: one from each node of the load balancer."),
        variable: "alarm",
        key: "function",
        columns: vec![
            ("function", "str"),
            ("error_percent", "int"),
            ("health_checks", "int"),
        ],
        rows: Vec::new(),
        resources: vec![error_rate(topic), throttles(topic)],
    };
    let nodes = i64::try_from(env.network.zones.len()).unwrap_or_default();
    let checked: BTreeSet<&str> = target_functions(env)
        .map(|target| target.key.as_str())
        .collect();
    for function in &env.functions {
        let is_checked = checked.contains(function.key.as_str());
        let checks = if is_checked { nodes } else { 0 };
        family.row(vec![
            cell("function", &function.key),
            cell("error_percent", &function.alarm_error_percent),
            cell_from("health_checks", &function.key, checks),
        ]);
    }
    family
}

fn error_rate(topic: &Handle) -> Resource {
    let calls = || {
        Expr::concat([
            "IF(invocations - ".into(),
            Expr::Column("health_checks"),
            format!(" >= {FEWEST_CALLS}, 100 * errors / (invocations - ").into(),
            Expr::Column("health_checks"),
            "), 0)".into(),
        ])
    };
    let metric = |id: &str, name: &str| {
        Expr::map([
            ("id", id.into()),
            (
                "metric",
                Expr::map([
                    ("namespace", "AWS/Lambda".into()),
                    ("metric_name", name.into()),
                    (
                        "dimensions",
                        Expr::map([("FunctionName", Expr::name("lambda", "{function}"))]),
                    ),
                    ("period", PERIOD.into()),
                    ("stat", "Sum".into()),
                ]),
            ),
        ])
    };
    alarm("error_alarm", "{function}-errors", topic)
        .arg(
            "alarm_description",
            Expr::concat([
                Expr::Column("function"),
                " error rate above ".into(),
                Expr::Column("error_percent"),
                " %".into(),
            ]),
        )
        .fixed(
            "metric_queries",
            Expr::List(vec![
                Expr::map([
                    ("id", "error_rate".into()),
                    (
                        "expression",
                        calls().noted("With fewer than 5 calls, one failure would be a high rate."),
                    ),
                    ("label", "Error rate, %".into()),
                    ("return_data", true.into()),
                ]),
                metric("errors", "Errors"),
                metric("invocations", "Invocations"),
            ]),
            "MON-3",
        )
        .fixed("evaluation_periods", 1, "MON-3")
        .fixed("comparison_operator", "GreaterThanThreshold", "MON-3")
        .arg("threshold", Expr::Column("error_percent"))
}

fn throttles(topic: &Handle) -> Resource {
    alarm("throttle_alarm", "{function}-throttles", topic)
        .arg(
            "alarm_description",
            Expr::concat([
                Expr::Column("function"),
                " throttled: the account's concurrency is used up".into(),
            ]),
        )
        .fixed("namespace", "AWS/Lambda", "MON-3")
        .fixed("metric_name", "Throttles", "MON-3")
        .arg(
            "dimensions",
            Expr::map([("FunctionName", Expr::name("lambda", "{function}"))]),
        )
        .fixed("statistic", "Sum", "MON-3")
        .fixed("period", PERIOD, "MON-3")
        .fixed("evaluation_periods", 1, "MON-3")
        .fixed("comparison_operator", "GreaterThanThreshold", "MON-3")
        .fixed("threshold", 0, "MON-3")
}
