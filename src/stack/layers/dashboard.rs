//! The dashboard: one page on which a bad quarter of an hour can be told apart from a bad deployment.

use super::shared::refer;
use crate::catalogue::{Quota, quotas};
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
    for (number, widgets) in (1..).zip(pages(env)) {
        layer.add(page(env, number, widgets));
    }
    layer
}

/// The widgets of each page. Whatever does not fit into the first is about functions: the rest is what one looks at first.
fn pages(env: &Environment) -> Vec<Vec<Widget>> {
    let limit = |quota: &Quota| usize::try_from(quota.value).unwrap_or(usize::MAX);
    let quotas = quotas();
    let of_widget = limit(&quotas.dashboard_widget_metrics);
    let (metrics, widgets) = (
        limit(&quotas.dashboard_metrics),
        limit(&quotas.dashboard_widgets),
    );
    let others: Vec<Widget> = api_widgets()
        .into_iter()
        .chain(database_widgets())
        .chain(load_balancer_widgets())
        .chain(firewall_widget(env))
        .collect();
    let mut pages: Vec<Vec<Widget>> = vec![Vec::new()];
    let (mut left, mut places) = (
        metrics.saturating_sub(others.iter().map(|widget| widget.metrics.len()).sum()),
        widgets.saturating_sub(others.len()),
    );
    let functions = function_widgets(env).into_iter();
    for widget in functions.flat_map(|widget| widget.split(of_widget)) {
        if widget.metrics.len() > left || places == 0 {
            pages.push(Vec::new());
            (left, places) = (metrics, widgets);
        }
        left = left.saturating_sub(widget.metrics.len());
        places = places.saturating_sub(1);
        if let Some(page) = pages.last_mut() {
            page.push(widget);
        }
    }
    if let Some(first) = pages.first_mut() {
        first.extend(others);
    }
    pages
}

/// Pages after the first have their number behind them.
fn page(env: &Environment, number: usize, widgets: Vec<Widget>) -> Resource {
    let widgets = widgets.into_iter().zip(0..);
    let widgets = widgets.map(|(widget, index)| widget.place(index));
    let origins = env.functions.iter().map(|function| &function.key.origin);
    let (variable, role) = match number {
        1 => ("dashboard".to_owned(), String::new()),
        _ => (format!("dashboard_{number}"), number.to_string()),
    };
    Resource::new("aws.cloudwatch.Dashboard", &variable)
        .arg("dashboard_name", Expr::name("dashboard", &role))
        .from_all(
            "dashboard_body",
            origins.collect::<Vec<&Origin>>(),
            Expr::json(Expr::map([("widgets", Expr::List(widgets.collect()))])),
        )
}

struct Widget {
    title: String,
    statistic: &'static str,
    metrics: Vec<Vec<Expr>>,
}

impl Widget {
    /// The same in widgets of at most so many metrics, which say which of how many they are.
    fn split(self, most: usize) -> Vec<Self> {
        if self.metrics.len() <= most {
            return vec![self];
        }
        let count = self.metrics.len().div_ceil(most);
        let chunks = (1..).zip(self.metrics.chunks(most));
        let widgets = chunks.map(|(number, metrics)| Self {
            title: format!("{} ({number} of {count})", self.title),
            statistic: self.statistic,
            metrics: metrics.to_vec(),
        });
        widgets.collect()
    }

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
                    ("title", Expr::text(&self.title)),
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
            title: "Functions: invocations".to_owned(),
            statistic: "Sum",
            metrics: metrics("Invocations").collect(),
        },
        Widget {
            title: "Functions: errors and throttles".to_owned(),
            statistic: "Sum",
            metrics: metrics("Errors").chain(metrics("Throttles")).collect(),
        },
        Widget {
            title: "Functions: duration, p95, ms".to_owned(),
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
            title: "API: requests and errors".to_owned(),
            statistic: "Sum",
            metrics: metrics(&["Count", "4XXError", "5XXError"]),
        },
        Widget {
            title: "API: latency, p95, ms".to_owned(),
            statistic: "p95",
            metrics: metrics(&["Latency", "IntegrationLatency"]),
        },
    ]
}

fn database_widgets() -> Vec<Widget> {
    let widget = |title: &str, name| Widget {
        title: title.to_owned(),
        statistic: "Average",
        metrics: vec![metric(
            "AWS/RDS",
            name,
            &[("DBInstanceIdentifier", Expr::name("rds", ""))],
        )],
    };
    vec![
        widget("Database: CPU utilization, %", "CPUUtilization"),
        widget("Database: connections", "DatabaseConnections"),
        widget("Database: free storage space, bytes", "FreeStorageSpace"),
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
            title: "Load balancer: requests and errors".to_owned(),
            statistic: "Sum",
            metrics: metrics(&[
                "RequestCount",
                "HTTPCode_ELB_5XX_Count",
                "HTTPCode_Target_5XX_Count",
                "ClientTLSNegotiationErrorCount",
            ]),
        },
        Widget {
            title: "Load balancer: target response time, p95, s".to_owned(),
            statistic: "p95",
            metrics: metrics(&["TargetResponseTime"]),
        },
    ]
}

fn firewall_widget(env: &Environment) -> Option<Widget> {
    env.firewall.enabled.value.then(|| Widget {
        title: "Firewall: blocked requests".to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn widget(count: usize) -> Widget {
        Widget {
            title: "Functions: errors".to_owned(),
            statistic: "Sum",
            metrics: (0..count)
                .map(|number| vec![Expr::text(number.to_string())])
                .collect(),
        }
    }

    #[test]
    fn a_widget_is_split_where_it_has_too_many_metrics() {
        let shape = |count| -> Vec<(String, usize)> {
            let widgets = widget(count).split(500).into_iter();
            widgets
                .map(|widget| (widget.title, widget.metrics.len()))
                .collect()
        };
        assert_eq!(shape(500), [("Functions: errors".to_owned(), 500)]);
        assert_eq!(
            shape(532),
            [
                ("Functions: errors (1 of 2)".to_owned(), 500),
                ("Functions: errors (2 of 2)".to_owned(), 32),
            ]
        );
    }

    #[test]
    fn every_metric_has_a_place_however_many_functions_there_are() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/spec/staging.toml");
        let text = std::fs::read_to_string(path).unwrap();
        let loader = crate::load::Disk::beside(std::path::Path::new(path));
        let today = "2026-06-01".parse().unwrap();
        let mut env = crate::compile_environment(&text, path, &loader, today)
            .0
            .unwrap();
        let of_page =
            |page: &Vec<Widget>| -> usize { page.iter().map(|widget| widget.metrics.len()).sum() };
        let [one] = &pages(&env)[..] else {
            panic!("more than a page");
        };
        let others = of_page(one) - 4 * env.functions.len();
        for count in [125, 126, 266, 621, 622, 1_300] {
            let function = env.functions[0].clone();
            env.functions.resize(count, function);
            let pages = pages(&env);
            let sums: Vec<usize> = pages.iter().map(of_page).collect();
            assert_eq!(sums.iter().sum::<usize>(), 4 * count + others);
            assert!(sums.iter().all(|sum| *sum <= 2_500), "{sums:?}");
            let widgets = || pages.iter().flatten();
            assert!(widgets().all(|widget| widget.metrics.len() <= 500));
            assert!(
                pages[0]
                    .iter()
                    .any(|widget| widget.title.starts_with("API:"))
            );
        }
    }
}
