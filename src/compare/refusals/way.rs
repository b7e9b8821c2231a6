//! What to do instead of a step that AWS refuses, with what to type.

use super::account::{Account, Id, State};
use super::refusal::{Way, called};
use crate::origin::Origin;
use crate::stack::graph::Member;

/// Tables of the spec with entries that can be taken out and put in again.
const ENTRIES: [&str; 4] = [
    "load_balancer.routes.",
    "api.routes.",
    "api.plans.",
    "functions.",
];

/// The entry of the spec that makes a resource: `load_balancer.routes."/health"`.
pub fn entry(account: &Account<'_>, state: &State<'_>) -> Option<String> {
    let member = member(account, state)?;
    if let Some(function) = member.component.path.strip_prefix("functions/") {
        return Some(format!("functions.{}", function.replace('_', "-")));
    }
    let keys = keys(member);
    ENTRIES.iter().find_map(|table| {
        let mut found = keys.iter().filter(|key| key.starts_with(table));
        found.next().map(|key| head(key, table))
    })
}

fn member<'a>(account: &Account<'a>, state: &State<'_>) -> Option<&'a Member<'a>> {
    let change = account.change;
    let goal = match (state.goal, state.id) {
        (Some(goal), _) | (None, Id::New(goal)) => change.goal(goal),
        (None, Id::Old(number)) => change.old_goal(number),
    };
    goal?.member.as_ref()
}

/// The table and the name in it, without what follows: names with points are quoted.
fn head(key: &str, table: &str) -> String {
    let name = key.get(table.len()..).unwrap_or_default();
    let end = match name.strip_prefix('"') {
        Some(quoted) => quoted.find('"').map_or(name.len(), |end| end + 2),
        None => name.find('.').unwrap_or(name.len()),
    };
    format!("{table}{}", name.get(..end).unwrap_or(name))
}

fn keys(member: &Member<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for argument in &member.resource.arguments {
        match member.origin(argument) {
            Origin::Spec { key, .. } => found.push(key),
            Origin::Derived(keys) => found.extend(keys),
            _ => {}
        }
    }
    found
}

/// Deletes first what the engine would delete at the end: by itself if nothing reads it, otherwise in a build of its own.
pub fn make_room(account: &Account<'_>, other: &State<'_>) -> Way {
    let is_route = entry(account, other).is_some_and(|entry| entry.contains("routes."));
    let is_read = account.states.iter().any(|state| {
        let mut reads = state.reads.values();
        state.from.is_none() && reads.any(|read| read.contains(&other.id))
    });
    if !is_read && !is_route {
        return Way::here(format!(
            "Delete {} first: `pulumi destroy --target '**::{}'`. Then deploy the new spec.",
            called(other),
            other.urn
        ));
    }
    without(account, other)
}

/// Two builds: one without what is in the way, then the new one.
pub fn without(account: &Account<'_>, other: &State<'_>) -> Way {
    match entry(account, other) {
        Some(entry) if entry.starts_with("functions.") => Way::here(format!(
            "Two builds: first the old spec without `[{entry}]` and the routes that call it, then the new one."
        )),
        Some(entry) => Way::here(format!(
            "Two builds: first the old spec without `[{entry}]`, then the new one."
        )),
        None if member(account, other).is_some_and(|member| member.row.is_none()) => {
            second_copy("the new spec")
        }
        None => Way::here(format!(
            "Two builds: first the old spec without the entry that creates {}, then the new one.",
            called(other)
        )),
    }
}

/// For what cannot be changed in place.
pub fn second_copy(what: &str) -> Way {
    Way::elsewhere(format!(
        "Deploy {what} as a second copy: a stack of its own, with another `environmentSuffix` (README, A second copy beside the first). Move the data with \
         `pg_dump`, then the clients, then destroy the first."
    ))
}
