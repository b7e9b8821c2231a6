//! Typed access to one TOML table. Remembers which keys were asked for, so that `finish` can report all others;
//! a key of the wrong type is reported where it is asked for and then counts as left out.

use std::cell::RefCell;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fixed;
use super::path::path_of;
use super::problems::{Beyond, Problems};
use super::remedy;
use super::suggest::nearest;
use crate::diagnostic::{Code, Diagnostic, Edit};
use crate::format::{Header, Key, Kind, List, Literal, NamedText, Read};
use crate::origin::{Origin, Value};

/// Where readers of nested tables report to.
pub type Sink = RefCell<Problems>;

/// One table, or the absence of one.
pub struct Reader<'t, 's> {
    table: Option<&'t DeTable<'t>>,
    header: Header,
    known: Vec<&'static str>,
    sink: &'s Sink,
    /// The whole file.
    text: &'t str,
}

impl<'t, 's> Reader<'t, 's> {
    /// The whole file. What is missing from it points at its end, where one would type it.
    pub fn of_file(table: &'t DeTable<'t>, text: &'t str, end: usize, sink: &'s Sink) -> Self {
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
            text,
        }
    }

    /// The table behind a key, or its collection, if it is one.
    fn table_of(&mut self, key: &'static Key) -> Option<(&'t DeTable<'t>, Range<usize>)> {
        let value = self.find(key)?;
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong_type(key.kind, &self.path(key.name), value);
            return None;
        };
        Some((table, value.span()))
    }

    fn unknown(
        &self,
        path: &str,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        value: &DeValue<'_>,
    ) -> Diagnostic {
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
        if let Some(right) = self.without_dot(key.get_ref()) {
            self.sink.borrow_mut().leave_out(right.clone());
            let help = format!("did you mean `{right}`?");
            return diagnostic.help(help).replace_with(right);
        }
        let Some(best) = nearest(key.get_ref(), self.known.iter().copied()) else {
            return diagnostic.help(format!("the keys of {place} are {}", self.known.join(", ")));
        };
        let mut sink = self.sink.borrow_mut();
        match self.table.and_then(|table| table.get(best)) {
            // It is not missing, only misspelt.
            None => sink.leave_out(self.path(best)),
            // So are its members, if both are collections of tables.
            Some(there) => match members_beside(value, there.get_ref()) {
                Some(names) => {
                    let collection = self.path(best);
                    names
                        .iter()
                        .for_each(|name| sink.leave_out(path_of(&collection, name)));
                }
                // One of the two has what the other lacks: neither may go.
                None if is_table(value) && is_table(there.get_ref()) => {
                    let help = format!("its keys belong to `{}`, which is there", self.path(best));
                    return diagnostic.help(help);
                }
                None => return diagnostic.help(format!("`{best}` is set already: this may go")),
            },
        }
        diagnostic.did_you_mean_name(best)
    }

    /// `functionsvalidate-payment`: a table whose name lacks its dot.
    fn without_dot(&self, key: &str) -> Option<String> {
        if !self.header.path.is_empty() {
            return None;
        }
        let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        self.known.iter().find_map(|known| {
            let rest = key.strip_prefix(known)?.trim_start_matches(['_', '-']);
            if !matches!(*known, "functions" | "overrides") {
                return None;
            }
            (!rest.is_empty() && rest.chars().all(is_bare)).then(|| format!("{known}.{rest}"))
        })
    }

    fn read<T>(
        &mut self,
        key: &'static Key,
        convert: impl Fn(&DeValue<'_>) -> Option<T>,
    ) -> Option<Value<T>> {
        let value = self.find(key)?;
        let path = self.path(key.name);
        match convert(value.get_ref()) {
            Some(converted) => Some(written(path, value.span(), converted)),
            None => {
                self.wrong_type(key.kind, &path, value);
                None
            }
        }
    }

    fn find(&mut self, key: &'static Key) -> Option<&'t Spanned<DeValue<'t>>> {
        self.known.push(key.name);
        let found = self.table.and_then(|table| table.get(key.name));
        let place = found.map(Spanned::span);
        self.sink.borrow_mut().ask(|| self.path(key.name), place);
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
                present: table.is_some(),
            },
            known: Vec::new(),
            sink: self.sink,
            text: self.text,
        }
    }

    fn path(&self, key: &str) -> String {
        path_of(&self.header.path, key)
    }

    fn wrong_type(&self, kind: Kind, path: &str, value: &Spanned<DeValue<'_>>) {
        let found = value.get_ref();
        let message = format!("`{path}` must be {}", kind.expected());
        let diagnostic = Diagnostic::error(Code::WrongType, value.span(), message)
            .label(format!("found {}", article(found)));
        let diagnostic = self.with_remedy(diagnostic, kind, path, value);
        let mut sink = self.sink.borrow_mut();
        sink.mark_unusable(path);
        sink.push(diagnostic);
    }

    /// What to type instead of a value of the wrong type.
    fn with_remedy(
        &self,
        told: Diagnostic,
        kind: Kind,
        path: &str,
        value: &Spanned<DeValue<'_>>,
    ) -> Diagnostic {
        let raw = self.text.get(value.span()).unwrap_or_default();
        let key = path.rsplit('.').next().unwrap_or(path);
        let header = |members: &Spanned<DeValue<'_>>| {
            let place = members.span();
            let is_header = self
                .text
                .get(place.clone())
                .is_some_and(|text| text.starts_with('['));
            is_header.then_some(place)
        };
        match (kind, value.get_ref()) {
            (Kind::Tables, DeValue::Table(_)) => {
                if let Some(place) = header(value) {
                    let right = format!("[[{path}]]");
                    let help = format!("write `{right}`: there may be several");
                    return told.help(help).suggest(Edit::Replace(place, right));
                }
                return told.help("each member has a header of its own, in double brackets");
            }
            (
                Kind::NamedTexts | Kind::Table | Kind::Entries | Kind::EntryTables,
                DeValue::Array(members),
            ) => {
                let mut members = members.iter();
                if let (Some(place), None) = (members.next().and_then(header), members.next())
                    && self
                        .text
                        .get(place.clone())
                        .is_some_and(|text| text.starts_with("[["))
                {
                    let right = format!("[{path}]");
                    let help = format!("write `{right}`: there is one");
                    return told.help(help).suggest(Edit::Replace(place, right));
                }
            }
            _ => {}
        }
        if remedy::is_nothing(raw) {
            return told
                .help("remove the line")
                .suggest(Edit::Remove(value.span()));
        }
        if remedy::is_placeholder(raw) {
            return told.help(remedy::NO_VARIABLES);
        }
        if let Some(words) = remedy::words_of(path).filter(|_| kind == Kind::Text) {
            return told.help(words);
        }
        let source = self.table.and_then(|table| table.get("source"));
        let source = source.and_then(|source| source.get_ref().as_str());
        let uses = source.and_then(remedy::uses_of).filter(|_| key == "uses");
        let meant = uses.or_else(|| remedy::meant(kind, key, raw));
        match meant.filter(|meant| meant != raw) {
            // Which text a number among texts stands for, nobody knows.
            Some(_) if key.ends_with(']') && !raw.starts_with(['t', 'f']) => {
                told.help("a string, in quotes")
            }
            Some(meant) if key.ends_with(']') => {
                told.help(format!("write `{meant}`")).replace_with(meant)
            }
            Some(meant) => told.write_value(key, meant),
            None => match kind {
                Kind::Number => told.help("digits alone, without a sign or a fraction"),
                Kind::NamedTexts | Kind::Table | Kind::Entries | Kind::EntryTables => {
                    told.help("a table has a header of its own, and its keys below it")
                }
                _ => told,
            },
        }
    }
}

