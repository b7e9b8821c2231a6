//! The spec that the team uses, read and resolved.

use std::path::Path;

use paystagec::compile_environment;
use paystagec::diagnostic::{Code, render};
use paystagec::emit::assets::packaged_files;
use paystagec::emit::emit;
use paystagec::load::Disk;
use paystagec::origin::Origin;
use paystagec::stack::graph::{Stack, references};
use paystagec::stack::places::Places;

const SPEC: &str = "spec/staging.toml";

fn staging() -> paystagec::resolve::environment::Environment {
    let text = std::fs::read_to_string(SPEC).expect("the spec");
    let (environment, diagnostics) = compile_environment(
        &text,
        SPEC,
        &Disk::beside(Path::new(SPEC)),
        "2026-06-01".parse().expect("a date"),
    );
    // A warning says how long PostgreSQL 14 is still supported; the requirement asks for it all the same.
    assert!(
        diagnostics
            .iter()
            .all(|diagnostic| diagnostic.code == Code::EngineEndOfSupport && !diagnostic.is_error()),
        "{}",
        render(&diagnostics, SPEC, &text, false)
    );
    environment.expect("no error")
}

#[test]
fn the_spec_is_short() {
    let lines = std::fs::read_to_string(SPEC).unwrap().lines().count();
    assert!(lines < 125, "{lines}");
}

#[test]
fn it_resolves_without_a_warning_about_itself() {
    let environment = staging();
    assert_eq!(*environment.name, "staging");
    assert_eq!(environment.network.zones.len(), 3);
    let zone = &environment.network.zones[2];
    assert_eq!(zone.private_cidr.value.to_string(), "10.40.176.0/20");
    let names: Vec<_> = environment
        .functions
        .iter()
        .map(|function| (function.key.as_str(), function.short_name.as_str()))
        .collect();
    assert_eq!(
        names,
        [
            ("validate-payment", "validate"),
            ("payment-status", "payment"),
            ("audit-relay", "audit"),
            ("migrate", "migrate"),
            ("health", "health"),
            ("deep-health", "deep"),
        ]
    );
    let route = &environment.api.routes[0];
    assert_eq!(
        (route.method.as_str(), route.path.as_str()),
        ("POST", "/payments/validate")
    );
    assert_eq!(route.body.as_ref().unwrap().name, "payment");
}

#[test]
fn every_value_knows_where_it_came_from() {
    let environment = staging();
    let text = std::fs::read_to_string(SPEC).unwrap();
    let Origin::Spec { key, span } = &environment.database.storage_gib.origin else {
        panic!("not from the spec");
    };
    assert_eq!(key, "database.storage_gib");
    assert_eq!(&text[span.clone()], "20");
    assert_eq!(
        environment.database.max_storage_gib.origin,
        Origin::Default("database.max_storage_gib")
    );
    assert_eq!(
        environment.database.alarm_connections.origin,
        Origin::Derived(vec!["database.instance_class".to_owned()])
    );
    assert_eq!(*environment.database.alarm_connections, 360);
}

/// A comparison reads no other file of the project.
#[test]
fn what_is_packaged_is_what_the_project_has_of_it() {
    let environment = staging();
    let stack = Stack::build(&environment).unwrap();
    let mut packaged = emit(&environment, &stack).unwrap().files;
    let is_packaged = |path: &str| {
        path.starts_with("functions/")
            || path.starts_with("certificates/")
            || path == "requirements.txt"
    };
    packaged.retain(|file| is_packaged(&file.path));
    assert!(packaged.len() > 20, "{}", packaged.len());
    assert_eq!(packaged_files(&environment), packaged);
}

#[test]
fn the_index_finds_what_a_search_finds() {
    let environment = staging();
    let stack = Stack::build(&environment).unwrap();
    let places = Places::of(&stack);
    let mut found = 0;
    for member in stack.members() {
        for target in references(member.resource) {
            let names = |members: Vec<paystagec::stack::graph::Member<'_>>| -> Vec<String> {
                let names = members.iter();
                names
                    .map(|one| format!("{} {}", one.component.path, one.logical()))
                    .collect()
            };
            let searched = names(stack.targets(target, member.row));
            found += searched.len();
            assert_eq!(names(places.targets(target, member.row)), searched);
        }
    }
    assert!(found > 200, "{found}");
}
