//! When those who use the environment notice a change.

use serde::Serialize;

use super::upgrade::upgrade;
use crate::catalogue::{Becomes, Outage, Serves, consequence};
use crate::compare::change::Change;
use crate::compare::engine::{Decision, Op};
use crate::compare::evaluate::wire;
use crate::compare::value::Value;

const DELETED_FIRST: &str = "the old one is deleted before the new one is made";

/// An interruption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Interruption {
    /// The end of the URN.
    pub resource: String,
    pub when: Outage,
    pub why: String,
}

/// The interruptions of a change, the worst first.
pub fn outage(change: &Change<'_>) -> Vec<Interruption> {
    let mut found = Vec::new();
    for (number, decision) in change.course.decisions.iter().enumerate() {
        let Some(goal) = change.goal(number) else {
            continue;
        };
        let row = goal.kind.and_then(|kind| consequence(kind.class));
        let Some(row) = row else {
            continue;
        };
        match decision.op {
            Op::DeleteBeforeCreate if row.serves == Some(Serves::Request) => {
                found.push(Interruption {
                    resource: goal.urn.clone(),
                    when: Outage::UntilNew,
                    why: row.replaced.unwrap_or(DELETED_FIRST).to_owned(),
                });
            }
            Op::Update => {
                let upgrade = upgrade(change, decision, row);
                for argument in row.updates.keys() {
                    let name = wire(argument);
                    if decision.difference.changed.contains(&name)
                        && let Some(interruption) = row.updates.get(argument)
                        && is_met(interruption.becomes.as_ref(), &name, change, decision)
                    {
                        let step = upgrade.as_ref().filter(|step| step.argument == argument);
                        let why = step.map_or(interruption.why, |upgrade| upgrade.step.why);
                        found.push(Interruption {
                            resource: goal.urn.clone(),
                            when: on_one_copy(interruption.outage, &decision.inputs),
                            why: format!("{argument}: {why}"),
                        });
                    }
                }
            }
            _ => {}
        }
    }
    found.sort_by_key(|interruption| std::cmp::Reverse(interruption.when));
    found
}

/// Whether a change of the argument is one that interrupts: where only one value of a part does, that part gets it now.
fn is_met(becomes: Option<&Becomes>, name: &str, change: &Change<'_>, decision: &Decision) -> bool {
    let Some(becomes) = becomes else {
        return true;
    };
    let has = |inputs: &std::collections::BTreeMap<String, Value>| {
        let part = inputs
            .get(name)
            .and_then(|value| value.at(&wire(becomes.part)));
        part.and_then(Value::text) == Some(becomes.value)
    };
    let old = decision.old.and_then(|old| change.deployed(old));
    has(&decision.inputs) && !old.is_some_and(|old| has(&old.inputs))
}

/// Where there is no second copy, nobody takes over.
fn on_one_copy(outage: Outage, inputs: &std::collections::BTreeMap<String, Value>) -> Outage {
    match (outage, inputs.get("multiAz")) {
        (Outage::FailOver, Some(Value::Bool(true))) => Outage::FailOver,
        (Outage::FailOver, _) => Outage::AtOnce,
        (other, _) => other,
    }
}
