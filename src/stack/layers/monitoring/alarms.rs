//! Alarm tables: one for each thing that is watched, since its metrics carry the same dimensions.

use std::collections::BTreeSet;

use super::super::load_balancer::target_functions;
use super::super::refer;
use super::super::table::{Cell, cell, cell_fixed, cell_from};
use crate::origin::{Origin, Value};
use crate::resolve::environment::Environment;
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Family, Handle, Resource};

/// Seconds over which a metric is put together.
pub const PERIOD: i64 = 300;
const BALANCER_METRICS: &str = "AWS/ApplicationELB";
/// Below so many calls in a period one failure says nothing about a rate.
const FEWEST_CALLS: i64 = 5;
/// Credits of a burstable class below which it will soon be slow or cost more; every class earns more in an hour.
const FEWEST_CREDITS: f64 = 10.0;
/// Answers with 5XX in a period that are no accident any more.
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

/// What all alarms share: who is told, and that silence is not trouble.
fn alarm(variable: &str, role: &str, topic: &Handle) -> Resource {
    Resource::new("aws.cloudwatch.MetricAlarm", variable)
        .logical(role)
        .arg("name", Expr::name("alarm", role))
        .arg("alarm_actions", Expr::List(vec![topic.out("arn")]))
        .arg("ok_actions", Expr::List(vec![topic.out("arn")]))
        .fixed("treat_missing_data", "notBreaching", "MON-5")
        .tags("alarm", role)
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
        doc: "A metric and the value beyond which people are told.",
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
    description: &'static str,
    metric: &'static str,
    statistic: &'static str,
    below: bool,
    periods: i64,
    because: &'static str,
}

impl Watch {
    fn cells(&self, threshold: (f64, Origin)) -> Vec<Cell> {
        let comparison = if self.below {
            "LessThanThreshold"
        } else {
            "GreaterThanThreshold"
        };
        vec![
            cell_fixed("name", self.name, self.because),
            cell_fixed("description", self.description, self.because),
            cell_fixed("metric", self.metric, self.because),
            cell_fixed("statistic", self.statistic, self.because),
            cell_fixed("comparison", comparison, self.because),
            ("threshold", threshold.0.into(), threshold.1),
            cell_fixed("periods", self.periods, self.because),
        ]
    }
}

fn threshold(value: &Value<u32>, factor: f64) -> (f64, Origin) {
    (f64::from(value.value) * factor, value.origin.clone())
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
            "The database's CPU is busy",
            "CPUUtilization",
            "Average",
            false,
        )
        .cells(threshold(&database.alarm_cpu_percent, 1.0)),
    );
    family.row(
        watch(
            "database-storage",
            "The database's free storage is running out, in bytes",
            "FreeStorageSpace",
            "Minimum",
            true,
        )
        .cells(threshold(&database.alarm_free_storage_gib, 1_073_741_824.0)),
    );
    family.row(
        watch(
            "database-connections",
            "The database is close to its limit of connections",
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
                "The database has used up its CPU credits; further load is billed extra",
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
    for (name, description, metric, percent) in [
        (
            "api-4xx",
            "Many requests to the API are refused: bad input, a missing key, or throttling",
            "4XXError",
            &env.api.alarm_4xx_percent,
        ),
        (
            "api-5xx",
            "Requests to the API fail on our side",
            "5XXError",
            &env.api.alarm_5xx_percent,
        ),
    ] {
        let watch = Watch {
            name,
            description,
            metric,
            statistic: "Average",
            below: false,
            periods: 2,
            because: "MON-4",
        };
        let share = f64::from(percent.value) / 100.0;
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
            "The load balancer itself answers with errors: a function fails or cannot be invoked",
            "HTTPCode_ELB_5XX_Count",
        ),
        (
            "alb-target-5xx",
            "Functions answer requests of the load balancer with errors",
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

/// A function that fails its health checks, also while nobody else calls it.
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
                .fixed(
                    "alarm_description",
                    "The function fails the load balancer's health checks",
                    because,
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

/// Error rates by metric math; the load balancer's checks of its health are no work and would dilute the rate.
fn functions(env: &Environment, topic: &Handle) -> Family {
    let mut family = Family {
        table: "FUNCTION_ALARMS",
        class: "FunctionAlarm",
        doc: "The share of a function's calls that may fail before people are told.",
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
        .fixed(
            "alarm_description",
            "Calls of the function fail, percent",
            "MON-3",
        )
        .fixed(
            "metric_queries",
            Expr::List(vec![
                Expr::map([
                    ("id", "error_rate".into()),
                    (
                        "expression",
                        calls().noted("Few calls give no rate that means anything."),
                    ),
                    ("label", "Failed calls, percent".into()),
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
        .fixed(
            "alarm_description",
            "Calls of the function are refused: the account's concurrency is used up",
            "MON-3",
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
