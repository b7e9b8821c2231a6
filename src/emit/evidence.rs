//! The evidence table: from each requirement to the resources that meet it and the tests that prove it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use memchr::memmem;

use super::File;
use super::trace::Traced;
use super::wiring::group;
use crate::check::{waived_requirement, waived_subject};
use crate::origin::Origin;
use crate::requirements::{Requirement, requirements};
use crate::resolve::environment::Environment;
use crate::resolve::keys::ROLES;
use crate::stack::graph::Stack;

const ALL_KEYS: usize = ROLES.len();

/// Rows of the table in Markdown, one group after the other. `files` holds the tests that come along.
pub fn table(env: &Environment, stack: &Stack, files: &[File]) -> String {
    let unit = tests(files, "tests/unit/");
    let integration = tests(files, "tests/integration/");
    let kinds = Kinds::of(stack);
    let mut text = String::new();
    let mut group = "";
    for requirement in env.class.requirements() {
        if requirement.group != group {
            group = requirement.group;
            let _ = write!(
                text,
                "\n## {group}\n\n| id | requirement | resources | unit tests | integration tests |\n| --- | --- | --- | --- | --- |\n"
            );
        }
        let none = Vec::new();
        let of = |tests: &BTreeMap<String, Vec<String>>| {
            tests.get(requirement.id).unwrap_or(&none).join("<br>")
        };
        let _ = writeln!(
            text,
            "| {}{} | {} | {}{} | {} | {} |",
            requirement.id,
            mark(env, requirement),
            requirement.text,
            resources(&kinds, requirement),
            of_others(env, requirement),
            of(&unit),
            of(&integration)
        );
    }
    text.trim().to_owned()
}

/// Leads to what others answer for: keys that they own.
fn of_others(env: &Environment, requirement: &Requirement) -> &'static str {
    match (requirement.id, env.owners_keys().len()) {
        ("SEC-1", 1..ALL_KEYS) => "<br>[keys of other owners](keys.md)",
        ("SEC-1", ALL_KEYS) => "[keys of other owners](keys.md)",
        _ => "",
    }
}

/// Leads from a requirement to what was accepted about it.
fn mark(env: &Environment, requirement: &Requirement) -> &'static str {
    let mut waivers = env.waivers.iter();
    if waivers.any(|waiver| waived_requirement(waiver) == Some(requirement.id)) {
        "<br>[waiver](#waivers)"
    } else {
        ""
    }
}

/// A section with what the team accepts for a while, in the order of the spec; nothing if there is none.
pub fn waivers(env: &Environment) -> Traced {
    let mut text = Traced::default();
    if env.waivers.is_empty() {
        return text;
    }
    text.push("\n## Waivers\n\nWhat the team accepts for a while. Once its last day is over, or nothing needs it any more, the compiler refuses the spec.\n\n| rule or requirement | why | who decided | last day |\n| --- | --- | --- | --- |\n");
    for waiver in &env.waivers {
        let row = format!(
            "| `{}` | {} | {} | {} |\n",
            waived_subject(waiver),
            cell(&waiver.reason),
            cell(&waiver.owner),
            waiver.expires.value
        );
        let origins = [
            &waiver.subject.origin,
            &waiver.reason.origin,
            &waiver.owner.origin,
            &waiver.expires.origin,
        ];
        text.mark_all(origins, &row);
    }
    text
}

/// A section with the arguments that the team sets for a while, in the order of the spec; nothing if there is none.
pub fn overrides(env: &Environment) -> Traced {
    let mut text = Traced::default();
    if env.overrides.is_empty() {
        return text;
    }
    text.push("\n## Overrides\n\nArguments that the team sets for a while, where neither a key of the spec nor a requirement decides. The compiler refuses the spec once\nthe last day is over, or what an override replaces has changed. `tests/unit/test_overrides.py` proves that each is in force.\n\n| resource | argument | value | in place of | why | who decided | last day |\n| --- | --- | --- | --- | --- | --- | --- |\n");
    for set in &env.overrides {
        let replaces = match &set.replaces {
            Some(replaces) => cell(&replaces.value.to_string()),
            None => "AWS's own".to_owned(),
        };
        let row = format!(
            "| `{}` | `{}` | {} | {replaces} | {} | {} | {} |\n",
            set.resource.value,
            set.argument.value,
            cell(&set.value.value.to_string()),
            cell(&set.reason),
            cell(&set.owner),
            set.expires.value
        );
        let replaced = set.replaces.iter().map(|replaced| &replaced.origin);
        let origins = [
            &set.resource.origin,
            &set.argument.origin,
            &set.value.origin,
            &set.reason.origin,
            &set.owner.origin,
            &set.expires.origin,
        ];
        text.mark_all(origins.into_iter().chain(replaced), &row);
    }
    text
}

