//! Which arguments an override of the spec may set, compiled in from `overridable.toml`. A policy of this project, unlike the
//! catalogue: an override never takes a requirement away.

use std::fmt;

use crate::requirements::requirements;
use crate::tables::{Map, compiled_in};

/// What is decided about the arguments of one kind.
#[derive(Debug)]
struct Decided {
    open: &'static [&'static str],
    bounded: Map<Bound>,
    /// By requirement id, or `other`, `reference`, `secret`.
    closed: Map<&'static [&'static str]>,
    /// Arguments of a function that a key of its table decides when it is there.
    key: Map<&'static str>,
}

/// Values that an argument may have.
#[derive(Debug)]
pub struct Bound {
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub one_of: &'static [Allowed],
    pub needs: Option<Needs>,
    pub ratio: Option<Ratio>,
    pub because: &'static str,
}

/// What has to stand beside an argument.
#[derive(Debug)]
pub struct Needs {
    /// Of the same resource, a number.
    pub argument: &'static str,
    pub min: i64,
}

/// How large an argument may be for what another one is.
#[derive(Debug)]
pub struct Ratio {
    /// Of the same resource, a number.
    pub argument: &'static str,
    /// At most this share of the other.
    pub most_percent: i64,
    /// What AWS takes the other for where nothing sets it.
    pub unset: i64,
}

/// A number or a word that is allowed.
#[derive(Debug)]
pub enum Allowed {
    Number(i64),
    Word(&'static str),
}

impl fmt::Display for Allowed {
    /// As one writes it in the spec.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Word(word) => write!(formatter, "{word:?}"),
        }
    }
}

/// What an override of an argument meets.
#[derive(Debug)]
pub enum Standing {
    Open,
    Bounded(&'static Bound),
    /// A key of the function's own table decides it.
    Key(&'static str),
    /// Why it is closed.
    Closed(String),
}

/// What is decided about an argument of a kind; nothing for one that nobody has decided about.
pub fn standing(class: &str, argument: &str) -> Option<Standing> {
    let rows = rows();
    let own = rows.get(class);
    if let Some(own) = own {
        if own.open.contains(&argument) {
            return Some(Standing::Open);
        }
        if let Some(bound) = own.bounded.get(argument) {
            return Some(Standing::Bounded(bound));
        }
        if let Some(key) = own.key.get(argument) {
            return Some(Standing::Key(key));
        }
    }
    let every = rows.get("every");
    let groups = own
        .into_iter()
        .chain(every)
        .flat_map(|row| row.closed.iter());
    let (group, _) = groups
        .into_iter()
        .find(|(_, names)| names.contains(&argument))?;
    Some(Standing::Closed(why(group)))
}

/// Arguments of a kind that are open, for whoever looked for one.
pub fn open(class: &str) -> Vec<&'static str> {
    let row = rows().get(class);
    let names = row.into_iter().flat_map(|row| {
        let bounded = row.bounded.keys();
        row.open.iter().copied().chain(bounded)
    });
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names
}

fn why(group: &str) -> String {
    match group {
        "other" => "it would make another kind of thing of the resource than the layers and their tests are built on".to_owned(),
        "reference" => "it names a thing outside of the project, which no copy of the environment brings along".to_owned(),
        "secret" => "it would put a secret into the spec".to_owned(),
        id => match requirements().iter().find(|row| row.id == id) {
            Some(row) => format!("it would touch {id}: {}", row.text),
            None => format!("it would touch {id}"),
        },
    }
}

fn rows() -> &'static Map<Decided> {
    static TABLE: Map<Decided> = compiled_in!("overridable");
    &TABLE
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::catalogue::{ArgumentType, arguments};
    use crate::load::Disk;
    use crate::stack::graph::Stack;

    /// All names in the rows of a kind.
    fn named(row: &'static Decided) -> Vec<&'static str> {
        let lists = std::iter::once(&row.open).chain(row.closed.values());
        let names = lists.copied().flatten().copied();
        names
            .chain(row.bounded.keys())
            .chain(row.key.keys())
            .collect()
    }

    #[test]
    fn what_is_decided_is_a_plain_argument_and_decided_once() {
        for (class, row) in rows().iter().filter(|(class, _)| *class != "every") {
            let typed = arguments(class).unwrap();
            let names = named(row);
            let distinct: BTreeSet<&str> = names.iter().copied().collect();
            assert_eq!(distinct.len(), names.len(), "{class}");
            for name in names {
                let kind = typed.get(name);
                assert!(
                    kind.is_some_and(|kind| kind.is_plain()),
                    "{class} {name}: {kind:?}"
                );
            }
        }
    }

    #[test]
    fn groups_are_requirements_or_reasons() {
        for row in rows().values() {
            for group in row.closed.keys() {
                let known = requirements().iter().any(|row| row.id == group);
                let reason = ["other", "reference", "secret"].contains(&group);
                assert!(known || reason, "{group}");
            }
        }
    }

    #[test]
    fn bounds_are_of_the_type_of_their_argument() {
        for (class, row) in rows().iter() {
            for (name, bound) in row.bounded.iter() {
                let kind = arguments(class).unwrap().get(name).unwrap();
                let fits = bound.one_of.iter().all(|allowed| match allowed {
                    Allowed::Number(_) => *kind == ArgumentType::Integer,
                    Allowed::Word(_) => *kind == ArgumentType::Text,
                });
                let is_range = bound.min.is_some() && bound.max.is_some();
                assert!(
                    fits && is_range == bound.one_of.is_empty(),
                    "{class} {name}"
                );
                assert!(
                    !is_range || *kind == ArgumentType::Integer,
                    "{class} {name}"
                );
                assert!(!bound.because.is_empty(), "{class} {name}");
                if let Some(ratio) = &bound.ratio {
                    let other = arguments(class).unwrap().get(ratio.argument);
                    assert_eq!(other, Some(&ArgumentType::Integer), "{class} {name}");
                }
                if let Some(needs) = &bound.needs {
                    let needed = arguments(class).unwrap().get(needs.argument);
                    assert_eq!(needed, Some(&ArgumentType::Integer), "{class} {name}");
                }
            }
        }
    }

    #[test]
    fn every_plain_argument_that_the_layers_leave_unset_is_decided() {
        let spec = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/spec/staging.toml"));
        let text = std::fs::read_to_string(spec).unwrap();
        let today = "2026-06-01".parse().unwrap();
        let (environment, _) =
            crate::compile_environment(&text, "staging.toml", &Disk::beside(spec), today);
        let stack = Stack::build(&environment.unwrap()).unwrap();
        let resources: Vec<_> = stack
            .components
            .iter()
            .flat_map(|component| component.resources().map(|(resource, _)| resource))
            .collect();
        let mut undecided = BTreeSet::new();
        for resource in &resources {
            for (name, kind) in arguments(resource.kind).unwrap().iter() {
                // Set somewhere: a layer decides about it, for all resources of the kind.
                let is_set = resources
                    .iter()
                    .any(|other| other.kind == resource.kind && other.argument(name).is_some());
                if kind.is_plain() && !is_set && standing(resource.kind, name).is_none() {
                    undecided.insert(format!("{} {name}", resource.kind));
                }
            }
        }
        assert_eq!(undecided, BTreeSet::new());
    }
}
