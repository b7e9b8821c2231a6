//! Two environments beside each other: every difference of their graphs, with what it comes from. Nothing is deployed from one to the
//! other, so that there are no steps. Names count as the same, which differ in the environment's name alone.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value as Json;

use super::changed_keys::{ChangedKey, ChangedKeys};
use super::{Estimate, Side, cost};
use crate::date::Date;
use crate::format::{RawEnvironment, RawSpec, key_at, keys};
use crate::origin::Origin;
use crate::requirements::Class;
use crate::stack::graph::Member;
use crate::stack::resource::{Argument, Kept};

/// Everything in which two environments differ.
#[derive(Debug, Serialize)]
pub struct Differences {
    pub format_version: u32,
    pub old: Identity,
    pub new: Identity,
    /// By layer, in the order of the program.
    pub layers: Vec<Layer>,
    /// Keys that differ and that no resource shows: who pays, where it is written, what the documents say.
    pub keys_alone: Vec<ChangedKey>,
}

#[derive(Debug, Serialize)]
pub struct Identity {
    pub environment: String,
    pub class: &'static str,
    pub resources: usize,
    pub cost: Estimate,
}

#[derive(Debug, Serialize)]
pub struct Layer {
    /// `network`.
    pub layer: String,
    pub differences: Vec<Difference>,
}

/// A difference of one resource, or of several that differ alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// `rds.Instance`.
    pub class: String,
    /// Logical names, sorted.
    pub names: Vec<String>,
    /// The argument and the path in it; none where the resource is in one of the two alone.
    pub argument: Option<String>,
    /// None where the old environment has no such resource, or the argument is not set.
    pub old: Option<Json>,
    pub new: Option<Json>,
    pub cause: Cause,
}

/// What a difference comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// The classes of the two environments: other requirements, or other defaults.
    pub class: bool,
    /// Keys whose texts differ.
    pub keys: Vec<ChangedKey>,
}

impl Cause {
    /// Whether it is known: what is not follows from other differences.
    pub fn is_known(&self) -> bool {
        self.class || !self.keys.is_empty()
    }
}

/// A resource's place: layer, class in the SDK, logical name.
type Address = (String, &'static str, String);

pub fn differences(old: &Side<'_>, new: &Side<'_>, today: Date) -> Differences {
    let changed = ChangedKeys::between(old.text, new.text);
    let comparer = Comparer { old, new, changed };
    let mut layers = comparer.layers();
    let named: BTreeSet<String> = layers
        .iter()
        .flat_map(|layer| &layer.differences)
        .flat_map(|difference| &difference.cause.keys)
        .map(|key| key.key.clone())
        .collect();
    layers
        .iter_mut()
        .for_each(|layer| layer.differences = joined(&layer.differences));
    let identity = |side: &Side<'_>| Identity {
        environment: side.environment.name.value.clone(),
        class: side.environment.class.as_str(),
        resources: side.stack.members().count(),
        cost: cost::estimate(side.stack, side.environment, today).0,
    };
    Differences {
        format_version: 1,
        old: identity(old),
        new: identity(new),
        layers,
        keys_alone: comparer.alone(&named),
    }
}

struct Comparer<'a> {
    old: &'a Side<'a>,
    new: &'a Side<'a>,
    changed: ChangedKeys,
}

