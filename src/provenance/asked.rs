//! What stands behind a requirement, a resource or a line of the spec: the same facts as of a line, asked from the other side.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::fields::field;
use super::origins::fixed;
use super::{Atlas, NAMED};
use crate::check::{RULES, waived_requirement, waived_subject};
use crate::emit::evidence;
use crate::emit::trace::{Part, SharedLine};
use crate::origin::Origin;
use crate::requirements::{Requirement, requirements};
use crate::spec::nearest;
use crate::stack::graph::Member;
use crate::stack::resource::{Argument, Resource};

/// Places that an answer lists: what is left is counted.
const MOST: usize = 30;

/// The requirement with this id, in any case of letters.
pub fn requirement(id: &str) -> Option<&'static Requirement> {
    requirements()
        .iter()
        .find(|row| row.id.eq_ignore_ascii_case(id))
}

impl<'a> Atlas<'a> {
    /// What a requirement asks, what fixes it, which keys of the spec serve it, who guards it, what proves it.
    pub fn explain_requirement(&self, row: &Requirement) -> String {
        // What the class of this environment asks under the id, or else what others do.
        let own = self.class().requirement(row.id);
        let own = own.map(|own| vec![own]);
        let rows = own.unwrap_or_else(|| {
            requirements()
                .iter()
                .filter(|one| one.id == row.id)
                .collect()
        });
        let mut text = format!("{} ({})\n", row.id, row.group);
        for row in rows {
            let _ = match row.classes.contains(&self.class()) {
                true => writeln!(text, "\n{}", row.text),
                false => writeln!(text, "\n{}: {}", row.heading(), row.text),
            };
        }
        list(&mut text, "Arguments that it fixes", &self.fixed_by(row.id));
        let kinds: BTreeSet<&str> = row.kinds.iter().copied().collect();
        let resources: Vec<String> = self
            .resources()
            .filter(|(_, resource)| kinds.contains(resource.kind))
            .map(|(component, resource)| self.place_and_name(component, resource))
            .collect();
        list(&mut text, "Resources that it is about", &resources);
        list(&mut text, "Keys of the spec", &self.keys_for(row.id));
        let rules = RULES.iter().filter(|rule| {
            let named = rule.requirements();
            named.iter().any(|named| named.id == row.id)
        });
        let rules: Vec<String> = rules
            .map(|rule| format!("{}: {}", rule.code.as_str(), rule.what))
            .collect();
        list(&mut text, "Rules that name it", &rules);
        let waivers = self.output.environment.waivers.iter();
        let waivers: Vec<String> = waivers
            .filter(|waiver| waived_requirement(waiver) == Some(row.id))
            .map(|waiver| {
                format!(
                    "{}: `{}` until {} by {}: {}",
                    self.place_in_spec(waiver.place.start),
                    waived_subject(waiver),
                    waiver.expires.value,
                    waiver.owner.value,
                    waiver.reason.value
                )
            })
            .collect();
        list(&mut text, "Waivers", &waivers);
        let mut proofs: Vec<String> = Vec::new();
        for folder in ["tests/unit/", "tests/integration/"] {
            let found = evidence::tests(&self.output.files, folder).remove(row.id);
            proofs.extend(
                found
                    .into_iter()
                    .flatten()
                    .map(|test| format!("{}/{folder}{}", self.folder, test.trim_matches('`'))),
            );
        }
        list(&mut text, "Tests that prove it", &proofs);
        if let Some(shown) = &row.shown_by {
            let _ = writeln!(text, "\nShown by: {shown}");
        }
        text
    }

    /// Lines of the generated project whose argument a requirement or a default for it decides.
    fn fixed_by(&self, id: &str) -> Vec<String> {
        let serves = |origin: &Origin| match origin {
            Origin::Fixed(because) => because.split(' ').any(|word| word == id),
            Origin::Spec { .. } | Origin::Default(_) | Origin::Derived(_) | Origin::Override(_) => {
                false
            }
        };
        let mut found = Vec::new();
        for (path, map) in &self.output.lines {
            let component = map.component.and_then(|number| self.component(number));
            for mark in &map.marks {
                let decided = match (&mark.part, component) {
                    (Part::Argument(place, number), Some(component)) => {
                        super::argument(component, *place, *number)
                    }
                    (Part::Shared(owners, SharedLine::Argument(name)), _) => {
                        let first = self.sharing(owners).into_iter().next();
                        first.and_then(|(.., found)| Some((found, found.argument(name)?)))
                    }
                    _ => None,
                };
                let Some((resource, argument)) = decided else {
                    continue;
                };
                if serves(&argument.origin) {
                    let line = self.file_line(path, mark.lines.start);
                    found.push(format!(
                        "{line}: `{}` of {} `{}`",
                        argument.name, resource.kind, resource.variable
                    ));
                }
            }
        }
        found
    }

