//! What the provider makes of other inputs: nothing, an update, or a replacement, and in which order.

use std::collections::{BTreeMap, BTreeSet};

use super::evaluate::{is_wire, wire};
use super::value::Value;
use crate::catalogue::{Change, Condition, Kind, Setting};

/// By their names on the wire.
pub type Inputs = BTreeMap<String, Value>;

/// What a provider's `Diff` answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Inputs that differ, by their names on the wire.
    pub changed: Vec<String>,
    /// Those among them that make the resource anew.
    pub replacing: Vec<String>,
    /// Whether the provider wants the old one deleted first.
    pub is_deleted_first: bool,
}

/// Compares the inputs of one resource.
pub fn difference(kind: Option<&'static Kind>, old: &Inputs, new: &Inputs) -> Difference {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let changed: Vec<String> = names
        .into_iter()
        .filter(|name| match (old.get(*name), new.get(*name)) {
            (Some(old), Some(new)) => !old.is_same(new),
            _ => true,
        })
        .cloned()
        .collect();
    let replacing: Vec<String> = match kind {
        Some(kind) => {
            let names = changed.iter();
            names
                .filter(|name| replaces(kind, name, old, new))
                .cloned()
                .collect()
        }
        // Another region is another place: everything would be made anew there.
        None => changed
            .iter()
            .filter(|name| name.as_str() == "region")
            .cloned()
            .collect(),
    };
    let is_set = |argument: &str| new.contains_key(&wire(argument));
    let is_deleted_first =
        !replacing.is_empty() && kind.is_some_and(|kind| kind.deletes_first(is_set));
    Difference {
        changed,
        replacing,
        is_deleted_first,
    }
}

/// Whether a change of this input makes the resource anew.
fn replaces(kind: &'static Kind, name: &str, old: &Inputs, new: &Inputs) -> bool {
    let Some(argument) = argument(kind, name) else {
        return false;
    };
    match kind.change(argument) {
        Some(Change::Replace | Change::Unknown(_)) => true,
        Some(Change::Sometimes(condition)) => is_case(condition, name, old, new),
        Some(Change::InPlace) | None => false,
    }
}

/// The argument whose name on the wire this is.
fn argument(kind: &'static Kind, name: &str) -> Option<&'static str> {
    let lists = kind.replace.iter().chain(kind.in_place).copied();
    let mut all = lists
        .chain(kind.replace_if.keys())
        .chain(kind.unconfirmed.keys());
    all.find(|argument| is_wire(argument, name))
}

/// Whether a change is one that the catalogue's condition means.
fn is_case(condition: &Condition, name: &str, old: &Inputs, new: &Inputs) -> bool {
    let is = |setting: &Setting| {
        let value = new.get(&wire(setting.argument)).and_then(Value::text);
        value == Some(setting.value)
    };
    let part = |inputs: &Inputs, part: &str| inputs.get(name)?.at(&wire(part)).cloned();
    match condition {
        Condition::When(setting) => is(setting),
        Condition::Unless(setting) => !is(setting),
        Condition::AnotherOf(arguments) => arguments
            .iter()
            .any(|argument| old.contains_key(&wire(argument)) != new.contains_key(&wire(argument))),
        Condition::Presence => old.contains_key(name) != new.contains_key(name),
        Condition::Parts(parts) => parts.iter().any(|of| part(old, of) != part(new, of)),
        Condition::ArnService(of) => {
            let service = |inputs: &Inputs| {
                let arn = part(inputs, of);
                let arn = arn.as_ref().and_then(Value::text)?;
                Some(arn.split(':').take(3).collect::<Vec<_>>().join(":"))
            };
            let now = service(new);
            // An ARN that is not known yet may be any service's.
            now.is_none() || now != service(old)
        }
        Condition::Told(_) => true,
    }
}