/// A section with the modules of the team's own; nothing if there is none.
pub fn extensions(env: &Environment) -> String {
    if env.extensions.is_empty() {
        return String::new();
    }
    let mut text = "\n## Extensions\n\nModules of the team's own, called after the components. What they add stands in no other table here. `tests/unit/test_extensions.py` holds it against the\nrequirements that its tests are listed at, whatever kind of resource it is: what weakens one fails there, with module, resource and requirement, unless a\n[waiver](../README.md#change-it) of that requirement accepts it.\n\n| module | copied from, beside the spec | kinds that its code names |\n| --- | --- | --- |\n".to_owned();
    for extension in &env.extensions {
        let path = cell(&extension.path.value);
        let kinds = named_kinds(&extension.content);
        let _ = writeln!(
            text,
            "| `extensions/{}.py` | {path} | {kinds} |",
            extension.name
        );
    }
    text
}

/// Classes of the SDK that a module names: `aws.s3.Bucket`.
fn named_kinds(source: &str) -> String {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
    let words = source.split(|c| !is_of_name(c));
    let kinds = words.filter(|word| {
        let class = word
            .strip_prefix("aws.")
            .and_then(|rest| rest.split_once('.'));
        class.is_some_and(|(_, class)| {
            class.starts_with(|c: char| c.is_ascii_uppercase()) && !class.contains('.')
        })
    });
    let named: BTreeSet<&str> = kinds.collect();
    let cells: Vec<String> = named.iter().map(|kind| format!("`{kind}`")).collect();
    cells.join(", ")
}

/// Text of the spec's inside a table: nothing in it is Markdown or HTML.
fn cell(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.trim().chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '$' => {
                escaped.push('\\');
                escaped.push(character);
            }
            other => escaped.push(other),
        }
    }
    escaped
}

/// Kinds of resources in a layer. Functions are one layer, so that another function changes no row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Kind<'a> {
    /// Number of the first component of the layer.
    place: usize,
    layer: &'a str,
    kind: &'a str,
}

/// Which kinds a requirement is about: by their names, and by the ids that fix an argument of theirs.
#[derive(Default)]
struct Kinds<'a> {
    by_name: BTreeMap<&'a str, BTreeSet<Kind<'a>>>,
    by_id: BTreeMap<&'a str, BTreeSet<Kind<'a>>>,
}

