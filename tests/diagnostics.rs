//! Every mistake that a spec can hold, as its author sees it: a folder is a case, with the spec, the files that it names, and the
//! report; `head.toml` is the spec of the last commit. `UPDATE=1 cargo test --test diagnostics` writes the reports anew; read their diff.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use paystagec::check::RULES;
use paystagec::compare::unstated::hold;
use paystagec::compile::{earlier_model, judge_spec};
use paystagec::diagnostic::{Code, Diagnostic, Severity, render};
use paystagec::load::Disk;
use paystagec::requirements::requirements;
use paystagec::spec::with_base;

/// The day on which the reports are made, unless the case has a file `today` with another one.
const TODAY: &str = "2026-06-01";

const CASES: &str = "tests/diagnostics";

fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir(CASES).expect("the folder of cases");
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

fn diagnose(case: &Path) -> (String, Vec<Diagnostic>) {
    let spec = case.join("spec.toml");
    let own = fs::read_to_string(&spec).expect("a spec");
    let whole = with_base(&own, &Disk::beside(&spec)).unwrap_or_default();
    let text = whole.unwrap_or(own);
    let own = fs::read_to_string(case.join("today"));
    let today = own.as_deref().map_or(TODAY, str::trim);
    let today = today.parse().expect("a date");
    let files = Disk::beside(&spec);
    let mut judged = judge_spec(&text, "spec.toml", &files, today).expect("no defect");
    // What was committed last, where the case is about that.
    if let Ok(head) = fs::read_to_string(case.join("head.toml")) {
        let earlier = earlier_model(&head, "head.toml", &files, today).expect("no defect");
        hold(&mut judged, &text, &[earlier.expect("a valid spec")], today);
    }
    (text, judged.diagnostics)
}

#[test]
fn reports_are_as_recorded() {
    let mut stale = Vec::new();
    for case in cases() {
        let (text, diagnostics) = diagnose(&case);
        let report = render(&diagnostics, "spec.toml", &text, false);
        let recorded = case.join("report.txt");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&recorded, &report).expect("a writable case");
        } else if fs::read_to_string(&recorded).unwrap_or_default() != report {
            stale.push(format!("{}:\n{report}", case.display()));
        }
    }
    assert!(stale.is_empty(), "{}", stale.join("\n"));
}

#[test]
fn every_code_has_a_case_of_its_name() {
    for code in Code::ALL {
        let case = Path::new(CASES).join(code.as_str());
        assert!(case.is_dir(), "no case {}", code.as_str());
        let (_, diagnostics) = diagnose(&case);
        assert!(
            diagnostics
                .iter()
                .all(|diagnostic| diagnostic.code == *code),
            "{} tells more than its code: {diagnostics:#?}",
            code.as_str()
        );
        assert!(!diagnostics.is_empty(), "{} tells nothing", code.as_str());
    }
}

#[test]
fn rules_list_the_severities_that_they_have() {
    let mut seen: BTreeMap<Code, BTreeSet<Severity>> = BTreeMap::new();
    let all = cases().into_iter().flat_map(|case| diagnose(&case).1);
    // A waiver makes a note of anything.
    for diagnostic in all.filter(|diagnostic| !diagnostic.is_waived) {
        let severities = seen.entry(diagnostic.code).or_default();
        severities.insert(diagnostic.severity);
    }
    for rule in RULES {
        let listed = rule.severities.iter().copied().collect();
        assert_eq!(seen.get(&rule.code), Some(&listed), "{:?}", rule.code);
    }
}

#[test]
fn one_run_reports_a_dozen_mistakes() {
    let (_, diagnostics) = diagnose(&Path::new(CASES).join("a-dozen-at-once"));
    let codes: BTreeSet<Code> = diagnostics
        .iter()
        .map(|diagnostic| diagnostic.code)
        .collect();
    assert!(codes.len() >= 12, "{codes:?}");
}

#[test]
fn every_diagnostic_stands_somewhere_and_helps() {
    for case in cases() {
        let (text, diagnostics) = diagnose(&case);
        for diagnostic in diagnostics {
            let place = &diagnostic.span;
            assert!(
                text.get(place.clone()).is_some(),
                "{}: {place:?}",
                case.display()
            );
            assert!(!diagnostic.label.is_empty(), "{diagnostic:?}");
            let first = diagnostic.message.chars().next().unwrap_or(' ');
            let is_name = diagnostic.message.starts_with("PostgreSQL")
                || diagnostic.message.starts_with("API");
            assert!(is_name || !first.is_uppercase(), "{}", diagnostic.message);
            assert!(!diagnostic.message.ends_with('.'), "{}", diagnostic.message);
        }
    }
}

/// Requirement ids in a text: capitals, a hyphen and a number, as in `DB-2`.
fn requirement_ids(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let is_id = |word: &&str| {
        word.split_once('-').is_some_and(|(group, number)| {
            group.starts_with(|c: char| c.is_ascii_uppercase())
                && group.chars().all(|c| c.is_ascii_uppercase() || c == '3')
                && !number.is_empty()
                && number.chars().all(|c| c.is_ascii_digit())
        })
    };
    words.filter(is_id).map(str::to_owned).collect()
}

#[test]
fn requirements_that_are_named_exist() {
    let known: BTreeSet<&str> = requirements().iter().map(|row| row.id).collect();
    let mut named = BTreeSet::new();
    for case in cases() {
        let report = fs::read_to_string(case.join("report.txt")).expect("a report");
        named.extend(requirement_ids(&report));
    }
    for rule in RULES {
        named.extend(requirement_ids(rule.what));
        named.extend(requirement_ids(rule.why));
    }
    assert!(named.len() > 20, "{named:?}");
    // Encodings look alike.
    for id in named.iter().filter(|id| !id.starts_with("UTF-")) {
        assert!(known.contains(id.as_str()), "{id}");
    }
}
