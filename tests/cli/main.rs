//! The command line as its users see it: streams, exit codes, and what it does to a folder. Each test works on a copy of
//! the team's own spec.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod checkout;
mod compare;
mod editor;
mod edits;
mod explain;
mod folder;
mod formats;
mod init;
mod past;
mod pipes;
mod project;
mod readme;
mod review;
mod visible;
mod watch;
mod wishes;

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use project::{MANIFEST, Project, add_function, spec, stderr, stdout};

#[test]
fn build_says_three_things_and_the_second_writes_nothing() {
    let project = Project::new();
    let first = project.build().code(0);
    let lines: Vec<String> = stdout(&first).lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(
        lines[0].starts_with("generated: ")
            && lines[0].ends_with(" written, 0 unchanged, 0 removed")
    );
    assert!(
        lines[1].contains(" resources: keys ") && lines[1].contains(", database "),
        "{}",
        lines[1]
    );
    assert_eq!(lines[2], "1 warning");
    // One warning: how long PostgreSQL 14 is still supported.
    assert!(stderr(&first).starts_with("warning[engine-end-of-support]: "));
    assert_eq!(stderr(&first).matches("]: ").count(), 1);

    let stamp = |path: &str| {
        fs::metadata(project.path(path))
            .unwrap()
            .modified()
            .unwrap()
    };
    let paths: Vec<String> = project
        .generated()
        .into_keys()
        .chain([MANIFEST.to_owned()])
        .collect();
    let stamps = || {
        paths
            .iter()
            .map(|path| stamp(&format!("generated/{path}")))
            .collect::<Vec<_>>()
    };
    let before = stamps();
    let second = project.build().code(0);
    assert!(
        stdout(&second).starts_with("generated: 0 files written, "),
        "{}",
        stdout(&second)
    );
    assert_eq!(stamps(), before);
    assert_eq!(
        stdout(&project.check().code(0)),
        format!("generated: {} files, up to date\n", paths.len() - 1)
    );
}

#[test]
fn check_shows_the_diff_and_the_way_out_and_writes_nothing() {
    let project = Project::built();
    project.edit("storage_gib = 20", "storage_gib = 40");
    let before = project.generated();
    let check = project.check().code(1);
    assert!(
        stdout(&check).contains("--- a/components/database.py\n+++ b/components/database.py\n@@ ")
    );
    assert!(stderr(&check).contains("error: generated is stale: "));
    assert!(stderr(&check).contains("help: run `paystagec build spec/staging.toml`\n"));
    assert_eq!(project.generated(), before);
    project.build().code(0);
    project.check().code(0);
}

#[test]
fn check_of_a_missing_folder_makes_none() {
    let project = Project::new();
    let check = project
        .run(&[
            "build",
            "spec/staging.toml",
            "--check",
            "--out",
            "elsewhere",
        ])
        .code(1);
    assert!(stdout(&check).contains("--- /dev/null\n+++ b/__main__.py\n"));
    assert!(stderr(&check).contains("`paystagec build spec/staging.toml --out elsewhere`"));
    assert!(!project.path("elsewhere").exists());
}

#[test]
fn an_edit_by_hand_stops_the_build_until_it_is_given_up() {
    let project = Project::built();
    project.append("components/database.py", "# mine\n");
    project.edit("storage_gib = 20", "storage_gib = 40");
    let before = project.generated();
    let build = project.build().code(1);
    assert!(
        stderr(&build).contains("error: generated/components/database.py was edited by hand\n")
    );
    assert!(stderr(&build).contains("\n+# mine\n"));
    assert!(stderr(&build).contains("--force"));
    assert_eq!(stdout(&build), "");
    assert_eq!(project.generated(), before);
    project.check().code(1);

    let forced = project
        .run(&["build", "spec/staging.toml", "--force"])
        .code(0);
    assert!(
        stderr(&forced)
            .contains("warning: gave up the edits in generated/components/database.py\n")
    );
    assert!(
        !project
            .read("generated/components/database.py")
            .contains("# mine")
    );
}

