//! Statements of a policy.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde::ser::{Serialize, SerializeMap as _, Serializer};

/// One `Allow`. Conditions: operator, key, values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub sid: String,
    pub actions: BTreeSet<&'static str>,
    /// Shared, because many statements list the same ones.
    pub resources: BTreeSet<Rc<str>>,
    pub conditions: Conditions,
}

pub type Conditions = BTreeMap<&'static str, BTreeMap<String, BTreeSet<String>>>;

/// Conditions of one operator, key and value each.
pub fn conditions<const N: usize>(entries: [(&'static str, &str, String); N]) -> Conditions {
    let mut conditions = Conditions::new();
    for (operator, key, value) in entries {
        let keys = conditions.entry(operator).or_default();
        keys.entry(key.to_owned()).or_default().insert(value);
    }
    conditions
}

/// An action of the catalogue as policies spell it: without its second word.
pub fn spelled(action: &str) -> &str {
    action.split(' ').next().unwrap_or(action)
}

/// `internet-gateway` as a part of a Sid: `InternetGateway`.
pub fn camel(text: &str) -> String {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_ascii_uppercase())
                .into_iter()
                .chain(letters)
                .collect::<String>()
        })
        .collect()
}

impl Serialize for Statement {
    /// In the form of IAM. A condition of one value has it without a list.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("Sid", &self.sid)?;
        object.serialize_entry("Effect", "Allow")?;
        object.serialize_entry("Action", &self.actions)?;
        object.serialize_entry("Resource", &self.resources)?;
        if !self.conditions.is_empty() {
            let conditions: BTreeMap<_, BTreeMap<_, _>> = self
                .conditions
                .iter()
                .map(|(operator, keys)| {
                    let keys = keys.iter();
                    (
                        operator,
                        keys.map(|(key, values)| (key, Values(values))).collect(),
                    )
                })
                .collect();
            object.serialize_entry("Condition", &conditions)?;
        }
        object.end()
    }
}

/// What a condition compares with.
struct Values<'a>(&'a BTreeSet<String>);

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.first() {
            Some(only) if self.0.len() == 1 => only.serialize(serializer),
            _ => self.0.serialize(serializer),
        }
    }
}
