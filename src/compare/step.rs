//! One step of a deployment as people and tools read it: what happens to a resource, and which arguments decide.

use std::collections::{BTreeSet, HashSet};

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::change::Change;
use super::changed_keys::ChangedKey;
use super::engine::{Call, Decision, Op};
use super::evaluate::{DEFAULT_TAGS, is_wire};
use super::registered::{ALL_TAGS, name_of, type_of};
use super::value::{CLOSED, Value, key_step, number_text};
use crate::origin::Origin;
use crate::spec::path_of;
use crate::stack::graph::Member;
use crate::stack::resource::Argument;

/// What the engine does to one resource.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// `create`, `update`, `replace` or `delete`.
    pub op: &'static str,
    /// Pulumi's type token.
    #[serde(rename = "type")]
    pub token: String,
    /// The logical name.
    pub name: String,
    /// The end of the URN: all types from the top, and the name.
    pub resource: String,
    /// Of a replacement: `create-before-delete` or `delete-before-create`.
    pub order: Option<&'static str>,
    /// The arguments that decide.
    pub because: Vec<Because>,
    /// The resource whose replacement takes this one along.
    pub caused_by: Option<String>,
}

/// An argument that differs.
#[derive(Debug, Clone, Serialize)]
pub struct Because {
    /// In the SDK's spelling.
    pub argument: String,
    /// Where in the argument, if it has parts: `.Statement[2].Resource`.
    pub path: String,
    pub old: Json,
    pub new: Json,
    /// Whether the difference makes the resource anew.
    pub replaces: bool,
    /// The keys of the spec that changed behind it.
    pub keys: Vec<ChangedKey>,
    /// Resources that are made anew and whose output it is.
    pub reads: Vec<String>,
}

/// A value that only the deployment knows.
fn unknown() -> Json {
    json!({"known": "after the deployment"})
}

/// The steps in an order in which the engine may take them.
pub fn steps(change: &Change<'_>) -> Vec<Step> {
    steps_but(change, &HashSet::new())
}

/// The same, without those of these resources and operations.
pub fn steps_but(change: &Change<'_>, told: &HashSet<(&str, &str)>) -> Vec<Step> {
    let course = change.course;
    let mut found = Vec::new();
    let mut listed = BTreeSet::new();
    let mut ended = BTreeSet::new();
    let deleted: BTreeSet<usize> = course.deleted.iter().copied().collect();
    for call in &course.calls {
        match call {
            Call::Create(number) | Call::Update(number) => {
                if listed.insert(*number) {
                    found.extend(change.of_goal(*number, told));
                }
            }
            Call::Delete(number) if deleted.contains(number) => {
                ended.insert(*number);
                found.extend(change.deletion(*number, told));
            }
            // The first half of a replacement, or the last.
            Call::Delete(_) => {}
        }
    }
    // What the provider is not asked about: components.
    for (number, decision) in course.decisions.iter().enumerate() {
        if decision.op != Op::Same && !listed.contains(&number) {
            found.extend(change.of_goal(number, told));
        }
    }
    for number in &course.deleted {
        if !ended.contains(number) {
            found.extend(change.deletion(*number, told));
        }
    }
    found
}