impl Comparer<'_> {
    fn layers(&self) -> Vec<Layer> {
        let (old, new) = (members(self.old), members(self.new));
        let mut layers: Vec<Layer> = Vec::new();
        let order = self.new.stack.members().chain(self.old.stack.members());
        let mut seen: BTreeSet<Address> = BTreeSet::new();
        for member in order {
            let address = address(&member);
            if !seen.insert(address.clone()) {
                continue;
            }
            let found = match (old.get(&address), new.get(&address)) {
                (Some(old), Some(new)) => self.arguments(old, new),
                (None, Some(new)) => vec![self.alone_in(new, None, Some(true.into()))],
                (Some(old), None) => vec![self.alone_in(old, Some(true.into()), None)],
                (None, None) => Vec::new(),
            };
            if found.is_empty() {
                continue;
            }
            match layers.iter_mut().find(|layer| layer.layer == address.0) {
                Some(layer) => layer.differences.extend(found),
                None => layers.push(Layer {
                    layer: address.0,
                    differences: found,
                }),
            }
        }
        layers
    }

    /// A resource that only one environment has.
    fn alone_in(&self, member: &Member<'_>, old: Option<Json>, new: Option<Json>) -> Difference {
        let mut sources: Vec<Origin> = Vec::new();
        for argument in &member.resource.arguments {
            sources.push(member.origin(argument));
        }
        let cells = member.row.into_iter().flat_map(|row| &row.cells);
        sources.extend(cells.map(|(_, _, origin)| origin.clone()));
        let mut cause = self.cause(&sources.iter().collect::<Vec<_>>());
        cause.class |= self.is_asked_differently(member.resource.kind);
        // What decides that a whole layer is there.
        if cause.keys.is_empty() && !cause.class {
            let switch = format!("{}.enabled", layer(member));
            cause = self.cause_of_source(&switch);
        }
        Difference {
            class: short(member),
            names: vec![member.logical()],
            argument: None,
            old,
            new,
            cause,
        }
    }

    fn arguments(&self, old: &Member<'_>, new: &Member<'_>) -> Vec<Difference> {
        let mut found = Vec::new();
        let known = |member: &Member<'_>, name: &str| -> Option<Argument> {
            member.resource.argument(name).cloned()
        };
        let names: BTreeSet<&str> = [old, new]
            .iter()
            .flat_map(|member| {
                member
                    .resource
                    .arguments
                    .iter()
                    .map(|argument| argument.name)
            })
            .collect();
        for name in names {
            let (before, after) = (known(old, name), known(new, name));
            let json = |side: &Side<'_>, member: &Member<'_>, argument: &Option<Argument>| {
                let argument = argument.as_ref()?;
                Some(side.stack.expr_json(&argument.value, member.row))
            };
            let (was, is) = (json(self.old, old, &before), json(self.new, new, &after));
            if was == is {
                continue;
            }
            let mut origins = Vec::new();
            origins.extend(before.iter().map(|argument| old.origin(argument)));
            origins.extend(after.iter().map(|argument| new.origin(argument)));
            let cause = self.cause(&origins.iter().collect::<Vec<_>>());
            let mut leaves = Vec::new();
            collect(was.as_ref(), is.as_ref(), name, &mut leaves);
            found.extend(leaves.into_iter().map(|(path, old, new_value)| Difference {
                class: short(new),
                names: vec![new.logical()],
                argument: Some(path),
                old,
                new: new_value,
                cause: cause.clone(),
            }));
        }
        for kept in [Kept::Protected, Kept::Retained] {
            let (was, is) = (
                old.resource.kept == Some(kept),
                new.resource.kept == Some(kept),
            );
            if was != is {
                found.push(Difference {
                    class: short(new),
                    names: vec![new.logical()],
                    argument: Some(kept.option().to_owned()),
                    old: Some(was.into()),
                    new: Some(is.into()),
                    cause: Cause {
                        class: true,
                        keys: Vec::new(),
                    },
                });
            }
        }
        found
    }

    fn cause(&self, origins: &[&Origin]) -> Cause {
        let mut cause = Cause {
            class: false,
            keys: Vec::new(),
        };
        for origin in origins {
            let found = match origin {
                Origin::Spec { key, .. } => self.cause_of_source(key),
                Origin::Default(key) => self.cause_of_source(key),
                Origin::Override(set) => self.cause_of_source(&set.key),
                Origin::Fixed(ids) => Cause {
                    class: ids.split(' ').any(|id| self.is_of_one(id)),
                    keys: Vec::new(),
                },
                Origin::Derived(from) => {
                    let each = from.iter().map(|source| self.cause_of_source(source));
                    each.fold(
                        Cause {
                            class: false,
                            keys: Vec::new(),
                        },
                        add,
                    )
                }
            };
            cause = add(cause, found);
        }
        cause
    }

    fn cause_of_source(&self, source: &str) -> Cause {
        let class_key = RawEnvironment::class.path;
        // Every name has it, and none differs in anything else by it.
        if source == RawEnvironment::name.path {
            return Cause {
                class: false,
                keys: Vec::new(),
            };
        }
        let classes_differ = self.old.environment.class != self.new.environment.class;
        let declared =
            key_at(source).or_else(|| keys().into_iter().find(|key| key.default_name() == source));
        let (old, new) = (self.old.environment.class, self.new.environment.class);
        let by_class = declared.is_some_and(|key| {
            let text = |class: Class| key.default_in(class).map(|default| default.value);
            text(old) != text(new)
        });
        let path = declared.filter(|key| key.default_name() == source);
        let path = path.map_or(source, |key| key.path);
        let keys = self.changed.behind(path).into_iter();
        let keys: Vec<ChangedKey> = keys.filter(|key| key.key != class_key).cloned().collect();
        // A key that both write is a choice of theirs alone.
        let both_write = keys
            .iter()
            .any(|key| key.old_line.is_some() && key.new_line.is_some());
        let class = classes_differ && (source == class_key || by_class) && !both_write;
        Cause { class, keys }
    }

    /// Whether the class of one of the two asks for what the other's does not.
    fn is_of_one(&self, id: &str) -> bool {
        let holds = |side: &Side<'_>| side.environment.class.requirement(id).is_some();
        holds(self.old) != holds(self.new)
    }

    /// Whether the two classes ask for another number of resources of a kind: what is asked of log groups is how long they keep.
    fn is_asked_differently(&self, kind: &str) -> bool {
        let of = |side: &Side<'_>| -> Vec<&'static str> {
            let rows = side.environment.class.requirements();
            let about = rows.filter(|row| row.kinds.contains(&kind));
            about.map(|row| row.text).collect()
        };
        kind != "aws.cloudwatch.LogGroup" && of(self.old) != of(self.new)
    }

    /// Keys that no difference names.
    fn alone(&self, named: &BTreeSet<String>) -> Vec<ChangedKey> {
        let is_named = |key: &ChangedKey| {
            named.iter().any(|name| {
                name == &key.key
                    || name.starts_with(&format!("{}.", key.key))
                    || key.key.starts_with(&format!("{name}."))
            })
        };
        let rest = self.changed.all().filter(|key| !is_named(key));
        let rest: Vec<&ChangedKey> = rest.collect();
        // A table whose keys stand there says nothing of its own.
        let is_above = |key: &ChangedKey| {
            let below = format!("{}.", key.key);
            self.changed
                .all()
                .any(|other| other.key.starts_with(&below))
        };
        // How a spec is written, and what stands at the head of the comparison.
        let head = [
            RawSpec::base.path,
            RawSpec::without.path,
            RawEnvironment::class.path,
            RawEnvironment::name.path,
        ];
        rest.into_iter()
            .filter(|key| !is_above(key) && !head.contains(&key.key.as_str()))
            .cloned()
            .collect()
    }
}

