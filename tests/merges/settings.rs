//! The settings of a stack in a merge: salt and secret values are in no other place.

use paystagec::write::{Error, Reason};

use crate::edits::edit;
use crate::repository::Repository;

const SETTINGS: &str = "generated/Pulumi.staging.yaml";

/// A branch with an edit of the spec, and settings below those that were built.
fn branch(repository: &mut Repository, name: &str, more: &str) -> String {
    let built = repository.branch("base", &edit(name), &[]);
    repository.go(&built);
    repository.write(SETTINGS, &(repository.read(SETTINGS) + more));
    repository.commit("settings");
    repository.git(&["rev-parse", "HEAD"]).trim().to_owned()
}

fn merged(repository: &mut Repository, ours: &str, theirs: &str) -> String {
    let (ours, theirs) = (
        branch(repository, "refund", ours),
        branch(repository, "storage", theirs),
    );
    repository.go(&ours);
    assert!(!repository.try_git(&["merge", &theirs]).status.success());
    assert!(repository.read(SETTINGS).contains("<<<<<<<"));
    let base = repository.git(&["show", "base:spec/staging.toml"]);
    let spec = edit("refund").apply(&edit("storage").apply(&base));
    repository.write("spec/staging.toml", &spec);
    spec
}

#[test]
fn values_of_both_sides_are_kept() {
    let mut repository = Repository::new();
    let salt = "encryptionsalt: v1:salt\n";
    let ours = "  paystage:bank:\n    secure: v1:aaa\n";
    let theirs = "  # theirs\n  paystage:token:\n    secure: v1:bbb\n";
    let sides = [format!("{ours}{salt}"), format!("{theirs}{salt}")];
    let spec = merged(&mut repository, &sides[0], &sides[1]);
    let outcome = repository.build(&spec).unwrap();
    assert_eq!((outcome.forced.len(), outcome.set_aside), (0, None));
    let text = repository.read(SETTINGS);
    assert!(text.ends_with(&format!("{ours}{theirs}{salt}")), "{text}");
    assert_eq!(repository.build(&spec).unwrap().written.len(), 0);
}

#[test]
fn two_values_of_one_key_are_refused_with_their_place() {
    let mut repository = Repository::new();
    for (ours, theirs, key) in [
        (
            "encryptionsalt: v1:ours\n",
            "encryptionsalt: v1:theirs\n",
            "encryptionsalt",
        ),
        ("  a:b: 1\n", "  a:b: 2\n", "a:b"),
    ] {
        let spec = merged(&mut repository, ours, theirs);
        let found = repository.read(SETTINGS);
        match repository.build(&spec) {
            Err(Error::Refused(refusals)) => {
                assert_eq!(refusals.len(), 1, "{refusals:?}");
                assert_eq!(refusals[0].reason, Reason::TwoValues);
                let place = refusals[0].place.as_ref().unwrap();
                assert_eq!(place.key, key);
                assert!(found.lines().nth(place.line - 1).unwrap().contains(key));
            }
            other => panic!("not refused: {other:?}"),
        }
        assert_eq!(repository.read(SETTINGS), found);
        // A person takes one of them.
        let view = found
            .lines()
            .filter(|line| !line.contains("<<<") && !line.contains(">>>"));
        let view: Vec<&str> = view.take_while(|line| !line.starts_with("===")).collect();
        repository.write(SETTINGS, &(view.join("\n") + "\n"));
        repository.build(&spec).unwrap();
        assert!(repository.read(SETTINGS).ends_with(ours));
    }
}
