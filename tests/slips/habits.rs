//! What people type who come from another format, another language or a word processor: one error, at that place, with the line to type;
//! and with what it proposes, the spec is right.

use std::fs;
use std::path::Path;

use paystagec::compile_environment;
use paystagec::diagnostic::Diagnostic;
use paystagec::load::Disk;

use crate::SPEC;
use crate::generator::TODAY;

const STORAGE: &str = "storage_gib = 20";
const CLASS: &str = "instance_class = \"db.t4g.medium\"";
const ZONES: &str = "zones = [\"use1-az1\", \"use1-az2\", \"use1-az4\"]";
const USES: &str = "uses = { database = \"read\" }";
const FLAG: &str = "real_card_data = false";
const DATE: &str = "migration_date = 2026-12-01";
const THROTTLE: &str = "throttle = { rate_per_second = 50, burst = 100 }";
const QUOTA: &str = "quota = { requests = 100_000, period = \"month\" }";
const NOTIFY: &str = "notify = [\"email:payments-oncall@example.com\"]";
const WINDOW: &str = "backup_window = \"07:00-08:00\"";
const TWO: &str = "storage_gib = 20\nbackup_retention_days = 7";
const HEALTH: &str = "[functions.health]";
const ROUTE: &str = "[api.routes.\"GET /health\"]";

/// A line of the spec, what is typed instead, and what the help says to write.
const HABITS: &[(&str, &str, &str)] = &[
    (STORAGE, "storage_gib: 20", STORAGE),
    (STORAGE, "storage_gib == 20", STORAGE),
    (STORAGE, "storage_gib := 20", STORAGE),
    (STORAGE, "storage_gib => 20", STORAGE),
    (STORAGE, "storage_gib 20", STORAGE),
    (STORAGE, "storage-gib: 20", STORAGE),
    (STORAGE, "storage_gib = 20 GiB", STORAGE),
    (STORAGE, "storage_gib = 20GB", STORAGE),
    (STORAGE, "storage_gib = 20%", STORAGE),
    (STORAGE, "storage_gib = 020", STORAGE),
    (STORAGE, "storage_gib = 20;", STORAGE),
    (STORAGE, "storage_gib = 20,", STORAGE),
    (STORAGE, "storage_gib = 20 // enough", STORAGE),
    (STORAGE, "storage_gib\u{a0}=\u{a0}20", STORAGE),
    (STORAGE, "storage_gib = \"20", STORAGE),
    (STORAGE, "export storage_gib = 20", STORAGE),
    (STORAGE, "- storage_gib: 20", STORAGE),
    (STORAGE, "// enough\nstorage_gib = 20", "# enough"),
    (STORAGE, "; enough\nstorage_gib = 20", "# enough"),
    (CLASS, "instance_class = db.t4g.medium", CLASS),
    (
        CLASS,
        "instance_class = \u{201c}db.t4g.medium\u{201d}",
        CLASS,
    ),
    (
        CLASS,
        "instance_class = \u{2018}db.t4g.medium\u{2019}",
        CLASS,
    ),
    (CLASS, "instance_class = `db.t4g.medium`", CLASS),
    (CLASS, "instance_class: db.t4g.medium", CLASS),
    (FLAG, "real_card_data = no", FLAG),
    (FLAG, "real_card_data = False", FLAG),
    (FLAG, "real_card_data = FALSE", FLAG),
    (FLAG, "real_card_data = off", FLAG),
    (DATE, "migration_date = 12/01/2026", DATE),
    (DATE, "migration_date = 2026/12/01", DATE),
    (DATE, "migration_date = 1.12.2026", DATE),
    (DATE, "migration_date = 2026-12-1", DATE),
    (DATE, "migration_date = Dec 1, 2026", DATE),
    (ZONES, "zones = use1-az1, use1-az2, use1-az4", ZONES),
    (ZONES, "zones = [use1-az1, use1-az2, use1-az4]", ZONES),
    (
        ZONES,
        "zones = (\"use1-az1\", \"use1-az2\", \"use1-az4\")",
        ZONES,
    ),
    (
        ZONES,
        "zones:\n  - use1-az1\n  - use1-az2\n  - use1-az4",
        ZONES,
    ),
    (USES, "uses = { database = read }", USES),
    (USES, "uses = { \"database\": \"read\" }", USES),
    (USES, "uses = database = \"read\"", USES),
    (USES, "uses:\n  database: read", USES),
    (
        THROTTLE,
        "throttle = { rate_per_second: 50, burst: 100 }",
        THROTTLE,
    ),
    (
        THROTTLE,
        "throttle = { rate_per_second = 50; burst = 100 }",
        THROTTLE,
    ),
    (
        THROTTLE,
        "throttle = { rate_per_second == 50, burst = 100 }",
        THROTTLE,
    ),
    (
        QUOTA,
        "quota = { requests = 100,000, period = \"month\" }",
        QUOTA,
    ),
    (
        QUOTA,
        "quota = { requests = 100_000, period = month }",
        QUOTA,
    ),
    (NOTIFY, "notify = email:payments-oncall@example.com", NOTIFY),
    (HEALTH, "[functions health]", HEALTH),
    (HEALTH, "[functions..health]", HEALTH),
    (HEALTH, "[functions.health", HEALTH),
    (HEALTH, "functions.health:", HEALTH),
    (STORAGE, "storage_gib = 20 -- enough", STORAGE),
    (STORAGE, "-- enough\nstorage_gib = 20", "# enough"),
    (STORAGE, "storage_gib = 20 /* enough */", STORAGE),
    (STORAGE, "storage_gib = 2O", STORAGE),
    (STORAGE, "storage_gib = 2 * 10", STORAGE),
    (STORAGE, "storage_gib = 10 + 10", STORAGE),
    (STORAGE, "storage_gib = (20)", STORAGE),
    (STORAGE, "storage_gib = \u{ff12}\u{ff10}", STORAGE),
    (STORAGE, "stor\u{430}ge_gib = 20", STORAGE),
    (STORAGE, "st\u{f6}rage_gib = 20", STORAGE),
    (CLASS, "instance_class = db.t4g.m\u{435}dium", CLASS),
    (CLASS, "instance_class = db.t4g.medium /* small */", CLASS),
    (CLASS, "instance_class = \"db.t4g.medium\" for now", CLASS),
    (FLAG, "real_card_data = f\u{430}lse", FLAG),
    (WINDOW, "backup_window = \"07:00-08:00\" -- UTC", WINDOW),
    (WINDOW, "backup_window = \"07:00-08:00\" UTC", WINDOW),
    (
        ZONES,
        "zones = [\"use1-az1\" \"use1-az2\", \"use1-az4\"]",
        ZONES,
    ),
    (
        ZONES,
        "zones = [\"use1-az1\"\"use1-az2\", \"use1-az4\"]",
        ZONES,
    ),
    (
        THROTTLE,
        "throttle = { rate_per_second = 50 burst = 100 }",
        THROTTLE,
    ),
    (
        TWO,
        "storage_gib = 20, backup_retention_days = 7",
        "backup_retention_days = 7",
    ),
    (
        TWO,
        "storage_gib = 20; backup_retention_days = 7",
        "backup_retention_days = 7",
    ),
    ("[network]", "[network] -- ours", "[network]"),
    ("[network]", "[n\u{435}twork]", "[network]"),
    (HEALTH, "[functions.h\u{435}alth]", HEALTH),
    ("[environment]", "{environment}", "[environment]"),
    ("[environment]", "environment:", "[environment]"),
    (ROUTE, "[api.routes.GET /health]", ROUTE),
    (ROUTE, "[api.routes GET /health]", ROUTE),
    (ROUTE, "[[api.routes.\"GET /health\"]]]", ROUTE),
    (
        "storage_gib = 20\n",
        "storage_gib = 20 ",
        "backup_retention_days = 7",
    ),
    (
        "[monitoring]",
        "[audit] retention_days = 90\n[monitoring]",
        "retention_days = 90",
    ),
];