#[test]
fn files_that_are_not_ours_are_left_alone() {
    let project = Project::new();
    fs::create_dir_all(project.path("generated/components")).unwrap();
    fs::write(project.path("generated/components/mine.py"), "mine\n").unwrap();
    fs::write(project.path("generated/README.txt"), "mine\n").unwrap();
    project.build().code(0);
    assert_eq!(project.read("generated/components/mine.py"), "mine\n");
    assert_eq!(project.read("generated/README.txt"), "mine\n");

    fs::remove_dir_all(project.path("generated")).unwrap();
    fs::create_dir_all(project.path("generated")).unwrap();
    fs::write(project.path("generated/settings.py"), "mine\n").unwrap();
    for arguments in [
        &["build", "spec/staging.toml"][..],
        &["build", "spec/staging.toml", "--force"],
    ] {
        let build = project.run(arguments).code(1);
        assert!(
            stderr(&build).contains("paystagec did not write it"),
            "{}",
            stderr(&build)
        );
        assert_eq!(project.generated().len(), 1);
        assert_eq!(project.read("generated/settings.py"), "mine\n");
    }
}

#[test]
fn what_the_spec_no_longer_yields_is_removed() {
    let project = Project::built();
    add_function(&project, "[functions.health]");
    project.build().code(0);
    assert!(
        project
            .path("generated/functions/refund/handler.py")
            .exists()
    );
    fs::copy(spec(), project.path("spec/staging.toml")).unwrap();
    let build = project.build().code(0);
    assert!(!stdout(&build).contains(" 0 removed"), "{}", stdout(&build));
    assert!(!project.path("generated/functions/refund").exists());
    assert_eq!(project.generated(), Project::built().generated());
}

