//! Where a line of the generated project came from, and what a key of the spec reaches. Reads what the compiler made:
//! the origins in the graph, and the line maps that the printer handed out. Must not print Python or read it.

mod asked;
mod fields;
mod key;
mod line;
mod origins;
mod shared;

use std::ops::Range;

use crate::compile::Output;
use crate::diagnostic::Lines;
use crate::emit::LineMap;
use crate::emit::trace::{Mark, Part, Place, SharedLine};
use crate::format::{Key, key_at, keys};
use crate::requirements::Class;
use crate::spec::{Places, known_keys};
use crate::stack::expr::Row;
use crate::stack::resource::{Argument, Block, Component, Family, Resource};

use crate::whole::beside;

pub use asked::requirement;
pub use key::{Unknown, find_key};

/// What the questions are about: one compiled spec.
pub struct Atlas<'a> {
    output: &'a Output,
    /// The spec as its author calls it.
    spec_name: &'a str,
    spec_text: &'a str,
    spec_lines: Lines<'a>,
    /// The output folder as its author calls it.
    folder: &'a str,
    keys: Places,
}

/// Tables whose entries the author names: their keys have a name between table and key.
const NAMED: [&str; 4] = [
    "functions",
    "api.routes",
    "api.plans",
    "load_balancer.routes",
];

impl<'a> Atlas<'a> {
    pub fn new(
        output: &'a Output,
        spec_name: &'a str,
        spec_text: &'a str,
        folder: &'a str,
    ) -> Self {
        Self {
            output,
            spec_name,
            spec_text,
            spec_lines: Lines::new(spec_text),
            folder,
            keys: known_keys(spec_text),
        }
    }

    fn class(&self) -> Class {
        self.output.environment.class
    }

    /// `spec/staging.toml:20: storage_gib = 20`, without the comment that may follow.
    fn spec_line(&self, span: &Range<usize>) -> String {
        let line = self.spec_lines.number(span.start);
        let start = self.spec_lines.start(line);
        let rest = self.spec_text.get(start..).unwrap_or_default();
        let text = rest.lines().next().unwrap_or_default();
        // What looks like a comment inside of the value is none.
        let end = (span.end - start).min(text.len());
        let rest = text.get(end..).unwrap_or_default();
        let code = match rest.find('#') {
            Some(comment) => text.get(..end + comment).unwrap_or(text),
            None => text,
        };
        format!("{}: {}", self.place_in_spec(span.start), code.trim())
    }

    /// `spec/staging.toml:20`: the file, the base's where that says it, and the line.
    fn place_in_spec(&self, offset: usize) -> String {
        let lines = &self.spec_lines;
        let line = lines.in_its_file(lines.number(offset));
        match lines.base_at(offset) {
            Some(base) => format!("{}:{line}", beside(self.spec_name, base)),
            None => format!("{}:{line}", self.spec_name),
        }
    }

    fn component(&self, number: usize) -> Option<&'a Component> {
        self.output.stack.components.get(number)
    }

    fn file_line(&self, path: &str, line: usize) -> String {
        format!("{}/{path}:{}", self.folder, line + 1)
    }

    /// Where a resource begins: `generated/components/network.py:62`; else where those begin that it is printed with.
    fn place_of(&self, component: &str, variable: &str) -> Option<String> {
        let is_meant = |found: &Component, place: Place| {
            let found = (found.path == component).then(|| resource(found, place));
            found
                .flatten()
                .is_some_and(|found| found.variable == variable)
        };
        let own = |map: &LineMap| {
            let component = self.component(map.component?)?;
            // What a loop collects stands above it, outside of the call.
            let call = |mark: &&Mark| match mark.part {
                Part::Argument(place, _) | Part::Options(place) => is_meant(component, place),
                _ => false,
            };
            let first = map.marks.iter().find(call)?;
            let above = map.marks.iter().rev().find(|mark| {
                mark.lines.end == first.lines.start && matches!(mark.part, Part::Resource(_))
            });
            Some(above.unwrap_or(first).lines.start)
        };
        let shared = |map: &LineMap| {
            let mut marks = map.marks.iter();
            let call = marks.find(|mark| match &mark.part {
                Part::Shared(owners, SharedLine::Resource) => owners.iter().any(|owner| {
                    let component = self.component(owner.component);
                    component.is_some_and(|component| is_meant(component, owner.place))
                }),
                _ => false,
            });
            Some(call?.lines.start)
        };
        self.place_where(own).or_else(|| self.place_where(shared))
    }

    fn place_where(&self, line: impl Fn(&LineMap) -> Option<usize>) -> Option<String> {
        let mut files = self.output.lines.iter();
        files.find_map(|(path, map)| Some(self.file_line(path, line(map)?)))
    }
}

fn block(component: &Component, number: usize) -> Option<&Block> {
    component.blocks.get(number)
}

fn family(component: &Component, number: usize) -> Option<&Family> {
    match block(component, number)? {
        Block::Family(family) => Some(family),
        Block::Resource(_) | Block::Guarded(..) => None,
    }
}

fn rows(component: &Component, number: usize) -> &[Row] {
    family(component, number).map_or(&[], |family| &family.rows)
}

fn resource(component: &Component, place: Place) -> Option<&Resource> {
    block(component, place.block)?
        .resources()
        .get(place.resource)
}

fn argument(component: &Component, place: Place, number: usize) -> Option<(&Resource, &Argument)> {
    let resource = resource(component, place)?;
    Some((resource, resource.arguments.get(number)?))
}

/// The key of the format with a default that is meant by a key of a spec, or by what its default is called.
fn default_of(key: &str) -> Option<&'static Key> {
    key_at(key)
        .or_else(|| keys().into_iter().find(|known| known.default_name() == key))
        .filter(|key| key.default.is_some())
}

/// `functions.health` for a key of that entry.
fn entry_of(key: &str) -> Option<String> {
    NAMED.iter().find_map(|table| {
        let rest = key.strip_prefix(table)?.strip_prefix('.')?;
        let name = match rest.strip_prefix('"') {
            Some(quoted) => {
                let mut escaped = false;
                let end = quoted.find(|c| {
                    let ends = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    ends
                })?;
                rest.get(..end + 2)?
            }
            None => rest.split('.').next()?,
        };
        Some(format!("{table}.{name}"))
    })
}
