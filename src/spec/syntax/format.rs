//! What may stand where, asked with the keys of a statement.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use crate::format::{Kind, keys};

/// The kind of each key by path, with `*` for a member of a collection.
pub struct Format {
    kinds: BTreeMap<&'static str, Kind>,
}

/// How far a text is from the format: less is better, nothing is right.
pub type Misfit = usize;

/// A key that does not exist, or a value of another kind.
const WRONG: Misfit = 100;

impl Format {
    pub fn new() -> Self {
        Self {
            kinds: keys().iter().map(|key| (key.path, key.kind)).collect(),
        }
    }

    /// Path and kind of a key in the table of this path.
    fn child(&self, table: &str, key: &str) -> Option<(String, Kind)> {
        let path = match self.kinds.get(table) {
            Some(Kind::Entries | Kind::EntryTables) => {
                return Some((format!("{table}.*"), Kind::Table));
            }
            Some(Kind::NamedTexts) => return Some((format!("{table}.*"), Kind::Text)),
            Some(Kind::Tables) => format!("{table}.*.{key}"),
            _ if table.is_empty() => key.to_owned(),
            _ => format!("{table}.{key}"),
        };
        let kind = *self.kinds.get(path.as_str())?;
        Some((path, kind))
    }

    /// The path in the outline of a table with this name, and its kind.
    fn locate(&self, keys: &[String]) -> Option<(String, Kind)> {
        let mut found = (String::new(), Kind::Table);
        for key in keys {
            found = self.child(&found.0, key)?;
        }
        Some(found)
    }

    /// The kind of a key in the table with this name.
    pub fn kind(&self, table: &[String], key: &str) -> Option<Kind> {
        let (path, _) = self.locate(table)?;
        self.child(&path, key).map(|(_, kind)| kind)
    }

    /// Whether a table of this name is one of a list, `[[waivers]]`.
    pub fn is_list(&self, table: &[String]) -> bool {
        matches!(self.locate(table), Some((_, Kind::Tables)))
    }

    /// Whether the format itself has a table of this name.
    pub fn is_named(&self, table: &[String]) -> bool {
        matches!(self.locate(table), Some((path, _)) if !path.ends_with('*') && self.is_table(table))
    }

    /// Whether a table may have this name.
    pub fn is_table(&self, table: &[String]) -> bool {
        let kinds = [
            Kind::NamedTexts,
            Kind::Table,
            Kind::Entries,
            Kind::EntryTables,
            Kind::Tables,
        ];
        !table.is_empty()
            && self
                .locate(table)
                .is_some_and(|(_, kind)| kinds.contains(&kind))
    }

    /// Whether the members of a table have names of the author's.
    pub fn is_collection(&self, table: &[String]) -> bool {
        let found = self.locate(table);
        !table.is_empty()
            && matches!(found, Some((path, Kind::NamedTexts | Kind::Entries | Kind::EntryTables)) if !path.ends_with('*'))
    }

    /// Whether these names are lower-case words, which AWS resources are named after; others are paths or words of the team's.
    pub fn has_plain_names(&self, table: &[String]) -> bool {
        let path = table.join(".");
        matches!(path.as_str(), "functions" | "api.plans")
    }

    /// Whether a member may have this name, by its form alone.
    pub fn may_be_named(&self, table: &[String], name: &str) -> bool {
        let is_path = |text: &str| text.starts_with(['/', '*']);
        match table.join(".").as_str() {
            "api.routes" => name
                .split_once(' ')
                .is_some_and(|(_, path)| is_path(path.trim())),
            "load_balancer.routes" => is_path(name),
            _ => !name.contains(['/', ' ']),
        }
    }

    /// The names of all tables that the format itself names.
    pub fn named_tables(&self) -> impl Iterator<Item = Vec<String>> {
        let tables = self.kinds.iter().filter(|(path, kind)| {
            let is_table = matches!(
                kind,
                Kind::NamedTexts | Kind::Table | Kind::Entries | Kind::EntryTables
            );
            is_table && !path.contains('*')
        });
        tables.map(|(path, _)| path.split('.').map(str::to_owned).collect())
    }

