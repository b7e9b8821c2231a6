//! The format of the spec as a JSON Schema, for editors: they complete, explain and underline with it. The keys and their
//! types are asked of the reader, what is required of the resolver, defaults of their table, bounds of the rules; `keys`
//! adds the words. Never refuses what the compiler takes; what only the compiler can judge is left to it.
//!
//! Draft 7, because Taplo and Even Better TOML read it in every version, without references, which they follow one at a
//! time. A TOML date is a text of the format `date` there.

mod keys;
mod row;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::load::Memory;
use crate::resolve::defaults::{self, Entry};
use crate::resolve::resolve;
use crate::spec::{Asked, Kind, Outline, read_outline};
use row::Row;

/// Beside a spec, so that its first line finds it: `#:schema ./paystagec.schema.json`.
pub const FILE_NAME: &str = "paystagec.schema.json";

/// What the schema is made from.
struct Format {
    asked: Vec<Asked>,
    /// Paths without a default.
    required: BTreeSet<String>,
    rows: Vec<Row>,
    defaults: Vec<Entry>,
}

/// The schema as the text of its file.
pub fn text() -> anyhow::Result<String> {
    let mut text = serde_json::to_string_pretty(&schema()?)?;
    text.push('\n');
    Ok(text)
}

fn schema() -> anyhow::Result<Value> {
    let format = Format::new();
    let mut root = Map::new();
    root.insert(
        "$schema".to_owned(),
        json!("http://json-schema.org/draft-07/schema#"),
    );
    root.insert("title".to_owned(), json!("paystagec spec"));
    let about =
        "A payments staging environment, compiled into a Pulumi project by `paystagec build`.";
    root.insert("description".to_owned(), json!(about));
    root.extend(format.table("")?);
    Ok(Value::Object(root))
}

impl Format {
    fn new() -> Self {
        let (spec, mut problems) = read_outline();
        resolve(spec, "", &Memory::default(), &mut problems);
        let Outline { keys, required } = problems.into_outline();
        let mut format = Self {
            asked: keys,
            required,
            rows: keys::rows(),
            defaults: defaults::all(),
        };
        format.require_parents();
        format
    }

    /// A table with a required key is required itself, up to the file or to a name of the author's.
    fn require_parents(&mut self) {
        let has_members = |row: &&Row| row.count.is_some_and(|(least, _)| least > 0);
        let mut paths: Vec<String> = self.required.iter().cloned().collect();
        paths.extend(
            self.rows
                .iter()
                .filter(has_members)
                .map(|row| row.path.to_owned()),
        );
        for path in paths {
            let mut path = path.as_str();
            while !path.ends_with(".*") {
                self.required.insert(path.to_owned());
                let Some((table, _)) = path.rsplit_once('.') else {
                    break;
                };
                path = table;
            }
        }
    }

    fn row(&self, path: &str) -> anyhow::Result<&Row> {
        let row = self.rows.iter().find(|row| row.path == path);
        row.ok_or_else(|| anyhow::anyhow!("the key `{path}` has no row in src/schema/keys.rs"))
    }

    /// Keywords of a table with known keys.
    fn table(&self, path: &str) -> anyhow::Result<Map<String, Value>> {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for asked in self.asked.iter().filter(|asked| asked.table == path) {
            properties.insert(asked.key.to_owned(), self.key(asked)?);
            if self.required.contains(&asked.path()) {
                required.push(asked.key);
            }
        }
        let mut keywords = Map::new();
        keywords.insert("type".to_owned(), json!("object"));
        keywords.insert("additionalProperties".to_owned(), json!(false));
        if !required.is_empty() {
            keywords.insert("required".to_owned(), json!(required));
        }
        keywords.insert("properties".to_owned(), Value::Object(properties));
        Ok(keywords)
    }

