//! What `compare` says of a version of PostgreSQL near the end of its support.

use serde_json::Value as Json;

use super::{HEAD, SPEC};
use crate::project::{Project, stderr, stdout};

const VERSION: &str = "version = \"14\"";

/// As of a day.
fn compared_on(project: &Project, day: &str) -> Json {
    let arguments = ["compare", HEAD, SPEC, "--format", "json", "--today", day];
    serde_json::from_str(&stdout(&project.run(&arguments).success())).unwrap()
}

#[test]
fn what_was_deployed_before_its_support_ended_can_still_be_compared() {
    let project = Project::new().committed();
    let late = ["compare", HEAD, SPEC, "--today", "2027-06-01"];
    // The new spec is what has the error.
    let refused = stderr(&project.run(&late).code(1));
    assert!(
        refused.contains("error[engine-end-of-support]: PostgreSQL 14 left RDS standard support")
    );
    assert!(!refused.contains(HEAD), "{refused}");

    project.edit(VERSION, "version = \"17\"");
    let waiver = "\n[[waivers]]\nrequirement = \"DB-1\"\nreason = \"14 has ended\"\nowner = \"payments\"\nexpires = 2027-12-31\n";
    let spec = project.read(SPEC) + waiver;
    std::fs::write(project.path(SPEC), spec).unwrap();
    let found = compared_on(&project, "2027-06-01");
    assert_eq!(found["refusals"], Json::Array(Vec::new()));
    assert_eq!(found["data"], Json::Array(Vec::new()));
    assert_eq!(found["outage"][0]["when"], "at-once");
    assert_eq!(found["way_back"]["restores_all"], false);
    assert!(found["time"]["seconds"].as_u64().unwrap() > 1_800);
    let since = stdout(
        &project
            .run(&["build", SPEC, "--today", "2027-06-01"])
            .code(0),
    );
    let line = since.lines().last().unwrap();
    assert!(
        line.starts_with("since HEAD: 1 update, 1 replacement; "),
        "{line}"
    );

    // And there is no way back: what the upgrade cannot undo is refused.
    project.git(&["commit", "--quiet", "--all", "-m", "an upgrade"]);
    project.edit("version = \"17\"", VERSION);
    let spec = project.read(SPEC).replace(waiver, "");
    std::fs::write(project.path(SPEC), spec).unwrap();
    let back = compared_on(&project, "2026-12-01");
    let [refusal] = back["refusals"].as_array().unwrap().as_slice() else {
        panic!("{back}");
    };
    assert_eq!(refusal["error"], "InvalidParameterCombination");
    assert_eq!(refusal["name"], "database");
    let denied = [
        "compare",
        HEAD,
        SPEC,
        "--today",
        "2026-12-01",
        "--deny",
        "refusals",
    ];
    project.run(&denied).code(1);
}

#[test]
fn extended_support_costs_from_the_day_on_which_it_is_billed() {
    let project = Project::new().committed();
    project.edit(VERSION, "version = \"14\"\nextended_support = true");
    let usd = |found: &Json, when: &str| found["cost"][when]["usd"].as_f64().unwrap();
    for (day, more, words) in [
        (
            "2026-12-01",
            0.0,
            "after 2027-02-28, extended support adds 292 USD",
        ),
        ("2027-03-01", 292.0, "292 USD of it"),
        ("2029-03-01", 584.0, "584 USD of it"),
    ] {
        let found = compared_on(&project, day);
        assert!(
            (usd(&found, "after") - usd(&found, "before") - more).abs() < 0.01,
            "{day}"
        );
        assert_eq!(found["cost"]["before"]["extended_support"], Json::Null);
        let told = found["cost"]["after"]["extended_support"].as_str().unwrap();
        assert!(told.starts_with(words), "{told}");
        let plan = stdout(&project.run(&["plan", SPEC, "--today", day]).code(0));
        assert!(plan.contains(told), "{plan}");
    }
}
