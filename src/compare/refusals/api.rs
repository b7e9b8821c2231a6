//! REST APIs: one variable part below a path, a key in one plan of a stage.

use std::collections::BTreeSet;

use super::account::{Account, State};
use super::refusal::{Reason, Refusal, called};
use super::way;
use crate::compare::value::Value;

pub fn refusals(account: &Account<'_>, found: &mut Vec<Refusal>) {
    variable_parts(account, found);
    keys(account, found);
}

/// Below a resource, one part of a path may stand for anything.
fn variable_parts(account: &Account<'_>, found: &mut Vec<Refusal>) {
    let part = |state: &State<'_>| state.text("path_part").unwrap_or_default().to_owned();
    for group in account.alike("aws.apigateway.Resource", &["rest_api", "parent_id"]) {
        let variable: Vec<_> = group
            .into_iter()
            .filter(|state| part(state).starts_with('{'))
            .collect();
        for state in &variable {
            let Some(call) = state.from else {
                continue;
            };
            let had_one = variable
                .iter()
                .any(|before| before.id == state.id && before.until == Some(call));
            let mut others = variable
                .iter()
                // The same part twice is another error.
                .filter(|other| other.id != state.id && part(other) != part(state));
            let other = others.find(|other| account.may_stand(other, call));
            if let Some(other) = other.filter(|_| !had_one) {
                let reason = Reason {
                    error: Some("BadRequestException"),
                    with: Some(other),
                    why: format!(
                        "`{}` would be created while `{}` still exists below the same path, and API Gateway takes one parameter there.",
                        part(state),
                        part(other)
                    ),
                    way: way::without(account, other),
                };
                found.push(Refusal::new(account, call, state, reason));
            }
        }
    }
}

/// A key is in one plan only of those that have a stage in common.
fn keys(account: &Account<'_>, found: &mut Vec<Refusal>) {
    for group in account.alike("aws.apigateway.UsagePlanKey", &["key_id"]) {
        for state in &group {
            let Some(call) = state.from else {
                continue;
            };
            let plan = state.identity(&["usage_plan_id"]);
            let mut others = group
                .iter()
                .filter(|other| other.id != state.id && other.identity(&["usage_plan_id"]) != plan);
            let other = others.find(|other| {
                account.may_stand(other, call)
                    && !stages(account, other).is_disjoint(&stages(account, state))
            });
            if let Some(other) = other {
                let reason = Reason {
                    error: Some("ConflictException"),
                    with: Some(other),
                    why: format!(
                        "{} would be created while {} still exists, and a key can be in only one usage plan of a stage.",
                        called(state),
                        called(other)
                    ),
                    way: way::make_room(account, other),
                };
                found.push(Refusal::new(account, call, state, reason));
            }
        }
    }
}

/// Names of the stages of a key's plan. The stack has one API.
fn stages(account: &Account<'_>, key: &State<'_>) -> BTreeSet<String> {
    let plans = key.read_at("usage_plan_id").into_iter();
    let plans = plans.filter_map(|id| account.last("aws.apigateway.UsagePlan", id));
    let mut found = BTreeSet::new();
    for plan in plans {
        if let Some(Value::List(stages)) = plan.input("api_stages") {
            let names = stages.iter().filter_map(|stage| stage.at("stage")?.text());
            found.extend(names.map(str::to_owned));
        }
    }
    found
}
