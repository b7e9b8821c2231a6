//! The spec that the team uses, read and resolved.

use std::path::Path;

use paystagec::compile_environment;
use paystagec::diagnostic::{Code, render};
use paystagec::load::Disk;
use paystagec::origin::Origin;

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
    assert!(lines < 120, "{lines}");
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
