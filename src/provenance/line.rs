//! From a line of the generated project to what it is and where it came from.

use std::fmt::Write as _;

use super::fields::{field, fields, members, waits_for};
use super::{Atlas, argument, family, resource};
use crate::emit::assets::{Made, made_from};
use crate::emit::trace::{Mark, Part, Place};
use crate::stack::graph::Member;
use crate::stack::resource::Component;

impl Atlas<'_> {
    /// The lines of a file as the spec yields them, or nothing if it yields no such file.
    pub fn text(&self, path: &str) -> Option<String> {
        let mut files = self.output.files.iter();
        let file = files.find(|file| file.path == path)?;
        Some(String::from_utf8_lossy(&file.content).into_owned())
    }

    /// Paths of all files.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.output.files.iter().map(|file| file.path.as_str())
    }

    /// Explains the line with this number, from 1. The file and the line must exist.
    pub fn explain_line(&self, path: &str, number: usize) -> String {
        let text = self.text(path).unwrap_or_default();
        let index = number.saturating_sub(1);
        let mark = self.mark(path, index);
        let shown = mark.map_or(index..index + 1, |mark| mark.lines.clone());
        let mut answer = format!("{}\n", self.file_line(path, index));
        let lines = text.lines().skip(shown.start).take(shown.len());
        let lines: Vec<&str> = lines.collect();
        let common = lines
            .iter()
            .filter(|line| !line.trim().is_empty())
            .map(|line| line.len() - line.trim_start().len())
            .min()
            .unwrap_or_default();
        for line in lines {
            let line = line.get(common..).unwrap_or_default();
            let _ = writeln!(answer, "{}", format!("    {line}").trim_end());
        }
        answer.push('\n');
        let component = self.output.lines.get(path).and_then(|map| map.component);
        let component = component.and_then(|number| self.component(number));
        let known = match (mark, component) {
            (Some(mark), Some(component)) => self.part(component, &mark.part),
            (Some(mark), None) => self.value(path, &mark.part),
            (None, _) => None,
        };
        answer.push_str(&known.unwrap_or_else(|| self.frame(path, number)));
        answer
    }

    /// The mark that says most about a line.
    fn mark(&self, path: &str, line: usize) -> Option<&Mark> {
        let marks = &self.output.lines.get(path)?.marks;
        let here = marks.iter().filter(|mark| mark.lines.contains(&line));
        here.min_by_key(|mark| mark.lines.len())
    }

    fn part(&self, component: &Component, part: &Part) -> Option<String> {
        match part {
            Part::Resource(place) => self.resource_text(component, *place),
            Part::Argument(place, number) => {
                let (resource, argument) = argument(component, *place, *number)?;
                let mut text = field("argument", &format!("`{}`", argument.name));
                text.push_str(&self.resource_text(component, *place)?);
                let members = members(component, *place, resource).into_iter();
                let arguments: Vec<_> = members.map(|member| (member, argument)).collect();
                text.push_str(&self.origins(&arguments));
                Some(text)
            }
            Part::Options(place) => {
                let mut text = field("options", "of Pulumi's, not arguments of AWS");
                text.push_str(&self.resource_text(component, *place)?);
                text.push_str(&waits_for(component, resource(component, *place)?));
                Some(text)
            }
            Part::Family { block } => {
                let family = family(component, *block)?;
                let mut text = field(
                    "family",
                    &format!("`{}` of {}: {}", family.table, component.path, family.doc),
                );
                for member in &family.resources {
                    text.push_str(&field(
                        "makes",
                        &format!("{} `{}`", member.kind, member.variable),
                    ));
                }
                let keys = family.rows.iter().map(|row| row.text(family.key));
                text.push_str(&field("rows", &keys.collect::<Vec<_>>().join(", ")));
                Some(text)
            }
            Part::Row { block, row } | Part::RowFrame { block, row } => {
                self.cells(component, *block, *row, None)
            }
            Part::Cell { block, row, cell } => self.cells(component, *block, *row, Some(*cell)),
            Part::Shared(owners, line) => self.shared_text(owners, *line),
            Part::Value(_) => None,
        }
    }

    fn resource_text(&self, component: &Component, place: Place) -> Option<String> {
        let resource = resource(component, place)?;
        let mut text = field(
            "resource",
            &format!(
                "{} `{}` in {}",
                resource.kind, resource.variable, component.path
            ),
        );
        let members = members(component, place, resource);
        let names: Vec<String> = members.iter().map(Member::logical).collect();
        text.push_str(&field("logical", &names.join(", ")));
        Some(text)
    }

    fn cells(
        &self,
        component: &Component,
        block: usize,
        row: usize,
        only: Option<usize>,
    ) -> Option<String> {
        let family = family(component, block)?;
        let row = family.rows.get(row)?;
        let mut text = field(
            "row",
            &format!(
                "`{}` of `{}` in {}",
                row.text(family.key),
                family.table,
                component.path
            ),
        );
        for member in &family.resources {
            let logical = member.logical.resolve(Some(row));
            text.push_str(&field("makes", &format!("{} {logical}", member.kind)));
        }
        for (number, (column, value, origin)) in row.cells.iter().enumerate() {
            if only.is_some_and(|only| only != number) {
                continue;
            }
            let value = self.literal(value, Some(row));
            let value = value.map_or(String::new(), |value| format!(" = {value}"));
            let _ = write!(text, "\n{}", field("cell", &format!("`{column}`{value}")));
            text.push_str(&fields("from", &self.origin(origin)));
        }
        Some(text)
    }

    /// A value of the spec in a file that is no component.
    fn value(&self, path: &str, part: &Part) -> Option<String> {
        let Part::Value(origin) = part else {
            return None;
        };
        let template = match made_from(path, &self.output.environment) {
            Made::Rendered(template) | Made::Copied(template) => template,
            Made::Team(..) | Made::Locked(..) | Made::Derived(_) => return None,
        };
        let mut text = field("value", &format!("of the environment, in {template}"));
        text.push_str(&fields("from", &self.origin(origin)));
        Some(text)
    }

    /// The path of a file that is named relative to the spec.
    fn beside_spec(&self, file: &str) -> String {
        let folder = self.spec_name.rsplit_once('/');
        let folder = folder.map_or("", |(folder, _)| folder);
        let file = straight(&format!("{folder}/{file}"));
        file.trim_start_matches('/').to_owned()
    }

    /// A line that holds nothing of the graph.
    fn frame(&self, path: &str, number: usize) -> String {
        match made_from(path, &self.output.environment) {
            Made::Copied(file) => field(
                "copy",
                &format!("of the compiler's {file}: the same for every spec"),
            ),
            Made::Team(origin, file) => {
                let line = format!("of {}:{number}", self.beside_spec(&file));
                let mut text = field("copy", &line);
                text.push_str(&fields("from", &self.origin(origin)));
                text
            }
            Made::Locked(origin, file) => {
                let mut text = field("text", &format!("locked by {}", self.beside_spec(&file)));
                text.push_str(&fields("from", &self.origin(origin)));
                text
            }
            Made::Derived(tables) => field(
                "text",
                &format!("derived from the resources with the compiler's {tables}"),
            ),
            Made::Rendered(template)
                if self
                    .output
                    .lines
                    .get(path)
                    .is_some_and(|map| map.component.is_some()) =>
            {
                field(
                    "frame",
                    &format!(
                        "of the module, from {template}: imports, the class, what it takes and hands on"
                    ),
                )
            }
            Made::Rendered(template) => field(
                "text",
                &format!("from the template {template}, not an argument of a resource"),
            ),
        }
    }
}

/// A path without the steps into a folder and out again: `extra.py` for `spec/../extra.py`.
fn straight(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        let is_back = part == ".." && parts.last().is_some_and(|last| !["", ".."].contains(last));
        if is_back {
            parts.pop();
        } else if part != "." {
            parts.push(part);
        }
    }
    parts.join("/")
}
