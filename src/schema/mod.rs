//! The format of the spec as a JSON Schema, for editors: they complete, explain and underline with it. Everything about a key is
//! read from its declaration. Never refuses what the compiler takes; what only the compiler can judge is left to it.
//!
//! Draft 7, because Taplo and Even Better TOML read it in every version, without references, which they follow one at a
//! time. A TOML date is a text of the format `date` there.

use serde_json::{Map, Value, json};

use crate::format::{FILE, Key, Kind, Table};

/// Beside a spec, so that its first line finds it: `#:schema ./paystagec.schema.json`.
pub const FILE_NAME: &str = "paystagec.schema.json";

/// The schema as the text of its file.
pub fn text() -> anyhow::Result<String> {
    let mut text = serde_json::to_string_pretty(&schema()?)?;
    text.push('\n');
    Ok(text)
}

fn schema() -> anyhow::Result<Value> {
    let mut root = Map::new();
    root.insert(
        "$schema".to_owned(),
        json!("http://json-schema.org/draft-07/schema#"),
    );
    root.insert("title".to_owned(), json!("paystagec spec"));
    let about =
        "A payments staging environment, compiled into a Pulumi project by `paystagec build`.";
    root.insert("description".to_owned(), json!(about));
    root.extend(table(FILE)?);
    // A spec with a base says only what differs.
    root.insert("if".to_owned(), json!({ "not": { "required": ["base"] } }));
    insert(&mut root, "then", needed(FILE).map(Value::Object));
    Ok(Value::Object(root))
}

/// What a table must have, and what the tables in it must, if anything. Members of lists are whole in every file, and say it themselves.
fn needed(table: &Table) -> Option<Map<String, Value>> {
    let mut keywords = Map::new();
    let required = required(table);
    insert(
        &mut keywords,
        "required",
        (!required.is_empty()).then(|| json!(required)),
    );
    let inner = table.keys.iter().filter_map(|key| {
        let needed = Value::Object(needed(key.table?)?);
        let needed = match key.kind {
            Kind::Table => needed,
            Kind::Entries => json!({ "additionalProperties": needed }),
            _ => return None,
        };
        Some((key.name.to_owned(), needed))
    });
    let inner: Map<String, Value> = inner.collect();
    insert(
        &mut keywords,
        "properties",
        (!inner.is_empty()).then_some(Value::Object(inner)),
    );
    (!keywords.is_empty()).then_some(keywords)
}

fn required(table: &Table) -> Vec<&'static str> {
    let needed = table.keys.iter().filter(|key| key.is_needed());
    needed.map(|key| key.name).collect()
}

/// Keywords of a table with known keys.
fn table(table: &Table) -> anyhow::Result<Map<String, Value>> {
    let mut properties = Map::new();
    for key in table.keys {
        properties.insert(key.name.to_owned(), property(key)?);
    }
    let mut keywords = Map::new();
    keywords.insert("type".to_owned(), json!("object"));
    keywords.insert("additionalProperties".to_owned(), json!(false));
    keywords.insert("properties".to_owned(), Value::Object(properties));
    Ok(keywords)
}

fn property(key: &Key) -> anyhow::Result<Value> {
    let mut keywords = words(key.title, described(key));
    match (key.kind, key.table) {
        (Kind::Table, Some(inner)) => keywords.extend(table(inner)?),
        (Kind::Entries, Some(inner)) => keywords.extend(entries(key, member(inner)?)),
        (Kind::EntryTables, Some(inner)) => {
            let member = whole_member(inner)?;
            let list = Value::Object(tables(member.clone()));
            let either = json!([Value::Object(member), list]);
            keywords.extend(entries(
                key,
                [("anyOf".to_owned(), either)].into_iter().collect(),
            ));
        }
        (Kind::Tables, Some(inner)) => keywords.extend(tables(whole_member(inner)?)),
        (Kind::Texts, _) => keywords.extend(texts(key)),
        (Kind::NamedTexts, _) => keywords.extend(named_texts(key)),
        _ => {
            keywords.extend(constraints(key, key.kind));
            let default = key.default.map(|default| default.value.to_string());
            let default = default.map(|text| typed(key.kind, &text));
            insert(&mut keywords, "default", default.transpose()?);
            let examples = key.all_examples();
            let examples = examples.iter().map(|text| typed(key.kind, text));
            let examples: Vec<Value> = examples.collect::<Result<_, _>>()?;
            let some = (!examples.is_empty()).then(|| json!(examples));
            insert(&mut keywords, "examples", some);
        }
    }
    if key.path == "state" {
        keywords.extend(backends());
    }
    Ok(Value::Object(keywords))
}

