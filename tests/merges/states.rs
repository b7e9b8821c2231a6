//! What a manifest, a file or a folder looks like when git has been at it, and what is not a merge.

use std::fs;
use std::path::Path;

use assert_cmd::cargo::cargo_bin_cmd;
use paystagec::write::{Error, Reason};
use sha2::{Digest as _, Sha256};

use crate::edits::{Hand, edit};
use crate::repository::{Repository, SPEC};

const NAMING: Hand = Hand {
    path: "naming.py",
    after: "",
    line: "# by hand",
};

/// Merges two branches and gives the merged spec.
fn merge(repository: &mut Repository, settings: &[&str]) -> String {
    let (one, other) = (edit("refund"), edit("other-refund"));
    let ours = repository.branch("base", &one, &[]);
    let theirs = repository.branch("base", &other, &[]);
    repository.go("base");
    let spec = one.apply(&other.apply(&repository.spec()));
    repository.go(&ours);
    let mut arguments: Vec<&str> = settings
        .iter()
        .flat_map(|setting| ["-c", setting])
        .collect();
    arguments.extend(["merge", "--quiet", "--no-edit", &theirs]);
    assert!(!repository.try_git(&arguments).status.success());
    spec
}

#[test]
fn conflicts_of_every_style_and_size_are_read() {
    let mut repository = Repository::new();
    for (number, style) in ["merge", "diff3", "zdiff3"].into_iter().enumerate() {
        let spec = merge(&mut repository, &[&format!("merge.conflictStyle={style}")]);
        let manifest = repository.read("generated/.paystagec.manifest");
        assert!(manifest.contains("\n<<<<<<< HEAD\n") && manifest.contains("\n=======\n"));
        assert_eq!(manifest.contains("\n||||||| "), number > 0);
        repository.heals(style, &spec, &[]);
    }
    repository.go("base");
    fs::write(
        repository.path(".git/info/attributes"),
        "* conflict-marker-size=31\n",
    )
    .unwrap();
    let spec = merge(&mut repository, &["merge.conflictStyle=diff3"]);
    assert!(
        repository
            .read("generated/.paystagec.manifest")
            .contains(&"<".repeat(31))
    );
    repository.heals("size", &spec, &[]);
    // Where a driver keeps the lines of both sides, there is a path with two hashes, and no marker.
    fs::write(
        repository.path(".git/info/attributes"),
        ".paystagec.manifest merge=union\n",
    )
    .unwrap();
    let spec = merge(&mut repository, &[]);
    assert!(
        !repository
            .read("generated/.paystagec.manifest")
            .contains("<<<")
    );
    repository.heals("union", &spec, &[]);
}

#[test]
fn whatever_became_of_the_manifest_it_is_made_anew() {
    let mut repository = Repository::new();
    let manifest = "generated/.paystagec.manifest";
    for way in ["removed", "ours", "theirs", "added", "committed"] {
        let spec = merge(&mut repository, &[]);
        match way {
            "removed" => fs::remove_file(repository.path(manifest)).unwrap(),
            "ours" | "theirs" => {
                repository.git(&["checkout", &format!("--{way}"), "--", manifest]);
            }
            "added" => {
                repository.git(&["add", "--all"]);
            }
            _ => repository.commit("markers and all"),
        }
        repository.heals(way, &spec, &[]);
    }
    // Outside of a merge the last commit that has one says what is owned.
    repository.go("base");
    fs::remove_file(repository.path(manifest)).unwrap();
    let spec = edit("without-deep").apply(&repository.spec());
    repository.heals("lost", &spec, &[]);
    repository.go("base");
    repository.git(&["rm", "--quiet", manifest]);
    repository.commit("without");
    repository.heals("lost in a commit", &spec, &[]);
}

#[test]
fn without_git_conflict_markers_are_enough() {
    let mut repository = Repository::new();
    let spec = merge(&mut repository, &[]);
    fs::rename(repository.path(".git"), repository.path("git")).unwrap();
    repository.heals("no git", &spec, &[]);
}

#[test]
fn files_of_older_commits_are_no_edits() {
    let mut repository = Repository::new();
    let storage = repository.branch("base", &edit("storage"), &[]);
    let without = repository.branch(&storage, &edit("without-deep"), &[]);
    repository.go(&without);
    let spec = repository.spec();
    repository.git(&["checkout", "base", "--", "generated/components"]);
    fs::remove_file(repository.path("generated/components/functions/deep_health.py")).unwrap();
    repository.heals("older files", &spec, &[]);
    // The folder of another commit as a whole goes with its own manifest.
    repository.go(&without);
    repository.git(&["checkout", "base", "--", "generated"]);
    repository.heals("older folder", &spec, &[]);
}

