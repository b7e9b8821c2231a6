//! `build --accept-edits`: edits of generated files are saved as a patch before they are written over.

use std::fs;
use std::process::Command;

use crate::project::{Project, add_function, stderr};

const ACCEPT: [&str; 3] = ["build", "spec/staging.toml", "--accept-edits"];

#[test]
fn edits_are_saved_as_a_patch_that_brings_them_back() {
    let project = Project::built();
    let clean = project.generated();
    project.append("naming.py", "# ours\n");
    project.append("docs/runbook.md", "no newline at the end");
    let edited = project.generated();

    let build = project.run(&ACCEPT).code(0);
    assert_eq!(project.generated(), clean);
    let said = stderr(&build);
    assert!(
        said.contains("warning: set aside the edits in generated/naming.py\n")
            && said.contains(
                "help: `patch -p1 -d generated < generated.edits-1.patch` brings the edits back\n"
            ),
        "{said}"
    );

    let applied = Command::new("git")
        .args(["apply", "--directory=generated", "generated.edits-1.patch"])
        .current_dir(project.folder.path())
        .status()
        .unwrap();
    assert!(applied.success());
    assert_eq!(project.generated(), edited);
}

#[test]
fn an_earlier_patch_is_never_written_over_and_none_is_written_without_edits() {
    let project = Project::built();
    fs::write(project.path("generated.edits-1.patch"), "mine\n").unwrap();
    project.run(&ACCEPT).code(0);
    assert!(!project.path("generated.edits-2.patch").exists());

    project.append("naming.py", "# one\n");
    project.run(&ACCEPT).code(0);
    project.append("naming.py", "# two\n");
    project.run(&ACCEPT).code(0);
    assert_eq!(project.read("generated.edits-1.patch"), "mine\n");
    assert!(project.read("generated.edits-2.patch").contains("+# one\n"));
    assert!(project.read("generated.edits-3.patch").contains("+# two\n"));
}

#[test]
fn an_edited_file_that_the_spec_no_longer_yields_is_in_the_patch_as_a_whole() {
    let project = Project::new();
    let spec = project.read("spec/staging.toml");
    add_function(&project, "[functions.health]");
    project.build().code(0);
    project.append("functions/refund/handler.py", "# ours\n");
    fs::write(project.path("spec/staging.toml"), spec).unwrap();

    project.build().code(1);
    project.run(&ACCEPT).code(0);
    assert!(
        !project
            .path("generated/functions/refund/handler.py")
            .exists()
    );
    let patch = project.read("generated.edits-1.patch");
    assert!(patch.starts_with("--- /dev/null\n+++ b/functions/refund/handler.py\n"));
    assert!(patch.ends_with("\n+# ours\n"));
}

#[test]
fn what_no_patch_can_hold_and_what_is_not_ours_stops_the_build() {
    let project = Project::built();
    for edit in [&b"\xff\xfe"[..], b"one\rtwo\n"] {
        fs::write(project.path("generated/naming.py"), edit).unwrap();
        let refused = project.run(&ACCEPT).code(1);
        assert!(
            stderr(&refused).contains("not the plain text that a patch can hold"),
            "{}",
            stderr(&refused)
        );
        assert_eq!(fs::read(project.path("generated/naming.py")).unwrap(), edit);
    }
    project
        .run(&["build", "spec/staging.toml", "--force"])
        .code(0);
    fs::remove_file(project.path("generated/.paystagec.manifest")).unwrap();
    project.append("naming.py", "# whose?\n");
    project.run(&ACCEPT).code(1);
    assert!(!project.path("generated.edits-1.patch").exists());
}
