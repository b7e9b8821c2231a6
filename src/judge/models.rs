//! The rule `refused-by-aws`: what the spec decides of the graph is held against AWS's own models. What the compiler decides alone is
//! held against them by a test (`tests/models/`), so that a build pays for what varies.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use regex::Regex;

use crate::catalogue::{Bounds, OneOf, bounds};
use crate::check::written;
use crate::diagnostic::{Code, Diagnostic};
use crate::number::grouped;
use crate::origin::Origin;
use crate::resolve::environment::Environment;
use crate::spec::nearest;
use crate::stack::expr::{Expr, Row};
use crate::stack::graph::{Member, Stack};
use crate::stack::resource::Argument;

/// One diagnostic for each value of the spec that a model refuses.
pub fn refused_by_aws(stack: &Stack, environment: &Environment) -> Vec<Diagnostic> {
    judge(stack, environment).found
}

fn judge<'a>(stack: &'a Stack, environment: &'a Environment) -> Judge<'a> {
    let mut judge = Judge {
        stack,
        environment,
        patterns: BTreeMap::new(),
        found: Vec::new(),
    };
    for member in stack.members() {
        let Some(rows) = bounds(member.resource.kind) else {
            continue;
        };
        for argument in &member.resource.arguments {
            if let Some(row) = rows.get(argument.name) {
                judge.argument(&member, argument, argument.name, row, &argument.value);
            }
            // Parts of a block follow their argument: `quota_settings.limit`.
            let after = rows.after(argument.name);
            let parts = after.take_while(|(path, _)| path.starts_with(argument.name));
            for (path, row) in parts {
                let rest = path.strip_prefix(argument.name).unwrap_or_default();
                if rest.starts_with('.') {
                    judge.argument(&member, argument, path, row, &argument.value);
                }
            }
        }
    }
    judge
}

struct Judge<'a> {
    stack: &'a Stack,
    environment: &'a Environment,
    /// Made only for what varies, and once.
    patterns: BTreeMap<&'static str, Option<Regex>>,
    found: Vec<Diagnostic>,
}

/// A value as far as it is known before the deployment.
#[derive(Debug)]
enum Known<'a> {
    Text(Cow<'a, str>),
    Number(i64),
    /// How many a list holds.
    Count(usize),
}