/// What another version of the compiler writes differs in every file, and its manifest does not name the environment.
fn as_of_old(repository: &Repository) {
    let manifest = repository.read("generated/.paystagec.manifest");
    let rows = manifest.lines().filter(|line| !line.starts_with('#'));
    let rows = rows.map(|row| {
        let (hash, path) = row.split_once("  ").unwrap();
        if !path.ends_with(".py") {
            return format!("{hash}  {path}\n");
        }
        let path_there = format!("generated/{path}");
        let text = format!("# Of old.\n{}", repository.read(&path_there));
        repository.write(&path_there, &text);
        format!("{}  {path}\n", sha256(&repository.path(&path_there)))
    });
    repository.write("generated/.paystagec.manifest", &rows.collect::<String>());
}

fn sha256(path: &Path) -> String {
    let digest = Sha256::digest(fs::read(path).unwrap());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_merge_of_folders_that_an_older_compiler_wrote_is_finished() {
    let mut repository = Repository::new();
    let names = [("refund", "old-one"), ("memory", "old-other")];
    let mut spec = repository.spec();
    for (name, branch) in names {
        let built = repository.branch("base", &edit(name), &[]);
        spec = edit(name).apply(&spec);
        repository.go(&built);
        as_of_old(&repository);
        repository.commit("of old");
        repository.git(&["branch", branch]);
    }
    repository.go("old-one");
    let alone = repository.spec();
    repository.heals("older compiler", &alone, &[]);
    repository.go("old-one");
    assert!(!repository.try_git(&["merge", "old-other"]).status.success());
    repository.heals("merge of old", &spec, &[]);
}

#[test]
fn an_edit_without_a_merge_still_stops_the_build() {
    let mut repository = Repository::new();
    let edited = repository.branch("base", &edit("storage"), &[NAMING]);
    repository.go(&edited);
    let spec = repository.spec();
    for _ in 0..2 {
        match repository.build(&spec) {
            Err(Error::Refused(refusals)) => assert_eq!(refusals[0].reason, Reason::Edited),
            other => panic!("not refused: {other:?}"),
        }
        // Not even where there is a stash of something else.
        repository.write("extra.py", "# other\n");
        repository.git(&["stash", "--quiet"]);
    }
    repository.git(&["stash", "clear"]);
    // What a person writes after a merge was committed is an edit like any.
    let spec = merge(&mut repository, &[]);
    repository.heals("merge", &spec, &[]);
    repository.commit("merged");
    repository.write("generated/naming.py", "# mine\n");
    assert!(repository.build(&spec).is_err());
    assert_eq!(repository.read("generated/naming.py"), "# mine\n");
}

#[test]
fn the_command_says_what_it_kept_aside_and_what_git_waits_for() {
    let mut repository = Repository::new();
    let ours = repository.branch("base", &edit("storage"), &[NAMING]);
    let theirs = repository.branch("base", &edit("refund"), &[]);
    repository.go(&ours);
    let _ = repository.try_git(&["merge", "--quiet", "--no-edit", &theirs]);
    let base = repository.git(&["show", &format!("base:{SPEC}")]);
    let spec = edit("refund").apply(&edit("storage").apply(&base));
    repository.write(SPEC, &spec);
    let build = cargo_bin_cmd!("paystagec")
        .current_dir(repository.path(""))
        .args(["build", SPEC])
        .assert()
        .code(0);
    let said = String::from_utf8(build.get_output().stderr.clone()).unwrap();
    for words in [
        "warning: set aside the edits in generated/naming.py\n",
        "generated.edits-1.patch",
        "help: `git add --all generated` marks the conflicts there as resolved\n",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    repository.is_fresh("command", &spec);
}

/// One side removes a function, the other edits what was built of it: git leaves the file, and whoever adds all keeps it.
#[test]
fn a_file_that_one_side_no_longer_has_goes_with_what_the_other_edited() {
    let mut repository = Repository::new();
    let hand = Hand {
        path: "components/functions/deep_health.py",
        ..NAMING
    };
    let ours = repository.branch("base", &edit("without-deep"), &[]);
    repository.go("base");
    let path = "generated/components/functions/deep_health.py";
    repository.write(path, &hand.apply(&repository.read(path)));
    repository.commit("by hand alone");
    let theirs = repository.git(&["rev-parse", "HEAD"]).trim().to_owned();
    for is_committed in [false, true] {
        repository.go(&ours);
        let spec = repository.spec();
        assert!(!repository.try_git(&["merge", &theirs]).status.success());
        if is_committed {
            repository.commit("all");
        }
        assert!(repository.path(path).exists());
        repository.heals("kept", &spec, &[hand]);
    }
}
