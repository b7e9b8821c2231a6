//! What the compiler says about its own output is held against its output: an edit of a key changes no line that the key does
//! not own up to, and every line has an answer.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::path::Path;

use paystagec::compile::{Output, compile};
use paystagec::load::Disk;
use paystagec::provenance::{Atlas, find_key};

const NAME: &str = "spec/staging.toml";

fn spec() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(NAME)).unwrap()
}

fn output(spec: &str) -> Output {
    let disk = Disk::beside(&Path::new(env!("CARGO_MANIFEST_DIR")).join(NAME));
    let compilation = compile(spec, NAME, &disk, "2026-06-01".parse().unwrap()).unwrap();
    let diagnostics = compilation.diagnostics;
    compilation
        .output
        .unwrap_or_else(|| panic!("{diagnostics:?}"))
}

fn lines<'a>(output: &'a Output, path: &str) -> Vec<&'a str> {
    let mut files = output.files.iter();
    let file = files.find(|file| file.path == path).unwrap();
    str::from_utf8(&file.content).unwrap().lines().collect()
}

/// Edits of one key each, in the form `old → new` of a line of the spec, or a new line below the header of a table.
const EDITS: [(&str, &str, &str); 23] = [
    (
        "network.cidr",
        "cidr = \"10.40.0.0/16\"",
        "cidr = \"10.41.0.0/16\"",
    ),
    (
        "environment.owner",
        "owner = \"payments-platform\"",
        "owner = \"payments\"",
    ),
    ("environment.migration_date", "2026-12-01", "2026-12-02"),
    (
        "environment.suffix",
        "suffix = \"main\"",
        "suffix = \"base\"",
    ),
    (
        "database.storage_gib",
        "storage_gib = 20",
        "storage_gib = 40",
    ),
    ("database.instance_class", "db.t4g.medium", "db.t4g.large"),
    (
        "database.backup_retention_days",
        "backup_retention_days = 7",
        "backup_retention_days = 8",
    ),
    (
        "database.backup_window",
        "\"07:00-08:00\"",
        "\"06:00-07:00\"",
    ),
    (
        "database.max_storage_gib",
        "[database] ",
        "[database]\nmax_storage_gib = 200 ",
    ),
    (
        "database.name",
        "[database] ",
        "[database]\nname = \"ledger\" ",
    ),
    (
        "database.application_username",
        "[database] ",
        "[database]\napplication_username = \"app\" ",
    ),
    (
        "database.alarm_cpu_percent",
        "[database] ",
        "[database]\nalarm_cpu_percent = 70 ",
    ),
    (
        "functions.validate-payment.memory_mib",
        "memory_mib = 512",
        "memory_mib = 1024",
    ),
    (
        "functions.validate-payment.timeout_seconds",
        "memory_mib = 512\ntimeout_seconds = 10",
        "memory_mib = 512\ntimeout_seconds = 9",
    ),
    (
        "functions.health.log_level",
        "memory_mib = 128",
        "memory_mib = 128\nlog_level = \"DEBUG\"",
    ),
    (
        "functions.health.architecture",
        "memory_mib = 128",
        "memory_mib = 128\narchitecture = \"x86_64\"",
    ),
    (
        "api.throttle.rate_per_second",
        "rate_per_second = 50",
        "rate_per_second = 60",
    ),
    ("api.plans.partner.quota.requests", "100_000", "200_000"),
    (
        "api.plans.partner.throttle.burst",
        "burst = 40",
        "burst = 50",
    ),
    (
        "api.alarm_4xx_percent",
        "[api]\n",
        "[api]\nalarm_4xx_percent = 20\n",
    ),
    (
        "keys.deletion_window_days",
        "[state]",
        "[keys]\ndeletion_window_days = 9\n[state]",
    ),
    (
        "tracing.sampling_percent",
        "[state]",
        "[tracing]\nsampling_percent = 50\n[state]",
    ),
    ("firewall.requests_per_five_minutes", "= 6_000", "= 7_000"),
];

