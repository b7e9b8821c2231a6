//! Values of which AWS has each only once: names, priorities, path parts, addresses, statement ids.

use super::account::{Account, Id, State};
use super::priorities;
use super::refusal::{Reason, Refusal, Way, called};
use super::way;
use crate::catalogue::{Unique, conflicts};
use crate::compare::engine::Call;
use crate::compare::value::{Value, number_text};

pub fn refusals(account: &Account<'_>, found: &mut Vec<Refusal>) {
    for row in conflicts().unique {
        let arguments: Vec<&str> = row.arguments.to_vec();
        for group in account.alike(row.class, &arguments) {
            let is_given = |state: &&State<'_>| {
                let first = arguments.first();
                first.is_some_and(|first| state.input(first).is_some())
            };
            if group.first().is_some_and(is_given) {
                among(account, row, &group, found);
            }
        }
    }
    secrets(account, found);
}

/// States that have the same values: the later one is refused while the earlier one may stand.
fn among(account: &Account<'_>, row: &Unique, group: &[&State<'_>], found: &mut Vec<Refusal>) {
    for state in group {
        let Some(call) = state.from else {
            continue;
        };
        let had_it = group
            .iter()
            .any(|before| before.id == state.id && before.until == Some(call));
        if had_it {
            continue;
        }
        let mut others = group.iter().filter(|other| other.id != state.id);
        if let Some(other) = others.find(|other| account.may_stand(other, call)) {
            let reason = Reason {
                error: row.error,
                with: Some(other),
                why: why(account, row, state, other),
                way: way(account, row, state, other),
            };
            found.push(Refusal::new(account, call, state, reason));
        }
    }
}

fn why(account: &Account<'_>, row: &Unique, state: &State<'_>, other: &State<'_>) -> String {
    let known = row.arguments.iter().filter_map(|argument| {
        let shown = shown(state.input(argument)?)?;
        Some(format!("`{argument} = {shown}`"))
    });
    let values = known.collect::<Vec<_>>().join(", ");
    let values = if values.is_empty() {
        format!("the same `{}`", row.arguments.join("`, `"))
    } else {
        values
    };
    let (new, there) = (called(state), called(other));
    if row.error.is_none() {
        return format!(
            "{new} would overwrite {there}, which also has {values}. When the old one is deleted, the new one is lost too."
        );
    }
    let end = other.until.map(|end| account.change.course.calls.get(end));
    match end {
        Some(Some(Call::Delete(_))) => format!(
            "{there} still has {values} when {new} is created: Pulumi deletes replaced and removed resources at the end."
        ),
        Some(Some(Call::Update(_))) => {
            format!(
                "{there} may still have {values} when {new} gets it: neither step waits for the other."
            )
        }
        _ => format!("{there} also has {values} and keeps it."),
    }
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) if !text.contains('<') => Some(format!("\"{text}\"")),
        Value::Number(number) => Some(number_text(*number)),
        _ => None,
    }
}

fn way(account: &Account<'_>, row: &Unique, state: &State<'_>, other: &State<'_>) -> Way {
    if row.class == "aws.lb.ListenerRule"
        && let Some(way) = priorities::way(account, state)
    {
        return Way::here(way);
    }
    match other.id {
        Id::Old(_) => way::make_room(account, other),
        Id::New(_) => Way::here(format!("Give {} another value.", called(state))),
    }
}

/// The name of a deleted secret is reserved until its recovery window ends.
fn secrets(account: &Account<'_>, found: &mut Vec<Refusal>) {
    for group in account.alike("aws.secretsmanager.Secret", &["name"]) {
        for state in &group {
            let Some(call) = state.from else {
                continue;
            };
            let mut others = group.iter().filter(|other| other.id != state.id);
            let waits = others.find(|other| {
                let is_gone = other.until.is_some_and(|end| account.precedes(end, call));
                is_gone && other.input("recovery_window_in_days") != Some(&Value::Number(0.0))
            });
            if let Some(other) = waits {
                let reason = Reason {
                    error: Some("InvalidRequestException"),
                    with: Some(other),
                    why: format!(
                        "{} is deleted first, but its name is reserved until its recovery window ends.",
                        called(other)
                    ),
                    way: Way::here(
                        "Give the secret another name, or set `recovery_window_in_days = 0` in an earlier build.",
                    ),
                };
                found.push(Refusal::new(account, call, state, reason));
            }
        }
    }
}
