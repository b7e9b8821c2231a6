//! How large a schema is when it is sent, and when two values of JSON are the same.

use serde_json::Value as Json;

/// Bytes of what Python's `json.dumps` makes of it: a blank behind commas and colons, and only ASCII.
pub fn printed(value: &Json) -> usize {
    match value {
        Json::Null | Json::Bool(_) | Json::Number(_) => value.to_string().len(),
        Json::String(text) => quoted(text),
        Json::Array(items) => {
            let inner: usize = items.iter().map(printed).sum();
            2 + inner + separators(items.len())
        }
        Json::Object(entries) => {
            let inner: usize = entries
                .iter()
                .map(|(key, value)| quoted(key) + 2 + printed(value))
                .sum();
            2 + inner + separators(entries.len())
        }
    }
}

fn separators(count: usize) -> usize {
    2 * count.saturating_sub(1)
}

fn quoted(text: &str) -> usize {
    let inner: usize = text
        .chars()
        .map(|character| match character {
            '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
            ' '..='~' => 1,
            // A pair of surrogates above the first plane.
            _ => 6 * character.len_utf16(),
        })
        .sum();
    inner + 2
}

/// A text that equal values share: 1 and 1.0 are equal, and so are objects in another order.
pub fn canonical(value: &Json) -> String {
    match value {
        Json::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 => format!("{float:.0}"),
            _ => number.to_string(),
        },
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        Json::Object(entries) => {
            let mut entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{}:{}", Json::from(key.as_str()), canonical(value)))
                .collect();
            entries.sort_unstable();
            format!("{{{}}}", entries.join(","))
        }
        _ => value.to_string(),
    }
}