impl<'t, 's> Read for Reader<'t, 's> {
    fn header(&self) -> Header {
        self.header.clone()
    }

    fn text(&mut self, key: &'static Key) -> Option<Value<String>> {
        self.read(key, |value| value.as_str().map(str::to_owned))
    }

    fn flag(&mut self, key: &'static Key) -> Option<Value<bool>> {
        self.read(key, |value| value.as_bool())
    }

    fn number(&mut self, key: &'static Key) -> Option<Value<u64>> {
        let number = self.read(key, |value| {
            let integer = value.as_integer()?;
            let number = u128::from_str_radix(integer.as_str(), integer.radix()).ok()?;
            // One that is far out of the key's range comes nearer, so that no rule's arithmetic overflows.
            let range = key.widest_range();
            let highest = range.map_or(0, |range| range.highest);
            let most = highest.saturating_add(1).max(u32::MAX.into());
            let is_beyond = range.is_some_and(|range| !range.contains(most));
            let largest = is_beyond.then_some(most);
            u64::try_from(number)
                .ok()
                .filter(|number| *number <= most)
                .or(largest)
        })?;
        if !key.is_taken_everywhere(number.value) {
            let number = number.clone();
            self.sink.borrow_mut().note_beyond(Beyond { number, key });
        }
        Some(number)
    }

    fn date(&mut self, key: &'static Key) -> Option<Value<String>> {
        self.read(key, |value| {
            let datetime = value.as_datetime()?;
            let only_date = datetime.time.is_none() && datetime.offset.is_none();
            only_date.then(|| datetime.date.map(|date| date.to_string()))?
        })
    }

    fn literal(&mut self, key: &'static Key) -> Option<Value<Literal>> {
        self.read(key, Literal::read)
    }

    /// Each member's key is `key[0]` and so on.
    fn texts(&mut self, key: &'static Key) -> Option<List> {
        let value = self.find(key)?;
        let path = self.path(key.name);
        let DeValue::Array(array) = value.get_ref() else {
            self.wrong_type(key.kind, &path, value);
            return None;
        };
        let mut list = Vec::new();
        for (index, member) in array.iter().enumerate() {
            let path = format!("{path}[{index}]");
            match member.get_ref().as_str() {
                Some(text) => list.push(written(path, member.span(), text.to_owned())),
                None => {
                    self.wrong_type(Kind::Text, &path, member);
                    self.sink.borrow_mut().mark_unusable(&self.path(key.name));
                }
            }
        }
        let mut sink = self.sink.borrow_mut();
        sink.places.insert(path.clone(), value.span());
        Some(written(path, value.span(), list))
    }

