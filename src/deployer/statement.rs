//! Statements of a policy.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

/// One `Allow`. Conditions: operator, key, values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub sid: String,
    pub actions: BTreeSet<String>,
    pub resources: BTreeSet<String>,
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

impl Statement {
    /// In the form of IAM. A condition of one value has it without a list.
    pub fn to_json(&self) -> Json {
        let mut object = Map::new();
        let list = |values: &BTreeSet<String>| values.iter().map(String::as_str).collect::<Json>();
        object.insert("Sid".to_owned(), self.sid.as_str().into());
        object.insert("Effect".to_owned(), "Allow".into());
        object.insert("Action".to_owned(), list(&self.actions));
        object.insert("Resource".to_owned(), list(&self.resources));
        if !self.conditions.is_empty() {
            let conditions: Map<String, Json> = self
                .conditions
                .iter()
                .map(|(operator, keys)| {
                    let keys: Map<String, Json> = keys
                        .iter()
                        .map(|(key, values)| {
                            let value = match values.first() {
                                Some(only) if values.len() == 1 => only.as_str().into(),
                                _ => list(values),
                            };
                            (key.clone(), value)
                        })
                        .collect();
                    ((*operator).to_owned(), Json::Object(keys))
                })
                .collect();
            object.insert("Condition".to_owned(), Json::Object(conditions));
        }
        Json::Object(object)
    }
}
