//! What a spec removes, compared with the last commit.

use crate::project::{Project, stderr};

const SPEC: &str = "spec/staging.toml";
const PARTNER: &str = "[api.plans.partner]";
const GOLD: &str = "[api.plans.gold]";
/// What a merchant says of its plan.
const ITS: (&str, &str) = ("plan = \"partner\"", "plan = \"gold\"");
const NOT_RUN: &str = "unstated-loss did not run: ";

/// What `check`, `build --check` and `build` say of a spec; all say the same.
fn said(project: &Project, code: i32, says: &str) {
    for arguments in [
        &["check", SPEC][..],
        &["build", SPEC, "--check"],
        &["build", SPEC],
    ] {
        let run = project.run(arguments);
        let error = stderr(&run);
        assert!(error.contains(says), "{arguments:?}: {error}");
        // A stale folder fails the check as well.
        if !arguments.contains(&"--check") {
            run.code(code);
        }
    }
}

#[test]
fn a_loss_that_nobody_states_stops_every_command() {
    let project = Project::built().committed();
    project.edit(PARTNER, GOLD);
    project.edit(ITS.0, ITS.1);
    said(
        &project,
        1,
        "error[unstated-loss]: the removal of `api.plans.partner`",
    );
    project.edit(GOLD, "[api.plans.gold]\nrenamed_from = \"partner\"");
    let error = stderr(&project.build().code(0));
    assert!(!error.contains("unstated-loss"), "{error}");
    project.edit("renamed_from = \"partner\"\n", "");
    project.edit(
        "version = 1\n",
        "version = 1\nremoved = [\"api.plans.partner\"]\n",
    );
    project.build().code(0);
    project.commit();
    said(&project, 0, "note[invalid-removal]: `api.plans.partner`");
}

#[test]
fn another_revision_is_compared_with() {
    let project = Project::built().committed();
    project.git(&["checkout", "--quiet", "-b", "change"]);
    project.edit(PARTNER, GOLD);
    project.edit(ITS.0, ITS.1);
    project.commit();
    project.run(&["check", SPEC]).code(0);
    let run = project.run(&["check", SPEC, "--against", "main"]).code(1);
    assert!(stderr(&run).contains("error[unstated-loss]"));
}

#[test]
fn where_nothing_can_be_compared_this_is_said() {
    let alone = Project::new();
    said(
        &alone,
        0,
        &format!("{NOT_RUN}{SPEC} is in no git repository\n"),
    );
    alone.git(&["init", "--quiet"]);
    said(&alone, 0, &format!("{NOT_RUN}HEAD has no {SPEC}\n"));

    let project = Project::built().committed();
    // As a compiler had it that knew more keys.
    project.edit("version = 1\n", "version = 1\nfuture = true\n");
    project.commit();
    project.edit("future = true\n", "");
    said(
        &project,
        0,
        &format!("{NOT_RUN}the spec in HEAD has errors"),
    );
    project.edit("name = \"staging\"", "name = \"preview\"");
    project.git(&["checkout", "--quiet", "HEAD~1", "--", SPEC]);
    project.commit();
    project.edit("name = \"staging\"", "name = \"preview\"");
    let run = project.run(&["check", SPEC]).code(0);
    let says = format!("{NOT_RUN}the spec in HEAD is of another environment\n");
    assert!(stderr(&run).contains(&says), "{}", stderr(&run));
}

#[test]
fn in_a_merge_what_the_other_side_removed_is_no_loss() {
    let project = Project::built().committed();
    project.git(&["checkout", "--quiet", "-b", "other"]);
    let plan = "[api.plans.partner]\nquota = { requests = 100_000, period = \"month\" }\nthrottle = { rate_per_second = 20, burst = 40 }\n";
    let shop = plan.replace("partner", "shop");
    project.edit(plan, &shop);
    project.edit(ITS.0, "plan = \"shop\"");
    project.commit();
    project.git(&["checkout", "--quiet", "main"]);
    project.edit("storage_gib = 20", "storage_gib = 40");
    project.commit();
    project.git(&["merge", "--quiet", "--no-commit", "other"]);
    let error = stderr(&project.run(&["check", SPEC]).code(0));
    assert!(!error.contains("unstated-loss"), "{error}");
    // What both sides have is lost.
    project.edit("use1-az4", "use1-az5");
    let error = stderr(&project.run(&["check", SPEC]).code(1));
    assert!(error.contains("`network.zones.use1-az4`"), "{error}");
}