impl Change<'_> {
    fn of_goal(&self, number: usize, told: &HashSet<(&str, &str)>) -> Option<Step> {
        let goal = self.goal(number)?;
        let decision = self.decision(number)?;
        let (op, order) = match decision.op {
            Op::Same => return None,
            Op::Create => ("create", None),
            Op::Update => ("update", None),
            Op::CreateBeforeDelete => ("replace", Some("create-before-delete")),
            Op::DeleteBeforeCreate => ("replace", Some("delete-before-create")),
        };
        if told.contains(&(goal.urn.as_str(), op)) {
            return None;
        }
        let cause = decision.caused_by;
        let cause = cause.and_then(|number| self.deployed(number));
        Some(Step {
            op,
            token: type_of(&goal.urn).to_owned(),
            name: name_of(&goal.urn).to_owned(),
            resource: goal.urn.clone(),
            order,
            because: self.because(number, decision),
            caused_by: cause.map(|resource| resource.urn.clone()),
        })
    }

    fn deletion(&self, number: usize, told: &HashSet<(&str, &str)>) -> Option<Step> {
        let resource = self.deployed(number)?;
        if told.contains(&(resource.urn.as_str(), "delete")) {
            return None;
        }
        Some(Step {
            op: "delete",
            token: resource.token().to_owned(),
            name: resource.name().to_owned(),
            resource: resource.urn.clone(),
            order: None,
            because: Vec::new(),
            caused_by: None,
        })
    }

    fn because(&self, number: usize, decision: &Decision) -> Vec<Because> {
        let Some(goal) = self.goal(number) else {
            return Vec::new();
        };
        let old = decision.old.and_then(|old| self.deployed(old));
        let Some(old) = old else {
            return Vec::new();
        };
        let member = goal.member.as_ref();
        let old_goal = decision.old.and_then(|number| self.old_goal(number));
        let old_member = old_goal.and_then(|goal| goal.member.as_ref());
        let mut found = Vec::new();
        let differing = decision.difference.changed.iter();
        let names: BTreeSet<&String> = differing.chain(&decision.difference.replacing).collect();
        for name in names {
            // All tags are its own ones, and the provider's.
            let source = if name == ALL_TAGS { "tags" } else { name };
            let argument = member.and_then(|member| named(member, source));
            let of_old = old_member.and_then(|member| named(member, source));
            let keys = self.keys_behind(&[argument, of_old]);
            let spelt = match argument.or(of_old) {
                Some((_, one)) if source == name => one.name,
                _ => spelling(name),
            };
            let replaces = decision.difference.replacing.contains(name);
            let reads = self.new_ones(goal.reads.get(spelt).into_iter().flatten());
            let is_secret = goal.kind.is_some_and(|kind| kind.is_secret(spelt));
            let (before, after) = (old.inputs.get(name), decision.inputs.get(name));
            for (path, before, after) in leaves(before, after) {
                let shown = |value: Option<&Value>| match value {
                    Some(_) if is_secret => Json::from("[secret]"),
                    value => value.map_or(Json::Null, shown),
                };
                found.push(Because {
                    argument: spelt.to_owned(),
                    old: shown(before.as_ref()),
                    new: shown(after.as_ref()),
                    replaces,
                    keys: self
                        .key_of_tag(spelt, &path)
                        .unwrap_or_else(|| keys.clone()),
                    path,
                    reads: reads.clone(),
                });
            }
        }
        found
    }

    /// The changed key behind a tag of everything.
    fn key_of_tag(&self, argument: &str, path: &str) -> Option<Vec<ChangedKey>> {
        let step = match argument {
            "tags" | "tags_all" => Some(path),
            "default_tags" => path.strip_prefix(".tags"),
            _ => None,
        }?;
        let in_brackets = || step.strip_prefix("[\"")?.strip_suffix("\"]");
        let tag = step.strip_prefix('.').or_else(in_brackets)?;
        let own = DEFAULT_TAGS.iter().find(|(name, _)| *name == tag);
        let key = own.map_or_else(|| path_of("tags", tag), |(_, key)| (*key).to_owned());
        let behind = self.keys.behind(&key);
        (own.is_some() || !behind.is_empty()).then(|| behind.into_iter().cloned().collect())
    }

    /// Those among these goals that are made, so that their outputs are new.
    fn new_ones<'a>(&self, numbers: impl Iterator<Item = &'a usize>) -> Vec<String> {
        let made = numbers.filter(|number| {
            let decision = self.decision(**number);
            decision
                .is_some_and(|decision| decision.op == Op::Create || decision.op.is_replacement())
        });
        let goals = made.filter_map(|number| self.goal(*number));
        goals.map(|goal| goal.urn.clone()).collect()
    }

    fn keys_behind(&self, arguments: &[Option<(&Member<'_>, &Argument)>]) -> Vec<ChangedKey> {
        let mut found: Vec<ChangedKey> = Vec::new();
        for (member, argument) in arguments.iter().flatten() {
            for source in sources(&member.origin(argument)) {
                for key in self.keys.behind(&source) {
                    if !found.contains(key) {
                        found.push(key.clone());
                    }
                }
            }
        }
        found
    }
}

/// The SDK's spelling of inputs that are no arguments of the graph.
fn spelling(name: &str) -> &str {
    match name {
        ALL_TAGS => "tags_all",
        "defaultTags" => "default_tags",
        "allowedAccountIds" => "allowed_account_ids",
        other => other,
    }
}

/// Keys of the spec, and outputs, that an origin names.
fn sources(origin: &Origin) -> Vec<String> {
    match origin {
        Origin::Spec { key, .. } => vec![key.clone()],
        Origin::Default(key) => vec![crate::origin::default_name(key)],
        Origin::Derived(from) => from.clone(),
        Origin::Override(set) => vec![set.key.clone()],
        Origin::Fixed(_) => Vec::new(),
    }
}

/// The argument of a member whose name on the wire this is.
fn named<'a, 'b>(member: &'a Member<'b>, name: &str) -> Option<(&'a Member<'b>, &'b Argument)> {
    let mut arguments = member.resource.arguments.iter();
    let found = arguments.find(|argument| is_wire(argument.name, name))?;
    Some((member, found))
}

/// Differences of two values, as deep as both have the same form: path, old, new.
fn leaves(old: Option<&Value>, new: Option<&Value>) -> Vec<(String, Option<Value>, Option<Value>)> {
    let mut found = Vec::new();
    collect(old, new, "", &mut found);
    found
}

fn collect(
    old: Option<&Value>,
    new: Option<&Value>,
    path: &str,
    found: &mut Vec<(String, Option<Value>, Option<Value>)>,
) {
    match (old, new) {
        (Some(Value::Map(before)), Some(Value::Map(after))) => {
            let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for key in keys {
                collect(
                    before.get(key),
                    after.get(key),
                    &format!("{path}{}", key_step(key)),
                    found,
                );
            }
        }
        (Some(Value::List(before)), Some(Value::List(after))) if before.len() == after.len() => {
            for (index, (before, after)) in before.iter().zip(after).enumerate() {
                collect(
                    Some(before),
                    Some(after),
                    &format!("{path}[{index}]"),
                    found,
                );
            }
        }
        (Some(Value::Text(before)), Some(Value::Text(after))) => {
            match (document(before), document(after)) {
                (Some(old), Some(new)) if old != new => {
                    collect(Some(&old), Some(&new), path, found);
                }
                _ if before != after => {
                    found.push((path.to_owned(), old.cloned(), new.cloned()));
                }
                _ => {}
            }
        }
        _ if old != new || new.is_some_and(|value| *value == Value::Unknown) => {
            found.push((path.to_owned(), old.cloned(), new.cloned()));
        }
        _ => {}
    }
}

/// What a text holds that is a JSON document.
fn document(text: &str) -> Option<Value> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let json: Json = serde_json::from_str(text).ok()?;
    Some(Value::from(&json))
}

/// A value in JSON.
pub fn shown(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::from(*value),
        Value::Number(number) => {
            serde_json::from_str(&number_text(*number)).unwrap_or(Json::from(*number))
        }
        Value::Text(text) => Json::from(text.as_str()),
        Value::List(items) => items.iter().map(shown).collect(),
        Value::Map(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| (key.clone(), shown(value)));
            Json::Object(entries.collect())
        }
        Value::Content(hash) => match hash.strip_prefix(CLOSED) {
            Some(_) => Json::from("[secret]"),
            None => json!({"content": hash}),
        },
        Value::Unknown => unknown(),
    }
}
