//! Readers that go away, as `head` does: what a command does and how it ends do not depend on them.

use std::io::Read;
use std::process::{Child, Command, Stdio};

use super::project::{MANIFEST, Project};

fn started(project: &Project, arguments: &[&str]) -> Child {
    Command::new(assert_cmd::cargo::cargo_bin!("paystagec"))
        .current_dir(project.path(""))
        .args(arguments)
        .args(["--today", "2026-06-01"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The exit code when nobody reads the standard output, and when nobody reads anything.
fn codes_unread(project: &Project, arguments: &[&str]) -> [Option<i32>; 2] {
    let mut child = started(project, arguments);
    drop(child.stdout.take());
    let mut rest = String::new();
    let mut stderr = child.stderr.take().unwrap();
    stderr.read_to_string(&mut rest).unwrap();
    let first = child.wait().unwrap().code();
    assert!(!rest.contains("panic"), "{rest}");

    let mut child = started(project, arguments);
    drop((child.stdout.take(), child.stderr.take()));
    [first, child.wait().unwrap().code()]
}

#[test]
fn a_wrong_spec_fails_whoever_reads() {
    let project = Project::new();
    project.edit("storage_gib = 20", "storage_gib = \"x\"");
    for arguments in [
        &["check", "spec/staging.toml"][..],
        &["check", "spec/staging.toml", "--message-format", "json"],
        &["check", "spec/staging.toml", "--message-format", "sarif"],
        &["check", "spec/staging.toml", "--message-format", "github"],
        &["build", "spec/staging.toml"],
        &["plan", "spec/staging.toml"],
    ] {
        assert_eq!(
            codes_unread(&project, arguments),
            [Some(1); 2],
            "{arguments:?}"
        );
    }
    assert!(!project.path("generated").exists());
}

#[test]
fn a_warning_that_is_denied_fails_whoever_reads() {
    let project = Project::new();
    let arguments = ["check", "spec/staging.toml", "--deny", "warnings"];
    assert_eq!(codes_unread(&project, &arguments), [Some(1); 2]);
}

#[test]
fn a_build_writes_whoever_reads() {
    let whole = Project::built();
    let project = Project::new();
    let mut child = started(&project, &["build", "spec/staging.toml", "--timings"]);
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(project.generated(), whole.generated());
    assert!(project.path("generated").join(MANIFEST).is_file());

    project.append("components/database.py", "# ours\n");
    for arguments in [
        &["build", "spec/staging.toml"][..],
        &["build", "spec/staging.toml", "--check"],
    ] {
        assert_eq!(codes_unread(&project, arguments), [Some(1); 2]);
    }
}

#[test]
fn what_only_prints_is_fine_when_its_reader_has_seen_enough() {
    let project = Project::built();
    for arguments in [
        &["plan", "spec/staging.toml", "--json"][..],
        &["plan", "spec/staging.toml"],
        &["explain", "generated/settings.py:12"],
    ] {
        assert_eq!(
            codes_unread(&project, arguments),
            [Some(0); 2],
            "{arguments:?}"
        );
    }
}