impl<'a> Kinds<'a> {
    /// All that differ: thousands of resources are alike.
    fn of(stack: &'a Stack) -> Self {
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        let mut seen: BTreeSet<(Kind<'_>, &str)> = BTreeSet::new();
        for (index, component) in stack.components.iter().enumerate() {
            let layer = group(&component.path);
            let place = *places.entry(layer).or_insert(index);
            for (resource, _) in component.resources() {
                let kind = Kind {
                    place,
                    layer,
                    kind: resource.kind,
                };
                let fixed = resource.arguments.iter();
                let fixed = fixed.filter_map(|argument| match argument.origin {
                    Origin::Fixed(because) => Some((kind, because)),
                    _ => None,
                });
                seen.extend(fixed.chain([(kind, "")]));
            }
        }
        let mut kinds = Self::default();
        for (kind, because) in seen {
            kinds.by_name.entry(kind.kind).or_default().insert(kind);
            for id in because.split(' ') {
                kinds.by_id.entry(id).or_default().insert(kind);
            }
        }
        kinds
    }
}

/// Kinds of the resources that the requirement is about or fixes an argument of, by layer.
fn resources(kinds: &Kinds<'_>, requirement: &Requirement) -> String {
    if let Some(shown_by) = requirement.shown_by {
        return shown_by.to_owned();
    }
    let named = requirement.kinds.iter();
    let named = named.filter_map(|name| kinds.by_name.get(name));
    let found: BTreeSet<&Kind<'_>> = named
        .chain(kinds.by_id.get(requirement.id))
        .flatten()
        .collect();
    let mut layers: Vec<(&str, BTreeSet<&str>)> = Vec::new();
    for Kind { layer, kind, .. } in found {
        let kind = kind.rsplit('.').next().unwrap_or(kind);
        match layers.last_mut() {
            Some((last, kinds)) if last == layer => _ = kinds.insert(kind),
            _ => layers.push((layer, BTreeSet::from([kind]))),
        }
    }
    let layers: Vec<String> = layers
        .into_iter()
        .map(|(layer, kinds)| {
            let kinds: Vec<&str> = kinds.into_iter().collect();
            format!("`{layer}`: {}", kinds.join(", "))
        })
        .collect();
    layers.join("<br>")
}

/// Tests by the requirement ids in their docstrings: id → `test_network.py::test_…`.
pub fn tests(files: &[File], folder: &str) -> BTreeMap<String, Vec<String>> {
    let ids: BTreeSet<&str> = requirements().iter().map(|row| row.id).collect();
    let form = Form::new();
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files {
        let Some(module) = file.path.strip_prefix(folder) else {
            continue;
        };
        for at in form.head.find_iter(&file.content) {
            let Some((name, docstring)) = form.test_at(&file.content, at) else {
                continue;
            };
            let words = docstring
                .as_bytes()
                .split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'-');
            // Most words are none, and an id shows that it is one.
            let words = words.filter(|word| word.first().is_some_and(u8::is_ascii_uppercase));
            let words = words.filter_map(|word| str::from_utf8(word).ok());
            let named: BTreeSet<&str> = words.filter(|word| ids.contains(word)).collect();
            for id in named {
                found
                    .entry(id.to_owned())
                    .or_default()
                    .push(format!("`{module}::{name}`"));
            }
        }
    }
    found
}

/// How a test function looks, in the form that `ruff format` gives it: what its parts are found by.
struct Form {
    head: memmem::Finder<'static>,
    end_of_head: memmem::Finder<'static>,
    quotes: memmem::Finder<'static>,
}

impl Form {
    fn new() -> Self {
        Self {
            head: memmem::Finder::new("def test_"),
            end_of_head: memmem::Finder::new(":\n"),
            quotes: memmem::Finder::new("\"\"\""),
        }
    }

    /// Name and docstring of the test function whose `def` is at this byte.
    fn test_at<'a>(&self, source: &'a [u8], at: usize) -> Option<(&'a str, &'a str)> {
        let (before, definition) = source.split_at_checked(at)?;
        let line = before.rsplit(|byte| *byte == b'\n').next()?.trim_ascii();
        if !matches!(line, b"" | b"async") {
            return None;
        }
        let definition = definition.strip_prefix(b"def ")?;
        let (name, _) = definition.split_at_checked(memchr::memchr(b'(', definition)?)?;
        let end_of_head = self.end_of_head.find(definition)?;
        let (_, body) = definition.split_at_checked(end_of_head)?;
        let text = body.get(2..)?.trim_ascii_start().strip_prefix(b"\"\"\"")?;
        let (docstring, _) = text.split_at_checked(self.quotes.find(text)?)?;
        Some((str::from_utf8(name).ok()?, str::from_utf8(docstring).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docstrings_of_tests_are_found_on_one_line_and_on_several() {
        let source = "def test_a(\n    x: int,\n) -> None:\n    \"\"\"NET-1: one.\"\"\"\n\ndef helper():\n    \"\"\"NET-9.\"\"\"\n\ndef test_b() -> None:\n    \"\"\"DB-1, DB-2: two\n\n    more.\n    \"\"\"\n";
        let form = Form::new();
        let found = form.head.find_iter(source.as_bytes());
        let tests: Vec<_> = found
            .filter_map(|at| form.test_at(source.as_bytes(), at))
            .collect();
        let expected = [
            ("test_a", "NET-1: one."),
            ("test_b", "DB-1, DB-2: two\n\n    more.\n    "),
        ];
        assert_eq!(tests, expected);
    }

    #[test]
    fn text_of_a_waiver_stays_in_its_cell() {
        assert_eq!(
            cell(" a | b <script> [x](y) `c` "),
            "a \\| b &lt;script&gt; \\[x\\](y) \\`c\\`"
        );
    }
}
