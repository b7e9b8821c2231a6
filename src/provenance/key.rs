//! From a key of the spec to the lines, resources and tests that it reaches.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::fields::field;
use super::origins::fixed;
use super::{Atlas, NAMED, argument, default_of, entry_of, family, rows};
use crate::emit::evidence;
use crate::emit::trace::{Owner, Part, Place, SharedLine};
use crate::format::{Key, RawCurrency, RawEnvironment, RawPayments, key_at, reference, table_of};
use crate::origin::Origin;
use crate::requirements::Class;
use crate::spec::{known_keys, nearest};
use crate::stack::expr::Row;
use crate::stack::graph::Member;
use crate::stack::resource::{Component, Resource};

/// A word that is no key.
#[derive(Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The key that was probably meant.
    pub nearest: Option<String>,
}

/// Finds out whether a word is a key or a table that this spec has, or may have: `functions.NAME.timeout_seconds` is one whatever
/// its functions are called, unless the name is almost that of one.
pub fn find_key(spec_text: &str, word: &str) -> Result<(), Unknown> {
    let keys = known_keys(spec_text);
    let known = keys.keys().map(String::as_str);
    if known.clone().any(|key| is_under(key, word)) {
        return Ok(());
    }
    let is_declared = key_at(word).is_some();
    let nearest = match entry_of(word).filter(|_| is_declared) {
        Some(entry) => nearest_entry(&entry, known).map(|near| word.replacen(&entry, &near, 1)),
        None if is_declared => None,
        None => nearest_key(word, known),
    };
    if is_declared && nearest.is_none() {
        return Ok(());
    }
    Err(Unknown { nearest })
}

/// The entry whose name another one misspells.
fn nearest_entry<'k>(entry: &str, known: impl Iterator<Item = &'k str>) -> Option<String> {
    let table = NAMED.iter().find(|table| {
        let rest = entry.strip_prefix(**table);
        rest.is_some_and(|rest| rest.starts_with('.'))
    })?;
    let name = |entry: &'k str| entry.strip_prefix(table)?.strip_prefix('.');
    let names = known.filter(|key| entry_of(key).as_deref() == Some(key));
    let asked = entry.strip_prefix(table)?.strip_prefix('.')?;
    let near = nearest(asked, names.filter_map(name))?;
    Some(format!("{table}.{near}"))
}

/// A place in the generated project that a key reaches.
struct Reached<'a> {
    line: String,
    what: String,
    /// Computed from the key, not the key's value itself.
    computed: bool,
    resource: Option<&'a Resource>,
}

