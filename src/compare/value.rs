//! Values of inputs and outputs, as they go over the wire to the engine.

use std::collections::BTreeMap;

use serde_json::Value as Json;

/// A value as far as it is known before the deployment.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    /// The wire has no other numbers.
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Map(BTreeMap<String, Value>),
    /// An archive or an asset, by what stands for its content.
    Content(String),
    /// Only the deployment knows it.
    Unknown,
}

impl Value {
    /// Whether all of it is known.
    pub fn is_known(&self) -> bool {
        match self {
            Value::Unknown => false,
            Value::List(items) => items.iter().all(Value::is_known),
            Value::Map(entries) => entries.values().all(Value::is_known),
            _ => true,
        }
    }

    /// Whether the engine would see no difference. A secret that is closed differs from none: only its key could tell.
    pub fn is_same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Content(hash), _) | (_, Value::Content(hash)) if hash.starts_with(CLOSED) => {
                *self != Value::Unknown && *other != Value::Unknown
            }
            (Value::List(left), Value::List(right)) => {
                let mut pairs = left.iter().zip(right);
                left.len() == right.len() && pairs.all(|(left, right)| left.is_same(right))
            }
            (Value::Map(left), Value::Map(right)) => {
                left.len() == right.len()
                    && left.iter().all(|(name, value)| {
                        right.get(name).is_some_and(|other| value.is_same(other))
                    })
            }
            (Value::Unknown, _) | (_, Value::Unknown) => false,
            (left, right) => left == right,
        }
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What a path leads to: `[0].secretArn`, `.Environment`, `["gatewayresponse.header.x"]`.
    pub fn at(&self, path: &str) -> Option<&Value> {
        let mut value = self;
        let mut rest = path;
        while !rest.is_empty() {
            let (step, after) = step(rest)?;
            value = match value {
                Value::List(items) => items.get(step.parse::<usize>().ok()?)?,
                Value::Map(entries) => entries.get(step)?,
                _ => return None,
            };
            rest = after;
        }
        Some(value)
    }

    /// As part of a text that is put together.
    pub fn shown(&self) -> Option<String> {
        match self {
            Value::Text(text) => Some(text.clone()),
            Value::Number(number) => Some(number_text(*number)),
            Value::Bool(value) => Some(if *value { "True" } else { "False" }.to_owned()),
            _ => None,
        }
    }
}

/// The first step of a path, and what follows it.
fn step(path: &str) -> Option<(&str, &str)> {
    if let Some(quoted) = path.strip_prefix("[\"") {
        return quoted.split_once("\"]");
    }
    if let Some(index) = path.strip_prefix('[') {
        return index.split_once(']');
    }
    let name = path.strip_prefix('.').unwrap_or(path);
    let end = name.find(['.', '[']).unwrap_or(name.len());
    Some(name.split_at(end))
}

/// A key as a step of a path.
pub fn key_step(key: &str) -> String {
    if key.contains(['.', '[', ']']) {
        format!("[\"{key}\"]")
    } else {
        format!(".{key}")
    }
}

/// A number as JSON has it: without a point where it is whole.
pub fn number_text(number: f64) -> String {
    // Whole numbers of a spec lie far below 2^53.
    if number.fract() == 0.0 && number.abs() < 9e15 {
        format!("{number:.0}")
    } else {
        format!("{number}")
    }
}

impl From<&Json> for Value {
    /// Reads a value of a state. Secrets stay closed: two of one ciphertext are equal.
    fn from(json: &Json) -> Self {
        match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => Value::Number(number.as_f64().unwrap_or_default()),
            Json::String(text) => Value::Text(text.clone()),
            Json::Array(items) => Value::List(items.iter().map(Value::from).collect()),
            Json::Object(entries) => {
                if let Some(marked) = of_signature(entries) {
                    return marked;
                }
                // What the provider filled in, the program does not say.
                let filled = entries.get("__defaults").and_then(Json::as_array);
                let is_filled = |name: &String| {
                    name == "__defaults"
                        || filled.is_some_and(|names| names.iter().any(|one| one == name.as_str()))
                };
                let entries = entries.iter().filter(|(name, _)| !is_filled(name));
                Value::Map(
                    entries
                        .map(|(name, value)| (name.clone(), value.into()))
                        .collect(),
                )
            }
        }
    }
}

/// Before the ciphertext of a secret.
pub const CLOSED: &str = "secret:";

/// Key by which Pulumi marks values that are more than JSON, and the marks (sdk/go/common/resource/sig).
const SIGNATURE: &str = "4dabf18193072939515e22adb298388d";
const SECRET: &str = "1b47061264138c4ac30d75fd1eb44270";
const ASSET: &str = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE: &str = "0def7320c3a5731c473e5ecbe6d01bc7";

fn of_signature(entries: &serde_json::Map<String, Json>) -> Option<Value> {
    let word = |name: &str| entries.get(name).and_then(Json::as_str);
    match word(SIGNATURE)? {
        SECRET => Some(match word("ciphertext") {
            Some(ciphertext) => Value::Content(format!("{CLOSED}{ciphertext}")),
            // `--show-secrets`, or a preview: the text of a JSON value.
            None => word("plaintext")
                .and_then(|text| serde_json::from_str::<Json>(text).ok())
                .map_or(Value::Unknown, |json| Value::from(&json)),
        }),
        ASSET | ARCHIVE => Some(Value::Content(word("hash").unwrap_or_default().to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Value, key_step};

    #[test]
    fn paths_lead_where_they_were_made() {
        let value = Value::from(&json!({"a": [{"b.c": 1, "d": {"e[0]": true}}], "": 2}));
        let path = format!(".a[0]{}", key_step("b.c"));
        assert_eq!(value.at(&path), Some(&Value::Number(1.0)));
        let path = format!("a[0].d{}", key_step("e[0]"));
        assert_eq!(value.at(&path), Some(&Value::Bool(true)));
        assert_eq!(value.at(".a[1]"), None);
        assert_eq!(value.at(".a.b"), None);
        assert_eq!(value.at(""), Some(&value));
    }

    #[test]
    fn closed_secrets_differ_from_no_known_value() {
        let mark = super::SIGNATURE;
        let closed = |text: &str| Value::from(&json!({mark: super::SECRET, "ciphertext": text}));
        assert!(closed("x").is_same(&closed("y")));
        assert!(closed("x").is_same(&Value::Text("plain".to_owned())));
        assert!(!closed("x").is_same(&Value::Unknown));
        assert!(!Value::Unknown.is_same(&Value::Unknown));
        let open = Value::from(&json!({mark: super::SECRET, "plaintext": "\"open\""}));
        assert_eq!(open, Value::Text("open".to_owned()));
    }

    #[test]
    fn what_the_provider_filled_in_is_not_the_programs() {
        let value = Value::from(&json!({"a": 1, "b": 2, "__defaults": ["b"]}));
        assert_eq!(value, Value::from(&json!({"a": 1})));
    }
}
