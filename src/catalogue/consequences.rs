//! What a change of a resource means for those who use the environment, and how long AWS usually takes.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Serialize;

use crate::tables::{Map, compiled_in};

/// When those who use the environment notice, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outage {
    /// Not before somebody reboots.
    Reboot,
    /// In the maintenance window.
    Window,
    /// While the other copy takes over: a minute or two.
    FailOver,
    /// At once, for minutes.
    AtOnce,
    /// From the deletion of the old one until the new one answers.
    UntilNew,
}

/// What passes through a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serves {
    /// Every request or payment, or those of one route.
    Request,
}

/// An update in place that interrupts.
#[derive(Debug)]
pub struct Interruption {
    pub outage: Outage,
    pub why: &'static str,
    /// Only where a part of the argument becomes this: others of its changes interrupt nobody.
    pub becomes: Option<Becomes>,
    /// Of a version: the step to another major one.
    pub major: Option<MajorStep>,
}

/// A part of an argument that gets a value.
#[derive(Debug)]
pub struct Becomes {
    /// As the SDK spells it.
    pub part: &'static str,
    pub value: &'static str,
}

/// What the step to another major version does.
#[derive(Debug)]
pub struct MajorStep {
    pub why: &'static str,
    /// How long the update takes.
    pub seconds: u32,
}

/// What there is to know about one kind. Durations in seconds.
#[derive(Debug)]
pub struct Consequence {
    pub class: &'static str,
    pub serves: Option<Serves>,
    /// Why a replacement that deletes first interrupts, if there is more to say than that.
    pub replaced: Option<&'static str>,
    pub create: u32,
    pub update: u32,
    pub delete: u32,
    /// By argument.
    pub updates: Map<Interruption>,
    pub from: &'static str,
}

struct ConsequenceFile {
    kind: &'static [Consequence],
}

static FILE: ConsequenceFile = compiled_in!("consequences");

/// What a call takes for kinds that have no row, seconds.
pub const SHORT: u32 = 3;

/// What is known of this class.
pub fn consequence(class: &str) -> Option<&'static Consequence> {
    static BY_CLASS: OnceLock<HashMap<&str, &Consequence>> = OnceLock::new();
    let rows = BY_CLASS.get_or_init(|| FILE.kind.iter().map(|row| (row.class, row)).collect());
    rows.get(class).copied()
}

#[cfg(test)]
mod tests {
    use super::{FILE, Outage, consequence};
    use crate::catalogue::kind;

    #[test]
    fn rows_are_of_known_kinds_and_arguments_once() {
        for row in FILE.kind {
            let known = kind(row.class).unwrap();
            for argument in row.updates.keys() {
                assert!(known.change(argument).is_some(), "{} {argument}", row.class);
            }
            let same = FILE.kind.iter().filter(|other| other.class == row.class);
            assert_eq!(same.count(), 1, "{}", row.class);
            assert!(!row.from.is_empty());
        }
    }

    #[test]
    fn a_class_changes_by_a_fail_over() {
        let database = consequence("aws.rds.Instance").unwrap();
        let class = database.updates.get("instance_class").unwrap();
        assert_eq!(class.outage, Outage::FailOver);
        assert!(!database.updates.contains_key("allocated_storage"));
        let version = database.updates.get("engine_version").unwrap();
        let step = version.major.as_ref().unwrap();
        assert!(step.seconds > database.update);
    }
}
