//! Who may do more, or less, after a change: by what policies, rules and settings mean, not by how many there are.
//!
//! Each side is taken apart into single permissions. One is gained if nothing on the old side covers it, and lost if nothing on
//! the new side does: a reordered statement is neither, a wider resource is a gain.

mod network;
mod permission;
mod policy;
mod settings;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;

use crate::catalogue::Kind;
use crate::compare::change::Change;
use crate::compare::evaluate::wire;

use permission::{Part, Side, add};
pub use permission::{Right, Rights};

pub fn rights(change: &Change<'_>) -> Rights {
    if !is_touched(change) {
        return Rights::default();
    }
    let kept = Kept::of(change);
    let old = change.before.resources.iter().enumerate();
    let old = Side {
        resources: old
            .filter_map(|(number, resource)| Some((number, resource, resource.kind?)))
            .filter(|(.., kind)| is_asked(kind))
            .map(|(number, resource, kind)| Part {
                kind,
                inputs: Rc::clone(&resource.inputs),
                lasts: subjects(kind, number, &resource.reads).is_subset(&kept.old),
            })
            .collect(),
    };
    let new = change.new.program.goals.iter().enumerate();
    let new = Side {
        resources: new
            .filter_map(|(number, goal)| Some((number, goal, goal.kind?)))
            .filter(|(.., kind)| is_asked(kind))
            .map(|(number, goal, kind)| Part {
                kind,
                inputs: change.named_inputs(number),
                lasts: subjects(kind, number, &goal.reads).is_subset(&kept.new),
            })
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

/// What stands before and after, by its numbers on both sides.
#[derive(Default)]
struct Kept {
    old: BTreeSet<usize>,
    new: BTreeSet<usize>,
}

impl Kept {
    /// What is made anew under another name is another thing.
    fn of(change: &Change<'_>) -> Self {
        let mut kept = Self::default();
        for (number, decision) in change.course.decisions.iter().enumerate() {
            let Some((old, resource)) = decision
                .old
                .and_then(|old| Some((old, change.deployed(old)?)))
            else {
                continue;
            };
            let name = resource.kind.and_then(|kind| kind.name.as_ref());
            let is_other = decision.op.is_replacement()
                && name.is_some_and(|name| {
                    let name = wire(name.property);
                    resource.inputs.get(&name) != decision.inputs.get(&name)
                });
            if !is_other {
                kept.old.insert(old);
                kept.new.insert(number);
            }
        }
        kept
    }
}

/// What a document is set on: what its argument reads, or the resource that has it.
fn subjects<K: AsRef<str> + Ord>(
    kind: &Kind,
    number: usize,
    reads: &BTreeMap<K, BTreeSet<usize>>,
) -> BTreeSet<usize> {
    let argument = policy::set_on(kind.class);
    let mut reads = reads.iter();
    let read = reads.find(|(name, _)| Some(wire(name.as_ref()).as_str()) == argument);
    read.map_or_else(|| BTreeSet::from([number]), |(_, read)| read.clone())
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Kept, subjects};
    use crate::catalogue::kind;
    use crate::compare::world::{World, numbers};

    #[test]
    fn what_goes_or_comes_or_has_another_name_did_not_last() {
        let named = |name: &str| json!({ "name": name });
        let mut world = World::default();
        let [stays, renamed, anew, key, gone] = [
            ("aws.iam.Role", "stays"),
            ("aws.iam.Role", "renamed"),
            ("aws.sqs.Queue", "anew"),
            ("aws.kms.Key", "key"),
            ("aws.iam.Role", "gone"),
        ]
        .map(|(class, name)| world.there(class, name, &named(name), &[]));
        world.replace(renamed, &named("other"), false);
        world.replace(anew, &named("anew"), true);
        // It has no name by which another one could be the same.
        world.replace(key, &named("key"), false);
        world.drop(gone);
        let made = world.make("aws.iam.Role", "made", &named("made"), &[]);
        let kept = world.changed(Kept::of);
        assert_eq!(kept.old, [stays, anew, key].into());
        assert_eq!(kept.new, [stays, anew, key].into());
        assert!(!kept.new.contains(&made));
    }

    #[test]
    fn a_policy_is_about_what_it_is_set_on() {
        let of = |class: &str, reads: &[(&'static str, usize)]| {
            subjects(kind(class).unwrap(), 9, &numbers(reads))
        };
        assert_eq!(of("aws.s3.BucketPolicy", &[("bucket", 4)]), [4].into());
        let reads = [("role", 3), ("policy", 5)];
        assert_eq!(of("aws.iam.RolePolicy", &reads), [3].into());
        assert_eq!(of("aws.sqs.Queue", &[("kms_master_key_id", 2)]), [9].into());
    }
}