impl Judge<'_> {
    fn argument(
        &mut self,
        member: &Member<'_>,
        argument: &Argument,
        path: &str,
        row: &'static Bounds,
        value: &Expr,
    ) {
        if !varies(member, argument) {
            return;
        }
        let inside: Vec<&str> = path.split('.').skip(1).collect();
        let mut known = Vec::new();
        collect(value, member.row, &inside, &mut known);
        for value in known {
            if let Some((label, help)) = self.fault(row, &value) {
                self.tell(member, argument, path, row, (label, help));
            }
        }
    }

    fn tell(
        &mut self,
        member: &Member<'_>,
        argument: &Argument,
        path: &str,
        row: &Bounds,
        (label, help): (String, String),
    ) {
        let message = format!("`{path}` of {} is not valid for AWS", member.resource.kind);
        let place = self.place(&member.origin(argument));
        let told = Diagnostic::error(Code::RefusedByAws, place, message)
            .label(label)
            .note(format!("AWS's own model says so: {}", row.from.join(", ")))
            .help(help);
        if !self.found.contains(&told) {
            self.found.push(told);
        }
    }

    /// What is wrong with a value, and what to write.
    fn fault(&mut self, row: &'static Bounds, value: &Known<'_>) -> Option<(String, String)> {
        match value {
            Known::Number(number) => {
                if !row.one_of.is_empty() && !row.one_of.contains(&OneOf::Number(*number)) {
                    return Some(other(row.one_of, &number.to_string()));
                }
                outside(*number, row.min, row.max, "is", "write a number")
            }
            Known::Count(count) => {
                let items = row.items.as_ref()?;
                let count = i64::try_from(*count).unwrap_or(i64::MAX);
                outside(count, items.min, items.max, "entries:", "list as many")
            }
            Known::Text(text) => {
                let is_word = |word: &OneOf| matches!(word, OneOf::Word(word) if word == text);
                if !row.one_of.is_empty() && !row.one_of.iter().any(is_word) {
                    return Some(other(row.one_of, text));
                }
                let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
                let fault = outside(
                    length,
                    row.min,
                    row.max,
                    "characters:",
                    "write a string with a length",
                );
                fault.or_else(|| self.misformed(row.pattern?, text))
            }
        }
    }

    fn misformed(&mut self, pattern: &'static str, text: &str) -> Option<(String, String)> {
        let made = self
            .patterns
            .entry(pattern)
            .or_insert_with(|| Regex::new(pattern).ok());
        let fits = |text: &str| made.as_ref().is_none_or(|made| made.is_match(text));
        if fits(text) {
            return None;
        }
        // Often one sign is all that is wrong.
        let sign = text.chars().find(|sign| {
            let without = text.replace(*sign, "");
            !without.is_empty() && fits(&without)
        });
        let label = match sign {
            Some(' ') => "has a space, which AWS does not allow there".to_owned(),
            Some(sign) => format!("has `{sign}`, which AWS does not allow there"),
            None => "does not have the format that AWS requires".to_owned(),
        };
        let plain = pattern.trim_start_matches("^(?:").trim_end_matches(")$");
        Some((label, format!("write a value that matches `{plain}`")))
    }

    /// The bytes of the spec that decide: of what is computed, of the first key that takes part.
    fn place(&self, origin: &Origin) -> Range<usize> {
        match origin {
            Origin::Spec { span, .. } => return span.clone(),
            Origin::Override(set) => return set.span.clone(),
            Origin::Derived(keys) => {
                let written = self.written_keys();
                if let Some(span) = keys.iter().find_map(|key| written.get(key.as_str())) {
                    return span.clone();
                }
            }
            Origin::Default(_) | Origin::Fixed(_) => {}
        }
        written(&self.environment.name).map_or(0..0, |(_, span)| span)
    }

    /// Where the keys stand that the graph remembers.
    fn written_keys(&self) -> BTreeMap<&str, Range<usize>> {
        let mut keys = BTreeMap::new();
        for member in self.stack.members() {
            let arguments = member
                .resource
                .arguments
                .iter()
                .map(|argument| &argument.origin);
            let cells = member.row.into_iter().flat_map(|row| row.cells.iter());
            for origin in arguments.chain(cells.map(|(_, _, origin)| origin)) {
                if let Origin::Spec { key, span } = origin {
                    keys.insert(key.as_str(), span.clone());
                }
            }
        }
        keys
    }
}

/// Whether a spec decides about the argument: what is fixed or a default is the same for everybody.
fn varies(member: &Member<'_>, argument: &Argument) -> bool {
    match (&argument.value, member.row) {
        (Expr::Column(column), Some(row)) => !matches!(
            row.origin(column),
            Some(Origin::Fixed(_) | Origin::Default(_))
        ),
        _ => !matches!(argument.origin, Origin::Fixed(_) | Origin::Default(_)),
    }
}

/// The values at a path inside an expression; lists are looked into.
fn collect<'a>(expr: &'a Expr, row: Option<&'a Row>, path: &[&str], known: &mut Vec<Known<'a>>) {
    match expr {
        Expr::Noted(_, value) | Expr::Constant { value, .. } => collect(value, row, path, known),
        Expr::Column(column) => {
            if let Some(cell) = row.and_then(|row| row.cell(column)) {
                collect(cell, row, path, known);
            }
        }
        Expr::List(items) => {
            if path.is_empty() {
                known.push(Known::Count(items.len()));
            }
            for item in items {
                collect(item, row, path, known);
            }
        }
        Expr::Map(entries) => {
            let Some((name, rest)) = path.split_first() else {
                return;
            };
            for (_, value) in entries.iter().filter(|(key, _)| key == name) {
                collect(value, row, rest, known);
            }
        }
        _ if !path.is_empty() => {}
        Expr::Integer(number) => known.push(Known::Number(*number)),
        Expr::Text(text) => known.push(Known::Text(Cow::Borrowed(text))),
        Expr::Concat(parts) => {
            let whole: Option<String> = parts.iter().map(|part| text(part, row)).collect();
            known.extend(whole.map(|whole| Known::Text(Cow::Owned(whole))));
        }
        _ => {}
    }
}

