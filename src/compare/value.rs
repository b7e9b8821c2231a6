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

    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What a path leads to: `[0].secretArn`, `.Environment`.
    pub fn at(&self, path: &str) -> Option<&Value> {
        let mut value = self;
        let steps = path.split(['.', '[', ']']).filter(|step| !step.is_empty());
        for step in steps {
            value = match value {
                Value::List(items) => items.get(step.parse::<usize>().ok()?)?,
                Value::Map(entries) => entries.get(step)?,
                _ => return None,
            };
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
                let entries = entries
                    .iter()
                    .filter(|(name, _)| name.as_str() != "__defaults");
                Value::Map(
                    entries
                        .map(|(name, value)| (name.clone(), value.into()))
                        .collect(),
                )
            }
        }
    }
}

/// Key by which Pulumi marks values that are more than JSON, and the marks (sdk/go/common/resource/sig).
const SIGNATURE: &str = "4dabf18193072939515e22adb298388d";
const SECRET: &str = "1b47061264138c4ac30d75fd1eb44270";
const ASSET: &str = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE: &str = "0def7320c3a5731c473e5ecbe6d01bc7";

fn of_signature(entries: &serde_json::Map<String, Json>) -> Option<Value> {
    let word = |name: &str| entries.get(name).and_then(Json::as_str);
    match word(SIGNATURE)? {
        SECRET => Some(match word("ciphertext") {
            Some(ciphertext) => Value::Content(format!("secret:{ciphertext}")),
            // `--show-secrets`, or a preview: the text of a JSON value.
            None => word("plaintext")
                .and_then(|text| serde_json::from_str::<Json>(text).ok())
                .map_or(Value::Unknown, |json| Value::from(&json)),
        }),
        ASSET | ARCHIVE => Some(Value::Content(word("hash").unwrap_or_default().to_owned())),
        _ => None,
    }
}
