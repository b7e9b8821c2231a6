//! The layers of the environment: one file each, `Environment` in, `Component` out. What the requirements
//! ask of a layer is decided here and nowhere else.

mod api;
mod audit;
mod database;
mod firewall;
mod functions;
mod keys;
mod load_balancer;
mod monitoring;
mod network;
pub mod policy;
mod table;
mod tracing;
mod traffic;

use crate::resolve::environment::Environment;
use crate::stack::expr::{Expr, Members};
use crate::stack::resource::{Component, Handle, Resource};

/// All layers, in the order in which the program makes them.
pub fn layers(env: &Environment) -> Vec<Component> {
    let mut layers = vec![
        keys::keys(env),
        network::network(env),
        traffic::traffic(env),
        audit::audit(env),
        database::database(env),
        tracing::tracing(env),
    ];
    layers.extend(functions::functions(env));
    layers.push(api::api(env));
    layers.push(load_balancer::load_balancer(env));
    layers.extend(firewall::firewall(env));
    layers.push(monitoring::monitoring(env));
    layers
}

/// Stack outputs: what people and the integration tests ask a deployed stack for.
pub fn exports(env: &Environment) -> Vec<(&'static str, Expr)> {
    let mut exports = vec![
        ("vpc_id", refer("network", "vpc").out("id")),
        ("api_id", refer("api", "rest_api").out("id")),
        ("api_url", refer("api", "stage").out("invoke_url")),
        ("api_stage", refer("api", "stage").out("stage_name")),
        (
            "load_balancer_dns_name",
            refer("load_balancer", "load_balancer").out("dns_name"),
        ),
        (
            "load_balancer_arn",
            refer("load_balancer", "load_balancer").out("arn"),
        ),
        ("alarm_topic_arn", refer("monitoring", "topic").out("arn")),
        (
            "dashboard_name",
            refer("monitoring", "dashboard").out("dashboard_name"),
        ),
    ];
    if env.firewall.enabled.value {
        exports.push(("web_acl_arn", refer("firewall", "web_acl").out("arn")));
    }
    exports
}

/// A resource of another layer. That it exists is checked when the graph is put together.
pub fn refer(component: &str, variable: &str) -> Handle {
    Handle {
        component: component.to_owned(),
        variable: variable.to_owned(),
        members: Members::One,
    }
}

/// `arn:aws:iam::ACCOUNT:root`.
pub fn refer_account_root() -> Expr {
    Expr::concat(["arn:aws:iam::".into(), Expr::AccountId, ":root".into()])
}

/// Names of buckets are global, so that they carry the account too.
pub fn bucket_name(role: &'static str) -> Expr {
    Expr::concat([Expr::name("s3", role), "-".into(), Expr::AccountId])
}

/// A log group that is made before its service would make one without key and retention.
pub fn log_group(env: &Environment, variable: &str, name: Expr, role: &str) -> Resource {
    Resource::new("aws.cloudwatch.LogGroup", variable)
        .arg("name", name)
        .set("retention_in_days", &env.monitoring.log_retention_days)
        .arg("kms_key_id", refer("keys", "logs_key").out("arn"))
        .tags("logs", role)
}
