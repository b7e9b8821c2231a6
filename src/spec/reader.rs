//! Typed access to one TOML table. Remembers which keys were asked for, so that `finish` can report all others;
//! a key of the wrong type is reported where it is asked for and then counts as left out.

use std::cell::RefCell;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fixed;
use super::literal::Literal;
use super::problems::Problems;
use super::raw::{Header, List};
use super::shape::{Asked, Kind};
use super::suggest::nearest;
use crate::diagnostic::{Code, Diagnostic};
use crate::origin::{Origin, Value};

/// Where readers of nested tables report to.
pub type Sink = RefCell<Problems>;

/// One table, or the absence of one.
pub struct Reader<'t, 's> {
    table: Option<&'t DeTable<'t>>,
    header: Header,
    known: Vec<&'static str>,
    sink: &'s Sink,
}

impl<'t, 's> Reader<'t, 's> {
    /// The whole file. What is missing from it points at its end, where one would type it.
    pub fn of_file(table: &'t DeTable<'t>, text: &str, sink: &'s Sink) -> Self {
        let end = text.trim_end().len();
        sink.borrow_mut().places.insert(String::new(), end..end);
        Self {
            table: Some(table),
            header: Header {
                path: String::new(),
                span: end..end,
                present: true,
            },
            known: Vec::new(),
            sink,
        }
    }

    pub fn header(&self) -> Header {
        self.header.clone()
    }

    pub fn text(&mut self, key: &'static str) -> Option<Value<String>> {
        self.read(key, Kind::Text, "a string", |value| {
            value.as_str().map(str::to_owned)
        })
    }

    pub fn flag(&mut self, key: &'static str) -> Option<Value<bool>> {
        self.read(key, Kind::Flag, "`true` or `false`", |value| {
            value.as_bool()
        })
    }

    pub fn number(&mut self, key: &'static str) -> Option<Value<u32>> {
        self.read(key, Kind::Number, "a whole number, 0 or more", |value| {
            let integer = value.as_integer()?;
            u32::from_str_radix(integer.as_str(), integer.radix()).ok()
        })
    }

    /// A TOML date, as ISO 8601 text.
    pub fn date(&mut self, key: &'static str) -> Option<Value<String>> {
        self.read(
            key,
            Kind::Date,
            "a date without quotes, such as 2026-12-01",
            |value| {
                let datetime = value.as_datetime()?;
                let only_date = datetime.time.is_none() && datetime.offset.is_none();
                only_date.then(|| datetime.date.map(|date| date.to_string()))?
            },
        )
    }

    /// A value whose type is not the spec's to say.
    pub fn literal(&mut self, key: &'static str) -> Option<Value<Literal>> {
        let expected = "a flag, a number, a string or a list of strings";
        self.read(key, Kind::Literal, expected, Literal::read)
    }

    /// A list of strings; each member's key is `key[0]` and so on.
    pub fn texts(&mut self, key: &'static str) -> Option<List> {
        let (_, value) = self.find(key, Kind::Texts)?;
        let path = self.path(key);
        let DeValue::Array(array) = value.get_ref() else {
            self.wrong_type(&path, value, "a list of strings");
            return None;
        };
        let mut list = Vec::new();
        for (index, member) in array.iter().enumerate() {
            let path = format!("{path}[{index}]");
            match member.get_ref().as_str() {
                Some(text) => list.push(written(path, member.span(), text.to_owned())),
                None => {
                    self.wrong_type(&path, member, "a string");
                    self.sink.borrow_mut().mark_unusable(&self.path(key));
                }
            }
        }
        let mut sink = self.sink.borrow_mut();
        sink.places.insert(path.clone(), value.span());
        Some(written(path, value.span(), list))
    }

    /// A table with known keys; one that is left out reads as empty.
    pub fn table(&mut self, key: &'static str) -> Reader<'t, 's> {
        let path = self.path(key);
        let mut span = self.header.span.clone();
        let mut table = None;
        if let Some((_, value)) = self.find(key, Kind::Table) {
            match value.get_ref() {
                DeValue::Table(found) => {
                    span = value.span();
                    table = Some(found);
                }
                _ => self.wrong_type(&path, value, "a table"),
            }
        }
        self.nested(path, span, table)
    }

