//! What may stand in the output folder, and what may not: other builds, files where folders will be, leftovers, a source that
//! holds the folder itself.

use std::fs;
use std::thread;
use std::time::Duration;

use super::project::{Project, stderr, stdout};

/// A function with code of the team's own, in `spec/functions/own`.
fn with_own_code(files: &[(&str, &str)]) -> Project {
    let project = Project::new();
    project.edit(
        "source = \"builtin:health\"\nmemory_mib",
        "source = \"functions/own\"\nmemory_mib",
    );
    own_code(&project, files);
    project
}

const HANDLER: (&str, &str) = ("handler.py", "def handle(event, context):\n    return {}\n");

fn own_code(project: &Project, files: &[(&str, &str)]) {
    let own = project.path("spec/functions/own");
    let _ = fs::remove_dir_all(&own);
    for (path, content) in [&[HANDLER], files].concat() {
        let path = own.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

#[test]
fn a_file_is_no_place_for_a_project() {
    let project = Project::new();
    fs::write(project.path("taken"), "mine\n").unwrap();
    for out in ["taken", "taken/below"] {
        for more in [&[][..], &["--force"], &["--check"]] {
            let arguments = [&["build", "spec/staging.toml", "--out", out], more].concat();
            let run = project.run(&arguments).code(1);
            assert!(
                stderr(&run).ends_with(
                    "error: taken is not a folder\n\
                     help: name a folder with --out, or one that does not exist yet\n"
                ),
                "{}",
                stderr(&run)
            );
        }
    }
    assert_eq!(project.read("taken"), "mine\n");
}

#[cfg(unix)]
#[test]
fn another_build_is_waited_for() {
    let project = Project::built();
    for arguments in [
        &["build", "spec/staging.toml"][..],
        &["build", "spec/staging.toml", "--check"],
    ] {
        let folder = fs::File::open(project.path("generated")).unwrap();
        folder.lock().unwrap();
        let other = thread::spawn(move || {
            thread::sleep(Duration::from_millis(1_500));
            folder.unlock().unwrap();
        });
        let run = project.run(arguments).code(0);
        other.join().unwrap();
        let waiting = "another build is working in generated; waiting for it, at most 30 seconds\n";
        assert_eq!(stderr(&run).matches(waiting).count(), 1, "{}", stderr(&run));
    }
}

#[test]
fn own_code_may_turn_a_file_into_a_folder_and_back() {
    let project = with_own_code(&[("rules.py", "A = 1\n")]);
    project.build().code(0);
    for _ in 0..2 {
        own_code(
            &project,
            &[("rules.py/inner.py", "A = 2\n"), ("rules.py/x/y.py", "")],
        );
        project.build().code(0);
        project.check().code(0);
        assert_eq!(
            project.read("generated/functions/health/rules.py/inner.py"),
            "A = 2\n"
        );
        own_code(&project, &[("rules.py", "A = 1\n")]);
        project.build().code(0);
        project.check().code(0);
        assert_eq!(
            project.read("generated/functions/health/rules.py"),
            "A = 1\n"
        );
    }
    // A file of somebody else's in the folder stays, whatever is asked for.
    own_code(&project, &[("rules.py/inner.py", "A = 2\n")]);
    project.build().code(0);
    let mine = "generated/functions/health/rules.py/mine.py";
    fs::write(project.path(mine), "mine\n").unwrap();
    own_code(&project, &[("rules.py", "A = 1\n")]);
    for more in [&[][..], &["--force"], &["--accept-edits"]] {
        let arguments = [&["build", "spec/staging.toml"], more].concat();
        let run = project.run(&arguments).code(1);
        assert!(
            stderr(&run).contains(&format!(
                "error: {mine} is in the way: its folder must become"
            )),
            "{}",
            stderr(&run)
        );
        assert_eq!(project.read(mine), "mine\n");
    }
    assert!(stdout(&project.check().code(1)).contains("mine.py is in the way"));
}

#[test]
fn leftovers_of_a_killed_build_are_named_and_go() {
    let project = Project::built();
    let clean = project.generated();
    for leftover in [
        ".paystagec.manifest.next",
        "..paystagec.manifest.next.paystagec-tmp",
        "components/.database.py.paystagec-tmp",
    ] {
        let path = format!("generated/{leftover}");
        fs::write(project.path(&path), "half a").unwrap();
        let check = project.check().code(1);
        assert_eq!(
            stdout(&check),
            format!("{leftover} is left over from a build that was interrupted\n")
        );
        project.build().code(0);
        assert!(!project.path(&path).exists());
        project.check().code(0);
        assert_eq!(project.generated(), clean);
    }
}

#[cfg(unix)]
#[test]
fn names_that_no_project_can_hold_are_found_by_every_command() {
    for (name, code) in [
        ("a:b.py", "unportable-path"),
        ("a\\b.py", "unportable-path"),
        ("a\nb.py", "unportable-path"),
        ("a\x1bb.py", "unportable-path"),
        ("sub/c:d.py", "unportable-path"),
        ("x.paystagec-tmp", "function-source"),
    ] {
        let project = with_own_code(&[(name, "A = 1\n")]);
        for command in ["check", "build", "plan"] {
            let run = project.run(&[command, "spec/staging.toml"]).code(1);
            assert!(
                stderr(&run).contains(&format!("error[{code}]: ")),
                "{command} {name:?}: {}",
                stderr(&run)
            );
        }
        assert!(!project.path("generated").exists());
    }
}

#[test]
fn a_source_that_holds_the_output_is_refused() {
    let project = with_own_code(&[]);
    fs::write(project.path(HANDLER.0), HANDLER.1).unwrap();
    project.edit("source = \"functions/own\"", "source = \"..\"");
    for command in ["check", "build", "plan"] {
        let run = project.run(&[command, "spec/staging.toml"]).code(1);
        assert!(
            stderr(&run).contains("error[function-source]: ")
                && stderr(&run).contains("contains the generated project"),
            "{command}: {}",
            stderr(&run)
        );
    }
    // It is the place that counts, not the name; and whether it is there yet does not.
    for out in [
        "spec/functions/own/deep/out",
        "./spec/../spec/functions/own",
    ] {
        let project = with_own_code(&[]);
        let arguments = ["build", "spec/staging.toml", "--out", out];
        for more in [&[][..], &["--check"]] {
            let run = project.run(&[&arguments[..], more].concat()).code(1);
            assert!(
                stderr(&run).contains("contains the generated project"),
                "{out}: {}",
                stderr(&run)
            );
        }
        assert!(!project.path("spec/functions/own/deep").exists());
    }
    // Beside it is fine.
    let project = with_own_code(&[]);
    project
        .run(&["build", "spec/staging.toml", "--out", "spec/functions/out"])
        .code(0);
}
