//! What a change of a resource means for those who use the environment, and how long AWS usually takes.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::tables::compiled_in;

/// When those who use the environment notice, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Serves {
    /// Every request or payment, or those of one route.
    Request,
}

/// An update in place that interrupts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interruption {
    pub outage: Outage,
    pub why: String,
}

/// What there is to know about one kind. Durations in seconds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consequence {
    pub class: String,
    pub serves: Option<Serves>,
    pub create: u32,
    pub update: u32,
    pub delete: u32,
    /// By argument.
    #[serde(default)]
    pub updates: BTreeMap<String, Interruption>,
    pub from: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    kind: Vec<Consequence>,
}

/// What a call takes for kinds that have no row, seconds.
pub const SHORT: u32 = 3;

/// What is known of this class.
pub fn consequence(class: &str) -> Option<&'static Consequence> {
    static ROWS: OnceLock<BTreeMap<String, Consequence>> = OnceLock::new();
    let rows = ROWS.get_or_init(|| {
        let file: File = compiled_in!("consequences");
        let rows = file.kind.into_iter();
        rows.map(|row| (row.class.clone(), row)).collect()
    });
    rows.get(class)
}

#[cfg(test)]
mod tests {
    use super::{File, Outage, consequence};
    use crate::catalogue::kind;

    #[test]
    fn rows_are_of_known_kinds_and_arguments_once() {
        let file: File = crate::tables::compiled_in!("consequences");
        for row in &file.kind {
            let known = kind(&row.class).unwrap();
            for argument in row.updates.keys() {
                assert!(known.change(argument).is_some(), "{} {argument}", row.class);
            }
            let same = file.kind.iter().filter(|other| other.class == row.class);
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
    }
}
