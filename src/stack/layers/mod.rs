//! The layers of the environment: one file each, `Environment` in, `Component` out. What the requirements
//! ask of a layer is decided here and nowhere else.

mod api;
mod audit;
mod backups;
mod callers;
mod dashboard;
mod database;
mod domain;
mod firewall;
pub mod functions;
pub mod keys;
mod load_balancer;
mod migration;
mod monitoring;
mod network;
mod payment_alarms;
pub mod policy;
mod queues;
mod secrets;
mod shared;
mod table;
mod topics;
mod tracing;
mod traffic;

use crate::resolve::environment::Environment;
use crate::stack::expr::Expr;
use crate::stack::resource::Component;
use shared::refer;

/// All layers, in the order in which the program makes them.
pub fn layers(env: &Environment) -> Vec<Component> {
    let mut layers: Vec<Component> = keys::keys(env).into_iter().collect();
    layers.extend([
        network::network(env),
        traffic::traffic(env),
        audit::audit(env),
        database::database(env),
        tracing::tracing(env),
    ]);
    layers.extend(backups::backups(env));
    layers.extend(secrets::secrets(env));
    layers.extend(topics::topics(env));
    layers.extend(queues::queues(env));
    layers.extend(functions::functions(env));
    layers.extend([api::api(env), api::stage(env)]);
    layers.extend(domain::certificates(env));
    layers.push(load_balancer::load_balancer(env));
    layers.extend(domain::domain(env));
    layers.extend(firewall::firewall(env));
    layers.push(monitoring::monitoring(env));
    layers.extend(payment_alarms::payment_alarms(env));
    layers.extend(callers::callers(env));
    layers.extend(secrets::alarms(env));
    layers.extend(queues::alarms(env));
    layers.extend(topics::alarms(env));
    layers.extend(backups::alarms(env));
    layers.push(dashboard::dashboard(env));
    layers
}

/// Stack outputs: what people and the integration tests ask a deployed stack for.
pub fn exports(env: &Environment) -> Vec<(&'static str, Expr)> {
    let stage = refer("api_stage", "stage");
    let balancer = refer("load_balancer", "load_balancer");
    let function_names = Expr::ByFunction {
        column: "function",
        variable: "function",
        field: "name",
        export: "function_names".to_owned(),
    };
    let bucket =
        |variable: &str| refer("audit", variable).named("bucket", "", format!("{variable}_name"));
    // By the names of the environment's own, where it has any.
    let api_url = match &env.domain.api {
        Some(name) => format!("https://{}", name.value).into(),
        None => stage.named("invoke_url", "", "invoke_url"),
    };
    let balancer_name = match &env.domain.load_balancer {
        Some(name) => (&name.value).into(),
        None => balancer.out("dns_name"),
    };
    let mut exports = vec![
        ("environment", Expr::EnvironmentName),
        ("suffix", Expr::Suffix),
        ("region", Expr::Region),
        ("account_id", Expr::AccountId),
        ("vpc_id", refer("network", "vpc").out("id")),
        ("database_identifier", Expr::name("rds", "")),
        (
            "database_host",
            refer("database", "instance").named("address", "", "database_host"),
        ),
        ("audit_bucket", bucket("audit_bucket")),
        ("log_bucket", bucket("log_bucket")),
        ("function_names", function_names),
        ("api_id", refer("api", "rest_api").out("id")),
        ("api_url", api_url),
        ("api_stage", stage.named("stage_name", "", "stage_name")),
        // What is intended, so that a value raised by hand shows.
        (
            "api_rate_per_second",
            (&env.api.throttle.rate_per_second.value).into(),
        ),
        ("api_burst", (&env.api.throttle.burst.value).into()),
        ("load_balancer_dns", balancer_name),
        ("load_balancer_arn", balancer.out("arn")),
        ("topic_arn", refer("monitoring", "topic").out("arn")),
        ("dashboard_name", Expr::name("dashboard", "")),
    ];
    if env.firewall.enabled.value {
        exports.push(("web_acl_arn", refer("firewall", "web_acl").out("arn")));
    }
    exports
}