#[test]
fn a_key_names_every_line_that_an_edit_of_it_changes() {
    let spec = spec();
    let before = output(&spec);
    let atlas = Atlas::new(&before, NAME, &spec, "generated");
    let mut silent = Vec::new();
    for (key, old, new) in EDITS {
        assert_eq!(spec.matches(old).count(), 1, "{old}");
        let after = output(&spec.replace(old, new));
        let answer = atlas.explain_key(key);
        let mut changed = 0;
        for (path, map) in &before.lines {
            let (old, new) = (lines(&before, path), lines(&after, path));
            assert_eq!(old.len(), new.len(), "{key} changes the length of {path}");
            for number in (0..old.len()).filter(|number| old[*number] != new[*number]) {
                changed += 1;
                let told = map.marks.iter().any(|mark| {
                    let place = format!("generated/{path}:{}: ", mark.lines.start + 1);
                    mark.lines.contains(&number) && answer.contains(&place)
                });
                if !told {
                    silent.push(format!("{key}: {path}:{}: {}", number + 1, old[number]));
                }
            }
        }
        assert!(changed > 0, "{key} changes nothing");
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

#[test]
fn every_line_of_every_file_has_an_answer() {
    let spec = spec();
    let output = output(&spec);
    let atlas = Atlas::new(&output, NAME, &spec, "generated");
    for file in &output.files {
        let lines = lines(&output, &file.path);
        // The tests and the lists of packages are the same for every spec, all lines of them.
        let all = output.lines.contains_key(&file.path);
        for (index, line) in lines
            .iter()
            .enumerate()
            .take(if all { usize::MAX } else { 1 })
        {
            let answer = atlas.explain_line(&file.path, index + 1);
            let told = |word: &str| answer.contains(&format!("\n\n{word:<10} "));
            let words = [
                "argument", "resource", "options", "family", "row", "value", "frame", "text",
                "copy",
            ];
            assert!(
                answer.contains(line.trim()) && words.into_iter().any(told),
                "{}:{}\n{answer}",
                file.path,
                index + 1
            );
        }
    }
}

#[test]
fn arguments_are_found_on_their_own_lines() {
    let spec = spec();
    let output = output(&spec);
    let atlas = Atlas::new(&output, NAME, &spec, "generated");
    let mut arguments = 0;
    for (number, component) in output.stack.components.iter().enumerate() {
        let of_function = component.path.starts_with("functions/");
        // What functions share is printed once, for all of them.
        let is_shared = |path: &str| of_function && path == "components/lambda_function.py";
        let files: Vec<(&String, Vec<&str>)> = output
            .lines
            .iter()
            .filter(|(path, map)| map.component == Some(number) || is_shared(path))
            .map(|(path, _)| (path, lines(&output, path)))
            .collect();
        for resource in component.resources().map(|(resource, _)| resource) {
            for argument in &resource.arguments {
                let head = match argument.name {
                    "schedule_expression" => "schedule=".to_owned(),
                    name => format!("{name}="),
                };
                let about = format!(
                    "argument   `{}`\nresource   {} `{}` in ",
                    argument.name, resource.kind, resource.variable
                );
                let own = format!("{about}{}\n", component.path);
                let found = files.iter().any(|(path, lines)| {
                    let about = if is_shared(path) { &about } else { &own };
                    let name = &component.path;
                    lines.iter().enumerate().any(|(index, line)| {
                        line.trim_start().starts_with(&head) && {
                            let answer = atlas.explain_line(path, index + 1);
                            let told = answer.contains("\nprinted    once");
                            answer.contains(about)
                                && answer.contains(name)
                                && told == is_shared(path)
                        }
                    })
                });
                let place = format!("{}.{}", component.path, resource.variable);
                assert!(found, "{place}: {}", argument.name);
                arguments += 1;
            }
        }
    }
    assert!(arguments > 400, "{arguments}");
}

#[test]
fn defaults_of_one_entry_are_not_those_of_another() {
    let spec = spec();
    let output = output(&spec);
    let atlas = Atlas::new(&output, NAME, &spec, "generated");
    let answer = atlas.explain_key("functions.health.log_level");
    assert!(
        answer.contains("generated/components/functions/health.py:"),
        "{answer}"
    );
    assert!(
        !answer.contains("functions/validate_payment.py"),
        "{answer}"
    );
}

#[test]
fn unknown_keys_are_reported_with_the_nearest() {
    let spec = spec();
    let nearest = |word| find_key(&spec, word).unwrap_err().nearest;
    for known in [
        "database",
        "database.storage_gib",
        "database.name",
        "network.zones",
        "functions.health",
    ] {
        assert_eq!(find_key(&spec, known), Ok(()), "{known}");
    }
    assert_eq!(
        nearest("database.storage").as_deref(),
        Some("database.storage_gib")
    );
    assert_eq!(
        nearest("databse.storage_gib").as_deref(),
        Some("database.storage_gib")
    );
    assert_eq!(
        nearest("storage_gib").as_deref(),
        Some("database.storage_gib")
    );
    assert_eq!(nearest("colour.of.money"), None);
}