    /// All keys of the table with this name.
    pub fn keys(&self, table: &[String]) -> impl Iterator<Item = &str> {
        let prefix = self
            .locate(table)
            .map(|(path, kind)| match (path.as_str(), kind) {
                ("", _) => path,
                (_, Kind::Tables) => format!("{path}.*."),
                _ => format!("{path}."),
            });
        let paths = self.kinds.keys();
        let keys = paths.filter_map(move |path| path.strip_prefix(prefix.as_deref()?));
        keys.filter(|key| !key.contains(['.', '*']))
    }

    /// How far what was parsed is from the format, in the table with this name.
    pub fn misfit(&self, parsed: &DeTable<'_>, table: &[String]) -> Misfit {
        match self.locate(table) {
            Some((path, _)) => self.misfit_of_table(parsed, &path),
            None => 0,
        }
    }

    fn misfit_of_table(&self, parsed: &DeTable<'_>, path: &str) -> Misfit {
        let entries = parsed.iter();
        entries
            .map(|(key, value)| match self.child(path, key.get_ref()) {
                Some((path, kind)) => {
                    oddness(key.get_ref()) + self.misfit_of_value(value.get_ref(), &path, kind)
                }
                None => WRONG,
            })
            .sum()
    }

    fn misfit_of_value(&self, value: &DeValue<'_>, path: &str, kind: Kind) -> Misfit {
        let texts = |members: &toml::de::DeArray<'_>| -> Misfit {
            let members = members.iter();
            members
                .map(|member| member.get_ref().as_str().map_or(WRONG, oddness))
                .sum()
        };
        match (kind, value) {
            (Kind::Text, DeValue::String(text)) => oddness(text),
            (Kind::Flag, DeValue::Boolean(_))
            | (Kind::Number, DeValue::Integer(_))
            | (Kind::Date, DeValue::Datetime(_)) => 0,
            (Kind::Texts, DeValue::Array(members)) => texts(members),
            (Kind::Literal, DeValue::String(text)) => oddness(text),
            (Kind::Literal, DeValue::Array(members)) => texts(members),
            (Kind::Literal, DeValue::Table(_)) => WRONG,
            (Kind::Literal, _) => 0,
            (Kind::NamedTexts | Kind::Table | Kind::Entries, DeValue::Table(table)) => {
                self.misfit_of_table(table, path)
            }
            (Kind::EntryTables, DeValue::Table(table)) => {
                let members = table.iter();
                members
                    .map(|(_, member)| match member.get_ref() {
                        DeValue::Table(table) => self.misfit_of_table(table, &format!("{path}.*")),
                        DeValue::Array(_) => 0,
                        _ => WRONG,
                    })
                    .sum()
            }
            (Kind::Tables, DeValue::Array(members)) => {
                let members = members.iter();
                members
                    .map(|member| match member.get_ref() {
                        DeValue::Table(table) => self.misfit_of_table(table, path),
                        _ => WRONG,
                    })
                    .sum()
            }
            _ => WRONG,
        }
    }
}

/// Signs that a string begins or ends at another place than was meant.
fn oddness(text: &str) -> Misfit {
    let ends = usize::from(text.trim() != text);
    let quotes = text.matches(['"', '\'']).count();
    let marks = [", ", " = ", "] ", "} "];
    let joints = marks.into_iter().filter(|mark| text.contains(mark)).count();
    let braces = usize::from(text.ends_with([',', '=', '[', '{', '#']));
    let brackets = usize::from(text.ends_with(']') && !text.contains('['))
        + usize::from(text.ends_with('}') && !text.contains('{'));
    let empty = usize::from(text.is_empty());
    ends * 2 + quotes + joints * 3 + braces * 3 + brackets * 3 + empty
}

/// Reads one or more statements alone. A byte order mark is none of theirs: it may only begin a file.
pub fn parse(text: &str) -> Option<DeTable<'_>> {
    if text.starts_with('\u{feff}') {
        return None;
    }
    DeTable::parse(text).ok().map(toml::Spanned::into_inner)
}