impl Atlas<'_> {
    /// What a key or a table of the spec reaches; [`find_key`] knows whether it is one.
    pub fn explain_key(&self, key: &str) -> String {
        let mut text = field("key", &format!("`{key}`"));
        if let Some(known) = key_at(key) {
            let table = known.table.or_else(|| table_of(known));
            let place = table.map(|table| format!(" ({})", reference(table)));
            let about = format!("{}{}", known.about, place.unwrap_or_default());
            text.push_str(&field("about", &about));
        }
        text.push_str(&self.standing(key));
        let reached = self.reached(&Asked::new(key, self.is_here(key)));
        let _ = writeln!(text);
        if reached.is_empty() {
            text.push_str(match (self.keys.get(key), default_of(key)) {
                (None, _) if !self.is_here(key) => "No line contains it: the spec has no such entry.\n",
                (Some(None), None) => {
                    "No line contains it. The value, if any, is computed from other keys.\n"
                }
                _ => "No line contains it: it decides which resources exist, or it is for people only.\n",
            });
        } else {
            let _ = writeln!(text, "Reaches in the generated project:");
        }
        for place in &reached {
            let computed = if place.computed { " (computed)" } else { "" };
            let _ = writeln!(text, "    {}: {}{computed}", place.line, place.what);
        }
        text.push_str(&self.tests(key, &reached));
        text
    }

    /// Where the key stands, or what fills it.
    fn standing(&self, key: &str) -> String {
        let default = default_of(key).and_then(|key| {
            let default = self.default_in_class(key)?;
            Some(match key.requirements {
                "" => default,
                ids => format!("{default} ({ids})"),
            })
        });
        match (self.keys.get(key), default) {
            (Some(Some(span)), default) => {
                let mut text = field("spec", &self.spec_line(span));
                if let Some(default) = default {
                    text.push_str(&field("default", &default));
                }
                text
            }
            (Some(None), Some(default)) => {
                field("default", &default) + &field("spec", "leaves it out")
            }
            (Some(None), None) => field("spec", "leaves it out"),
            (None, _) if self.is_here(key) => String::new(),
            (None, default) => {
                let default = self
                    .usual_limit(key)
                    .or(default)
                    .or_else(|| without_default(key));
                let default = default.map_or(String::new(), |text| field("default", &text));
                let entry = match key_at(key) {
                    Some(known) if known.kind.is_value() => key.rsplit_once('.'),
                    _ => None,
                };
                let entry = entry.map_or(key, |(entry, _)| entry);
                default + &field("spec", &format!("has no `{entry}`"))
            }
        }
    }

    /// Whether the spec has the key or the table, or leaves it out of a table that it has.
    fn is_here(&self, key: &str) -> bool {
        self.keys.keys().any(|known| is_under(known, key))
    }

    /// The limit of a currency, where the spec names none.
    fn usual_limit(&self, key: &str) -> Option<String> {
        let known = key_at(key)?;
        let table = RawPayments::currencies.path;
        let mut currencies = self.output.environment.payments.currencies.iter();
        let currency = currencies.find(|currency| {
            let is_usual = matches!(currency.code.origin, Origin::Default(_));
            is_usual && is_under(key, &format!("{table}.{}", currency.code.value))
        })?;
        let limit = if known.path == RawCurrency::minimum.path {
            &currency.minimum
        } else if known.path == RawCurrency::maximum.path {
            &currency.maximum
        } else {
            return None;
        };
        let limit = known.typed(&limit.value.to_string());
        Some(format!("{limit}, while the spec has no `{table}`"))
    }

    fn reached(&self, asked: &Asked<'_>) -> Vec<Reached<'_>> {
        let mut found: Vec<Reached<'_>> = Vec::new();
        for (path, map) in &self.output.lines {
            let component = map.component.and_then(|number| self.component(number));
            for mark in &map.marks {
                let part = match &mark.part {
                    Part::Shared(owners, line) => self.shared_part(asked, owners, *line),
                    part => asked.part(component, part),
                };
                let Some((what, computed, resource)) = part else {
                    continue;
                };
                let line = self.file_line(path, mark.lines.start);
                found.push(Reached {
                    line,
                    what,
                    computed,
                    resource,
                });
            }
        }
        // The value itself before what follows from it; else in the order of files and lines.
        found.sort_by_key(|place| place.computed);
        // A line may hold several keys of what was asked for.
        found.dedup_by(|one, other| one.line == other.line && one.what == other.what);
        if found.is_empty()
            && let Some(collection) = asked.collection()
        {
            return self.reached(&Asked::new(collection, true));
        }
        found
    }

    /// An argument that several resources have alike, if the key decides it for one of them.
    fn shared_part(
        &self,
        asked: &Asked<'_>,
        owners: &[Owner],
        line: SharedLine,
    ) -> Option<(String, bool, Option<&Resource>)> {
        let SharedLine::Argument(name) = line else {
            return None;
        };
        let sharing = self.sharing(owners).into_iter();
        let parts = sharing.filter_map(|(component, owner, resource)| {
            let mut arguments = resource.arguments.iter();
            let number = arguments.position(|argument| argument.name == name)?;
            asked.part(Some(component), &Part::Argument(owner.place, number))
        });
        parts.min_by_key(|(_, computed, _)| *computed)
    }

    /// Tests by the requirements that the key serves, or else by those about the resources whose argument it is.
    fn tests(&self, key: &str, reached: &[Reached<'_>]) -> String {
        let served = default_of(key).into_iter().flat_map(Key::requirement_ids);
        let mut ids: BTreeSet<&str> = served.collect();
        // What a key serves says more than what its resources are about.
        let about = |place: &&Reached<'_>| ids.is_empty() && !place.computed;
        let kinds: BTreeSet<&str> = reached
            .iter()
            .filter(about)
            .filter_map(|place| Some(place.resource?.kind))
            .collect();
        for requirement in self.class().requirements() {
            if requirement.kinds.iter().any(|kind| kinds.contains(kind)) {
                ids.insert(requirement.id);
            }
        }
        let mut by_id: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for folder in ["tests/unit/", "tests/integration/"] {
            for (id, tests) in evidence::tests(&self.output.files, folder) {
                let tests = tests
                    .iter()
                    .map(|test| format!("{}/{folder}{}", self.folder, test.trim_matches('`')));
                by_id.entry(id).or_default().extend(tests);
            }
        }
        let mut text = String::new();
        let class = self.class();
        for requirement in class.requirements().filter(|row| ids.contains(row.id)) {
            if text.is_empty() {
                text.push_str("\nRequirements behind these, and the tests that prove them:\n");
            }
            let _ = writeln!(text, "    {}", fixed(class, requirement.id));
            for test in by_id.get(requirement.id).into_iter().flatten() {
                let _ = writeln!(text, "        {test}");
            }
        }
        text
    }
}

/// A key that somebody asks about.
struct Asked<'a> {
    key: &'a str,
    default: Option<&'static Key>,
    /// The named entry that it is in: a default counts for others too.
    entry: Option<String>,
    /// Of a key in an entry that the spec does not have: it is asked of all that there are.
    declared: Option<&'static Key>,
}

