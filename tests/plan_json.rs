//! `docs/plan-json.md` says what `plan --json` prints: every key and form that is printed stands there, and every one that stands
//! there is printed.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::BTreeSet;
use std::path::Path;

use assert_cmd::cargo::cargo_bin_cmd;
use serde_json::{Map, Value};

type Names = BTreeSet<String>;

fn plan() -> Map<String, Value> {
    plan_of("spec/staging.toml", "")
}

/// The plan of a spec, with the last day of its overrides before `--today`.
fn plan_of(spec: &str, today: &str) -> Map<String, Value> {
    let mut arguments = vec!["plan", spec, "--json"];
    if !today.is_empty() {
        arguments.extend(["--today", today]);
    }
    let run = cargo_bin_cmd!("paystagec")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .assert()
        .code(0);
    serde_json::from_slice(&run.get_output().stdout).unwrap()
}

/// The plan of the team's spec with an override of an argument that is there, and of one that is not.
fn overridden() -> Map<String, Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::TempDir::new().unwrap();
    let spec = folder.path().join("staging.toml");
    let text = std::fs::read_to_string(root.join("spec/staging.toml")).unwrap();
    std::fs::write(&spec, text + OVERRIDES).unwrap();
    for file in ["schemas/payment.json", "certificates/ca.pem"] {
        let copy = folder.path().join(file);
        std::fs::create_dir(copy.parent().unwrap()).unwrap();
        std::fs::copy(root.join("spec").join(file), copy).unwrap();
    }
    plan_of(spec.to_str().unwrap(), "2026-12-01")
}

const OVERRIDES: &str = "
[overrides.\"database.instance\"]
argument = \"monitoring_interval\"
value = 30
replaces = 60
reason = \"a load test\"
owner = \"payments-platform\"
expires = 2027-03-01

[overrides.\"network.private_subnet\"]
argument = \"enable_resource_name_dns_a_record_on_launch\"
value = true
reason = \"names in the resolver's logs\"
owner = \"payments-platform\"
expires = 2027-03-01
";

/// First column of the table under a heading.
fn documented(heading: &str) -> Names {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/plan-json.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, section) = text.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| row.split('`').next().unwrap().to_owned())
        .collect()
}

fn keys(object: &Value) -> Names {
    object.as_object().unwrap().keys().cloned().collect()
}

fn resources(plan: &Map<String, Value>) -> &[Value] {
    plan["resources"].as_array().unwrap()
}

/// Calls `visit` with the one key of every object among expressions.
fn walk(expression: &Value, visit: &mut dyn FnMut(&str, &Value)) {
    match expression {
        Value::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        Value::Object(form) => {
            assert_eq!(form.len(), 1, "{expression}");
            let (key, value) = form.iter().next().unwrap();
            visit(key, value);
            match key.as_str() {
                "map" => value
                    .as_object()
                    .unwrap()
                    .values()
                    .for_each(|value| walk(value, visit)),
                "concat" | "json" | "fingerprint" => walk(value, visit),
                _ => {}
            }
        }
        Value::Null => panic!("an expression without a value"),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn expressions(plan: &Map<String, Value>) -> Vec<&Value> {
    let arguments = resources(plan)
        .iter()
        .flat_map(|resource| resource["arguments"].as_object().unwrap().values());
    arguments
        .chain(plan["exports"].as_object().unwrap().values())
        .collect()
}

#[test]
fn documents_and_resources_have_the_keys_that_are_documented() {
    let plan = plan();
    assert_eq!(plan["format_version"], 1);
    assert_eq!(
        plan.keys().cloned().collect::<Names>(),
        documented("Document")
    );
    let documented = documented("Resource");
    for resource in resources(&plan) {
        assert_eq!(keys(resource), documented);
        assert_eq!(keys(&resource["arguments"]), keys(&resource["origins"]));
        for text in ["component", "type", "name", "class", "variable"] {
            assert!(!resource[text].as_str().unwrap().is_empty(), "{resource}");
        }
        let order = &resource["delete_before_replace"];
        assert!(order.is_boolean() || order.is_null());
    }
}

#[test]
fn addresses_are_unique_and_all_that_is_referred_to_is_there() {
    let plan = plan();
    let address = |value: &Value| {
        let part = |key: &str| value[key].as_str().unwrap().to_owned();
        [part("component"), part("type"), part("name")]
    };
    let all: BTreeSet<_> = resources(&plan).iter().map(address).collect();
    assert_eq!(all.len(), resources(&plan).len());
    for resource in resources(&plan) {
        for target in resource["depends_on"].as_array().unwrap() {
            assert_eq!(target.as_object().unwrap().len(), 3, "{target}");
            assert!(all.contains(&address(target)), "{target}");
        }
    }
    for expression in expressions(&plan) {
        walk(expression, &mut |key, value| {
            if key == "output" {
                assert!(all.contains(&address(value)), "{value}");
                assert!(value["field"].is_string() && value["path"].is_string());
            }
        });
    }
}

#[test]
fn expressions_have_the_forms_that_are_documented() {
    let plan = plan();
    let mut forms = Names::new();
    for expression in expressions(&plan) {
        walk(expression, &mut |key, value| {
            forms.insert(key.to_owned());
            match key {
                "name" | "alphanumeric_name" | "tags" => {
                    assert_eq!(keys(value), ["kind".to_owned(), "role".to_owned()].into());
                }
                "account_id" | "region" | "environment" | "suffix" | "libraries_layer" => {
                    assert_eq!(value, true);
                }
                "file_text" => assert!(value.is_string()),
                _ => {}
            }
        });
    }
    assert_eq!(forms, documented("Expression"));
}

#[test]
fn origins_have_the_forms_that_are_documented() {
    let plan = plan();
    let spec =
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("spec/staging.toml")).unwrap();
    let mut forms = Names::new();
    for resource in resources(&plan) {
        for origin in resource["origins"].as_object().unwrap().values() {
            forms.extend(keys(origin));
            if let Some(span) = origin.get("span") {
                let at = |index: usize| usize::try_from(span[index].as_u64().unwrap()).unwrap();
                let key = origin["spec"].as_str().unwrap();
                assert!(!spec[at(0)..at(1)].contains(&b'\n'), "{key}");
            }
        }
    }
    let mut replaced = Vec::new();
    for resource in resources(&overridden()) {
        for origin in resource["origins"].as_object().unwrap().values() {
            forms.extend(keys(origin));
            let Some(set) = origin.get("override") else {
                continue;
            };
            let expected = ["expires", "owner", "reason", "replaces", "span", "spec"];
            assert_eq!(keys(set), expected.map(str::to_owned).into());
            assert_eq!(set["expires"], "2027-03-01");
            replaced.push(set["replaces"].clone());
        }
    }
    // One database, and three subnets of one family.
    assert_eq!(replaced.len(), 4);
    assert_eq!(replaced.iter().filter(|value| **value == 60).count(), 1);
    assert_eq!(replaced.iter().filter(|value| value.is_null()).count(), 3);
    assert_eq!(forms, documented("Origin"));
}