    /// A table whose keys are names chosen by the author, each with a table of its own, in the order of the file.
    pub fn entries(&mut self, key: &'static str) -> Vec<(Value<String>, Reader<'t, 's>)> {
        let path = self.path(key);
        let Some((_, value)) = self.find(key, Kind::Entries) else {
            return self.named_member_of_outline(&path);
        };
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong_type(&path, value, "a table of tables");
            return Vec::new();
        };
        self.sink
            .borrow_mut()
            .places
            .insert(path.clone(), value.span());
        let mut entries = Vec::new();
        for (name, value) in table {
            let path = path_of(&path, name.get_ref());
            let place = Some(name.span());
            self.sink.borrow_mut().ask(|| path.clone(), place);
            let DeValue::Table(table) = value.get_ref() else {
                self.wrong_type(&path, value, "a table");
                continue;
            };
            let key = written(path.clone(), name.span(), name.get_ref().to_string());
            entries.push((key, self.nested(path, value.span(), Some(table))));
        }
        // The parser keeps the order of first mention only until a table is reopened; the file's order is by place.
        entries.sort_by_key(|(_, reader)| reader.header.span.start);
        entries
    }

    /// Entries of which each is a table or a list of tables, `[overrides.a]` or `[[overrides.a]]`; in the order of the file.
    pub fn entry_tables(&mut self, key: &'static str) -> Vec<(Value<String>, Reader<'t, 's>)> {
        let path = self.path(key);
        let Some((_, value)) = self.find(key, Kind::EntryTables) else {
            return self.named_member_of_outline(&path);
        };
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong_type(&path, value, "a table of tables");
            return Vec::new();
        };
        let mut entries = Vec::new();
        for (name, value) in table {
            let path = path_of(&path, name.get_ref());
            let place = Some(name.span());
            self.sink.borrow_mut().ask(|| path.clone(), place);
            let key = |path: &str, span| written(path.to_owned(), span, name.get_ref().to_string());
            match value.get_ref() {
                DeValue::Table(table) => {
                    let reader = self.nested(path.clone(), value.span(), Some(table));
                    entries.push((key(&path, name.span()), reader));
                }
                DeValue::Array(members) => {
                    for (index, member) in members.iter().enumerate() {
                        let path = format!("{path}[{index}]");
                        let DeValue::Table(table) = member.get_ref() else {
                            self.wrong_type(&path, member, "a table");
                            continue;
                        };
                        let reader = self.nested(path.clone(), member.span(), Some(table));
                        // The parser keeps the name of the first header only.
                        let span = if index == 0 {
                            name.span()
                        } else {
                            member.span()
                        };
                        entries.push((key(&path, span), reader));
                    }
                }
                _ => self.wrong_type(&path, value, "a table"),
            }
        }
        entries.sort_by_key(|(_, reader)| reader.header.span.start);
        entries
    }

    /// A list of tables without names, each with the path `key[0]` and so on.
    pub fn tables(&mut self, key: &'static str) -> Vec<Reader<'t, 's>> {
        let path = self.path(key);
        let Some((_, value)) = self.find(key, Kind::Tables) else {
            return self.member_of_outline(&path).into_iter().collect();
        };
        let DeValue::Array(array) = value.get_ref() else {
            self.wrong_type(&path, value, "a list of tables");
            return Vec::new();
        };
        let mut tables = Vec::new();
        for (index, member) in array.iter().enumerate() {
            let path = format!("{path}[{index}]");
            match member.get_ref() {
                DeValue::Table(table) => {
                    tables.push(self.nested(path, member.span(), Some(table)));
                }
                _ => self.wrong_type(&path, member, "a table"),
            }
        }
        tables
    }

    /// Reports every key that nobody asked for.
    pub fn finish(self) {
        let Some(table) = self.table else { return };
        for (key, value) in table {
            if !self.known.contains(&key.get_ref().as_ref()) {
                let path = self.path(key.get_ref());
                let diagnostic = fixed::diagnose(&path, key.span(), value)
                    .unwrap_or_else(|| self.unknown(&path, key));
                self.sink.borrow_mut().push(diagnostic);
            }
        }
    }

    fn unknown(&self, path: &str, key: &Spanned<std::borrow::Cow<'_, str>>) -> Diagnostic {
        let place = if self.header.path.is_empty() {
            "the top level".to_owned()
        } else {
            format!("`{}`", self.header.brackets())
        };
        let diagnostic = Diagnostic::error(
            Code::UnknownKey,
            key.span(),
            format!("unknown key `{path}`"),
        )
        .label(format!("not a key of {place}"));
        match nearest(key.get_ref(), self.known.iter().copied()) {
            Some(best) => diagnostic.help(format!("did you mean `{best}`?")),
            None => diagnostic.help(format!("the keys of {place} are {}", self.known.join(", "))),
        }
    }

    fn read<T>(
        &mut self,
        key: &'static str,
        kind: Kind,
        expected: &str,
        convert: impl Fn(&DeValue<'_>) -> Option<T>,
    ) -> Option<Value<T>> {
        let (_, value) = self.find(key, kind)?;
        let path = self.path(key);
        match convert(value.get_ref()) {
            Some(converted) => Some(written(path, value.span(), converted)),
            None => {
                self.wrong_type(&path, value, expected);
                None
            }
        }
    }

    fn find(
        &mut self,
        key: &'static str,
        kind: Kind,
    ) -> Option<(
        &'t Spanned<std::borrow::Cow<'t, str>>,
        &'t Spanned<DeValue<'t>>,
    )> {
        self.known.push(key);
        let mut sink = self.sink.borrow_mut();
        sink.note(|| Asked {
            table: self.header.path.clone(),
            key,
            kind,
        });
        let found = self.table.and_then(|table| table.get_key_value(key));
        let place = found.map(|(_, value)| value.span());
        sink.ask(|| self.path(key), place);
        found
    }

    fn nested(&self, path: String, span: Range<usize>, table: Option<&'t DeTable<'t>>) -> Self {
        if table.is_some() {
            let mut sink = self.sink.borrow_mut();
            sink.places.insert(path.clone(), span.clone());
        }
        Self {
            table,
            header: Header {
                path,
                span,
                present: table.is_some() || self.is_outline(),
            },
            known: Vec::new(),
            sink: self.sink,
        }
    }

    /// In an outline, the one member that stands for all of a collection.
    fn member_of_outline(&self, path: &str) -> Option<Self> {
        self.is_outline()
            .then(|| self.nested(format!("{path}.*"), 0..0, None))
    }

    fn named_member_of_outline(&self, path: &str) -> Vec<(Value<String>, Self)> {
        let member = self.member_of_outline(path).into_iter();
        let named = |member: Self| {
            let path = member.header.path.clone();
            (written(path, 0..0, "*".to_owned()), member)
        };
        member.map(named).collect()
    }

    fn is_outline(&self) -> bool {
        self.sink.borrow().outline.is_some()
    }

    fn path(&self, key: &str) -> String {
        path_of(&self.header.path, key)
    }

    fn wrong_type(&self, path: &str, value: &Spanned<DeValue<'_>>, expected: &str) {
        let mut sink = self.sink.borrow_mut();
        sink.mark_unusable(path);
        let found = value.get_ref();
        let message = format!("`{path}` must be {expected}");
        let diagnostic = Diagnostic::error(Code::WrongType, value.span(), message)
            .label(format!("found {}", article(found)));
        sink.push(match unquoted(found, expected) {
            Some(text) => diagnostic.help(format!("write `{text}` without quotes")),
            None => diagnostic,
        });
    }
}

