//! What is TOML, or nearly, and stands where it does not belong: tables without their prefix, keys in another table, names that no function
//! can have, and what other programs leave around a spec. One error, at that place; and with what it proposes, the spec is right.

use std::fs;

use paystagec::diagnostic::Code;

use crate::SPEC;
use crate::habits::errors;

const HEALTH: &str = "[functions.health]";
const DEEP: &str = "[functions.deep-health]";
const GET_HEALTH: &str = "[api.routes.\"GET /health\"]";
const OWNER: &str = "uses = { database = \"owner\" }";
const WRITER: &str = "uses = { database = \"write\", audit = \"write\" }";
const STORAGE: &str = "storage_gib = 20";

/// A part of the spec, what stands there instead, and what the help says to write.
const PLACES: &[(&str, &str, &str)] = &[
    (HEALTH, "[functions/health]", HEALTH),
    (HEALTH, "[functions:health]", HEALTH),
    (HEALTH, "[functions::health]", HEALTH),
    (HEALTH, "[functions->health]", HEALTH),
    (HEALTH, "[functions\\health]", HEALTH),
    (HEALTH, "[function/health]", HEALTH),
    (HEALTH, "[functions]health", HEALTH),
    (HEALTH, "[functions.he\u{e4}lth]", HEALTH),
    (HEALTH, "[FUNCTIONS.HEALTH]", HEALTH),
    (HEALTH, "[[functions]]", HEALTH),
    (HEALTH, "[[functions]]\nname = \"health\"", HEALTH),
    (HEALTH, "[functions.very.health]", HEALTH),
    (HEALTH, "[functions.Health]", "write `health`"),
    (HEALTH, "[functions.he_alth]", "write `health`"),
    (HEALTH, "[functions.deep_health]", "write `health`"),
    (HEALTH, "[functions.\"very.health\"]", "write `health`"),
    (DEEP, "[functions.Deep_Health]", "write `deep-health`"),
    (
        "suffix = \"main\"",
        "suffix = \"m\u{430}in\"",
        "write `main`",
    ),
    (
        GET_HEALTH,
        "[api.routes.\"GET https://x/health\"]",
        "write \"GET /health\"",
    ),
    (
        GET_HEALTH,
        "[api.routes.\"https://x/health\"]",
        "write \"GET /health\"",
    ),
    (
        GET_HEALTH,
        "[api.routes.\"get https://x/health\"]",
        "write \"GET /health\"",
    ),
    (
        GET_HEALTH,
        "[api.routes.\"GET https://x:8080/health?deep=1\"]",
        "write \"GET /health\"",
    ),
    (
        GET_HEALTH,
        "[api.routes.\"GET /health?deep=1\"]",
        "write \"GET /health\"",
    ),
    (
        GET_HEALTH,
        "[api.routes.\"/health GET\"]",
        "write \"GET /health\"",
    ),
    (
        GET_HEALTH,
        "[api.routes.\"GET,/health\"]",
        "write \"GET /health\"",
    ),
    (
        "[load_balancer.routes.\"/health\"]",
        "[load_balancer.routes.\"https://x/health\"]",
        "write \"/health\"",
    ),
    (
        "\"10.40.0.0/16\"",
        "\"10.040.0.0/16\"",
        "write \"10.40.0.0/16\"",
    ),
    (
        "\"10.40.0.0/16\"",
        "\"10.040.7.0/16\"",
        "write \"10.40.0.0/16\"",
    ),
    (
        "\"192.0.2.0/24\"",
        "\"192.000.002.000/24\"",
        "write \"192.0.2.0/24\"",
    ),
    (
        "\"192.0.2.0/24\"",
        "\"192.000.002.7\"",
        "write \"192.0.2.7/32\"",
    ),
    (OWNER, "uses = [\"database\"]", OWNER),
    (OWNER, "uses = \"database\"", OWNER),
    (OWNER, "uses = true", OWNER),
    (WRITER, "uses = [\"database\", \"audit\"]", WRITER),
    (HEALTH, "[health]", HEALTH),
    (DEEP, "[functions.deep health]", DEEP),
    (DEEP, "[functions.deep:health]", DEEP),
    (DEEP, "[functions.health/deep]", DEEP),
    (DEEP, "[functions.deep.health]", DEEP),
    (DEEP, "[deep-health]", DEEP),
    ("[functions.migrate]", "[migrate]", "[functions.migrate]"),
    (
        "[api.plans.partner]",
        "[plans.partner]",
        "[api.plans.partner]",
    ),
    ("[api.plans.partner]", "[partner]", "[api.plans.partner]"),
    (
        "[api.routes.\"GET /health\"]",
        "[routes.\"GET /health\"]",
        "[api.routes.\"GET /health\"]",
    ),
    (
        "[api.routes.\"GET /health\"]",
        "[\"GET /health\"]",
        "[api.routes.\"GET /health\"]",
    ),
    (
        "[payments.merchants.mer_acme0001]",
        "[merchants.mer_acme0001]",
        "[payments.merchants.mer_acme0001]",
    ),
    (STORAGE, "database.storage_gib = 20", "storage_gib"),
    (
        "memory_mib = 128",
        "functions.health.memory_mib = 128",
        "memory_mib",
    ),
    ("[database] ", "\u{feff}[database] ", "[database]"),
    ("[database] ", "\u{a0}\n[database] ", "remove it"),
    ("[database] ", "\u{c}\n[database] ", "remove it"),
    (STORAGE, "\u{feff}storage_gib = 20", STORAGE),
    (STORAGE, "/* enough */\nstorage_gib = 20", "# enough"),
    (STORAGE, "<!-- enough -->\nstorage_gib = 20", "# enough"),
    (
        STORAGE,
        "/*\n * enough\n * for now\n */\nstorage_gib = 20",
        "write `#` before each line",
    ),
    ("[database] ", "---\n[database] ", "remove the line"),
    ("[database] ", "==========\n[database] ", "remove the line"),
    ("storage_gib = 20\n", "storage_gib = 20\r", "let the editor"),
];

