//! What AWS refuses of a resource because of another one that stands there.

use super::Sure;
use crate::tables::compiled_in;

/// Arguments of which no two resources of a kind have the same values.
#[derive(Debug)]
pub struct Unique {
    /// `aws.lb.ListenerRule`.
    pub class: &'static str,
    /// The first one is given, the others may be left out.
    pub arguments: &'static [&'static str],
    /// AWS's name of the error. Without it AWS puts the second in the place of the first.
    pub error: Option<&'static str>,
    pub sure: Sure,
    pub source: &'static str,
}

/// An argument that holds other resources against their deletion.
#[derive(Debug)]
pub struct InUse {
    /// The kind that has the argument.
    pub class: &'static str,
    pub argument: &'static str,
    /// The kinds that cannot be deleted while it names them.
    pub holds: &'static [&'static str],
    pub error: &'static str,
    pub sure: Sure,
    pub source: &'static str,
}

/// A quota of resources that stand at the same time.
#[derive(Debug)]
pub struct Limit {
    pub class: &'static str,
    /// A table of `quotas.toml`, or the class of one of its rows.
    pub quota: &'static str,
    /// Those with the same values of these arguments are counted together.
    pub per: &'static [&'static str],
    pub error: &'static str,
    pub sure: Sure,
    pub source: &'static str,
}

#[derive(Debug)]
pub struct Conflicts {
    pub unique: &'static [Unique],
    pub in_use: &'static [InUse],
    pub limit: &'static [Limit],
}

/// The table.
pub fn conflicts() -> &'static Conflicts {
    static TABLE: Conflicts = compiled_in!("conflicts");
    &TABLE
}

#[cfg(test)]
mod tests {
    use super::conflicts;
    use crate::catalogue::{kind, quotas};

    #[test]
    fn rows_name_kinds_and_arguments_that_there_are() {
        let table = conflicts();
        let knows = |class: &str, argument: &str| {
            let kind = kind(class).unwrap_or_else(|| panic!("{class}"));
            assert!(kind.change(argument).is_some(), "{class} has no {argument}");
        };
        for row in table.unique {
            assert!(!row.arguments.is_empty() && !row.source.is_empty());
            row.arguments.iter().for_each(|name| knows(row.class, name));
        }
        for row in table.in_use {
            knows(row.class, row.argument);
            assert!(row.holds.iter().all(|class| kind(class).is_some()));
            assert!(!row.source.is_empty(), "{}", row.class);
        }
        for row in table.limit {
            row.per.iter().for_each(|name| knows(row.class, name));
            assert!(quotas().standing(row.quota).is_some(), "{}", row.quota);
        }
    }
}
