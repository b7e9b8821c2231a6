//! The rule `name-too-long`, and names that two resources of the graph would have (`duplicate-name`). Both need the names of all
//! resources.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::check::written;
use crate::diagnostic::{Code, Diagnostic};
use crate::resolve::environment::Environment;
use crate::stack::graph::{Member, Stack};
use crate::stack::names::NameUse;

/// Room that every name must leave for the suffix: `pr123456`.
const SHORTEST_SUFFIX: i64 = 8;

/// Words of the author's that names are made from.
struct Word<'a> {
    text: &'a str,
    span: Range<usize>,
    /// What to shorten.
    remedy: String,
}

/// One diagnostic for each word of the spec that makes names too long, told by its longest name; and one for the suffix when
/// only that is too long.
pub fn name_lengths(uses: &[NameUse], environment: &Environment) -> Vec<Diagnostic> {
    let words = words(environment);
    // Of equally long words the last one wins: roles come after the environment's name.
    let by_text: BTreeMap<&str, usize> = words
        .iter()
        .enumerate()
        .filter(|(_, word)| !word.text.is_empty())
        .map(|(index, word)| (word.text, index))
        .collect();
    let mut worst: Vec<Option<&NameUse>> = words.iter().map(|_| None).collect();
    for name in uses.iter().filter(|name| name.left() < SHORTEST_SUFFIX) {
        let slot = longest_word(&name.stem, &by_text).and_then(|index| worst.get_mut(index));
        if let Some(slot) = slot
            && slot.is_none_or(|known| name.left() < known.left())
        {
            *slot = Some(name);
        }
    }
    let pairs = words.into_iter().zip(worst);
    pairs
        .filter_map(|(word, name)| Some(diagnose(word, name?)))
        .chain(own_suffix(uses, environment))
        .collect()
}

fn diagnose(word: Word<'_>, name: &NameUse) -> Diagnostic {
    let NameUse { what, stem, limit } = name;
    let left = name.left().max(0);
    let message = format!("the name of {what} is too long");
    Diagnostic::error(Code::NameTooLong, word.span, message)
        .label(format!(
            "`{stem}` leaves {left} of {limit} characters for a suffix, fewer than {SHORTEST_SUFFIX}"
        ))
        .help(word.remedy)
}

/// The spec's own suffix, where others would fit.
fn own_suffix(uses: &[NameUse], environment: &Environment) -> Option<Diagnostic> {
    let tightest = uses.iter().min_by_key(|name| name.left())?;
    let length = i64::try_from(environment.suffix.chars().count()).unwrap_or(i64::MAX);
    let left = tightest.left();
    let (key, span) = written(&environment.suffix).filter(|_| left < length)?;
    // Room for fewer than that is told already, by the words that take it.
    if left < SHORTEST_SUFFIX {
        return None;
    }
    let NameUse { what, stem, limit } = tightest;
    Some(
        Diagnostic::error(Code::NameTooLong, span, format!("`{key}` is too long"))
            .label(format!("has {length} characters, and {left} fit"))
            .note(format!(
                "the longest name is `{stem}` of {what}: at most {limit} characters"
            ))
            .help(format!("shorten it to {left} characters")),
    )
}

/// Kinds whose names are told apart by something else: an inline policy by its role.
const WITHIN_ANOTHER: [&str; 1] = ["aws.iam.RolePolicy"];

/// One diagnostic for each word of the spec that gives two resources of a kind the same name, whatever the suffix.
pub fn same_names(stack: &Stack, environment: &Environment) -> Vec<Diagnostic> {
    let words: Vec<Word<'_>> = words(environment)
        .into_iter()
        .filter(|word| word.text != environment.name.as_str())
        .collect();
    let numbered = words.iter().enumerate();
    let by_text: BTreeMap<&str, usize> = numbered.map(|(index, word)| (word.text, index)).collect();
    let mut seen: BTreeMap<(&str, String), Member<'_>> = BTreeMap::new();
    let mut found: BTreeMap<usize, Diagnostic> = BTreeMap::new();
    for member in stack.members() {
        let kind = member.resource.kind;
        let Some(name) = stack.physical_name(&member, "") else {
            continue;
        };
        if WITHIN_ANOTHER.contains(&kind) {
            continue;
        }
        let word = longest_word(&name, &by_text);
        let Some(other) = seen.insert((kind, name.clone()), member) else {
            continue;
        };
        let Some((index, word)) = word.and_then(|index| Some((index, words.get(index)?))) else {
            continue;
        };
        let message = format!("two resources would have the name `{name}`");
        let place = |member: &Member<'_>| {
            let component = &member.component.path;
            format!("{kind} `{}` of {component}", member.logical())
        };
        let diagnostic = Diagnostic::error(Code::DuplicateName, word.span.clone(), message)
            .label(format!("{} and {}", place(&other), place(&member)))
            .help(format!("rename `{}`", word.text));
        found.entry(index).or_insert(diagnostic);
    }
    found.into_values().collect()
}

