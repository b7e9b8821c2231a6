//! Listener rules that exchange their priorities: two builds. The first one gives the rules in the way free priorities.

use std::collections::{BTreeMap, BTreeSet};

use super::account::{Account, Id, State};
use super::refusal::called;
use crate::compare::value::{Value, number_text};

const RULE: &str = "aws.lb.ListenerRule";

/// The way for a rule that gets a priority which another one has. None if nothing says which.
pub fn way(account: &Account<'_>, state: &State<'_>) -> Option<String> {
    let listener = state.identity(&["listener_arn"]);
    let here = |state: &&State<'_>| state.identity(&["listener_arn"]) == listener;
    let before: BTreeMap<u64, &State<'_>> = account
        .of_class(RULE)
        .filter(here)
        .filter(|state| state.from.is_none())
        .filter_map(|state| Some((priority(state)?, state)))
        .collect();
    let mut taken: BTreeSet<u64> = before.keys().copied().collect();
    let made = account.of_class(RULE).filter(here);
    let wanted: BTreeMap<u64, Id> = made
        .filter(|state| state.from.is_some())
        .filter_map(|state| Some((priority(state)?, state.id)))
        .collect();
    taken.extend(wanted.keys());
    let mut edits = Vec::new();
    for (number, holder) in &before {
        let is_in_the_way = wanted.get(number).is_some_and(|id| *id != holder.id);
        if is_in_the_way {
            let mut free = (number + 1..=LAST).chain(1..*number);
            let free = free.find(|free| !taken.contains(free))?;
            taken.insert(free);
            edits.push(format!("`{}.priority = {free}`", route(account, holder)));
        }
    }
    if edits.is_empty() {
        return None;
    }
    Some(format!(
        "Two builds: first the old spec with {}, then the new one.",
        edits.join(" and ")
    ))
}

/// Highest priority of a rule.
const LAST: u64 = 50_000;

fn priority(state: &State<'_>) -> Option<u64> {
    match state.input("priority")? {
        Value::Number(number) => number_text(*number).parse().ok(),
        _ => None,
    }
}

fn route(account: &Account<'_>, state: &State<'_>) -> String {
    super::way::entry(account, state).unwrap_or_else(|| called(state))
}
