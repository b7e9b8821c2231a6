//! What `compare` and `verify` read, and what they say of what cannot be read.

use assert_cmd::cargo::cargo_bin_cmd;

use super::{HEAD, SPEC};
use crate::project::{Project, stderr, stdout};

#[test]
fn what_cannot_be_read_is_said_with_its_reason() {
    let project = Project::new().committed();
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
fn a_path_that_begins_with_a_dot_is_one_from_this_folder() {
    let project = Project::new().committed();
    let inside = |old: &str| {
        cargo_bin_cmd!("paystagec")
            .current_dir(project.path("spec"))
            .args(["compare", old, "staging.toml"])
            .assert()
    };
    for old in [HEAD, "HEAD:./staging.toml", "HEAD:../spec/staging.toml"] {
        let text = stdout(&inside(old).code(0));
        assert!(text.starts_with("nothing changes"), "{old}: {text}");
    }
    let error = stderr(&inside("HEAD:staging.toml").code(2));
    assert!(
        error.contains("no such file in this revision: did you mean HEAD:spec/staging.toml?"),
        "{error}"
    );
    let error = stderr(&inside("HEAD:../../staging.toml").code(2));
    assert!(error.contains("no such file in this revision"), "{error}");
}

#[test]
fn only_a_preview_is_verified() {
    let project = Project::new().committed();
    let approved = project.run(&["compare", HEAD, SPEC, "--format", "json"]);
    std::fs::write(project.path("approved.json"), stdout(&approved.success())).unwrap();
    let verified = |preview: &str| {
        std::fs::write(project.path("preview.json"), preview).unwrap();
        project.run(&["verify", "approved.json", "preview.json"])
    };
    verified(r#"{"changeSummary": {"same": 230}}"#).code(0);
    for (preview, says) in [
        ("{}", "it has no `changeSummary`"),
        (
            r#"{"version": 3, "deployment": {}}"#,
            "it has no `changeSummary`",
        ),
        ("", "ends too early"),
        (
            r#"{"diagnostics": [{"message": "no credentials", "severity": "error"}]}"#,
            "the preview failed: no credentials",
        ),
    ] {
        let error = stderr(&verified(preview).code(2));
        assert!(error.contains(says), "{preview}: {error}");
    }
}
