//! Whether a body schema refuses what an earlier one took, as far as its words say so one by one.

use std::collections::BTreeSet;

use serde_json::Value as Json;

/// Words whose larger number refuses more.
const LOWER_BOUNDS: [&str; 4] = ["minimum", "minLength", "minItems", "minProperties"];
/// Words whose smaller number refuses more.
const UPPER_BOUNDS: [&str; 4] = ["maximum", "maxLength", "maxItems", "maxProperties"];
/// Words of which any change may refuse more: nobody can tell by looking at them one by one.
const OPAQUE: [&str; 12] = [
    "$ref",
    "allOf",
    "anyOf",
    "dependencies",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "multipleOf",
    "not",
    "oneOf",
    "pattern",
    "patternProperties",
];

/// What a schema refuses that the one before took, in words, each with its place.
pub fn narrower(old: &Json, new: &Json) -> Vec<String> {
    let mut found = Vec::new();
    compare(old, new, "the body", &mut found);
    found
}

fn compare(old: &Json, new: &Json, place: &str, found: &mut Vec<String>) {
    let number = |schema: &Json, word: &str| schema.get(word).and_then(Json::as_f64);
    for (words, sign) in [(LOWER_BOUNDS, 1.0), (UPPER_BOUNDS, -1.0)] {
        for word in words {
            let Some(after) = number(new, word) else {
                continue;
            };
            let before = number(old, word);
            if before.is_none_or(|before| (after - before) * sign > 0.0) {
                found.push(format!("{place} has `{word}` {}", new[word]));
            }
        }
    }
    for word in OPAQUE {
        if let Some(after) = new.get(word)
            && old.get(word) != Some(after)
        {
            found.push(format!("{place} has another `{word}`"));
        }
    }
    let (before, after) = (names(old, "required"), names(new, "required"));
    for name in after.difference(&before) {
        found.push(format!("{place} must have `{name}`"));
    }
    let (before, after) = (choices(old), choices(new));
    if let Some(after) = after {
        match before {
            Some(before) => {
                for gone in before.difference(&after) {
                    found.push(format!("{place} may no longer be {gone}"));
                }
            }
            None => found.push(format!("{place} must be one of a list")),
        }
    }
    let (before, after) = (types(old), types(new));
    if !after.is_empty() && (before.is_empty() || !before.is_subset(&after)) {
        let wanted: Vec<&str> = after.iter().map(String::as_str).collect();
        found.push(format!("{place} must be of type {}", wanted.join(" or ")));
    }
    properties(old, new, place, found);
    match (old.get("items"), new.get("items")) {
        (Some(before @ Json::Object(_)), Some(after @ Json::Object(_))) => {
            compare(before, after, &format!("an item of {place}"), found);
        }
        (before, Some(after)) if before != Some(after) => {
            found.push(format!("{place} has other `items`"));
        }
        _ => {}
    }
}

fn properties(old: &Json, new: &Json, place: &str, found: &mut Vec<String>) {
    let empty = serde_json::Map::new();
    let of = |schema: &'_ Json| {
        let properties = schema.get("properties").and_then(Json::as_object);
        properties.cloned().unwrap_or_else(|| empty.clone())
    };
    let (before, after) = (of(old), of(new));
    let is_closed = |schema: &Json| schema.get("additionalProperties") == Some(&Json::Bool(false));
    if is_closed(new) {
        for name in before.keys().filter(|name| !after.contains_key(*name)) {
            found.push(format!("{place} may no longer have `{name}`"));
        }
        if !is_closed(old) {
            found.push(format!("{place} may have no properties but those listed"));
        }
    }
    for (name, schema) in &after {
        let named = format!("`{name}`");
        match before.get(name) {
            Some(earlier) => compare(earlier, schema, &named, found),
            // It was taken whatever it was, unless the schema was closed.
            None if !is_closed(old) => compare(&Json::Object(empty.clone()), schema, &named, found),
            None => {}
        }
    }
}

fn names(schema: &Json, word: &str) -> BTreeSet<String> {
    let list = schema.get(word).and_then(Json::as_array);
    let names = list.into_iter().flatten().filter_map(Json::as_str);
    names.map(str::to_owned).collect()
}

fn choices(schema: &Json) -> Option<BTreeSet<String>> {
    let list = schema.get("enum").and_then(Json::as_array)?;
    Some(list.iter().map(ToString::to_string).collect())
}

/// Whole numbers are numbers.
fn types(schema: &Json) -> BTreeSet<String> {
    let mut found = match schema.get("type") {
        Some(Json::String(one)) => BTreeSet::from([one.clone()]),
        _ => names(schema, "type"),
    };
    if found.contains("number") {
        found.insert("integer".to_owned());
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::narrower;

    #[test]
    fn what_is_refused_that_was_taken() {
        let old = json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["a"],
            "properties": {
                "a": {"type": "string", "maxLength": 10},
                "b": {"type": "string", "enum": ["x", "y"]},
                "n": {"type": "number", "minimum": 0},
            },
        });
        assert!(narrower(&old, &old).is_empty());
        let with = |path: &str, value| {
            let mut new = old.clone();
            *new.pointer_mut(path).unwrap() = value;
            narrower(&old, &new)
        };
        assert_eq!(
            with("/required", json!(["a", "b"])),
            ["the body must have `b`"]
        );
        assert!(with("/required", json!([])).is_empty());
        assert_eq!(
            with("/properties/a/maxLength", json!(9)),
            ["`a` has `maxLength` 9"]
        );
        assert!(with("/properties/a/maxLength", json!(11)).is_empty());
        assert_eq!(
            with("/properties/b/enum", json!(["x"])),
            ["`b` may no longer be \"y\""]
        );
        assert!(with("/properties/b/enum", json!(["x", "y", "z"])).is_empty());
        assert_eq!(
            with("/properties/n/type", json!("integer")),
            ["`n` must be of type integer"]
        );
        assert!(with("/properties/n/minimum", json!(-1)).is_empty());
        assert_eq!(
            with(
                "/properties",
                json!({"a": {"type": "string", "maxLength": 10}})
            ),
            [
                "the body may no longer have `b`",
                "the body may no longer have `n`"
            ]
        );
        let open = json!({"type": "object"});
        assert_eq!(
            narrower(
                &open,
                &json!({"type": "object", "properties": {"a": {"type": "string"}}})
            ),
            ["`a` must be of type string"]
        );
        // A property that was refused may be of any form now.
        let mut wider = old.clone();
        wider["properties"]["c"] = json!({"type": "string"});
        assert!(narrower(&old, &wider).is_empty());
    }
}
