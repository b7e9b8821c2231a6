//! What a help proposes to type is right: each suggestion is applied, to every case of diagnostics and to the committed spec with one
//! value changed, and the diagnostic is gone, without another error in its place.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use paystagec::compile::compile;
use paystagec::diagnostic::{Diagnostic, Severity};
use paystagec::load::Disk;

const TODAY: &str = "2026-06-01";
const CASES: &str = "tests/diagnostics";
const SPEC: &str = "spec/staging.toml";

fn diagnose(spec: &Path, text: &str) -> Vec<Diagnostic> {
    let today = TODAY.parse().expect("a date");
    let compilation = compile(text, "spec.toml", &Disk::beside(spec), today);
    compilation.expect("no defect").diagnostics
}

/// What distinguishes one finding from the others, wherever it stands.
fn name(found: &Diagnostic) -> (&'static str, String) {
    (found.code.as_str(), found.message.clone())
}

fn line(text: &str, at: usize) -> usize {
    text.get(..at)
        .map_or(0, |before| before.matches('\n').count())
}

/// What does not come out right when the suggestions of a text are applied one by one; and how many there were.
fn failures(spec: &Path, text: &str) -> (usize, Vec<String>) {
    let before = diagnose(spec, text);
    let known: BTreeSet<_> = before.iter().map(name).collect();
    let mut count = 0;
    let mut wrong = Vec::new();
    for found in &before {
        for suggestion in &found.suggestions {
            count += 1;
            let mended = suggestion.apply(text);
            let after = diagnose(spec, &mended);
            let help = found.help.as_deref().unwrap_or_default();
            let said = format!("{}: {} ({help})", spec.display(), found.message);
            if after.iter().any(|left| {
                name(left) == name(found)
                    && line(&mended, left.span.start) == line(text, found.span.start)
            }) {
                wrong.push(format!("{said}: still there\n{mended}"));
            }
            for new in after.iter().filter(|new| new.severity == Severity::Error) {
                let near =
                    line(&mended, new.span.start).abs_diff(line(text, found.span.start)) <= 1;
                let is_revealed = REVEALED.iter().any(|part| new.message.contains(part));
                if near && !is_revealed && !known.contains(&name(new)) {
                    wrong.push(format!("{said}: then {} ({})", new.message, new.label));
                }
            }
        }
    }
    (count, wrong)
}

/// What can be found only once the value is right, and was wrong in the file before.
const REVEALED: &[&str] = &[
    "missing key `state.",
    "of `database.instance` cannot be set yet",
    "is not a usable extension",
];

/// Whether a help shows what to type, and is no advice.
fn proposes(help: &str) -> bool {
    let begins = ["write `", "write \"", "did you mean ", "remove the line"];
    let example = help.contains('<')
        || help.contains(", with an address of yours")
        || help.contains(" or \"");
    begins.iter().any(|begin| help.starts_with(begin)) && !example
        || help.starts_with("add `")
            && help.contains(" = ")
            && help.ends_with('`')
            && !help.contains("[`")
}

#[test]
fn what_a_help_proposes_is_a_suggestion_that_mends() {
    let mut wrong = Vec::new();
    let mut count = 0;
    let mut bare = Vec::new();
    for entry in fs::read_dir(CASES).expect("the folder of cases") {
        let spec = entry.expect("an entry").path().join("spec.toml");
        let text = fs::read_to_string(&spec).expect("a spec");
        for found in diagnose(&spec, &text) {
            let help = found.help.clone().unwrap_or_default();
            // What is wrong with a schema, a function or an extension is mended in its own file.
            let is_elsewhere = matches!(
                found.code.as_str(),
                "body-schema" | "function-entry" | "function-syntax" | "invalid-extension"
            );
            let is_here = !is_elsewhere || !found.suggestions.is_empty();
            if is_here && proposes(&help) && found.suggestions.is_empty() && !found.is_waived {
                bare.push(format!("{}: {help}", spec.display()));
            }
        }
        let (some, failed) = failures(&spec, &text);
        count += some;
        wrong.extend(failed);
    }
    bare.sort();
    wrong.sort();
    assert!(
        bare.is_empty(),
        "no suggestion behind these:\n{}",
        bare.join("\n")
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 60, "{count}");
}