#[test]
fn misplaced_lines_are_reported_once_with_the_right_place() {
    let spec = fs::read_to_string(SPEC).unwrap();
    let mut wrong = Vec::new();
    for (part, typed, right) in PLACES {
        let at = spec.find(part).unwrap_or_else(|| panic!("no {part}"));
        let text = spec.replacen(part, typed, 1);
        wrong.extend(judge(&text, at..at + typed.len(), typed, right));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is not right about the one error of a text.
fn judge(text: &str, place: std::ops::Range<usize>, name: &str, right: &str) -> Vec<String> {
    let found = errors(text);
    let [error] = found.as_slice() else {
        return vec![format!("{name}: {} errors {found:#?}", found.len())];
    };
    let mut wrong = Vec::new();
    let help = error.help.as_deref().unwrap_or_default();
    if !(place.start..=place.end).contains(&error.span.start) || !help.contains(right) {
        let span = &error.span;
        wrong.push(format!("{name}: at {span:?} {} ({help})", error.label));
    }
    if error.suggestions.is_empty() {
        wrong.push(format!("{name}: nothing to apply"));
    }
    for suggestion in &error.suggestions {
        let mended = suggestion.apply(text);
        let left = errors(&mended);
        if !left.is_empty() {
            wrong.push(format!("{name}: mended, but {left:#?}"));
        }
    }
    wrong
}

#[test]
fn what_is_around_a_spec_goes_as_a_whole() {
    let spec = fs::read_to_string(SPEC).unwrap();
    let around = [
        ("```toml\n", "```\n"),
        ("~~~\n", "~~~\n"),
        ("Here it is:\n\n```toml\n", "```\n\nThat is all.\n"),
        ("---\n", ""),
        ("---\n", "...\n"),
        ("+++\n", "+++\n"),
        ("{\n", "}\n"),
        ("<?xml version=\"1.0\"?>\n", ""),
    ];
    for (before, after) in around {
        let text = format!("{before}{spec}{after}");
        let wrong = judge(&text, 0..before.len(), before, "remove the line");
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[test]
fn line_ends_of_old_systems_are_one_error() {
    let spec = fs::read_to_string(SPEC).unwrap();
    for ends in ["\r", "\r\r\n"] {
        let text = spec.replace('\n', ends);
        let first = text.find('\r').unwrap();
        let wrong = judge(&text, first..first, ends, "let the editor");
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[test]
fn a_key_of_the_top_belongs_before_the_first_table() {
    let spec = fs::read_to_string(SPEC).unwrap();
    let without = spec.replacen("version = 1\n", "", 1);
    let end = format!("{without}\nversion = 1\n");
    let within = without.replacen("[network]\n", "[network]\nversion = 1\n", 1);
    for text in [end.clone(), within, format!("\u{feff}{end}")] {
        let at = text.find("\nversion = 1").unwrap() + 1;
        let help = "move the line to the top of the file, before the first table";
        let wrong = judge(&text, at..at, "version", help);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[test]
fn a_key_of_another_table_is_reported_with_that_table() {
    let spec = fs::read_to_string(SPEC).unwrap();
    let cidr = "cidr = \"10.40.0.0/16\"\n";
    let without = spec.replacen(cidr, "", 1);
    for moved in [
        "cidr = \"10.40.0.0/16\"\n",
        "network.cidr = \"10.40.0.0/16\"\n",
    ] {
        let text = without.replacen(STORAGE, &format!("{moved}{STORAGE}"), 1);
        let found = errors(&text);
        let [error] = found.as_slice() else {
            panic!("{found:#?}");
        };
        assert_eq!(error.code, Code::UnknownKey);
        assert_eq!(
            error.help.as_deref(),
            Some("move the line under `[network]`")
        );
        assert_eq!(error.span.start, text.find(moved).unwrap());
    }
}

#[test]
fn an_empty_file_is_reported_with_the_way_to_a_first_spec() {
    for text in ["", "\n \n", "# nothing yet\n", "\u{feff}"] {
        let found = errors(text);
        let [error] = found.as_slice() else {
            panic!("{text:?}: {found:#?}");
        };
        assert_eq!(error.message, "the spec is empty");
        assert!(error.help.as_deref().unwrap().contains("`paystagec init`"));
    }
}

#[test]
fn a_file_that_was_cut_off_is_one_error_at_its_end() {
    let spec = fs::read_to_string(SPEC).unwrap();
    let lines: Vec<&str> = spec.lines().collect();
    for count in [8, 10, 12, 15, 20, 28, 40, 50, 60] {
        let text = format!("{}\n", lines[..count].join("\n"));
        let found = errors(&text);
        let [error] = found.as_slice() else {
            panic!("{count} lines: {found:#?}");
        };
        assert_eq!(error.message, "the file ends early");
        assert_eq!(error.span.start, text.trim_end().len());
    }
    for end in [
        "t4g.medium",
        "mory_mib = 512",
        "GET /payments",
        "100_000, period",
    ] {
        let text = &spec[..spec.find(end).unwrap()];
        let found = errors(text);
        let [error] = found.as_slice() else {
            panic!("before {end}: {found:#?}");
        };
        let line = text.rfind('\n').unwrap();
        assert!(error.span.start > line, "before {end}: {error:#?}");
        assert!(error.suggestions.is_empty(), "{error:#?}");
    }
}