    fn key(&self, asked: &Asked) -> anyhow::Result<Value> {
        let path = asked.path();
        let row = self.row(&path)?;
        let default = self.default_of(&path);
        let mut keywords = words(row, default);
        match asked.kind {
            Kind::Table => keywords.extend(self.table(&path)?),
            Kind::Entries => keywords.extend(entries(row, self.member(&path)?)),
            Kind::EntryTables => {
                let member = self.member(&path)?;
                let list = Value::Object(tables(member.clone()));
                let either = json!([Value::Object(member), list]);
                keywords.extend(entries(
                    row,
                    [("anyOf".to_owned(), either)].into_iter().collect(),
                ));
            }
            Kind::Tables => keywords.extend(tables(self.member(&path)?)),
            Kind::Texts => keywords.extend(texts(row)),
            Kind::Text | Kind::Flag | Kind::Number | Kind::Date | Kind::Literal => {
                keywords.extend(constraints(row, asked.kind));
                let default = default.map(|entry| typed(asked.kind, &entry.value));
                insert(&mut keywords, "default", default.transpose()?);
                let examples = row.examples.iter().map(|text| typed(asked.kind, text));
                let examples: Vec<Value> = examples.collect::<Result<_, _>>()?;
                let some = (!examples.is_empty()).then(|| json!(examples));
                insert(&mut keywords, "examples", some);
            }
        }
        if path == "state" {
            keywords.extend(backends());
        }
        Ok(Value::Object(keywords))
    }

    /// Keywords of what stands for every member of a collection.
    fn member(&self, path: &str) -> anyhow::Result<Map<String, Value>> {
        let name = format!("{path}.*");
        let mut member = words(self.row(&name)?, None);
        member.extend(self.table(&name)?);
        if name == "waivers.*" {
            let either = json!([{ "required": ["rule"] }, { "required": ["requirement"] }]);
            member.insert("oneOf".to_owned(), either);
        }
        Ok(member)
    }

    /// The default of a key: ids leave out the names of the author's and have hyphens in the key.
    fn default_of(&self, path: &str) -> Option<&Entry> {
        let path = path.replace(".*", "");
        let (table, key) = path.rsplit_once('.')?;
        let id = format!("{table}.{}", key.replace('_', "-"));
        self.defaults.iter().find(|entry| entry.id == id)
    }
}

/// A table whose keys are names of the author's.
fn entries(row: &Row, member: Map<String, Value>) -> Map<String, Value> {
    let names = row.names.as_deref();
    let names = names.map(|pattern| match row.none_of.is_empty() {
        true => json!({ "pattern": pattern }),
        false => json!({ "pattern": pattern, "not": { "enum": row.none_of } }),
    });
    let least = row.count.map(|(least, _)| json!(least));
    let mut keywords = of_type("object");
    insert(&mut keywords, "propertyNames", names);
    insert(&mut keywords, "minProperties", least);
    keywords.insert("additionalProperties".to_owned(), Value::Object(member));
    keywords
}