fn words(environment: &Environment) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    if let Some((key, span)) = written(&environment.name) {
        let remedy = format!("shorten `{key}`, which is part of every name");
        words.push(Word {
            text: &environment.name,
            span,
            remedy,
        });
    }
    for function in &environment.functions {
        let Some((path, span)) = written(&function.key) else {
            continue;
        };
        let remedy = format!("set a shorter `short_name` in `[{path}]`");
        let short = written(&function.short_name).map_or(span.clone(), |(_, span)| span);
        words.push(Word {
            text: &function.short_name,
            span: short,
            remedy,
        });
        let remedy = format!("give `[{path}]` a shorter name");
        words.push(Word {
            text: &function.key,
            span,
            remedy,
        });
    }
    for plan in &environment.api.plans {
        let Some((path, span)) = written(&plan.key) else {
            continue;
        };
        let remedy = format!("give `[{path}]` a shorter name");
        words.push(Word {
            text: &plan.key,
            span: span.clone(),
            remedy,
        });
        for key in &plan.api_keys {
            let span = written(key).map_or(span.clone(), |(_, span)| span);
            let remedy = format!("give the API key of `[{path}]` a shorter name");
            words.push(Word {
                text: key,
                span,
                remedy,
            });
        }
    }
    words
}

/// The longest word that a name has between its hyphens; of equally long ones the last of the list.
fn longest_word(name: &str, words: &BTreeMap<&str, usize>) -> Option<usize> {
    let starts = || {
        let hyphens = name.match_indices('-').map(|(at, _)| at + 1);
        std::iter::once(0).chain(hyphens)
    };
    let ends: Vec<usize> = name
        .match_indices('-')
        .map(|(at, _)| at)
        .chain([name.len()])
        .collect();
    starts()
        .flat_map(|start| ends.iter().map(move |end| start..*end))
        .filter_map(|part| {
            let word = name.get(part)?;
            Some((word.len(), *words.get(word)?))
        })
        .max()
        .map(|(_, index)| index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile_environment;
    use crate::load::Disk;
    use std::path::Path;

    fn staging() -> Environment {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/spec/staging.toml");
        let text = std::fs::read_to_string(path).unwrap();
        let (environment, _) = compile_environment(
            &text,
            path,
            &Disk::beside(Path::new(path)),
            "2026-06-01".parse().unwrap(),
        );
        environment.unwrap()
    }

    fn name(stem: &str, limit: usize) -> NameUse {
        NameUse {
            what: "a resource".to_owned(),
            stem: stem.to_owned(),
            limit,
        }
    }

    #[test]
    fn the_longest_part_of_the_longest_name_is_reported() {
        let environment = staging();
        let enough = name("tg-validate-staging-", 28);
        assert!(name_lengths(&[enough], &environment).is_empty());
        let names = [
            name("tg-validate-staging-", 27),
            name("tg-validate-staging-", 26),
            name("lambda-validate-payment-staging-", 39),
            name("alb-staging-", 19),
        ];
        let told: Vec<String> = name_lengths(&names, &environment)
            .into_iter()
            .map(|diagnostic| diagnostic.help.unwrap())
            .collect();
        assert_eq!(
            told,
            [
                "shorten `environment.name`, which is part of every name",
                "set a shorter `short_name` in `[functions.validate-payment]`",
                "give `[functions.validate-payment]` a shorter name",
            ]
        );
    }
}
