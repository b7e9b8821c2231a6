//! Every number of the format at its bounds and one beside them, and every size of the VPC's range: a value that is refused is one
//! error, and whatever a report about it proposes makes a spec without errors.

use std::fs;
use std::path::Path;

use paystagec::compile::judge_spec;
use paystagec::diagnostic::{Diagnostic, Edit};
use paystagec::format::{Kind, keys};
use paystagec::load::Disk;
use toml::{Table, Value};

use crate::SPEC;
use crate::generator::TODAY;

/// Names for the stars of a key's path: entries that the committed spec has, called by the API, by the load balancer, by nobody.
const ENTRIES: &[(&str, &[&str])] = &[
    ("functions", &["validate-payment", "audit-relay"]),
    ("api.plans", &["partner"]),
    ("load_balancer.routes", &["/health"]),
    ("payments.currencies", &["USD"]),
    ("secrets", &["signing"]),
    ("queues", &["settlements"]),
];

/// Keys of tables that the committed spec leaves out, with what such a table must have.
const NEEDED: &[(&str, &str)] = &[("payments.currencies.USD", "maximum = 1_000_000")];

/// The function whose batches are changed, and the queue that it consumes.
const CONSUMER: &str = "settle";
const CONSUMES: &str = "\
    [queues.settlements]\n\
    [functions.settle]\n\
    source = \"../tests/graph/settle\"\n\
    consumes = \"settlements\"";

fn judge(text: &str) -> Vec<Diagnostic> {
    let loader = Disk::beside(Path::new(SPEC));
    let judged = judge_spec(text, SPEC, &loader, TODAY.parse().unwrap());
    judged.unwrap().diagnostics
}

fn committed() -> Table {
    fs::read_to_string(SPEC).unwrap().parse().unwrap()
}

/// The table behind a path, made if it is not there.
fn table<'t>(spec: &'t mut Table, path: &[String]) -> &'t mut Table {
    path.iter().fold(spec, |table, name| {
        let entry = table.entry(name.clone());
        let made = || Value::Table(Table::new());
        entry.or_insert_with(made).as_table_mut().unwrap()
    })
}

/// The committed spec with another value of a key.
fn with(path: &[String], name: &str, value: Value) -> String {
    let mut spec = committed();
    if path.get(1).is_some_and(|name| name == CONSUMER) {
        for (name, added) in CONSUMES.parse::<Table>().unwrap() {
            let added = added.as_table().unwrap().clone();
            table(&mut spec, &[name]).extend(added);
        }
    }
    let entry = path.join(".");
    let table = table(&mut spec, path);
    for (_, line) in NEEDED.iter().filter(|(needing, _)| *needing == entry) {
        table.extend(line.parse::<Table>().unwrap());
    }
    table.insert(name.to_owned(), value);
    toml::to_string(&spec).unwrap()
}

/// The paths of tables that a path with stars leads to.
fn places(path: &str) -> Vec<Vec<String>> {
    let path = &path.replace("functions.*.batch", &format!("functions.{CONSUMER}.batch"));
    let mut found: Vec<Vec<String>> = vec![Vec::new()];
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let names: Vec<&str> = match part {
            "*" => {
                let table = found[0].join(".");
                let known = ENTRIES.iter().find(|(known, _)| *known == table);
                known
                    .unwrap_or_else(|| panic!("no entry of {table}"))
                    .1
                    .to_vec()
            }
            name => vec![name],
        };
        let longer = |above: &Vec<String>| {
            let of = |name: &&str| [above.as_slice(), &[(*name).to_owned()]].concat();
            names.iter().map(of).collect::<Vec<_>>()
        };
        found = found.iter().flat_map(longer).collect();
    }
    found
}

/// What is not right in what is said of a spec of which one value was changed.
fn faults(text: &str) -> Vec<String> {
    let found = judge(text);
    let errors: Vec<&Diagnostic> = found.iter().filter(|found| found.is_error()).collect();
    let mut wrong = Vec::new();
    if errors.len() > 1 {
        wrong.push(format!("{} errors", errors.len()));
    }
    for told in &found {
        let help = told.help.as_deref().unwrap_or_default();
        let is_advice = !help.starts_with("write ");
        if told.is_error() && told.suggestions.is_empty() && !is_advice {
            wrong.push(format!("{}: no suggestion ({help})", told.message));
        }
        for suggestion in &told.suggestions {
            let left = judge(&suggestion.apply(text));
            if let Some(next) = left.iter().find(|left| left.is_error()) {
                wrong.push(format!("{} ({help}): then {}", told.message, next.message));
            }
            if left.iter().any(|left| left.message == told.message) {
                wrong.push(format!("{} ({help}): still there", told.message));
            }
            // What an edit writes is what people are told to write.
            for edit in &suggestion.edits {
                let (Edit::Replace(_, typed) | Edit::AddTo(_, typed)) = edit else {
                    continue;
                };
                if !help.contains(typed.as_str()) {
                    wrong.push(format!("{}: {help} is not {typed}", told.message));
                }
            }
        }
    }
    let proposed = found.iter().flat_map(|told| &told.suggestions);
    let edited = proposed.flat_map(|suggestion| &suggestion.edits);
    let spans: Vec<_> = edited
        .filter_map(|edit| match edit {
            Edit::Replace(span, _) => Some(span.start),
            _ => None,
        })
        .collect();
    if spans
        .iter()
        .any(|start| spans.iter().filter(|other| *other == start).count() > 1)
    {
        wrong.push("two remedies for one value".to_owned());
    }
    wrong
}

#[test]
fn what_is_proposed_at_the_bounds_of_a_number_is_right() {
    let mut wrong = Vec::new();
    let mut refused = 0;
    for key in keys().into_iter().filter(|key| key.kind == Kind::Number) {
        let Some(range) = key.range else { continue };
        let bounds =
            [range.lowest, range.highest].map(|bound| i64::try_from(bound).unwrap_or(i64::MAX - 1));
        let mut values: Vec<i64> = bounds
            .iter()
            .flat_map(|bound| [bound - 1, *bound, bound + 1])
            .filter(|value| (0..=i64::MAX - 1).contains(value))
            .collect();
        values.sort_unstable();
        values.dedup();
        let table = key.path.strip_suffix(key.name).unwrap();
        for place in places(table.trim_end_matches('.')) {
            for value in &values {
                let text = with(&place, key.name, Value::Integer(*value));
                refused += usize::from(judge(&text).iter().any(Diagnostic::is_error));
                let of = |fault| format!("{}.{} = {value}: {fault}", place.join("."), key.name);
                wrong.extend(faults(&text).into_iter().map(of));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(refused > 60, "{refused}");
}

#[test]
fn what_is_proposed_for_a_range_of_any_size_is_right() {
    let mut wrong = Vec::new();
    for address in [
        "10.40.0.0",
        "10.40.7.9",
        "172.20.0.0",
        "192.168.0.0",
        "8.8.8.8",
    ] {
        for length in 0..=32 {
            let range = format!("{address}/{length}");
            let text = with(
                &["network".to_owned()],
                "cidr",
                Value::String(range.clone()),
            );
            let of = |fault| format!("{range}: {fault}");
            wrong.extend(faults(&text).into_iter().map(of));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
