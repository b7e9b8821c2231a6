//! The folder in a repository: what git does to line ends, what it must not take in, and files of the team's own that say so.

use std::fs;
use std::process::Command;

use crate::project::{MANIFEST, Project, stderr, stdout};

fn with_crlf(project: &Project, path: &str) {
    let path = format!("generated/{path}");
    let text = project.read(&path).replace('\n', "\r\n");
    fs::write(project.path(&path), text).unwrap();
}

#[test]
fn a_checkout_that_converts_line_ends_leaves_the_folder_as_it_was_built() {
    let project = Project::built().committed();
    let clean = project.generated();
    project.git(&["config", "core.autocrlf", "true"]);
    fs::remove_dir_all(project.path("generated")).unwrap();
    project.git(&["checkout", "--quiet", "--", "generated"]);
    let mut generated = project.generated();
    let settings = generated.remove("Pulumi.staging.yaml").unwrap();
    assert_eq!(settings, clean["Pulumi.staging.yaml"]);
    assert!(generated.iter().all(|(path, text)| clean[path] == *text));
    project.check().code(0);
}

#[test]
fn line_ends_alone_are_no_edit() {
    let project = Project::built();
    let clean = project.generated();
    // As a folder was that an older compiler wrote: without attributes, and converted by git.
    let paths: Vec<&String> = clean
        .keys()
        .filter(|path| !path.starts_with("Pulumi.st"))
        .collect();
    for path in &paths {
        with_crlf(&project, path);
    }
    with_crlf(&project, ".paystagec.manifest");
    fs::remove_file(project.path("generated/.gitattributes")).unwrap();

    let check = project.check().code(1);
    assert!(stdout(&check).lines().count() < 20, "{}", stdout(&check));
    let said = format!(
        "warning: {} files differ in line ends alone\n",
        paths.len() - 1
    );
    assert!(stderr(&check).contains(&said), "{}", stderr(&check));

    let build = project.build().code(0);
    let said = format!(
        "warning: {} files differed in line endings only",
        paths.len() - 1
    );
    assert!(stderr(&build).contains(&said), "{}", stderr(&build));
    assert!(stderr(&build).contains("commit generated/.gitattributes"));
    assert_eq!(project.generated(), clean);
    project.check().code(0);
}

#[test]
fn an_edit_among_other_line_ends_is_shown_without_them() {
    let project = Project::built();
    let clean = project.read("generated/naming.py");
    project.append("naming.py", "# ours\n");
    let edited = project.read("generated/naming.py");
    with_crlf(&project, "naming.py");
    // Mixed: some lines had been converted back.
    let mixed = project
        .read("generated/naming.py")
        .replacen("\r\n", "\n", 5);
    fs::write(project.path("generated/naming.py"), mixed).unwrap();

    let build = project.build().code(1);
    assert!(stderr(&build).contains("generated/naming.py was edited by hand\n"));
    assert!(stderr(&build).contains("+# ours\n"));
    assert_eq!(
        stderr(&build).matches("\n+").count(),
        2,
        "{}",
        stderr(&build)
    );

    project
        .run(&["build", "spec/staging.toml", "--accept-edits"])
        .code(0);
    assert_eq!(project.read("generated/naming.py"), clean);
    project.git(&["apply", "--directory=generated", "generated.edits-1.patch"]);
    assert_eq!(project.read("generated/naming.py"), edited);
}

