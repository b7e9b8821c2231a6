//! A body schema: the text of a file in, JSON or every reason why API Gateway would not take it out. Must not touch the disk.
//!
//! API Gateway reads JSON Schema draft-04, of whose words it refuses what it does not know, at any depth ("Unsupported keyword(s)",
//! github.com/aws/aws-cdk/issues/14585), and takes at most 400 KB (botocore, apigateway, CreateModel.schema). The generated tests
//! hold the same (`templates/tests/unit/draft_4.py`); `tests/models/schemas.json` holds both.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use crate::spec::nearest;

mod bounds;
mod later;
mod pattern;
mod places;
mod size;

use places::Places;
use places::below;

/// The only dialect, written in full.
const DRAFT_4: &str = "http://json-schema.org/draft-04/schema#";
/// KB of API Gateway's.
const LARGEST: usize = 400 << 10;
/// References to references, one after the other.
const LONGEST_CHAIN: usize = 64;
/// What a person mends at once.
const MOST_FAULTS: usize = 10;

const TYPES: [&str; 7] = [
    "array", "boolean", "integer", "null", "number", "object", "string",
];
const WORDS: [&str; 33] = [
    "$ref",
    "$schema",
    "additionalItems",
    "additionalProperties",
    "allOf",
    "anyOf",
    "default",
    "definitions",
    "dependencies",
    "description",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "id",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "oneOf",
    "pattern",
    "patternProperties",
    "properties",
    "required",
    "title",
    "type",
];
/// `uniqueItems` is no restriction of what has no items, like the rest that is not here; the generated tests have the same list.
const RESTRICTING: [&str; 15] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "dependencies",
    "enum",
    "items",
    "maxProperties",
    "minProperties",
    "not",
    "oneOf",
    "patternProperties",
    "properties",
    "required",
    "type",
];

/// One reason, with the line and column in the file where there is one.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    pub place: Option<(usize, usize)>,
    pub label: String,
    pub help: String,
}

/// The schema that a file holds.
pub fn read(bytes: &[u8]) -> Result<Json, Vec<Fault>> {
    // Editors on Windows put the mark there; it is not part of the text.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let one = |place, label: String, help: &str| {
        let help = help.to_owned();
        vec![Fault { place, label, help }]
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(one(None, "not UTF-8".to_owned(), "save the file as UTF-8"));
    };
    let schema: Json = serde_json::from_str(text).map_err(|error| {
        let label = format!("not valid JSON: {error}");
        one(None, label, "a body schema is a JSON file")
    })?;
    let places = Places::of(text);
    let mut judge = Judge {
        root: &schema,
        found: Vec::new(),
    };
    for pointer in &places.twice {
        let label = format!("duplicate key `{}`", last(pointer));
        judge.fault(
            pointer,
            label,
            "keep one of them: JSON parsers ignore the other",
        );
    }
    match schema.as_object() {
        Some(object) => {
            judge.schema("", &schema);
            judge.restricts(object);
            judge.fits();
        }
        None => judge.fault(
            "",
            "not a JSON object",
            "the file must hold one JSON object, such as {\"type\": \"object\"}",
        ),
    }
    let mut found = judge.found;
    if found.is_empty() {
        return Ok(schema);
    }
    let more = found.len().saturating_sub(MOST_FAULTS);
    found.truncate(MOST_FAULTS);
    let mut faults: Vec<Fault> = found
        .into_iter()
        .map(|(pointer, label, help)| Fault {
            place: places.get(&pointer),
            label,
            help,
        })
        .collect();
    if let Some(fault) = faults.last_mut().filter(|_| more > 0) {
        fault.label = format!("{}; and {more} more faults in the file", fault.label);
    }
    Err(faults)
}

/// The name that a JSON pointer ends with.
fn last(pointer: &str) -> String {
    let name = pointer.rsplit('/').next().unwrap_or_default();
    name.replace("~1", "/").replace("~0", "~")
}

