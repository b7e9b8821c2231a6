//! How long an `up` takes: along the longest chain of steps that wait for each other.

use serde::Serialize;

use super::upgrade::upgrade;
use crate::catalogue::{Consequence, Kind, SHORT, consequence};
use crate::compare::change::Change;
use crate::compare::engine::Op;

/// An estimate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Time {
    pub seconds: u32,
    /// The steps that wait for each other, by the ends of their URNs.
    pub chain: Vec<String>,
}

/// Seconds until a goal is reached, and the goal that it waits for last.
#[derive(Clone, Copy, Default)]
struct Reached {
    seconds: u32,
    after: Option<usize>,
}

pub fn time(change: &Change<'_>) -> Time {
    let mut reached: Vec<Reached> = Vec::with_capacity(change.course.decisions.len());
    for (number, decision) in change.course.decisions.iter().enumerate() {
        let goal = change.goal(number);
        let waits = goal.into_iter().flat_map(|goal| &goal.after);
        let last = waits
            .filter_map(|before| Some((reached.get(*before)?.seconds, *before)))
            .max_by_key(|(seconds, before)| (*seconds, std::cmp::Reverse(*before)));
        let own = goal.and_then(|goal| goal.kind).map_or(0, |kind| {
            let (create, update, delete) = durations(kind);
            let upgrade = consequence(kind.class).and_then(|row| upgrade(change, decision, row));
            match decision.op {
                Op::Same => 0,
                Op::Create | Op::CreateBeforeDelete => create,
                Op::Update => upgrade.map_or(update, |upgrade| upgrade.step.seconds),
                Op::DeleteBeforeCreate => create + delete,
            }
        });
        let (before, after) = match last {
            Some((seconds, before)) if seconds > 0 => (seconds, Some(before)),
            _ => (0, None),
        };
        reached.push(Reached {
            seconds: before + own,
            // What does nothing hands on what it waited for.
            after: if own == 0 && after.is_none() {
                None
            } else {
                after
            },
        });
    }
    let ends = reached.iter().enumerate();
    let end = ends.max_by_key(|(number, reached)| (reached.seconds, std::cmp::Reverse(*number)));
    let Some((number, last)) = end.filter(|(_, reached)| reached.seconds > 0) else {
        let deleted = deletions(change);
        return Time {
            seconds: deleted,
            chain: Vec::new(),
        };
    };
    let mut chain = Vec::new();
    let mut at = Some(number);
    while let Some(number) = at {
        let changes = change
            .decision(number)
            .is_some_and(|decision| decision.op != Op::Same);
        if changes && let Some(goal) = change.goal(number) {
            chain.push(goal.urn.clone());
        }
        at = reached.get(number).and_then(|reached| reached.after);
    }
    chain.reverse();
    Time {
        seconds: last.seconds + deletions(change),
        chain,
    }
}

/// Deletions at the end: the slowest of them, as they run side by side.
fn deletions(change: &Change<'_>) -> u32 {
    let replaced = change.course.decisions.iter();
    let replaced = replaced
        .filter(|decision| decision.op == Op::CreateBeforeDelete)
        .filter_map(|decision| decision.old);
    let all = replaced.chain(change.course.deleted.iter().copied());
    let kinds = all.filter_map(|number| change.deployed(number)?.kind);
    kinds.map(|kind| durations(kind).2).max().unwrap_or(0)
}

fn durations(kind: &Kind) -> (u32, u32, u32) {
    consequence(kind.class).map_or((SHORT, SHORT, SHORT), |row: &Consequence| {
        (row.create, row.update, row.delete)
    })
}