/// Keywords of what stands for every member of a collection.
fn member(inner: &Table) -> anyhow::Result<Map<String, Value>> {
    let mut member = words(inner.title, inner.about.to_owned());
    member.extend(table(inner)?);
    if inner.path == "waivers.*" {
        let either = json!([{ "required": ["rule"] }, { "required": ["requirement"] }]);
        member.insert("oneOf".to_owned(), either);
    }
    Ok(member)
}

/// The same, with what it must have: a member of a list.
fn whole_member(inner: &Table) -> anyhow::Result<Map<String, Value>> {
    let mut member = member(inner)?;
    let required = required(inner);
    insert(
        &mut member,
        "required",
        (!required.is_empty()).then(|| json!(required)),
    );
    Ok(member)
}

/// A table whose keys are names of the author's.
fn entries(key: &Key, member: Map<String, Value>) -> Map<String, Value> {
    let names = key.names.map(|form| match key.none_of {
        None => json!({ "pattern": form() }),
        Some(words) => json!({ "pattern": form(), "not": { "enum": words() } }),
    });
    let least = key.count.map(|(least, _)| json!(least));
    let mut keywords = of_type("object");
    insert(&mut keywords, "propertyNames", names);
    insert(&mut keywords, "minProperties", least);
    keywords.insert("additionalProperties".to_owned(), Value::Object(member));
    keywords
}

/// A table of texts: the form of a key is that of its values, and what none may be are names.
fn named_texts(key: &Key) -> Map<String, Value> {
    let mut text = of_type("string");
    insert(&mut text, "pattern", key.form.map(|form| json!(form)));
    let most = key.max_length.map(|most| json!(most));
    insert(&mut text, "maxLength", most);
    entries(key, text)
}

/// A list of texts.
fn texts(key: &Key) -> Map<String, Value> {
    let mut item = constraints(key, Kind::Text);
    item.insert("examples".to_owned(), json!(key.examples));
    let least = key.count.map(|(least, _)| json!(least));
    let most = key.count.and_then(|(_, most)| most);
    let mut keywords = of_type("array");
    insert(&mut keywords, "minItems", least);
    insert(&mut keywords, "maxItems", most.map(|most| json!(most)));
    let distinct = key.distinct.then(|| json!(true));
    insert(&mut keywords, "uniqueItems", distinct);
    keywords.insert("items".to_owned(), Value::Object(item));
    keywords.insert("examples".to_owned(), json!([key.examples]));
    keywords
}

/// A list of tables.
fn tables(member: Map<String, Value>) -> Map<String, Value> {
    let mut keywords = of_type("array");
    keywords.insert("items".to_owned(), Value::Object(member));
    keywords
}

fn of_type(name: &str) -> Map<String, Value> {
    [("type".to_owned(), json!(name))].into_iter().collect()
}

fn words(title: &str, about: String) -> Map<String, Value> {
    let mut words = Map::new();
    words.insert("title".to_owned(), json!(title));
    words.insert("description".to_owned(), json!(about));
    words
}

/// What a key is for. Says unit and default too, as editors show nothing else.
fn described(key: &Key) -> String {
    let mut text = key.about.to_owned();
    if let Some(unit) = key.unit {
        text.push_str(&format!("\n\nUnit: {unit}."));
    }
    if let Some(default) = key.default {
        let unit = key.unit.map(|unit| format!(" {unit}")).unwrap_or_default();
        let (value, reason) = (default.value, default.reason);
        text.push_str(&format!("\n\nDefault: {value}{unit}, {reason}"));
        let requirements: Vec<&str> = key.requirement_ids().collect();
        text.push_str(&if requirements.is_empty() {
            ".".to_owned()
        } else {
            format!(" ({}).", requirements.join(", "))
        });
    }
    for of_class in key.of_classes {
        if let Some(default) = of_class.default {
            let unit = key.unit.map(|unit| format!(" {unit}")).unwrap_or_default();
            let (class, value, reason) = (of_class.class.as_str(), default.value, default.reason);
            text.push_str(&format!(
                "\n\nIn the class {class}: {value}{unit}, {reason}."
            ));
        }
    }
    text
}