#[test]
fn what_tools_leave_in_the_folder_is_not_committed() {
    let project = Project::built().committed();
    for path in [
        ".packages/0123456789abcdef/money/__init__.py",
        ".venv/lib/python3.13/site-packages/boto3/__init__.py",
        "components/__pycache__/keys.cpython-313.pyc",
        ".ruff_cache/0.1/x",
        "tests/.pytest_cache/README.md",
        ".paystagec.manifest.next",
        "docs/.runbook.md.paystagec-tmp",
    ] {
        let path = project.path(&format!("generated/{path}"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "not ours\n").unwrap();
    }
    assert_eq!(
        project.git(&["status", "--porcelain", "--untracked-files=all"]),
        ""
    );
}

#[test]
fn a_gitignore_of_the_teams_own_stays() {
    let project = Project::new();
    fs::create_dir_all(project.path("generated")).unwrap();
    fs::write(project.path("generated/.gitignore"), "/notes/\n/.venv/\n").unwrap();
    for arguments in [
        &["build", "spec/staging.toml"][..],
        &["build", "spec/staging.toml", "--force"],
        &["build", "spec/staging.toml", "--accept-edits"],
    ] {
        let build = project.run(arguments).code(0);
        assert_eq!(project.read("generated/.gitignore"), "/notes/\n/.venv/\n");
        let said = stderr(&build);
        assert!(
            said.contains("warning: generated/.gitignore is not paystagec's, and stays as it is\n")
                && said.contains("help: add to it: `/.packages/`, `__pycache__/`, "),
            "{said}"
        );
        project.check().code(0);
    }
    assert!(!project.path("generated.edits-1.patch").exists());

    // With our lines in it there is nothing more to say.
    let ours = include_str!("../../templates/.gitignore");
    fs::write(
        project.path("generated/.gitignore"),
        format!("/notes/\n{ours}"),
    )
    .unwrap();
    assert!(!stderr(&project.build().code(0)).contains(".gitignore"));
    fs::remove_file(project.path("generated/.gitignore")).unwrap();
    project.build().code(0);
    assert_eq!(project.read("generated/.gitignore"), ours);
}

/// A second spec beside the first, with these changes.
fn second_spec(project: &Project, changes: &[(&str, &str)]) {
    let mut spec = project.read("spec/staging.toml");
    for (old, new) in changes {
        assert!(spec.contains(old), "{old}");
        spec = spec.replacen(old, new, 1);
    }
    fs::write(project.path("spec/second.toml"), spec).unwrap();
}

const NAMED_TEST: [(&str, &str); 1] = [("name = \"staging\"", "name = \"test\"")];

#[test]
fn a_spec_names_the_folder_that_it_is_written_to() {
    let project = Project::built();
    let before = project.generated();
    for name in ["production", "development"] {
        let spec = format!("spec/{name}.toml");
        project
            .run(&["build", &spec, "--today", "2026-12-01"])
            .code(0);
        let manifest = fs::read_to_string(project.path(name).join(MANIFEST)).unwrap();
        assert!(manifest.starts_with(&format!("# environment: {name}, suffix: main\n")));
    }
    assert_eq!(project.generated(), before);
    // One that names no folder is refused by that of another.
    let text = fs::read_to_string(project.path("spec/production.toml")).unwrap();
    let (text, _) = text.split_once("[output]").unwrap();
    fs::write(project.path("spec/second.toml"), text).unwrap();
    let build = project
        .run(&["build", "spec/second.toml", "--today", "2026-12-01"])
        .code(1);
    assert!(stderr(&build).contains("`folder = \"production\"` in `[output]`"));
}

#[test]
fn a_folder_takes_no_second_environment() {
    let project = Project::built();
    second_spec(&project, &NAMED_TEST);
    let before = project.generated();
    for more in [
        &[][..],
        &["--force"],
        &["--accept-edits"],
        &["--check"],
        &["--renamed-from", "other"],
    ] {
        let arguments = [&["build", "spec/second.toml"], more].concat();
        let build = project.run(&arguments).code(1);
        let said = stderr(&build);
        assert!(
            said.contains(
                "error: generated holds the environment `staging`, and this spec is of `test`\n"
            ) && said.contains("`--out generated-test`")
                && said.contains("`--renamed-from staging`"),
            "{said}"
        );
        assert_eq!(project.generated(), before);
    }
    project
        .run(&["build", "spec/second.toml", "--out", "generated-test"])
        .code(0);
    project
        .run(&[
            "build",
            "spec/second.toml",
            "--out",
            "generated-test",
            "--check",
        ])
        .code(0);
    project.check().code(0);
}

#[test]
fn a_manifest_without_its_environment_still_identifies_it() {
    let project = Project::built();
    let manifest = "generated/.paystagec.manifest";
    let text = project.read(manifest);
    assert!(
        text.starts_with("# environment: staging, suffix: main\n"),
        "{text}"
    );
    // As older compilers wrote it.
    let rows: String = text.lines().skip(1).map(|row| format!("{row}\n")).collect();
    fs::write(project.path(manifest), rows).unwrap();
    second_spec(&project, &NAMED_TEST);
    project.run(&["build", "spec/second.toml"]).code(1);
    project.check().code(1);
    project.build().code(0);
    assert_eq!(project.read(manifest), text);
}

#[test]
fn a_spec_may_move_and_an_environment_be_renamed() {
    let project = Project::built();
    fs::create_dir(project.path("elsewhere")).unwrap();
    for entry in fs::read_dir(project.path("spec")).unwrap() {
        let entry = entry.unwrap();
        fs::rename(
            entry.path(),
            project.path("elsewhere").join(entry.file_name()),
        )
        .unwrap();
    }
    project
        .run(&["build", "elsewhere/staging.toml", "--check"])
        .code(0);

    let spec = project.read("elsewhere/staging.toml");
    let spec = spec.replacen("name = \"staging\"", "name = \"stage\"", 1);
    fs::write(project.path("elsewhere/staging.toml"), spec).unwrap();
    let rename = [
        "build",
        "elsewhere/staging.toml",
        "--renamed-from",
        "staging",
    ];
    let build = project.run(&rename).code(0);
    assert!(stderr(&build).contains("left generated/Pulumi.staging.yaml alone"));
    assert!(project.path("generated/Pulumi.stage.yaml").exists());
    project.run(&["build", "elsewhere/staging.toml"]).code(0);
    // Nobody has to take the flag out of a script at once.
    project.run(&rename).code(0);
}

#[test]
fn another_suffix_in_the_same_folder_is_refused() {
    let project = Project::built();
    second_spec(&project, &[("suffix = \"main\"", "suffix = \"pr42\"")]);
    let before = project.generated();
    for flags in [&[][..], &["--force"], &["--check"], &["--accept-edits"]] {
        let arguments = [&["build", "spec/second.toml"], flags].concat();
        let error = stderr(&project.run(&arguments).code(1));
        assert!(
            error.contains(
                "generated holds the copy with the suffix `main`, and this spec says `pr42`"
            ),
            "{flags:?}: {error}"
        );
        assert!(error.contains("write `suffix = \"main\"`"), "{error}");
    }
    assert_eq!(project.generated(), before);

    // Nothing of it was deployed.
    let anew = ["build", "spec/second.toml", "--renamed-from", "staging"];
    project.run(&anew).code(0);
    project.run(&["build", "spec/second.toml"]).code(0);
    assert!(
        project
            .read("generated/settings.py")
            .contains("SUFFIX = \"pr42\"")
    );
}

#[cfg(target_os = "linux")]
#[test]
fn sha256sum_reads_the_manifest() {
    let project = Project::built();
    let output = Command::new("sha256sum")
        .args(["--check", "--strict", ".paystagec.manifest"])
        .current_dir(project.path("generated"))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    // The settings of the stack are the command line's as well: their row is about the compiler's keys alone.
    let failed: Vec<&str> = said
        .lines()
        .filter(|line| !line.ends_with(": OK"))
        .collect();
    assert_eq!(failed, ["Pulumi.staging.yaml: FAILED"]);
    assert_eq!(said.lines().count(), project.generated().len());
}
