//! Two environments beside each other, and what the class production protects.

use crate::project::{Project, stderr, stdout};

#[test]
fn two_environments_stand_beside_each_other_with_the_cause_of_each_difference() {
    let project = Project::new();
    let specs = ["spec/staging.toml", "spec/production.toml"];
    let text = stdout(
        &project
            .run(&[&["compare"], &specs[..], &["--today", "2026-12-01"]].concat())
            .code(0),
    );
    for line in [
        "staging (class staging): ",
        "production (class production): ",
        "rds.Instance database `deletion_protection`: false → true",
        "rds.Instance database `instance_class`: \"db.t4g.medium\" → \"db.m6g.large\"",
        "apigateway.UsagePlan integration: in staging only",
        "by the class and monitoring.notify",
        "environment.monthly_budget_usd (line 11)",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let cause = |part: &str| {
        let line = text.lines().find(|line| line.contains(part)).unwrap();
        line.rsplit("  by ").next().unwrap().to_owned()
    };
    assert_eq!(cause("database `deletion_protection`"), "the class");
    assert_eq!(
        cause("database `instance_class`"),
        "database.instance_class (line 18)"
    );
    assert_eq!(cause("flow-logs `retention_in_days`"), "the class");
    assert!(cause("UsagePlan integration").ends_with("left out)"));
    // It is no deployment.
    assert!(
        !text.contains("refused") && !text.contains("data lost"),
        "{text}"
    );
    let json = stdout(
        &project
            .run(&[&["compare"], &specs[..], &["--format", "json"]].concat())
            .code(0),
    );
    let found: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(found["new"]["class"], "production");
    let markdown = stdout(
        &project
            .run(&[&["compare"], &specs[..], &["--format", "markdown"]].concat())
            .code(0),
    );
    assert!(markdown.contains("**database**"), "{markdown}");
    let denied = project
        .run(&[&["compare"], &specs[..], &["--deny", "data"]].concat())
        .code(2);
    assert!(stderr(&denied).contains("these are two"));
}

#[test]
fn what_production_protects_is_never_made_anew() {
    let project = Project::new().committed();
    let text = std::fs::read_to_string(project.path("spec/production.toml")).unwrap();
    let renamed = text.replace(
        "storage_gib = 100\n",
        "storage_gib = 100\nname = \"ledger\"\n",
    );
    std::fs::write(project.path("spec/production.toml"), renamed).unwrap();
    let specs = ["HEAD:spec/production.toml", "spec/production.toml"];
    let said = stdout(
        &project
            .run(&[&["compare"], &specs[..], &["--today", "2026-12-01"]].concat())
            .code(0),
    );
    assert!(said.contains("is protected, since it holds data"), "{said}");
}