impl<'a> Asked<'a> {
    fn new(key: &'a str, is_here: bool) -> Self {
        Self {
            key,
            default: default_of(key),
            entry: entry_of(key).filter(|_| is_here),
            declared: key_at(key).filter(|_| !is_here),
        }
    }

    /// The collection of a key that no entry has.
    fn collection(&self) -> Option<&'static str> {
        let (collection, _) = self.declared?.path.split_once(".*")?;
        Some(collection)
    }

    /// Whether this key is the one asked for, a member of its list, or in its table.
    fn holds(&self, key: &str) -> bool {
        match self.declared {
            Some(asked) => key_at(key).is_some_and(|known| is_under(known.path, asked.path)),
            None => is_under(key, self.key),
        }
    }

    /// Whether a value of this origin is the key's own (`false`) or computed from it (`true`).
    fn computed(&self, origin: &Origin) -> Option<bool> {
        match origin {
            Origin::Spec { key, .. } => self.holds(key).then_some(false),
            Origin::Default(id) if self.is_of_class(id) => Some(true),
            Origin::Default(id) => self.is_default(id).then_some(false),
            Origin::Derived(from) => from
                .iter()
                .any(|source| {
                    self.holds(source) || self.is_default(source) || self.is_of_class(source)
                })
                .then_some(true),
            Origin::Fixed(because) => {
                let mut ids = because.split(' ');
                let decided = self.is_class() && ids.any(depends_on_class);
                decided.then_some(true)
            }
            Origin::Override(set) => self.holds(&set.key).then_some(false),
        }
    }

    /// Whether the class was asked for.
    fn is_class(&self) -> bool {
        self.key == RawEnvironment::class.path
    }

    /// Whether a default is one that the class decides, where the class was asked for.
    fn is_of_class(&self, name: &str) -> bool {
        self.is_class() && default_of(name).is_some_and(|key| !key.of_classes.is_empty())
    }

    /// Whether a default is the key's own: by its path, or by what it is called where something is computed from it.
    fn is_default(&self, name: &str) -> bool {
        let is_own = |key: &Key| key.path == name || key.default_name() == name;
        // A whole table was asked for: its defaults are of it.
        self.default.is_some_and(is_own) || (self.entry.is_none() && is_under(name, self.key))
    }

    fn part<'c>(
        &self,
        component: Option<&'c Component>,
        part: &Part,
    ) -> Option<(String, bool, Option<&'c Resource>)> {
        if let Part::Value(origin) = part {
            return Some(("a setting".to_owned(), self.computed(origin)?, None));
        }
        let component = component?;
        if !self.may_be_in(component) {
            return None;
        }
        match part {
            Part::Argument(place, number) => self.argument(component, *place, *number),
            Part::Row { block, row } => {
                let family = family(component, *block)?;
                let row = family.rows.get(*row).filter(|row| self.is_row(row))?;
                let cells = row.cells.iter();
                let hits: Vec<(&str, bool)> = cells
                    .filter_map(|(column, _, origin)| Some((*column, self.computed(origin)?)))
                    .collect();
                let columns: Vec<String> = hits
                    .iter()
                    .map(|(column, _)| format!("`{column}`"))
                    .collect();
                let computed = hits.iter().map(|(_, computed)| *computed).min()?;
                let what = format!(
                    "{} of `{}`, a row of `{}`",
                    columns.join(", "),
                    row.text(family.key),
                    family.table
                );
                Some((what, computed, None))
            }
            Part::Cell { block, row, cell } => {
                let family = family(component, *block)?;
                let row = family.rows.get(*row).filter(|row| self.is_row(row))?;
                let (column, _, origin) = row.cells.get(*cell)?;
                let what = format!(
                    "`{column}` of `{}`, a row of `{}`",
                    row.text(family.key),
                    family.table
                );
                Some((what, self.computed(origin)?, None))
            }
            Part::Resource(_)
            | Part::Options(_)
            | Part::Family { .. }
            | Part::RowFrame { .. }
            | Part::Shared(..)
            | Part::Value(_) => None,
        }
    }

    /// In a family, the members' own cells count too.
    fn argument<'c>(
        &self,
        component: &'c Component,
        place: Place,
        number: usize,
    ) -> Option<(String, bool, Option<&'c Resource>)> {
        let (resource, argument) = argument(component, place, number)?;
        let what = format!(
            "`{}` of {} `{}`",
            argument.name, resource.kind, resource.variable
        );
        let rows = rows(component, place.block);
        let of = |row| {
            let member = Member {
                component,
                resource,
                row,
            };
            self.computed(&member.origin(argument))
        };
        let computed = if rows.is_empty() {
            of(None)
        } else {
            let rows = rows.iter().filter(|row| self.is_row(row));
            rows.filter_map(|row| of(Some(row))).min()
        };
        Some((what, computed?, Some(resource)))
    }

    fn may_be_in(&self, component: &Component) -> bool {
        let asked = self
            .entry
            .as_ref()
            .and_then(|entry| entry.strip_prefix("functions."));
        match (asked, component.path.strip_prefix("functions/")) {
            (Some(asked), Some(function)) => asked == function,
            _ => true,
        }
    }

    /// A row that says which entry of the same table it is for is not for another one.
    fn is_row(&self, row: &Row) -> bool {
        let Some(entry) = &self.entry else {
            return true;
        };
        let is_of = |table: &&&str| entry.starts_with(&format!("{table}."));
        let Some(table) = NAMED.iter().find(is_of) else {
            return true;
        };
        let mut named = row.cells.iter().filter_map(|(_, _, origin)| match origin {
            Origin::Spec { key, .. } => {
                entry_of(key).filter(|found| found.starts_with(&format!("{table}.")))
            }
            Origin::Default(_) | Origin::Derived(_) | Origin::Fixed(_) | Origin::Override(_) => {
                None
            }
        });
        named.next().is_none_or(|first| first == *entry)
    }
}

