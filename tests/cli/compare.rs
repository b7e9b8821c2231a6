//! `paystagec compare`: two specs, or revisions of the git repository.

use std::process::Command;

use serde_json::Value as Json;

use crate::project::{Project, stderr, stdout};

fn git(project: &Project, arguments: &[&str]) {
    let done = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
        .args(arguments)
        .current_dir(project.folder.path())
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
}

/// A project in a git repository, its spec committed.
fn committed() -> Project {
    let project = Project::new();
    git(&project, &["init", "--quiet"]);
    git(&project, &["add", "."]);
    git(&project, &["commit", "--quiet", "-m", "a spec"]);
    project
}

fn compared(project: &Project, old: &str, new: &str) -> Json {
    let run = project.run(&["compare", old, new, "--format", "json"]);
    serde_json::from_str(&stdout(&run.success())).unwrap()
}

const HEAD: &str = "HEAD:spec/staging.toml";
const SPEC: &str = "spec/staging.toml";

#[test]
fn the_spec_against_the_last_commit() {
    let project = committed();
    let nothing = compared(&project, HEAD, SPEC);
    assert_eq!(nothing["steps"], Json::Array(Vec::new()));
    assert_eq!(nothing["only_in_preview"], Json::Array(Vec::new()));

    project.edit("storage_gib = 20", "storage_gib = 40");
    let found = compared(&project, HEAD, SPEC);
    let [step] = found["steps"].as_array().unwrap().as_slice() else {
        panic!("{found}");
    };
    assert_eq!(step["op"], "update");
    assert_eq!(step["type"], "aws:rds/instance:Instance");
    assert_eq!(step["name"], "database");
    assert_eq!(step["order"], Json::Null);
    let [because] = step["because"].as_array().unwrap().as_slice() else {
        panic!("{step}");
    };
    assert_eq!(because["argument"], "allocated_storage");
    assert_eq!((&because["old"], &because["new"]), (&20.into(), &40.into()));
    assert_eq!(because["keys"][0]["key"], "database.storage_gib");
    let dearer = |when: &str| found["cost"][when]["usd"].as_f64().unwrap();
    assert!((dearer("after") - dearer("before") - 20.0 * 0.23).abs() < 0.01);
    let line = because["keys"][0]["new_line"].as_u64().unwrap();
    let spec = project.read(SPEC);
    let line = spec
        .lines()
        .nth(usize::try_from(line).unwrap() - 1)
        .unwrap();
    assert!(line.starts_with("storage_gib = 40"), "{line}");
}

#[test]
fn files_that_the_spec_names_are_those_of_its_revision() {
    let project = committed();
    let schema = "spec/schemas/payment.json";
    let text = project.read(schema);
    std::fs::write(
        project.path(schema),
        text.replacen("\"description\": \"", "\"description\": \"Another. ", 1),
    )
    .unwrap();
    let found = compared(&project, HEAD, SPEC);
    let steps = found["steps"].as_array().unwrap();
    let names: Vec<&str> = steps
        .iter()
        .map(|step| step["type"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"aws:apigateway/model:Model"), "{names:?}");
    let back = compared(&project, SPEC, HEAD);
    assert_eq!(back["steps"].as_array().unwrap().len(), steps.len());
}

#[test]
fn what_cannot_be_read_is_said_with_its_reason() {
    let project = committed();
    for (old, says) in [
        (
            "nowhere:spec/staging.toml",
            "git knows no revision `nowhere`",
        ),
        ("HEAD:spec/other.toml", "no such file in this revision"),
        ("--help:spec/staging.toml", "unexpected argument"),
        ("missing.toml", "cannot read missing.toml"),
    ] {
        let run = project.run(&["compare", old, SPEC]);
        let error = stderr(&run.code(2));
        assert!(error.contains(says), "{old}: {error}");
    }
    let alone = Project::new();
    let error = stderr(&alone.run(&["compare", HEAD, SPEC]).code(2));
    assert!(error.contains("not a git repository"), "{error}");
}

#[test]
fn a_spec_that_does_not_compile_is_reported() {
    let project = committed();
    project.edit("storage_gib = 20", "storage_gib = 2");
    let error = stderr(&project.run(&["compare", HEAD, SPEC]).code(1));
    assert!(error.contains("error[out-of-range]"), "{error}");
    assert!(error.contains("spec/staging.toml has 1 error"), "{error}");
}
