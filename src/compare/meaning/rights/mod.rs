//! Who may do more, or less, after a change: by what policies, rules and settings mean, not by how many there are.
//!
//! Each side is taken apart into single permissions. One is gained if nothing on the old side covers it, and lost if nothing on
//! the new side does: a reordered statement is neither, a wider resource is a gain.

mod network;
mod permission;
mod policy;
mod settings;

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use crate::catalogue::Kind;
use crate::compare::change::Change;

pub use permission::{Right, Rights};
use permission::{Side, add};

pub fn rights(change: &Change<'_>) -> Rights {
    if !is_touched(change) {
        return Rights::default();
    }
    let old = change.before.resources.iter();
    let old = Side {
        resources: old
            .filter_map(|resource| Some((resource.kind?, Rc::clone(&resource.inputs))))
            .filter(|(kind, _)| is_asked(kind))
            .collect(),
    };
    let new = change.new.program.goals.iter().enumerate();
    let new = Side {
        resources: new
            .filter_map(|(number, goal)| Some((number, goal.kind?)))
            .filter(|(_, kind)| is_asked(kind))
            .map(|(number, kind)| (kind, change.named_inputs(number)))
            .collect(),
    };
    let mut rights = Rights::default();
    add(&mut rights, &policy::grants(&old), &policy::grants(&new));
    add(
        &mut rights,
        &network::openings(&old),
        &network::openings(&new),
    );
    add(
        &mut rights,
        &settings::openings(&old),
        &settings::openings(&new),
    );
    rights.gained = merged(rights.gained);
    rights.lost = merged(rights.lost);
    rights
}

/// Whether anything that is asked for a right is made, changed or deleted.
fn is_touched(change: &Change<'_>) -> bool {
    let mut kept = HashSet::new();
    let mut touched = false;
    for (number, decision) in change.course.decisions.iter().enumerate() {
        if change.is_untouched(decision) {
            kept.extend(decision.old);
        } else {
            let kind = change.goal(number).and_then(|goal| goal.kind);
            touched |= kind.is_some_and(is_asked);
        }
    }
    let mut old = change.before.resources.iter().enumerate();
    touched
        || old.any(|(number, resource)| {
            !kept.contains(&number) && resource.kind.is_some_and(is_asked)
        })
}

fn is_asked(kind: &Kind) -> bool {
    let class = kind.class;
    policy::is_asked(class) || network::is_asked(class) || settings::is_asked(class)
}

/// Those of one holder on one thing together.
fn merged(rights: Vec<Right>) -> Vec<Right> {
    let mut found: BTreeMap<(String, String, String), Vec<String>> = BTreeMap::new();
    for right in rights {
        let key = (right.holder, right.on, right.only_if);
        found.entry(key).or_default().extend(right.may);
    }
    let rights = found.into_iter().map(|((holder, on, only_if), mut may)| {
        may.sort();
        may.dedup();
        Right {
            holder,
            may,
            on,
            only_if,
        }
    });
    rights.collect()
}
