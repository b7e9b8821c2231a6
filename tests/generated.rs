//! What holds for every file of the generated project.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::path::Path;

use paystagec::compile::{Output, compile};
use paystagec::load::Disk;
use paystagec::origin::Origin;
use paystagec::requirements::{Class, requirements};

/// Lines that a person can still review in one go.
const LONGEST_FILE: usize = 400;

fn output() -> Output {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("spec/staging.toml");
    let text = std::fs::read_to_string(&spec).unwrap();
    compile(
        &text,
        "staging.toml",
        &Disk::beside(&spec),
        "2026-06-01".parse().unwrap(),
    )
    .unwrap()
    .output
    .unwrap()
}

#[test]
fn python_files_stay_reviewable() {
    for file in output()
        .files
        .iter()
        .filter(|file| file.path.ends_with(".py"))
    {
        let text = std::str::from_utf8(&file.content).unwrap();
        assert!(
            text.lines().count() <= LONGEST_FILE,
            "{} has {} lines",
            file.path,
            text.lines().count()
        );
    }
}

#[test]
fn texts_end_with_one_newline_and_lines_without_blanks() {
    for file in output().files {
        let Ok(text) = std::str::from_utf8(&file.content) else {
            continue;
        };
        if text.is_empty() {
            continue;
        }
        assert!(
            text.ends_with('\n') && !text.ends_with("\n\n"),
            "{}",
            file.path
        );
        assert!(
            text.lines().all(|line| line == line.trim_end()),
            "{}",
            file.path
        );
    }
}

#[test]
fn compiling_twice_gives_the_same_bytes() {
    assert_eq!(output().files, output().files);
}

#[test]
fn every_requirement_is_met_by_something() {
    let stack = output().stack;
    let mut met: BTreeSet<&str> = BTreeSet::new();
    for component in &stack.components {
        met.extend(&component.requirements);
        for (resource, _) in component.resources() {
            for argument in &resource.arguments {
                if let Origin::Fixed(because) = argument.origin {
                    met.extend(because.split(' '));
                }
            }
        }
    }
    for requirement in Class::Staging.requirements() {
        let is_met = requirement.shown_by.is_some() || met.contains(requirement.id);
        assert!(is_met, "{}: {}", requirement.id, requirement.text);
    }
}

#[test]
fn every_requirement_that_a_layer_names_exists() {
    let ids: BTreeSet<&str> = requirements()
        .iter()
        .map(|requirement| requirement.id)
        .collect();
    for component in &output().stack.components {
        for id in &component.requirements {
            assert!(ids.contains(id), "{} names {id}", component.path);
        }
    }
}

#[test]
fn every_argument_knows_why_it_is_there() {
    let stack = output().stack;
    for member in stack.members() {
        for argument in &member.resource.arguments {
            let place = format!(
                "{}.{}.{}",
                member.component.path,
                member.logical(),
                argument.name
            );
            match &argument.origin {
                Origin::Spec { key, span } => {
                    assert!(!key.is_empty() && !span.is_empty(), "{place}")
                }
                Origin::Default(id) => assert!(id.contains('.'), "{place}: {id}"),
                Origin::Fixed(because) => assert!(
                    because.starts_with(|first: char| first.is_ascii_uppercase()),
                    "{place}: {because}"
                ),
                // A column has its origin in the row.
                Origin::Derived(_) => {}
                Origin::Override(set) => panic!("{place}: the spec overrides nothing: {set:?}"),
            }
        }
    }
}