    /// In the order of the file.
    fn named_texts(&mut self, key: &'static Key) -> Vec<NamedText> {
        let path = self.path(key.name);
        let Some((table, span)) = self.table_of(key) else {
            return Vec::new();
        };
        self.sink.borrow_mut().places.insert(path.clone(), span);
        let mut found = Vec::new();
        for (name, value) in table {
            let path = path_of(&path, name.get_ref());
            self.sink
                .borrow_mut()
                .ask(|| path.clone(), Some(value.span()));
            match value.get_ref().as_str() {
                Some(text) => {
                    let named = NamedText {
                        name: written(path.clone(), name.span(), name.get_ref().to_string()),
                        text: written(path, value.span(), text.to_owned()),
                    };
                    found.push((name.span().start, named));
                }
                None => self.wrong_type(Kind::Text, &path, value),
            }
        }
        // As with tables, the file's order is by place.
        found.sort_by_key(|(start, _)| *start);
        found.into_iter().map(|(_, named)| named).collect()
    }

    /// One that is left out reads as empty.
    fn table(&mut self, key: &'static Key) -> Self {
        let path = self.path(key.name);
        match self.table_of(key) {
            Some((table, span)) => self.nested(path, span, Some(table)),
            None => self.nested(path, self.header.span.clone(), None),
        }
    }

    /// In the order of the file.
    fn entries(&mut self, key: &'static Key) -> Vec<(Value<String>, Self)> {
        let path = self.path(key.name);
        let Some((table, span)) = self.table_of(key) else {
            return Vec::new();
        };
        self.sink.borrow_mut().places.insert(path.clone(), span);
        let mut entries = Vec::new();
        for (name, value) in table {
            let path = path_of(&path, name.get_ref());
            let place = Some(name.span());
            self.sink.borrow_mut().ask(|| path.clone(), place);
            let DeValue::Table(table) = value.get_ref() else {
                self.wrong_type(Kind::Table, &path, value);
                continue;
            };
            let key = written(path.clone(), name.span(), name.get_ref().to_string());
            entries.push((key, self.nested(path, value.span(), Some(table))));
        }
        // The parser keeps the order of first mention only until a table is reopened; the file's order is by place.
        entries.sort_by_key(|(_, reader)| reader.header.span.start);
        entries
    }

    /// `[overrides.a]` or `[[overrides.a]]`, in the order of the file.
    fn entry_tables(&mut self, key: &'static Key) -> Vec<(Value<String>, Self)> {
        let path = self.path(key.name);
        let Some((table, _)) = self.table_of(key) else {
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
                            self.wrong_type(Kind::Table, &path, member);
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
                _ => self.wrong_type(Kind::Table, &path, value),
            }
        }
        entries.sort_by_key(|(_, reader)| reader.header.span.start);
        entries
    }

    /// Each with the path `key[0]` and so on.
    fn tables(&mut self, key: &'static Key) -> Vec<Self> {
        let path = self.path(key.name);
        let Some(value) = self.find(key) else {
            return Vec::new();
        };
        let DeValue::Array(array) = value.get_ref() else {
            self.wrong_type(key.kind, &path, value);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for (index, member) in array.iter().enumerate() {
            let path = format!("{path}[{index}]");
            match member.get_ref() {
                DeValue::Table(table) => {
                    tables.push(self.nested(path, member.span(), Some(table)));
                }
                _ => self.wrong_type(Kind::Table, &path, member),
            }
        }
        tables
    }

    fn finish(self) {
        let Some(table) = self.table else { return };
        for (key, value) in table {
            if !self.known.contains(&key.get_ref().as_ref()) {
                let path = self.path(key.get_ref());
                let diagnostic = fixed::diagnose(&path, key.span(), value)
                    .unwrap_or_else(|| self.unknown(&path, key, value.get_ref()));
                self.sink.borrow_mut().push(diagnostic);
            }
        }
    }
}

/// The names in a table of tables, if none of them is in the other too.
fn members_beside<'t>(table: &'t DeValue<'_>, other: &DeValue<'_>) -> Option<Vec<&'t str>> {
    let (DeValue::Table(table), DeValue::Table(other)) = (table, other) else {
        return None;
    };
    let names = table.iter().map(|(name, member)| {
        let is_free = !other.contains_key(name.get_ref().as_ref());
        let is_table = matches!(member.get_ref(), DeValue::Table(_));
        (is_free && is_table).then(|| name.get_ref().as_ref())
    });
    names.collect()
}

fn is_table(value: &DeValue<'_>) -> bool {
    matches!(value, DeValue::Table(_))
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