/// Both, without keys of a table that is there as a whole.
fn add(mut all: Cause, one: Cause) -> Cause {
    all.class |= one.class;
    let is_in = |key: &str, table: &str| {
        key.strip_prefix(table)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    for key in one.keys {
        if !all.keys.iter().any(|table| is_in(&key.key, &table.key)) {
            all.keys.retain(|other| !is_in(&other.key, &key.key));
            all.keys.push(key);
        }
    }
    all
}

fn layer(member: &Member<'_>) -> String {
    let path = member.component.path.split('/').next();
    path.unwrap_or_default().to_owned()
}

/// `rds.Instance`.
fn short(member: &Member<'_>) -> String {
    member.resource.kind.trim_start_matches("aws.").to_owned()
}

fn address(member: &Member<'_>) -> Address {
    let name = format!("{}/{}", member.component.path, member.logical());
    (layer(member), member.resource.kind, name)
}

fn members<'a>(side: &Side<'a>) -> BTreeMap<Address, Member<'a>> {
    let members = side.stack.members();
    members.map(|member| (address(&member), member)).collect()
}

/// Differences of two values, as deep as both have the same form.
fn collect(
    old: Option<&Json>,
    new: Option<&Json>,
    path: &str,
    found: &mut Vec<(String, Option<Json>, Option<Json>)>,
) {
    match (old, new) {
        (Some(Json::Object(before)), Some(Json::Object(after))) => {
            let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for name in names {
                // How an expression is written in JSON is no part of what it says.
                let below = match name.as_str() {
                    "map" | "list" | "json" | "name" | "tags" | "role" if is_form(before, name) => {
                        path.to_owned()
                    }
                    name => format!("{path}.{name}"),
                };
                collect(before.get(name), after.get(name), &below, found);
            }
        }
        (Some(Json::Array(before)), Some(Json::Array(after))) if before.len() == after.len() => {
            for (number, (before, after)) in before.iter().zip(after).enumerate() {
                collect(
                    Some(before),
                    Some(after),
                    &format!("{path}[{number}]"),
                    found,
                );
            }
        }
        (old, new) if old == new => {}
        (old, new) => found.push((path.to_owned(), old.cloned(), new.cloned())),
    }
}

/// Whether a word of a JSON expression is its form, and no name in what it says: the only member, or the role of a name.
fn is_form(expression: &serde_json::Map<String, Json>, word: &str) -> bool {
    expression.len() == 1 || (word == "role" && expression.contains_key("kind"))
}

/// Resources that differ alike are one difference.
fn joined(differences: &[Difference]) -> Vec<Difference> {
    let mut all: Vec<Difference> = Vec::new();
    for one in differences {
        let alike = all.iter_mut().find(|known| {
            known.class == one.class
                && known.argument == one.argument
                && known.old == one.old
                && known.new == one.new
                && known.cause == one.cause
        });
        match alike {
            Some(known) => known.names.extend(one.names.iter().cloned()),
            None => all.push(one.clone()),
        }
    }
    all.iter_mut().for_each(|one| one.names.sort());
    all
}