fn text<'a>(expr: &'a Expr, row: Option<&'a Row>) -> Option<&'a str> {
    match expr {
        Expr::Text(text) => Some(text),
        Expr::Column(column) => match row?.cell(column)? {
            Expr::Text(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

fn outside(
    number: i64,
    min: Option<i64>,
    max: Option<i64>,
    what: &str,
    help: &str,
) -> Option<(String, String)> {
    let is_inside = min.is_none_or(|min| min <= number) && max.is_none_or(|max| number <= max);
    if is_inside {
        return None;
    }
    let number = grouped(number);
    let range = match (min.map(grouped), max.map(grouped)) {
        (Some(min), Some(max)) => format!("from {min} to {max}"),
        (None, Some(max)) => format!("up to {max}"),
        (Some(min), None) => format!("from {min} on"),
        (None, None) => return None,
    };
    Some((
        format!("{what} {number}, and AWS allows {range}"),
        format!("{help} {range}"),
    ))
}

fn other(one_of: &[OneOf], value: &str) -> (String, String) {
    /// More is no help.
    const MOST: usize = 12;
    let label = format!("`{value}` is not one of the values that AWS allows");
    let words = one_of.iter().filter_map(|word| match word {
        OneOf::Word(word) => Some(*word),
        OneOf::Number(_) => None,
    });
    let help = match (nearest(value, words), beside(one_of, value)) {
        (Some(best), _) => format!("did you mean \"{best}\"?"),
        (None, Some(numbers)) => format!("the nearest that AWS takes: {numbers}"),
        (None, None) => {
            let shown: Vec<String> = one_of.iter().take(MOST).map(OneOf::to_string).collect();
            let more = if one_of.len() > MOST { ", …" } else { "" };
            format!("write one of {}{more}", shown.join(", "))
        }
    };
    (label, help)
}

/// Of a number, the next lower and the next higher one.
fn beside(one_of: &[OneOf], value: &str) -> Option<String> {
    let value: i64 = value.parse().ok()?;
    let numbers = one_of.iter().filter_map(|word| match word {
        OneOf::Number(number) => Some(*number),
        OneOf::Word(_) => None,
    });
    let lower = numbers.clone().filter(|number| *number < value).max();
    let higher = numbers.filter(|number| *number > value).min();
    let near: Vec<String> = lower.into_iter().chain(higher).map(grouped).collect();
    (!near.is_empty()).then(|| near.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile_environment;
    use crate::load::Disk;
    use std::path::Path;

    fn judged(edit: impl Fn(&str) -> String) -> (Vec<Diagnostic>, usize) {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/spec/staging.toml");
        let text = edit(&std::fs::read_to_string(path).unwrap());
        let disk = Disk::beside(Path::new(path));
        let (environment, told) =
            compile_environment(&text, path, &disk, "2026-06-01".parse().unwrap());
        let environment = environment.unwrap_or_else(|| panic!("{told:?}"));
        let stack = Stack::build(&environment).unwrap();
        let judge = judge(&stack, &environment);
        (judge.found, judge.patterns.len())
    }

    #[test]
    fn the_committed_spec_is_taken_and_few_patterns_are_made_for_it() {
        let (found, patterns) = judged(str::to_owned);
        assert_eq!(found, []);
        // Each takes some ten microseconds to make.
        assert!(patterns < 8, "{patterns}");
    }

    #[test]
    fn a_key_is_judged_where_it_stands() {
        let minutes: Vec<String> = (0..60).map(|minute| minute.to_string()).collect();
        let schedule = format!(
            "cron({},{} * * * ? *)",
            minutes.join(","),
            minutes.join(",")
        );
        let (found, _) = judged(|text| text.replace("rate(1 minute)", &schedule));
        let [told] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert!(told.label.contains("AWS allows from 0 to 256"), "{told:?}");
        assert_eq!(told.span.len(), schedule.len() + 2);
    }

    #[test]
    fn ranges_lists_and_counts_are_judged() {
        let said = |fault: Option<(String, String)>| fault.map(|(label, _)| label);
        assert_eq!(said(outside(5, Some(1), Some(5), "is", "")), None);
        assert!(said(outside(6, Some(1), Some(5), "is", "")).is_some());
        assert!(said(outside(0, Some(1), None, "is", "")).is_some());
        assert_eq!(said(outside(-7, None, None, "is", "")), None);
        let (label, help) = other(&[OneOf::Word("NEVER")], "never");
        assert_eq!(label, "`never` is not one of the values that AWS allows");
        assert_eq!(help, "did you mean \"NEVER\"?");
    }
}