#[cfg(unix)]
#[test]
fn links_are_refused() {
    let project = Project::new();
    fs::create_dir_all(project.path("elsewhere")).unwrap();
    fs::create_dir_all(project.path("generated")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", project.path("generated/components")).unwrap();
    let build = project
        .run(&["build", "spec/staging.toml", "--force"])
        .code(1);
    assert!(
        stderr(&build).contains("symbolic link"),
        "{}",
        stderr(&build)
    );
    assert_eq!(fs::read_dir(project.path("elsewhere")).unwrap().count(), 0);

    fs::remove_dir_all(project.path("generated")).unwrap();
    std::os::unix::fs::symlink("elsewhere", project.path("generated")).unwrap();
    project.build().code(1);
    assert_eq!(fs::read_dir(project.path("elsewhere")).unwrap().count(), 0);
}

#[test]
fn stack_settings_are_merged() {
    let project = Project::built();
    let path = "generated/Pulumi.staging.yaml";
    let added = "  # our own\n  paystage:extra: \"1\"\n  paystage:token:\n    secure: v1:abc\nencryptionsalt: v1:salt\n";
    let with_ours = project.read(path) + added;
    fs::write(project.path(path), &with_ours).unwrap();
    project.check().code(0);
    project.edit("suffix = \"main\"", "suffix = \"pr42\"");
    let anew = ["build", "spec/staging.toml", "--renamed-from", "staging"];
    project.run(&anew).code(0);
    assert_eq!(
        project.read(path),
        with_ours.replace("environmentSuffix: main", "environmentSuffix: pr42")
    );
}

#[test]
fn a_wrong_spec_is_reported_with_its_place_and_writes_nothing() {
    let project = Project::new();
    project.edit("storage_gib = 20", "storage_gib = \"20\"");
    for arguments in [
        &["build", "spec/staging.toml"][..],
        &["check", "spec/staging.toml"],
        &["plan", "spec/staging.toml"],
    ] {
        let run = project.run(arguments).code(1);
        assert!(
            stderr(&run).contains("spec/staging.toml:"),
            "{}",
            stderr(&run)
        );
        assert!(
            stderr(&run).contains("error: spec/staging.toml has 1 error and 1 warning"),
            "{}",
            stderr(&run)
        );
        assert_eq!(stdout(&run), "");
    }
    assert!(!project.path("generated").exists());
    fs::write(project.path("spec/staging.toml"), b"\xff").unwrap();
    assert!(stderr(&project.build().code(1)).contains("not UTF-8"));
}

#[test]
fn usage_errors_and_missing_files_are_distinguished_from_a_wrong_spec() {
    let project = Project::new();
    for arguments in [
        &["build"][..],
        &["build", "a", "b"],
        &["launch"],
        &["build", "missing.toml"],
        &[],
    ] {
        let run = project.run(arguments).code(2);
        assert_eq!(stdout(&run), "", "{arguments:?}");
    }
    fs::write(project.path("generated"), "a file").unwrap();
    project.build().code(1);
    assert!(
        stdout(&project.run(&["--help"]).code(0))
            .contains("\n  paystagec build spec/staging.toml ")
    );
    assert!(stdout(&project.run(&["build", "--help"]).code(0)).contains("--check"));
    assert!(stdout(&project.run(&["--version"]).code(0)).starts_with("paystagec "));
}

#[test]
fn colour_only_when_asked_for() {
    let project = Project::built();
    project.edit("storage_gib = 20", "storage_gib = 40");
    assert!(!stdout(&project.check()).contains('\x1b'));
    let coloured = project
        .run(&["build", "spec/staging.toml", "--check", "--color", "always"])
        .code(1);
    assert!(stdout(&coloured).contains("\x1b[31m-") && stderr(&coloured).contains("\x1b[1m"));
}

#[test]
fn timings_name_the_stages() {
    let build = Project::new()
        .run(&["build", "spec/staging.toml", "--timings"])
        .code(0);
    for stage in ["spec, resolve, check", "stack", "emit", "write", "all"] {
        assert!(
            stdout(&build)
                .lines()
                .any(|line| line.starts_with(stage) && line.ends_with(" ms")),
            "{stage}"
        );
    }
}

#[test]
fn plan_lists_the_graph() {
    let project = Project::new();
    let table = stdout(&project.run(&["plan", "spec/staging.toml"]).code(0));
    let json = stdout(
        &project
            .run(&["plan", "spec/staging.toml", "--json"])
            .code(0),
    );
    let graph: serde_json::Value = serde_json::from_str(&json).unwrap();
    let resources = graph["resources"].as_array().unwrap();
    assert!(
        table.contains(&format!("\n{} resources in ", resources.len())),
        "{table}"
    );
    assert!(table.contains("\n  aws.rds.Instance "), "{table}");
    for resource in resources {
        let class = resource["class"].as_str().unwrap();
        assert!(
            paystagec::catalogue::kind(class).is_some(),
            "{class} is not in the catalogue"
        );
    }
    assert!(!project.path("generated").exists());
}

/// Wherever the process dies, the next build finishes the work, also for another spec, and takes nothing for an edit.
#[test]
fn a_killed_build_is_healed_by_the_next() {
    let project = Project::built();
    fs::write(project.path("generated/mine.txt"), "mine\n").unwrap();
    let owner = |number: u64| format!("owner = \"team-{number}\"");
    project.edit("owner = \"payments-platform\"", &owner(0));
    for number in 0..16 {
        let mut build = Command::new(assert_cmd::cargo::cargo_bin!("paystagec"))
            .current_dir(project.path(""))
            .args(["build", "spec/staging.toml", "--out", "generated"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // A build of a test takes some tens of milliseconds; some of these hit it while it writes.
        thread::sleep(Duration::from_millis(3 * number));
        build.kill().unwrap();
        build.wait().unwrap();
        project.edit(&owner(number), &owner(number + 1));
        if number % 2 == 0 {
            project.build().code(0);
            project.check().code(0);
        }
    }
    project.build().code(0);
    let mut generated = project.generated();
    assert_eq!(generated.remove("mine.txt").unwrap(), "mine\n");
    let clean = Project::new();
    fs::copy(
        project.path("spec/staging.toml"),
        clean.path("spec/staging.toml"),
    )
    .unwrap();
    clean.build().code(0);
    assert_eq!(generated, clean.generated());
}

#[test]
fn the_committed_project_is_what_the_spec_yields() {
    let check = assert_cmd::cargo::cargo_bin_cmd!("paystagec")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["build", "spec/staging.toml", "--check"])
        .assert();
    assert!(!stderr(&check).contains("stale"), "run `make generate`");
    check.code(0);
}