/// A list of texts.
fn texts(row: &Row) -> Map<String, Value> {
    let mut item = constraints(row, Kind::Text);
    item.insert("examples".to_owned(), json!(row.examples));
    let least = row.count.map(|(least, _)| json!(least));
    let most = row.count.and_then(|(_, most)| most);
    let mut keywords = of_type("array");
    insert(&mut keywords, "minItems", least);
    insert(&mut keywords, "maxItems", most.map(|most| json!(most)));
    let distinct = row.distinct.then(|| json!(true));
    insert(&mut keywords, "uniqueItems", distinct);
    keywords.insert("items".to_owned(), Value::Object(item));
    keywords.insert("examples".to_owned(), json!([row.examples]));
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

/// Title and description; the description says unit and default too, as editors show nothing else.
fn words(row: &Row, default: Option<&Entry>) -> Map<String, Value> {
    let mut text = row.about.to_owned();
    if let Some(unit) = row.unit {
        text.push_str(&format!("\n\nUnit: {unit}."));
    }
    if let Some(entry) = default {
        let Entry {
            id: _,
            value,
            reason,
            requirements,
        } = entry;
        let unit = row.unit.map(|unit| format!(" {unit}")).unwrap_or_default();
        text.push_str(&format!("\n\nDefault: {value}{unit}, {reason}"));
        text.push_str(&if requirements.is_empty() {
            ".".to_owned()
        } else {
            format!(" ({}).", requirements.replace(' ', ", "))
        });
    }
    let mut words = Map::new();
    words.insert("title".to_owned(), json!(row.title));
    words.insert("description".to_owned(), json!(text));
    words
}

/// Type and bounds of a single value.
fn constraints(row: &Row, kind: Kind) -> Map<String, Value> {
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
        let (lowest, highest) = row.range.unwrap_or((0, u32::MAX));
        keywords.insert("minimum".to_owned(), json!(lowest));
        keywords.insert("maximum".to_owned(), json!(highest));
    }
    let words = row.one_of.iter().map(|word| match kind {
        Kind::Flag => json!(word == "true"),
        _ => json!(word),
    });
    let words: Vec<Value> = words.collect();
    let choice = (!words.is_empty()).then(|| json!(words));
    insert(&mut keywords, "enum", choice);
    let form = row.pattern.map(|pattern| json!(pattern));
    insert(&mut keywords, "pattern", form);
    let not = (!row.none_of.is_empty()).then(|| json!({ "enum": row.none_of }));
    let unlike = row.not_form.map(|pattern| json!({ "pattern": pattern }));
    insert(&mut keywords, "not", not.or(unlike));
    let most = row.max_length.map(|most| json!(most));
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
        Kind::Number => json!(text.parse::<u32>()?),
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
    use std::collections::BTreeSet;

    use super::*;

    /// Every path that a row can have, with what stands there; a member of a collection counts as a table.
    fn paths() -> Vec<(String, Kind)> {
        let mut paths = Vec::new();
        for asked in Format::new().asked {
            if matches!(asked.kind, Kind::Entries | Kind::EntryTables | Kind::Tables) {
                paths.push((format!("{}.*", asked.path()), Kind::Table));
            }
            paths.push((asked.path(), asked.kind));
        }
        paths
    }

    #[test]
    fn every_key_of_the_reader_has_a_row_and_every_row_a_key() {
        let rows = keys::rows();
        let described: BTreeSet<&str> = rows.iter().map(|row| row.path).collect();
        assert_eq!(described.len(), rows.len(), "a key has two rows");
        let paths = paths();
        let known: BTreeSet<&str> = paths.iter().map(|(path, _)| path.as_str()).collect();
        let missing: Vec<_> = known.difference(&described).copied().collect();
        assert!(
            missing.is_empty(),
            "editors know nothing of {missing:?}: give each a `row(path, \"Title\", \"A sentence.\")` in src/schema/keys.rs, \
             with its unit, its range and an example, and run `make generate`"
        );
        let unknown: Vec<_> = described.difference(&known).collect();
        assert!(
            unknown.is_empty(),
            "no spec has {unknown:?}: remove the rows from src/schema/keys.rs"
        );
    }

    #[test]
    fn every_default_belongs_to_a_key_and_meets_its_bounds() {
        let format = Format::new();
        let mut used = BTreeSet::new();
        for asked in &format.asked {
            let Some(entry) = format.default_of(&asked.path()) else {
                continue;
            };
            used.insert(entry.id);
            let row = format.row(&asked.path()).unwrap();
            let value = &entry.value;
            assert!(
                row.one_of.is_empty() || row.one_of.contains(value),
                "{}",
                entry.id
            );
            if let Some((lowest, highest)) = row.range {
                let number: u32 = value.parse().unwrap();
                assert!((lowest..=highest).contains(&number), "{}", entry.id);
            }
        }
        for entry in &format.defaults {
            let id = entry.id;
            assert!(
                used.contains(id),
                "no key of the spec has the default `{id}`"
            );
        }
    }

    #[test]
    fn every_row_says_what_an_editor_shows() {
        let rows = keys::rows();
        for (path, kind) in paths() {
            let row = rows.iter().find(|row| row.path == path).unwrap();
            assert!(
                !row.title.is_empty() && row.about.ends_with('.'),
                "{path}: words"
            );
            let plain = path == "version" || path.ends_with(".priority");
            let is_measured = kind == Kind::Number && !plain;
            assert_eq!(row.unit.is_some(), is_measured, "{path}: a unit");
        }
    }

    /// Whoever completes a key sees what may stand there: its default, its choices, or an example.
    #[test]
    fn every_value_has_a_model() {
        let format = Format::new();
        for asked in &format.asked {
            let path = asked.path();
            let row = format.row(&path).unwrap();
            let is_value = !matches!(
                asked.kind,
                Kind::Table | Kind::Entries | Kind::EntryTables | Kind::Tables
            );
            let has_model = !row.one_of.is_empty()
                || !row.examples.is_empty()
                || row.range.is_some_and(|(lowest, highest)| lowest == highest)
                || format.default_of(&path).is_some();
            assert!(!is_value || has_model, "{path}: an example");
        }
    }
}
