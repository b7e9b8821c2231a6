//! Two environments beside each other, for people: by layer, each difference with its cause.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::words::short;
use crate::cli::terminal::{Terminal, number};
use crate::compare::ChangedKey;
use crate::compare::environments::{Cause, Difference, Differences, Identity};

/// Names of resources that one line has.
const MOST_NAMES: usize = 3;

/// The lines that both forms have: a title for each group, and what is below it.
fn groups(found: &Differences) -> Vec<(String, Vec<[String; 2]>)> {
    let layers = found.layers.iter().map(|layer| {
        let all = layer.differences.iter();
        let (own, following): (Vec<&Difference>, Vec<_>) =
            all.partition(|one| one.cause.is_known());
        let lines = own
            .into_iter()
            .map(|one| [what(one, found), cause(&one.cause)]);
        let mut lines: Vec<[String; 2]> = lines.collect();
        let following = following.into_iter().map(|one| {
            let argument = one.argument.as_deref().unwrap_or_default();
            format!(
                "{} `{}`",
                resource(one),
                argument.split(['.', '[']).next().unwrap_or_default()
            )
        });
        let following: BTreeSet<String> = following.collect();
        let following: Vec<String> = following.into_iter().collect();
        if !following.is_empty() {
            lines.push([
                format!("and what follows: {}", following.join("; ")),
                String::new(),
            ]);
        }
        (layer.layer.replace('_', " "), lines)
    });
    let alone = found.keys_alone.iter();
    let alone: Vec<[String; 2]> = alone.map(|key| [place(key), String::new()]).collect();
    let alone = (!alone.is_empty()).then(|| ("keys that no resource shows".to_owned(), alone));
    layers.chain(alone).collect()
}

fn summary(found: &Differences) -> Vec<String> {
    let side = |one: &Identity| {
        let Identity {
            environment,
            class,
            resources,
            cost,
        } = one;
        let more = if cost.without.is_empty() {
            "about"
        } else {
            "more than"
        };
        format!(
            "{environment} (class {class}): {}, {more} {:.0} USD a month",
            number(*resources, "resource"),
            cost.usd
        )
    };
    let count: usize = found
        .layers
        .iter()
        .map(|layer| layer.differences.len())
        .sum();
    vec![
        side(&found.old),
        side(&found.new),
        number(count, "difference"),
    ]
}

pub fn print(found: &Differences, terminal: &mut Terminal) -> anyhow::Result<()> {
    for line in summary(found) {
        terminal.line(&line)?;
    }
    for (title, lines) in groups(found) {
        terminal.line("")?;
        terminal.line(&title)?;
        let widest = lines.iter().map(|[what, _]| what.chars().count());
        let widest = widest.filter(|width| *width <= WIDEST).max().unwrap_or(0);
        for [what, cause] in lines {
            terminal.line(format!("  {what:<widest$}  {cause}").trim_end())?;
        }
    }
    Ok(())
}

/// Causes stand below each other, but for what is longer.
const WIDEST: usize = 90;

pub fn markdown(found: &Differences) -> String {
    let mut text = summary(found).join("  \n") + "\n";
    for (title, lines) in groups(found) {
        text.push_str(&format!("\n**{title}**\n\n"));
        for [what, cause] in lines {
            let cause = if cause.is_empty() {
                cause
            } else {
                format!(" — {cause}")
            };
            text.push_str(&format!(
                "- {}{}\n",
                super::markdown::escaped(&what),
                super::markdown::escaped(&cause)
            ));
        }
    }
    text
}

/// ``rds.Instance database `multi_az`: true → false``.
fn what(one: &Difference, found: &Differences) -> String {
    let resource = resource(one);
    match &one.argument {
        Some(argument) => format!(
            "{resource} `{argument}`: {} → {}",
            shown(one.old.as_ref()),
            shown(one.new.as_ref())
        ),
        None if one.new.is_some() => format!("{resource}: in {} only", found.new.environment),
        None => format!("{resource}: in {} only", found.old.environment),
    }
}

/// `cloudwatch.LogGroup audit-relay-logs, health-logs and 4 more`.
fn resource(one: &Difference) -> String {
    let names: Vec<&str> = one.names.iter().map(String::as_str).collect();
    let names = match names.split_at_checked(MOST_NAMES) {
        Some((first, more)) if !more.is_empty() => {
            format!("{} and {} more", first.join(", "), more.len())
        }
        _ => names.join(", "),
    };
    format!("{} {names}", one.class)
}

fn shown(value: Option<&Json>) -> String {
    match value {
        None => "not set".to_owned(),
        Some(Json::Object(form)) if form.contains_key("name") => "a name of its own".to_owned(),
        Some(value) if refers(value) => "values of other resources".to_owned(),
        Some(value) => short(value),
    }
}

/// Whether an expression is made of what other resources give.
fn refers(value: &Json) -> bool {
    match value {
        Json::Object(form) => form.contains_key("output") || form.values().any(refers),
        Json::Array(members) => members.iter().any(refers),
        _ => false,
    }
}

/// `by the class`, `by database.storage_gib (line 20)`, or both.
fn cause(cause: &Cause) -> String {
    let keys: Vec<String> = cause.keys.iter().map(place).collect();
    match (cause.class, keys.is_empty()) {
        (true, true) => "by the class".to_owned(),
        (true, false) => format!("by the class and {}", keys.join(", ")),
        (false, false) => format!("by {}", keys.join(", ")),
        (false, true) => String::new(),
    }
}

fn place(key: &ChangedKey) -> String {
    let file = key
        .base
        .as_ref()
        .map(|base| format!("{base}, "))
        .unwrap_or_default();
    match (key.new_line, key.old_line) {
        (Some(line), _) => format!("{} ({file}line {line})", key.key),
        (None, Some(line)) => format!("{} ({file}line {line}, left out)", key.key),
        (None, None) => key.key.clone(),
    }
}