struct Judge<'a> {
    root: &'a Json,
    /// JSON pointer, what is wrong, what to write.
    found: Vec<(String, String, String)>,
}

impl Judge<'_> {
    fn fault(&mut self, at: &str, label: impl Into<String>, help: impl Into<String>) {
        self.found.push((at.to_owned(), label.into(), help.into()));
    }

    fn restricts(&mut self, root: &Map<String, Json>) {
        if !RESTRICTING.iter().any(|word| root.contains_key(*word)) {
            let help = "describe the body: \"type\", \"required\", \"properties\"";
            self.fault("", "accepts any body", help);
        }
    }

    fn fits(&mut self) {
        let size = size::printed(self.root);
        if size > LARGEST {
            let label = format!(
                "API Gateway takes schemas of at most 400 KB, this one has {} as it is sent",
                size.div_ceil(1 << 10)
            );
            self.fault("", label, "shorten the schema");
        }
    }

    fn schema(&mut self, at: &str, schema: &Json) {
        let Some(object) = schema.as_object() else {
            let label = format!("a schema of draft-04 is an object, this is {schema}");
            let help = match schema {
                Json::Bool(true) => "write {} for anything",
                Json::Bool(false) => "write {\"not\": {}} for nothing",
                _ => "write {\"type\": \"string\"}, or another schema",
            };
            return self.fault(at, shortened(label), help);
        };
        for (word, value) in object {
            self.word(&below(at, word), word, value);
        }
        for (flag, number) in [
            ("exclusiveMinimum", "minimum"),
            ("exclusiveMaximum", "maximum"),
        ] {
            if object.get(flag).is_some_and(Json::is_boolean) && !object.contains_key(number) {
                let label = format!("\"{flag}\" modifies \"{number}\", which is missing");
                self.fault(
                    &below(at, flag),
                    label,
                    format!("add \"{number}\", or remove the line"),
                );
            }
        }
        self.possible(at, object);
        for (word, label, help) in bounds::contradictions(object) {
            self.fault(&below(at, word), shortened(label), help);
        }
    }

    /// What is demanded and not allowed, no body could ever hold.
    fn possible(&mut self, at: &str, object: &Map<String, Json>) {
        if object.get("additionalProperties") != Some(&Json::Bool(false))
            || object.contains_key("patternProperties")
        {
            return;
        }
        let known = object.get("properties").and_then(Json::as_object);
        let demanded = object.get("required").and_then(Json::as_array);
        for name in demanded.into_iter().flatten().filter_map(Json::as_str) {
            if !known.is_some_and(|known| known.contains_key(name)) {
                let label =
                    format!("`{name}` is required, and \"additionalProperties\" forbids it");
                let help = format!("describe `{name}` under \"properties\"");
                self.fault(&below(at, "required"), shortened(label), help);
            }
        }
    }

    fn word(&mut self, at: &str, word: &str, value: &Json) {
        match word {
            "default" => {}
            "$schema" => self.dialect(at, value),
            "$ref" => self.reference(at, value),
            "id" | "title" | "description" | "format" => {
                self.expect(at, value.is_string(), word, "a text");
            }
            "pattern" => self.pattern(at, value),
            "type" => self.types(at, value),
            "required" => self.texts(at, word, value),
            "enum" => self.list(at, word, value, "values"),
            "uniqueItems" => self.expect(at, value.is_boolean(), word, "true or false"),
            "exclusiveMinimum" | "exclusiveMaximum" => self.exclusive(at, word, value),
            "minimum" | "maximum" => self.expect(at, value.is_number(), word, "a number"),
            "multipleOf" => {
                let is_positive = value.as_f64().is_some_and(|number| number > 0.0);
                self.expect(at, is_positive, word, "a number above 0");
            }
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties"
            | "maxProperties" => {
                self.expect(
                    at,
                    value.as_u64().is_some(),
                    word,
                    "a whole number from 0 on",
                );
            }
            "properties" | "patternProperties" | "definitions" => self.named(at, word, value),
            "dependencies" => self.dependencies(at, value),
            "allOf" | "anyOf" | "oneOf" => self.schemas(at, word, value),
            "items" if value.is_array() => self.schemas(at, word, value),
            "additionalItems" | "additionalProperties" if value.is_boolean() => {}
            "additionalItems" | "additionalProperties" if value == "false" || value == "true" => {
                let help = "write true or false, without quotes";
                self.fault(at, format!("{value} is a string"), help);
            }
            "items" | "additionalItems" | "additionalProperties" | "not" => self.schema(at, value),
            _ => self.unknown(at, word),
        }
    }

    fn unknown(&mut self, at: &str, word: &str) {
        let label = shortened(format!(
            "API Gateway rejects \"{word}\", which is not a keyword of draft-04"
        ));
        let help = match later::instead(word) {
            Some(help) => help.to_owned(),
            None => match nearest(word, WORDS) {
                Some(best) => format!("did you mean \"{best}\"?"),
                None => "remove it".to_owned(),
            },
        };
        self.fault(at, label, help);
    }

    /// One of the words has a value of another kind.
    fn expect(&mut self, at: &str, is_right: bool, word: &str, what: &str) {
        if !is_right {
            self.fault(
                at,
                format!("\"{word}\" takes {what}"),
                format!("write {what}"),
            );
        }
    }

    fn dialect(&mut self, at: &str, value: &Json) {
        if value.as_str() != Some(DRAFT_4) {
            let label = shortened(format!("API Gateway supports draft-04, found {value}"));
            self.fault(at, label, format!("write \"$schema\": \"{DRAFT_4}\""));
        }
    }

    fn exclusive(&mut self, at: &str, word: &str, value: &Json) {
        if value.is_boolean() {
            return;
        }
        let label = format!("\"{word}\" takes true or false in draft-04");
        let help = match (word, value.is_number()) {
            ("exclusiveMinimum", true) => {
                format!("write \"minimum\": {value}, \"exclusiveMinimum\": true")
            }
            (_, true) => format!("write \"maximum\": {value}, \"exclusiveMaximum\": true"),
            _ => "write true or false".to_owned(),
        };
        self.fault(at, label, help);
    }

    fn types(&mut self, at: &str, value: &Json) {
        let all = match value {
            Json::Array(all) => {
                self.list(at, "type", value, "types");
                all.as_slice()
            }
            one => std::slice::from_ref(one),
        };
        for one in all {
            let known = one.as_str().is_some_and(|name| TYPES.contains(&name));
            if !known {
                let label = shortened(format!("{one} is not a type"));
                let name = one.as_str().unwrap_or_default();
                let help = match nearest(name, TYPES) {
                    Some(best) => format!("did you mean \"{best}\"?"),
                    None => format!("write one of {}", TYPES.join(", ")),
                };
                self.fault(at, label, help);
            }
        }
    }

    fn pattern(&mut self, at: &str, value: &Json) {
        match value.as_str() {
            None => self.expect(at, false, "pattern", "a text"),
            Some(text) => self.regular(at, text),
        }
    }

    fn regular(&mut self, at: &str, text: &str) {
        if let Some(fault) = pattern::fault(text) {
            let label = shortened(format!("`{text}` is not a regular expression: {fault}"));
            self.fault(at, label, "write a JavaScript regular expression");
        }
    }

    /// A list that holds something, and nothing twice.
    fn list(&mut self, at: &str, word: &str, value: &Json, what: &str) {
        let Some(list) = value.as_array().filter(|list| !list.is_empty()) else {
            let label = format!("\"{word}\" takes a list of at least one of the {what}");
            return self.fault(at, label, format!("list the {what}, or remove \"{word}\""));
        };
        let mut seen = BTreeSet::new();
        if let Some(twice) = list.iter().find(|item| !seen.insert(size::canonical(item))) {
            let label = shortened(format!("\"{word}\" contains {twice} twice"));
            self.fault(at, label, "remove one of them");
        }
    }

    fn texts(&mut self, at: &str, word: &str, value: &Json) {
        self.list(at, word, value, "names");
        let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
        if let Some(other) = list.iter().find(|item| !item.is_string()) {
            let label = shortened(format!("\"{word}\" takes property names, found {other}"));
            self.fault(at, label, "write property names in quotes");
        }
    }

    fn named(&mut self, at: &str, word: &str, value: &Json) {
        let Some(object) = value.as_object() else {
            return self.expect(at, false, word, "an object with a schema for each name");
        };
        for (name, schema) in object {
            let at = below(at, name);
            if word == "patternProperties" {
                self.regular(&at, name);
            }
            self.schema(&at, schema);
        }
    }

    fn dependencies(&mut self, at: &str, value: &Json) {
        let Some(object) = value.as_object() else {
            let what = "an object with names or a schema for each name";
            return self.expect(at, false, "dependencies", what);
        };
        for (name, needed) in object {
            let at = below(at, name);
            if needed.is_array() {
                self.texts(&at, "dependencies", needed);
            } else {
                self.schema(&at, needed);
            }
        }
    }

    fn schemas(&mut self, at: &str, word: &str, value: &Json) {
        let Some(list) = value.as_array().filter(|list| !list.is_empty()) else {
            let what = "a list of at least one schema";
            return self.expect(at, false, word, what);
        };
        for (index, schema) in list.iter().enumerate() {
            self.schema(&below(at, &index.to_string()), schema);
        }
    }

    fn reference(&mut self, at: &str, value: &Json) {
        let Some(text) = value.as_str() else {
            return self.expect(
                at,
                false,
                "$ref",
                "a string such as \"#/definitions/amount\"",
            );
        };
        let inside = "put the schema under \"definitions\", and write \"#/definitions/…\"";
        if !text.starts_with('#') {
            let label = if text.contains("://") {
                format!("`{text}` is on another server, which API Gateway does not request")
            } else {
                format!("`{text}` is another file, which API Gateway does not read")
            };
            return self.fault(at, shortened(label), inside);
        }
        let mut seen = BTreeSet::new();
        let mut next = text;
        loop {
            // Each of them is followed from its own place, so that a long chain would take its square.
            if !seen.insert(next) || seen.len() > LONGEST_CHAIN {
                let label = shortened(format!("`{text}` refers to itself"));
                return self.fault(at, label, "write the schema in its place");
            }
            let Some(target) = self.target(next).filter(|target| target.is_object()) else {
                let label = shortened(format!("`{next}` is not a schema in this file"));
                return self.fault(at, label, inside);
            };
            match target.get("$ref").and_then(Json::as_str) {
                Some(further) if further.starts_with('#') => next = further,
                _ => return,
            }
        }
    }

    /// What a fragment means: `#`, or `#` with a JSON pointer.
    fn target(&self, fragment: &str) -> Option<&Json> {
        let pointer = fragment.strip_prefix('#')?;
        self.root.pointer(&percent_decoded(pointer)?)
    }
}

/// `%25` is `%`; nothing if that is no text.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        if *first == b'%' {
            let (digits, others) = others.split_at_checked(2)?;
            let digits = std::str::from_utf8(digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = others;
        } else {
            bytes.push(*first);
            rest = others;
        }
    }
    String::from_utf8(bytes).ok()
}

/// What is shown of a text that may be as long as the file.
fn shortened(text: String) -> String {
    const MOST: usize = 160;
    if text.chars().count() <= MOST {
        return text;
    }
    let start: String = text.chars().take(MOST).collect();
    format!("{start}…")
}

#[cfg(test)]
mod tests;
