//! Usage plans and the API keys that belong to them, and the call that says whose these are.

use std::collections::BTreeSet;

use crate::resolve::environment::{Environment, Plan};
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Family, Handle, Resource};

use super::super::migration;
use super::super::table::{cell, cell_from};

pub(super) fn add(layer: &mut Component, env: &Environment, rest_api: &Handle, stage: &Handle) {
    let mut own = None;
    if !env.api.plans.is_empty() {
        layer.add_family(plans(env, rest_api, stage));
        layer.add_family(keys(layer, env));
        own = Some(layer.handle("key"));
    }
    if let Some(callers) = migration::callers(env, own.as_ref()) {
        layer.add(callers);
    }
}

fn plans(env: &Environment, rest_api: &Handle, stage: &Handle) -> Family {
    let mut family = Family {
        table: "PLANS",
        class: "Plan",
        doc: "How much the holders of a plan's keys may ask for.",
        comment: None,
        variable: "plan",
        key: "name",
        columns: vec![
            ("name", "str"),
            ("quota_requests", "int"),
            ("quota_period", "str"),
            ("rate_per_second", "int"),
            ("burst", "int"),
        ],
        rows: Vec::new(),
        resources: vec![
            Resource::new("aws.apigateway.UsagePlan", "usage_plan")
                .logical("{name}")
                .arg("name", Expr::name("plan", "{name}"))
                .arg(
                    "api_stages",
                    Expr::List(vec![Expr::map([
                        ("api_id", rest_api.out("id")),
                        ("stage", stage.out("stage_name")),
                    ])]),
                )
                .arg(
                    "quota_settings",
                    Expr::map([
                        ("limit", Expr::Column("quota_requests")),
                        ("period", Expr::Column("quota_period")),
                    ]),
                )
                .arg(
                    "throttle_settings",
                    Expr::map([
                        ("rate_limit", Expr::Column("rate_per_second")),
                        ("burst_limit", Expr::Column("burst")),
                    ]),
                )
                .tags("plan", "{name}"),
        ],
    };
    for plan in &env.api.plans {
        family.row(vec![
            cell("name", &plan.key),
            cell("quota_requests", &plan.quota_requests),
            cell("quota_period", &plan.quota_period),
            cell("rate_per_second", &plan.throttle.rate_per_second),
            cell("burst", &plan.throttle.burst),
        ]);
    }
    let plans = env.api.plans.iter();
    family.formerly(plans.map(|plan| former(plan).to_owned()).collect());
    family
}

fn keys(layer: &Component, env: &Environment) -> Family {
    let mut family = Family {
        table: "API_KEYS",
        class: "ApiKey",
        doc: "A key and the plan that it counts against.",
        comment: Some("A key meters its holder, and says whose merchant its requests are."),
        variable: "api_key",
        key: "name",
        columns: vec![("name", "str"), ("plan", "str")],
        rows: Vec::new(),
        resources: vec![
            Resource::new("aws.apigateway.ApiKey", "key")
                .logical("{name}")
                .arg("name", Expr::name("apikey", "{name}"))
                .tags("apikey", "{name}"),
            // A key is in one plan of a stage at a time.
            Resource::new("aws.apigateway.UsagePlanKey", "plan_key")
                .logical("{name}")
                .delete_before_replace()
                .arg("key_id", layer.handle("key").out("id"))
                .fixed("key_type", "API_KEY", "API-4")
                .arg(
                    "usage_plan_id",
                    layer.handle("usage_plan").keyed("plan").out("id"),
                ),
        ],
    };
    let keys = env.api.keys();
    for (plan, name) in &keys {
        family.row(vec![
            cell("name", name),
            cell_from("plan", name, plan.key.value.as_str()),
        ]);
    }
    let listed: BTreeSet<&str> = keys.iter().map(|(_, key)| key.as_str()).collect();
    // The key that has its plan's name is renamed with the plan.
    let names = keys.iter().map(|(plan, key)| match former(plan) {
        old if key.value == plan.key.value && !listed.contains(old) => old.to_owned(),
        _ => key.value.clone(),
    });
    family.formerly(names.collect());
    family
}

/// The name that a plan had.
fn former(plan: &Plan) -> &str {
    plan.renamed_from.as_ref().unwrap_or(&plan.key)
}