    /// Keys whose default serves a requirement, with the line where the spec has them.
    fn keys_for(&self, id: &str) -> Vec<String> {
        let serves = |key: &str| {
            let known = super::default_of(key);
            known.is_some_and(|known| known.requirement_ids().any(|served| served == id))
        };
        let keys = self.keys.iter().filter(|(key, _)| serves(key));
        keys.map(|(key, span)| match span {
            Some(span) => format!("{} (`{key}`)", self.spec_line(span)),
            None => format!("`{key}`, which the spec leaves out"),
        })
        .collect()
    }

    fn resources(&self) -> impl Iterator<Item = (&'a str, &'a Resource)> {
        let components = self.output.stack.components.iter();
        components.flat_map(|component| {
            let resources = component.resources();
            resources.map(|(resource, _)| (component.path.as_str(), resource))
        })
    }

    fn place_and_name(&self, component: &str, resource: &Resource) -> String {
        let place = self.place_of(component, &resource.variable);
        let place = place.map_or(String::new(), |place| format!("{place}: "));
        format!(
            "{place}{} `{component}.{}`",
            resource.kind, resource.variable
        )
    }

    /// The resources of a name: `database.instance`, a logical or a physical name. Empty if there is none.
    pub fn explain_resource(&self, word: &str) -> String {
        let mut answers: Vec<String> = Vec::new();
        let mut told: BTreeSet<(String, String)> = BTreeSet::new();
        for member in self.output.stack.members() {
            if !self.is_called(&member, word) {
                continue;
            }
            let path = member.component.path.clone();
            // Members of one family are one resource, unless a name of one's own was asked for.
            if told.insert((path, member.resource.variable.clone())) {
                answers.push(self.resource_answer(&member, word));
            }
        }
        answers.join("\n")
    }

    /// The resource whose name a word misspells, `database.instnace`.
    pub fn nearest_resource(&self, word: &str) -> Option<String> {
        let (component, variable) = word.rsplit_once('.')?;
        let own = self.resources().filter(|(path, _)| *path == component);
        let distance = |name: &str| strsim::damerau_levenshtein(variable, name);
        let (_, best) = own.min_by_key(|(_, resource)| distance(&resource.variable))?;
        let is_near = distance(&best.variable) <= (variable.len() / 4).max(1);
        is_near.then(|| format!("{component}.{}", best.variable))
    }

    /// The entry of the spec that has a name, `api.routes."GET /health"`, or whose name is misspelt so.
    pub fn entry_named(&self, name: &str) -> Option<String> {
        let entries = NAMED.iter().flat_map(|table| {
            self.keys.keys().filter_map(move |key| {
                let rest = key.strip_prefix(table)?.strip_prefix('.')?;
                let is_entry = super::entry_of(key).as_deref() == Some(key.as_str());
                is_entry.then(|| (key.as_str(), rest.trim_matches('"')))
            })
        });
        let entries: Vec<(&str, &str)> = entries.collect();
        let best = nearest(name, entries.iter().map(|(_, own)| *own))?;
        let found = entries.iter().find(|(_, own)| *own == best)?;
        Some(found.0.to_owned())
    }

    fn is_called(&self, member: &Member<'_>, word: &str) -> bool {
        let path = format!("{}.{}", member.component.path, member.resource.variable);
        path == word || member.logical() == word || self.physical(member).as_deref() == Some(word)
    }

    /// The name in AWS, as the spec's own suffix makes it.
    fn physical(&self, member: &Member<'_>) -> Option<String> {
        let suffix = &self.output.environment.suffix.value;
        self.output.stack.physical_name(member, suffix)
    }