/// A line of the committed spec, and what stands there instead.
const VALUES: &[(&str, &str)] = &[
    ("storage_gib = 20", "storage_gb = 40"),
    ("storage_gib = 20", "storage-gib = 20"),
    ("storage_gib = 20", "storage_gib = 65536"),
    ("storage_gib = 20", "storage_gib = 60000"),
    (
        "storage_gib = 20",
        "storage_gib = 100\nmax_storage_gib = 100",
    ),
    (
        "storage_gib = 20",
        "storage_gib = 20\nmax-storage-gib = 100",
    ),
    ("storage_gib = 20", "storage_gib = \"20GB\""),
    ("storage_gib = 20", "storage_gib = 20.0"),
    ("storage_gib = 20", "storage_gib = 5"),
    ("storage_gib = 20", "storage_gib = 20\nmulti_az = false"),
    ("memory_mib = 512", "memory_mib = \"512MB\""),
    ("memory_mib = 512", "memory = 512"),
    ("memory_mib = 512", "memory_mib = 64"),
    ("version = \"14\"", "version = 14"),
    ("version = 1\n", "version = \"1\"\n"),
    ("version = 1\n", "version = 2\n"),
    ("real_card_data = false", "real_card_data = \"no\""),
    ("real_card_data = false", "real_card_data = 0"),
    (
        "migration_date = 2026-12-01",
        "migration_date = \"2026-12-01\"",
    ),
    (
        "migration_date = 2026-12-01",
        "migration_date = \"12/01/2026\"",
    ),
    (
        "migration_date = 2026-12-01",
        "migration_date = 2026-12-01T00:00:00Z",
    ),
    ("owner = \"payments-platform\"", "owner = true"),
    (
        "owner = \"payments-platform\"",
        "owner = [\"payments-platform\"]",
    ),
    (
        "zones = [\"use1-az1\", \"use1-az2\", \"use1-az4\"]",
        "zones = \"us-east-1a\"",
    ),
    (
        "zones = [\"use1-az1\", \"use1-az2\", \"use1-az4\"]",
        "zones = [\"use1-az1\"]",
    ),
    ("uses = { database = \"read\" }", "uses = \"database\""),
    ("uses = { database = \"read\" }", "uses = \"read\""),
    ("uses = { database = \"read\" }", "uses = [\"database\"]"),
    (
        "uses = { database = \"read\" }",
        "uses = { databse = \"read\" }",
    ),
    (
        "uses = { database = \"read\" }",
        "uses = { database = \"reed\" }",
    ),
    (
        "throttle = { rate_per_second = 50, burst = 100 }",
        "throttle = 50",
    ),
    (
        "throttle = { rate_per_second = 50, burst = 100 }",
        "throttle = { rate_per_second = 50, burst = 10 }",
    ),
    (
        "quota = { requests = 100_000, period = \"month\" }",
        "quota = 100_000",
    ),
    (
        "quota = { requests = 100_000, period = \"month\" }",
        "quota = { requests = 100_000 }",
    ),
    (
        "velocity = { payments = 600, seconds = 60 }",
        "velocity = 600",
    ),
    (
        "notify = [\"email:payments-oncall@example.com\"]",
        "notify = \"email:payments-oncall@example.com\"",
    ),
    ("cidr = \"10.40.0.0/16\"", "cidr = \"10.40.0.0/33\""),
    ("cidr = \"10.40.0.0/16\"", "cidr = \"10.40.0.0\""),
    ("cidr = \"10.40.0.0/16\"", "cidr = \"10.40.7.0/16\""),
    ("cidr = \"10.40.0.0/16\"", "cidr = \"10.40.0.0/12\""),
    ("cidr = \"10.40.0.0/16\"", "cidr = \"10.40.0.0/28\""),
    ("\"192.0.2.0/24\"", "\"192.0.2.0/33\""),
    ("\"192.0.2.0/24\"", "\"192.0.2.7\""),
    (
        "[load_balancer.routes.\"/health\"]",
        "[load_balancer.routes.'\"/health\"']",
    ),
    (
        "[load_balancer.routes.\"/health\"]",
        "[load_balancer.routes.\"GET /health\"]",
    ),
    (
        "[load_balancer.routes.\"/health\"]",
        "[load_balancer.routes.\"/health/{id}\"]",
    ),
    (
        "[api.routes.\"GET /health\"]",
        "[api.routes.\"GET /health/\"]",
    ),
    (
        "[api.routes.\"GET /health\"]",
        "[api.routes.\"get /health\"]",
    ),
    ("[api.routes.\"GET /health\"]", "[api.routes.\"/health\"]"),
    (
        "[api.routes.\"GET /health\"]",
        "[api.routes.\"GET health/:id\"]",
    ),
    ("[environment]", "[[environment]]"),
    ("[environment]", "[enviroment]"),
    ("[functions.health]", "[functionshealth]"),
    ("[functions.health]", "[function.health]"),
    ("[functions.health]", "[functions.Health]"),
    (
        "instance_class = \"db.t4g.medium\"",
        "instance_class = \"db.t4g.medum\"",
    ),
    ("source = \"builtin:health\"", "source = \"builtin:helth\""),
    ("backend = \"local\"", "backend = \"locl\""),
    ("[monitoring]", "[monitoring]\nlog_retention_days = 365"),
    ("timeout_seconds = 10", "timeout_seconds = 31"),
];