/// The full path of a key in a table; keys that TOML wants quoted stay quoted.
pub fn path_of(table: &str, key: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let key = if !key.is_empty() && key.chars().all(is_bare) {
        key.to_owned()
    } else {
        format!("{key:?}")
    };
    if table.is_empty() {
        key
    } else {
        format!("{table}.{key}")
    }
}

fn written<T>(key: String, span: Range<usize>, value: T) -> Value<T> {
    Value::new(value, Origin::Spec { key, span })
}

fn article(value: &DeValue<'_>) -> String {
    match value {
        DeValue::Integer(number) => format!("the number {number}"),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Boolean(flag) => format!("`{flag}`"),
        DeValue::Datetime(_) => "a date or time".to_owned(),
        other => format!("a {}", other.type_str()),
    }
}

/// The text of a string that would be right without its quotes.
fn unquoted(value: &DeValue<'_>, expected: &str) -> Option<String> {
    let text = value.as_str()?;
    let fits = match expected.split_whitespace().last()? {
        "more" => text.parse::<u32>().is_ok(),
        "`false`" => matches!(text, "true" | "false"),
        "2026-12-01" => text.len() == 10 && text.parse::<toml::value::Datetime>().is_ok(),
        _ => false,
    };
    fits.then(|| text.to_owned())
}