    fn resource_answer(&self, member: &Member<'_>, word: &str) -> String {
        let (path, resource) = (&member.component.path, member.resource);
        let mut text = field(
            "resource",
            &format!("{} `{}` in {path}", resource.kind, resource.variable),
        );
        let is_path = word == format!("{path}.{}", resource.variable);
        let members = self.output.stack.members().filter(|other| {
            other.component.path == *path && other.resource.variable == resource.variable
        });
        let asked = members.filter(|other| is_path || self.is_called(other, word));
        for other in asked {
            text.push_str(&field("logical", &other.logical()));
            if let Some(name) = self.physical(&other) {
                text.push_str(&field("in AWS", &name));
            }
        }
        if let Some(place) = self.place_of(path, &resource.variable) {
            text.push_str(&field("line", &place));
        }
        let mut ids: BTreeSet<&str> = BTreeSet::new();
        let mut arguments: Vec<String> = Vec::new();
        for argument in &resource.arguments {
            if let Origin::Fixed(because) = &argument.origin {
                ids.extend(because.split(' '));
            }
            arguments.push(self.argument_answer(member, argument));
        }
        list(&mut text, "Arguments, and what decides each", &arguments);
        let of_kind = self
            .class()
            .requirements()
            .filter(|row| ids.contains(row.id) || row.kinds.contains(&resource.kind));
        let of_kind: Vec<String> = of_kind.map(|row| fixed(self.class(), row.id)).collect();
        list(&mut text, "Requirements", &of_kind);
        text
    }

    fn argument_answer(&self, member: &Member<'_>, argument: &Argument) -> String {
        let origin = self.origin(&member.origin(argument));
        let more = match origin.len() {
            0 | 1 => String::new(),
            lines => format!(" (and {} more)", lines - 1),
        };
        let first = match (origin.first(), origin.get(1)) {
            (Some(first), Some(second)) if first == "computed from" => {
                format!("computed from {}", second.trim())
            }
            (Some(first), _) => first.clone(),
            (None, _) => String::new(),
        };
        format!("`{}`: {first}{more}", argument.name)
    }

    /// The outermost keys that begin on a line of the spec, or the table around it. Without one, nothing is told.
    pub fn keys_on(&self, number: usize) -> Vec<String> {
        let written = || {
            let keys = self.keys.iter();
            keys.filter_map(|(key, span)| Some((key.as_str(), span.as_ref()?)))
        };
        let lines: BTreeMap<&str, (usize, usize)> = written()
            .map(|(key, span)| {
                let last = span.end.saturating_sub(1).max(span.start);
                (
                    key,
                    (
                        self.spec_lines.number(span.start),
                        self.spec_lines.number(last),
                    ),
                )
            })
            .collect();
        let on = |key: &str| {
            lines
                .get(key)
                .is_some_and(|(first, last)| (*first..=*last).contains(&number))
        };
        let mut keys: Vec<&str> = written()
            .map(|(key, _)| key)
            .filter(|key| on(key))
            .collect();
        // A value that goes on over lines holds the whole of each.
        let all = keys.clone();
        keys.retain(|key| {
            let inside = |outer: &&str| {
                key.strip_prefix(*outer)
                    .is_some_and(|rest| rest.starts_with(['.', '[']))
            };
            !all.iter().any(inside)
        });
        if keys.is_empty() {
            return self.header_on(number).into_iter().collect();
        }
        keys.into_iter().map(str::to_owned).collect()
    }

    /// The table whose header stands on a line.
    fn header_on(&self, number: usize) -> Option<String> {
        let start = self.spec_lines.start(number);
        let line = self.spec_text.get(start..)?.lines().next()?.trim();
        let inside = line.strip_prefix('[')?.trim_start_matches('[');
        let end = inside.rfind(']')?;
        let table = inside.get(..end)?.trim_end_matches(']').trim();
        let known = NAMED.iter().any(|named| table.starts_with(named));
        let has = self.keys.keys().any(|key| {
            key.strip_prefix(table)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        });
        (known || has).then(|| table.to_owned())
    }
}

/// A heading with its lines, if there are any.
fn list(text: &mut String, heading: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{heading}:");
    for line in lines.iter().take(MOST) {
        let _ = writeln!(text, "    {line}");
    }
    if lines.len() > MOST {
        let _ = writeln!(text, "    and {} more", lines.len() - MOST);
    }
}