/// Whether some class asks for nothing under this id, and another one does.
fn depends_on_class(id: &str) -> bool {
    let holds = |class: &Class| class.requirement(id).is_some();
    let holding = Class::ALL.iter().filter(|class| holds(class)).count();
    (1..Class::ALL.len()).contains(&holding)
}

/// What holds for a key of an entry that the spec does not have, where no default is declared.
fn without_default(key: &str) -> Option<String> {
    let known = key_at(key).filter(|known| known.kind.is_value())?;
    let name = known.name;
    Some(match known.example().filter(|_| known.is_required) {
        Some(example) => format!("none: it is required, for example `{name} = {example}`"),
        None => "none: it may be left out".to_owned(),
    })
}

/// Whether a key is this one, a member of its list, or in its table.
fn is_under(key: &str, asked: &str) -> bool {
    key.strip_prefix(asked)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// The nearest key: by its last part in the same table, then as a whole.
fn nearest_key<'k>(word: &str, known: impl Iterator<Item = &'k str> + Clone) -> Option<String> {
    let table = word.rsplit_once('.').map(|(table, _)| table);
    if let Some(table) = table {
        let inside = known
            .clone()
            .filter_map(|key| key.strip_prefix(table)?.strip_prefix('.'));
        let last = word.rsplit('.').next().unwrap_or(word);
        if let Some(found) = nearest(last, inside.clone()) {
            return Some(format!("{table}.{found}"));
        }
        // Half of a key, misspelt: `instnace` for `instance_class`.
        let count = last.split('_').count();
        let starts: Vec<(String, &str)> = inside
            .clone()
            .map(|key| {
                let words: Vec<&str> = key.split('_').take(count).collect();
                (words.join("_"), key)
            })
            .collect();
        let start = nearest(last, starts.iter().map(|(start, _)| start.as_str()));
        if let Some((_, key)) = starts.iter().find(|(own, _)| Some(own.as_str()) == start) {
            return Some(format!("{table}.{key}"));
        }
        // No other word of this table is meant by one that is like none of them.
        if inside.clone().next().is_some() {
            return None;
        }
    } else if let Some(found) = known
        .clone()
        .find(|key| key.rsplit('.').next() == Some(word))
    {
        return Some(found.to_owned());
    }
    nearest(word, known).map(str::to_owned)
}
