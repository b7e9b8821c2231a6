//! The dashboard: one page on which a bad quarter of an hour can be told apart from a bad deployment.

use super::refer;
use crate::origin::Origin;
use crate::resolve::environment::Environment;
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Resource};

/// Widgets stand three in a row on a grid that is 24 wide.
const WIDTH: i64 = 8;
const HEIGHT: i64 = 6;

pub fn dashboard(env: &Environment) -> Component {
    let mut layer = Component::new(
        "dashboard",
        "One page with the metrics of functions, API, database, load balancer and firewall",
        "Where somebody looks first when an alarm has gone off.",
        &["MON-2", "MON-3", "MON-4"],
    );
    layer.add(page(env));
    layer
}

fn page(env: &Environment) -> Resource {
    let widgets = function_widgets(env)
        .into_iter()
        .chain(api_widgets())
        .chain(database_widgets())
        .chain(load_balancer_widgets())
        .chain(firewall_widget(env))
        .zip(0..)
        .map(|(widget, index)| widget.place(index));
    let origins = env.functions.iter().map(|function| &function.key.origin);
    Resource::new("aws.cloudwatch.Dashboard", "dashboard")
        .arg("dashboard_name", Expr::name("dashboard", ""))
        .from_all(
            "dashboard_body",
            origins.collect::<Vec<&Origin>>(),
            Expr::json(Expr::map([("widgets", Expr::List(widgets.collect()))])),
        )
}

struct Widget {
    title: &'static str,
    statistic: &'static str,
    metrics: Vec<Vec<Expr>>,
}

impl Widget {
    fn place(self, index: i64) -> Expr {
        Expr::map([
            ("type", "metric".into()),
            ("x", (index % 3 * WIDTH).into()),
            ("y", (index / 3 * HEIGHT).into()),
            ("width", WIDTH.into()),
            ("height", HEIGHT.into()),
            (
                "properties",
                Expr::map([
                    ("title", self.title.into()),
                    ("region", Expr::Region),
                    ("stat", self.statistic.into()),
                    ("period", 300.into()),
                    ("metrics", abbreviated(&self.metrics)),
                ]),
            ),
        ])
    }
}

/// `[namespace, metric, dimension, value, …]`, as dashboards write it.
fn metric(namespace: &str, name: &str, dimensions: &[(&str, Expr)]) -> Vec<Expr> {
    let head = [Expr::from(namespace), Expr::from(name)];
    let tail = dimensions
        .iter()
        .flat_map(|(dimension, value)| [Expr::from(*dimension), value.clone()]);
    head.into_iter().chain(tail).collect()
}

/// A dot stands for what the metric above has in the same place.
fn abbreviated(metrics: &[Vec<Expr>]) -> Expr {
    let above = std::iter::once(None).chain(metrics.iter().map(Some));
    let lines = metrics.iter().zip(above).map(|(metric, above)| {
        let parts = metric.iter().enumerate().map(|(place, part)| {
            let same = above.is_some_and(|above| above.get(place) == Some(part));
            if same { ".".into() } else { part.clone() }
        });
        Expr::List(parts.collect())
    });
    Expr::List(lines.collect())
}

fn function_widgets(env: &Environment) -> Vec<Widget> {
    let metrics = |name: &'static str| {
        env.functions.iter().map(move |function| {
            let physical = Expr::name("lambda", &function.key);
            metric("AWS/Lambda", name, &[("FunctionName", physical)])
        })
    };
    vec![
        Widget {
            title: "Functions: calls",
            statistic: "Sum",
            metrics: metrics("Invocations").collect(),
        },
        Widget {
            title: "Functions: errors and throttles",
            statistic: "Sum",
            metrics: metrics("Errors").chain(metrics("Throttles")).collect(),
        },
        Widget {
            title: "Functions: duration, 95th percentile, ms",
            statistic: "p95",
            metrics: metrics("Duration").collect(),
        },
    ]
}

fn api_widgets() -> Vec<Widget> {
    let dimensions = [
        ("ApiName", Expr::name("api", "")),
        ("Stage", Expr::EnvironmentName),
    ];
    let metrics = |names: &[&str]| {
        names
            .iter()
            .map(|name| metric("AWS/ApiGateway", name, &dimensions))
            .collect()
    };
    vec![
        Widget {
            title: "API: requests and errors",
            statistic: "Sum",
            metrics: metrics(&["Count", "4XXError", "5XXError"]),
        },
        Widget {
            title: "API: latency, 95th percentile, ms",
            statistic: "p95",
            metrics: metrics(&["Latency", "IntegrationLatency"]),
        },
    ]
}

fn database_widgets() -> Vec<Widget> {
    let widget = |title, name| Widget {
        title,
        statistic: "Average",
        metrics: vec![metric(
            "AWS/RDS",
            name,
            &[("DBInstanceIdentifier", Expr::name("rds", ""))],
        )],
    };
    vec![
        widget("Database: CPU, percent", "CPUUtilization"),
        widget("Database: connections", "DatabaseConnections"),
        widget("Database: free storage, bytes", "FreeStorageSpace"),
    ]
}

fn load_balancer_widgets() -> Vec<Widget> {
    let balancer = refer("load_balancer", "load_balancer").out("arn_suffix");
    let metrics = |names: &[&str]| {
        names
            .iter()
            .map(|name| {
                metric(
                    "AWS/ApplicationELB",
                    name,
                    &[("LoadBalancer", balancer.clone())],
                )
            })
            .collect()
    };
    vec![
        Widget {
            title: "Load balancer: requests and errors",
            statistic: "Sum",
            metrics: metrics(&[
                "RequestCount",
                "HTTPCode_ELB_5XX_Count",
                "HTTPCode_Target_5XX_Count",
            ]),
        },
        Widget {
            title: "Load balancer: response time, 95th percentile, s",
            statistic: "p95",
            metrics: metrics(&["TargetResponseTime"]),
        },
    ]
}

fn firewall_widget(env: &Environment) -> Option<Widget> {
    env.firewall.enabled.value.then(|| Widget {
        title: "Firewall: blocked requests",
        statistic: "Sum",
        metrics: vec![metric(
            "AWS/WAFV2",
            "BlockedRequests",
            &[
                ("WebACL", Expr::name("waf", "")),
                ("Region", Expr::Region),
                ("Rule", "ALL".into()),
            ],
        )],
    })
}