/// Type and bounds of a single value.
fn constraints(key: &Key, kind: Kind) -> Map<String, Value> {
    if kind == Kind::Literal {
        let types = json!({ "type": ["boolean", "number", "string", "array"], "items": { "type": "string" } });
        return types.as_object().cloned().unwrap_or_default();
    }
    let mut keywords = of_type(match kind {
        Kind::Flag => "boolean",
        Kind::Number => "integer",
        _ => "string",
    });
    if kind == Kind::Date {
        keywords.insert("format".to_owned(), json!("date"));
    }
    if kind == Kind::Number {
        // The class stands elsewhere: what one of them takes is left to the compiler.
        let (lowest, highest) = key
            .widest_range()
            .map_or((0, u64::MAX), |range| (range.lowest, range.highest));
        keywords.insert("minimum".to_owned(), json!(lowest));
        keywords.insert("maximum".to_owned(), json!(highest));
    }
    let words = key.all_words();
    let words = words.iter().map(|word| match kind {
        Kind::Flag => json!(word == "true"),
        _ => json!(word),
    });
    let words: Vec<Value> = words.collect();
    let choice = (!words.is_empty()).then(|| json!(words));
    insert(&mut keywords, "enum", choice);
    let form = key.form.map(|pattern| json!(pattern));
    insert(&mut keywords, "pattern", form);
    let not = key.none_of.map(|words| json!({ "enum": words() }));
    let unlike = key.not_form.map(|pattern| json!({ "pattern": pattern }));
    insert(&mut keywords, "not", not.or(unlike));
    let most = key.max_length.map(|most| json!(most));
    insert(&mut keywords, "maxLength", most);
    keywords
}

fn insert(keywords: &mut Map<String, Value>, keyword: &str, value: Option<Value>) {
    if let Some(value) = value {
        keywords.insert(keyword.to_owned(), value);
    }
}

/// A default or an example as the value that it stands for.
fn typed(kind: Kind, text: &str) -> anyhow::Result<Value> {
    Ok(match kind {
        Kind::Number => json!(text.parse::<u64>()?),
        Kind::Flag => json!(text.parse::<bool>()?),
        Kind::Literal => serde_json::from_str(text)?,
        _ => json!(text),
    })
}

/// Which keys of `[state]` belong to which backend.
fn backends() -> Map<String, Value> {
    let is = |backend: &str| json!({ "required": ["backend"], "properties": { "backend": { "const": backend } } });
    let without = |keys: &[&str]| -> Value {
        let none: Map<String, Value> = keys
            .iter()
            .map(|key| ((*key).to_owned(), json!(false)))
            .collect();
        json!({ "properties": none })
    };
    let s3 = json!({ "required": ["bucket", "kms_key"], "properties": { "organization": false } });
    let cloud = json!({
        "required": ["organization"],
        "properties": { "bucket": false, "kms_key": false }
    });
    let local = without(&["bucket", "kms_key", "organization"]);
    let mut keywords = Map::new();
    keywords.insert("if".to_owned(), is("s3"));
    keywords.insert("then".to_owned(), s3);
    let otherwise = json!({ "if": is("pulumi-cloud"), "then": cloud, "else": local });
    keywords.insert("else".to_owned(), otherwise);
    keywords
}

#[cfg(test)]
mod tests {
    use std::mem::discriminant;

    use crate::format::{Kind, keys};
    use crate::requirements::{Class, requirements};

    #[test]
    fn every_default_is_a_value_that_the_key_takes() {
        for key in keys() {
            let Some(default) = key.default else {
                assert!(key.of_classes.is_empty(), "{}", key.path);
                continue;
            };
            let path = key.path;
            assert!(!key.is_required, "{path}");
            for class in Class::ALL {
                let own = key.default_in(class).unwrap().value;
                assert_eq!(discriminant(&own), discriminant(&default.value), "{path}");
                let (value, words) = (own.to_string(), key.all_words());
                assert!(words.is_empty() || words.contains(&value), "{path}");
                if let Some(range) = key.range_in(class) {
                    assert!(range.contains(value.parse().unwrap()), "{path}");
                }
            }
        }
    }

    #[test]
    fn every_key_says_what_people_are_shown() {
        for key in keys() {
            let path = key.path;
            assert!(
                !key.title.is_empty() && key.about.ends_with('.'),
                "{path}: a title and a sentence"
            );
            let plain = path == "version" || path.ends_with(".priority");
            let is_measured = key.kind == Kind::Number && !plain;
            assert_eq!(key.unit.is_some(), is_measured, "{path}: a unit");
            if let Some(table) = key.table {
                assert!(table.about.ends_with('.'), "{path}: a sentence");
            }
        }
    }

    /// Whoever completes a key sees what may stand there: its default, its choices, or an example.
    #[test]
    fn every_value_has_a_model() {
        for key in keys().into_iter().filter(|key| key.kind.is_value()) {
            let has_model = key.default.is_some()
                || !key.all_words().is_empty()
                || !key.all_examples().is_empty();
            assert!(has_model, "{}: an example", key.path);
            assert!(
                !key.is_required || key.example().is_some(),
                "{}: an example to type where it is missing",
                key.path
            );
        }
    }

    #[test]
    fn requirements_of_keys_exist() {
        for key in keys() {
            for id in key.requirement_ids() {
                assert!(requirements().iter().any(|row| row.id == id), "{id}");
            }
        }
    }
}