pub fn errors(text: &str) -> Vec<Diagnostic> {
    let loader = Disk::beside(Path::new(SPEC));
    let today = TODAY.parse().unwrap();
    let (_, diagnostics) = compile_environment(text, SPEC, &loader, today);
    diagnostics
        .into_iter()
        .filter(Diagnostic::is_error)
        .collect()
}

#[test]
fn habits_of_other_formats_are_reported_once_with_the_line_to_type() {
    let spec = fs::read_to_string(SPEC).unwrap();
    let mut wrong = Vec::new();
    for (line, typed, right) in HABITS {
        let at = spec.find(line).unwrap_or_else(|| panic!("no line {line}"));
        let text = spec.replacen(line, typed, 1);
        let found = errors(&text);
        let [error] = found.as_slice() else {
            wrong.push(format!("{typed}: {} errors {found:#?}", found.len()));
            continue;
        };
        let place = at..=at + typed.len();
        let help = error.help.as_deref().unwrap_or_default();
        if !place.contains(&error.span.start) || !help.starts_with(&format!("write `{right}`")) {
            wrong.push(format!(
                "{typed}: at {:?} {} {help}",
                error.span, error.label
            ));
        }
        for suggestion in &error.suggestions {
            let left = errors(&suggestion.apply(&text));
            if !left.is_empty() {
                wrong.push(format!("{typed}: mended, but {left:#?}"));
            }
        }
        if error.suggestions.is_empty() {
            wrong.push(format!("{typed}: nothing to apply"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Values of which nobody knows what was meant, and what the help says of each.
const UNKNOWN: &[(&str, &str, &str)] = &[
    (STORAGE, "storage_gib = ${SIZE}", "no variables"),
    (STORAGE, "storage_gib = {{ size }}", "no variables"),
    (STORAGE, "storage_gib = <%= size %>", "no variables"),
    (STORAGE, "storage_gib = \"${SIZE}\"", "no variables"),
    (STORAGE, "storage_gib = var.size", "no variables"),
    (CLASS, "instance_class = $CLASS", "no variables"),
    (CLASS, "instance_class = !Ref Class", "no variables"),
    (FLAG, "real_card_data = ${CARDS}", "no variables"),
    (STORAGE, "storage_gib = 20 | 40", "digits alone"),
    (STORAGE, "storage_gib = ?", "digits alone"),
    (
        CLASS,
        "instance_class = \"db.\" + \"t4g.medium\"",
        "stands in quotes",
    ),
    (FLAG, "real_card_data = maybe", "`true` or `false`"),
    (DATE, "migration_date = soon", "2026-12-01"),
    (
        STORAGE,
        "storage_gib = 20\na line of words",
        "`key = value`",
    ),
    (
        USES,
        "uses = { database = true }",
        "write \"read\" or \"write\" or \"owner\"",
    ),
];

#[test]
fn what_nobody_can_guess_has_a_help_and_no_edit() {
    let spec = fs::read_to_string(SPEC).unwrap();
    for (line, typed, right) in UNKNOWN {
        let at = spec.find(line).unwrap();
        let found = errors(&spec.replacen(line, typed, 1));
        let [error] = found.as_slice() else {
            panic!("{typed}: {found:#?}");
        };
        let help = error.help.as_deref().unwrap_or_default();
        let is_there = (at..=at + typed.len()).contains(&error.span.start);
        assert!(is_there && help.contains(right), "{typed}: {error:#?}");
        assert!(error.suggestions.is_empty(), "{typed}: {error:#?}");
    }
}

#[test]
fn line_ends_and_a_mark_at_the_start_change_nothing() {
    let spec = fs::read_to_string(SPEC).unwrap();
    for (line, typed, right) in HABITS {
        let text = spec.replacen(line, typed, 1).replace('\n', "\r\n");
        let text = format!("\u{feff}{text}");
        let found = errors(&text);
        assert_eq!(found.len(), 1, "{typed}: {found:#?}");
        let help = found[0].help.as_deref().unwrap_or_default();
        assert!(
            help.starts_with(&format!("write `{right}`")),
            "{typed}: {help}"
        );
    }
}

#[test]
fn a_conflict_that_git_left_is_one_error_and_either_side_mends_it() {
    let spec = fs::read_to_string(SPEC).unwrap();
    let sides = [
        "<<<<<<< HEAD\nstorage_gib = 20\n=======\nstorage_gib = 40\n>>>>>>> other",
        "<<<<<<< HEAD\nstorage_gib = 20\n||||||| base\nstorage_gib = 30\n=======\nstorage_gib = 40\n>>>>>>> other",
    ];
    for typed in sides {
        let text = spec.replacen(STORAGE, typed, 1);
        let found = errors(&text);
        let [error] = found.as_slice() else {
            panic!("{found:#?}");
        };
        assert_eq!(error.span.start, spec.find(STORAGE).unwrap());
        let kept: Vec<String> = error
            .suggestions
            .iter()
            .map(|one| one.apply(&text))
            .collect();
        let right = [spec.clone(), spec.replace(STORAGE, "storage_gib = 40")];
        assert_eq!(kept, right);
    }
}

#[test]
fn duplicates_are_reported_with_both_places() {
    let spec = fs::read_to_string(SPEC).unwrap();
    let twice = [
        ("storage_gib = 20\nstorage_gib = 40", STORAGE, "storage_gib"),
        (
            "storage_gib = 20\n[monitoring.x]\n[database]",
            STORAGE,
            "[database]",
        ),
        ("[functions.health]\n[functions.health]", HEALTH, HEALTH),
    ];
    for (typed, line, name) in twice {
        let text = spec.replacen(line, typed, 1);
        let found = errors(&text);
        let is_twice = |error: &&Diagnostic| error.message.contains("twice");
        let error = found
            .iter()
            .find(is_twice)
            .unwrap_or_else(|| panic!("{found:#?}"));
        let second = text.rfind(&format!("\n{name}")).unwrap() + 1;
        assert_eq!(&text[error.span.clone()], name, "{found:#?}");
        assert_eq!(error.span.start, second);
        let [(first, label)] = error.secondary.as_slice() else {
            panic!("{error:#?}");
        };
        assert_eq!(&text[first.clone()], name);
        assert!(first.start < second && label == "first here");
    }
}