#[test]
fn what_is_proposed_for_a_wrong_value_mends_it() {
    let spec = Path::new(SPEC);
    let committed = fs::read_to_string(spec).expect("the spec");
    let usual: BTreeSet<_> = diagnose(spec, &committed).iter().map(name).collect();
    let mut wrong = Vec::new();
    for (line, typed) in VALUES {
        assert!(committed.contains(line), "no line {line}");
        let text = committed.replacen(line, typed, 1);
        let found = diagnose(spec, &text);
        let new: Vec<&Diagnostic> = found
            .iter()
            .filter(|found| !usual.contains(&name(found)))
            .collect();
        if new.iter().all(|found| found.suggestions.is_empty()) {
            wrong.push(format!("{typed}: nothing is proposed: {new:#?}"));
        }
        wrong.extend(failures(spec, &text).1);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_key_that_is_misspelt_is_not_missing_too() {
    let spec = Path::new(SPEC);
    let committed = fs::read_to_string(spec).expect("the spec");
    let misspelt = [
        ("storage_gib = 20", "storage_gb = 40"),
        ("cidr = \"10.40.0.0/16\"", "cdir = \"10.40.0.0/16\""),
        ("[network]", "[netwrok]"),
        ("[monitoring]", "[monitorin]"),
        ("[payments]", "[paymentss]"),
        ("[load_balancer]", "[load_balancers]"),
        ("[functions.health]", "[functions_health]"),
        ("[functions.health]", "[functionshealth]"),
        ("[functions.health]", "[function.health]"),
        ("notify = ", "notifi = "),
        ("allowed_cidrs = ", "allowed_cidr = "),
    ];
    for (line, typed) in misspelt {
        let found = diagnose(spec, &committed.replacen(line, typed, 1));
        let errors: Vec<&Diagnostic> = found.iter().filter(|found| found.is_error()).collect();
        assert_eq!(errors.len(), 1, "{typed}: {errors:#?}");
        let help = errors.first().and_then(|error| error.help.as_deref());
        assert!(
            help.unwrap_or_default().starts_with("did you mean"),
            "{help:?}"
        );
    }
}

#[test]
fn an_override_of_what_a_requirement_fixes_leads_to_no_key() {
    let spec = Path::new(SPEC);
    let committed = fs::read_to_string(spec).expect("the spec");
    let set = "\n[overrides.\"functions/health.logs\"]\nargument = \"retention_in_days\"\nvalue = 365\nreason = \"r\"\nowner = \"o\"\nexpires = 2027-01-01\n";
    let found = diagnose(spec, &format!("{committed}{set}"));
    let error = found
        .iter()
        .find(|found| found.is_error())
        .expect("an error");
    let help = error.help.as_deref().unwrap_or_default();
    assert!(help.starts_with("remove the override"), "{error:#?}");
}
