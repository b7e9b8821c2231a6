mod obstacles;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::project_path::JOURNAL;

use super::disk::Patience;
use super::manifest::hash;
use super::{Edits, Error, File, MANIFEST, Outcome, Reason, Stale, disk};

fn write(files: &[File], folder: &Path, edits: Edits) -> Result<Outcome, Error> {
    // A process that another test starts holds every lock of this one until it becomes another program.
    super::write(files, folder, edits, &mut || ())
}

fn check(files: &[File], folder: &Path) -> Result<Vec<Stale>, Error> {
    super::check(files, folder, &mut || ())
}

fn files(list: &[(&str, &str)]) -> Vec<File> {
    list.iter()
        .map(|(path, content)| File {
            path: (*path).to_owned(),
            content: content.as_bytes().to_vec().into(),
        })
        .collect()
}

fn read(folder: &TempDir, path: &str) -> String {
    fs::read_to_string(folder.path().join(path)).unwrap()
}

fn put(folder: &TempDir, path: &str, content: &str) {
    let path = folder.path().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// Everything in the folder by relative path, links not followed.
fn snapshot(folder: &Path) -> Vec<(String, Option<Vec<u8>>)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            let is_folder = path.symlink_metadata().unwrap().is_dir();
            found.push((
                name,
                if is_folder {
                    None
                } else {
                    fs::read(&path).ok()
                },
            ));
            if is_folder {
                open.push(path);
            }
        }
    }
    found.sort();
    found
}

fn refused(result: Result<Outcome, Error>) -> Vec<(String, Reason)> {
    match result {
        Err(Error::Refused(refusals)) => refusals
            .into_iter()
            .map(|refusal| (refusal.path, refusal.reason))
            .collect(),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn the_second_build_writes_nothing() {
    let folder = TempDir::new().unwrap();
    let rendered = files(&[
        ("b/c.py", "c\n"),
        ("a.py", "a\n"),
        ("Pulumi.staging.yaml", "config:\n  a:b: c\n"),
    ]);
    let first = write(&rendered, folder.path(), Edits::Refuse).unwrap();
    assert_eq!(first.written, ["Pulumi.staging.yaml", "a.py", "b/c.py"]);
    let before = snapshot(folder.path());
    let stamp = fs::metadata(folder.path().join(MANIFEST))
        .unwrap()
        .modified()
        .unwrap();
    let second = write(&rendered, folder.path(), Edits::Refuse).unwrap();
    assert_eq!(
        second,
        Outcome {
            unchanged: first.written,
            ..Outcome::default()
        }
    );
    assert_eq!(snapshot(folder.path()), before);
    assert_eq!(
        fs::metadata(folder.path().join(MANIFEST))
            .unwrap()
            .modified()
            .unwrap(),
        stamp
    );
    assert_eq!(check(&rendered, folder.path()).unwrap(), []);
    assert!(read(&folder, MANIFEST).contains(&format!("{}  b/c.py\n", hash(b"c\n"))));
}

#[test]
fn only_what_changed_is_written() {
    let folder = TempDir::new().unwrap();
    write(
        &files(&[("a", "1\n"), ("b", "1\n")]),
        folder.path(),
        Edits::Refuse,
    )
    .unwrap();
    let changed = files(&[("a", "1\n"), ("b", "2\n")]);
    let stale = check(&changed, folder.path()).unwrap();
    assert_eq!(stale.len(), 1);
    assert!(stale[0].diff.contains("-1\n+2\n"));
    let outcome = write(&changed, folder.path(), Edits::Refuse).unwrap();
    assert_eq!(
        (outcome.written, outcome.unchanged),
        (vec!["b".to_owned()], vec!["a".to_owned()])
    );
}

#[test]
fn an_edit_stops_the_build_before_anything_is_written() {
    let folder = TempDir::new().unwrap();
    write(
        &files(&[("a", "1\n"), ("b", "1\n")]),
        folder.path(),
        Edits::Refuse,
    )
    .unwrap();
    put(&folder, "b", "mine\n");
    let before = snapshot(folder.path());
    let next = files(&[("a", "2\n"), ("b", "1\n")]);
    match write(&next, folder.path(), Edits::Refuse) {
        Err(Error::Refused(refusals)) => {
            assert_eq!(refusals[0].reason, Reason::Edited);
            assert!(refusals[0].diff.contains("-1\n+mine\n"));
        }
        other => panic!("not refused: {other:?}"),
    }
    assert_eq!(snapshot(folder.path()), before);
    assert_eq!(check(&next, folder.path()).unwrap().len(), 2);
    let outcome = write(&next, folder.path(), Edits::GiveUp).unwrap();
    assert_eq!(outcome.forced, ["b"]);
    assert_eq!(read(&folder, "b"), "1\n");
}

#[test]
fn an_edit_that_agrees_with_the_spec_is_no_edit() {
    let folder = TempDir::new().unwrap();
    write(&files(&[("a", "1\n")]), folder.path(), Edits::Refuse).unwrap();
    put(&folder, "a", "2\n");
    let outcome = write(&files(&[("a", "2\n")]), folder.path(), Edits::Refuse).unwrap();
    assert_eq!(outcome.unchanged, ["a"]);
    assert!(read(&folder, MANIFEST).starts_with(&hash(b"2\n")));
}

#[test]
fn what_is_not_owned_is_never_touched() {
    let folder = TempDir::new().unwrap();
    put(&folder, "a", "mine\n");
    put(&folder, "notes/mine.txt", "mine\n");
    for edits in [Edits::Refuse, Edits::SetAside, Edits::GiveUp] {
        let result = write(&files(&[("a", "1\n")]), folder.path(), edits);
        assert_eq!(refused(result), [("a".to_owned(), Reason::NotOwned)]);
    }
    write(&files(&[("notes/b", "1\n")]), folder.path(), Edits::Refuse).unwrap();
    write(&files(&[("c", "1\n")]), folder.path(), Edits::Refuse).unwrap();
    assert_eq!(read(&folder, "a"), "mine\n");
    assert_eq!(read(&folder, "notes/mine.txt"), "mine\n");
}

#[test]
fn an_equal_file_that_was_there_is_taken_over() {
    let folder = TempDir::new().unwrap();
    put(&folder, "a", "1\n");
    write(&files(&[("a", "1\n")]), folder.path(), Edits::Refuse).unwrap();
    write(&files(&[("a", "2\n")]), folder.path(), Edits::Refuse).unwrap();
    assert_eq!(read(&folder, "a"), "2\n");
}

#[test]
fn leftovers_go_unless_they_were_edited() {
    let folder = TempDir::new().unwrap();
    write(
        &files(&[("a", "1\n"), ("x/y/z", "1\n")]),
        folder.path(),
        Edits::Refuse,
    )
    .unwrap();
    let outcome = write(&files(&[("a", "1\n")]), folder.path(), Edits::Refuse).unwrap();
    assert_eq!(outcome.removed, ["x/y/z"]);
    assert!(!folder.path().join("x").exists());

    put(&folder, "a", "mine\n");
    assert_eq!(
        refused(write(&[], folder.path(), Edits::Refuse)),
        [("a".to_owned(), Reason::EditedLeftover)]
    );
    assert_eq!(
        write(&[], folder.path(), Edits::GiveUp).unwrap().forced,
        ["a"]
    );
    assert!(!folder.path().join("a").exists());
}

#[test]
fn stack_settings_are_merged_and_outlive_the_spec() {
    let folder = TempDir::new().unwrap();
    let path = "Pulumi.staging.yaml";
    put(&folder, path, "encryptionsalt: v1:salt\n");
    write(
        &files(&[(path, "config:\n  a:b: c\n")]),
        folder.path(),
        Edits::Refuse,
    )
    .unwrap();
    assert_eq!(
        read(&folder, path),
        "encryptionsalt: v1:salt\nconfig:\n  a:b: c\n"
    );
    write(
        &files(&[(path, "config:\n  a:b: d\n")]),
        folder.path(),
        Edits::Refuse,
    )
    .unwrap();

    put(
        &folder,
        path,
        &read(&folder, path).replace("a:b: d", "a:b: mine"),
    );
    let next = files(&[(path, "config:\n  a:b: e\n")]);
    assert_eq!(
        refused(write(&next, folder.path(), Edits::Refuse)),
        [(path.to_owned(), Reason::SettingChanged)]
    );
    assert_eq!(
        write(&next, folder.path(), Edits::GiveUp).unwrap().forced,
        [path]
    );
    assert_eq!(
        read(&folder, path),
        "encryptionsalt: v1:salt\nconfig:\n  a:b: e\n"
    );

    assert_eq!(
        write(&[], folder.path(), Edits::GiveUp).unwrap().kept,
        [path]
    );
    assert!(read(&folder, path).starts_with("encryptionsalt"));
    assert_eq!(
        write(&[], folder.path(), Edits::GiveUp).unwrap(),
        Outcome::default()
    );
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link() {
    use std::os::unix::fs::symlink;
    let (folder, outside) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    symlink(outside.path(), folder.path().join("docs")).unwrap();
    put(&outside, "target", "mine\n");
    symlink(outside.path().join("target"), folder.path().join("a")).unwrap();
    for edits in [Edits::Refuse, Edits::SetAside, Edits::GiveUp] {
        let result = write(
            &files(&[("a", "1\n"), ("docs/b/c", "1\n")]),
            folder.path(),
            edits,
        );
        let expected = [
            ("a".to_owned(), Reason::Symlink),
            ("docs/b/c".to_owned(), Reason::Symlink),
        ];
        assert_eq!(refused(result), expected);
    }
    let link = outside.path().join("link");
    symlink(folder.path(), &link).unwrap();
    for link in [link.clone(), link.join("")] {
        for result in [
            write(&[], &link, Edits::GiveUp).map(drop),
            check(&[], &link).map(drop),
        ] {
            assert!(matches!(result, Err(Error::Folder(_, Reason::Symlink))));
        }
    }
    assert_eq!(snapshot(outside.path()).len(), 2);
    assert_eq!(read(&outside, "target"), "mine\n");
}

#[test]
fn a_folder_where_a_file_should_be_and_the_reverse() {
    let folder = TempDir::new().unwrap();
    put(&folder, "a/b", "mine\n");
    put(&folder, "c", "mine\n");
    let result = write(
        &files(&[("a", "1\n"), ("c/d", "1\n")]),
        folder.path(),
        Edits::GiveUp,
    );
    assert_eq!(
        refused(result),
        [
            ("a/b".to_owned(), Reason::HoldsOthers),
            ("c".to_owned(), Reason::NotAFile)
        ]
    );
    assert_eq!(read(&folder, "a/b") + &read(&folder, "c"), "mine\nmine\n");
}

#[test]
fn paths_that_lead_elsewhere_are_bugs() {
    let folder = TempDir::new().unwrap();
    for path in ["../a", "/a", "a//b", MANIFEST] {
        assert!(
            matches!(
                write(&files(&[(path, "")]), folder.path(), Edits::GiveUp),
                Err(Error::Path { .. })
            ),
            "{path}"
        );
    }
    assert!(matches!(
        write(
            &files(&[("a", ""), ("a", "")]),
            folder.path(),
            Edits::GiveUp
        ),
        Err(Error::Path { .. })
    ));
    assert_eq!(snapshot(folder.path()), []);
}

#[test]
fn two_builds_do_not_mix() {
    let folder = TempDir::new().unwrap();
    let take = |limit, tell: &mut dyn FnMut()| {
        disk::lock(
            folder.path(),
            &mut Patience {
                limit: Duration::from_millis(limit),
                tell,
            },
        )
    };
    let lock = take(0, &mut || panic!("nobody is there")).unwrap();
    let mut told = 0;
    let start = Instant::now();
    assert!(matches!(
        take(100, &mut || told += 1),
        Err(Error::Locked(_))
    ));
    assert!(start.elapsed() >= Duration::from_millis(100));
    assert_eq!(told, 1);
    drop(lock);
    // One that ends in time is waited for, by those who write and by those who compare.
    for is_check in [false, true] {
        // Not at once: a process that another test starts holds the lock above until it becomes another program.
        let lock = take(5_000, &mut || ()).unwrap();
        let (say, hear) = std::sync::mpsc::channel();
        let waiting = std::thread::spawn(move || {
            hear.recv().unwrap();
            drop(lock);
        });
        let mut told = 0;
        let mut waits = || {
            told += 1;
            say.send(()).unwrap();
        };
        if is_check {
            super::check(&[], folder.path(), &mut waits).unwrap();
        } else {
            super::write(&[], folder.path(), Edits::Refuse, &mut waits).unwrap();
        }
        waiting.join().unwrap();
        assert_eq!(told, 1);
    }
}

#[test]
fn a_broken_manifest_stops_the_build() {
    let folder = TempDir::new().unwrap();
    put(&folder, MANIFEST, "whatever\n");
    let error = write(&files(&[("a", "1\n")]), folder.path(), Edits::GiveUp).unwrap_err();
    assert!(
        error
            .to_string()
            .contains(".paystagec.manifest:1: not a line of a manifest"),
        "{error}"
    );
    assert!(!folder.path().join("a").exists());
}

#[test]
fn the_build_after_a_killed_one_heals_the_folder() {
    let folder = TempDir::new().unwrap();
    write(
        &files(&[("a", "1\n"), ("b", "1\n"), ("old", "1\n")]),
        folder.path(),
        Edits::Refuse,
    )
    .unwrap();
    // Killed twice: each build had written its journal and one file, the second also half a temporary file.
    let row = |path: &str, content: &[u8]| format!("{}  {path}\n", hash(content));
    put(
        &folder,
        JOURNAL,
        &(row("a", b"2\n") + &row("b", b"2\n") + &row("a", b"3\n") + &row("b", b"3\n")),
    );
    put(&folder, "a", "2\n");
    put(&folder, "b", "3\n");
    put(&folder, ".b.paystagec-tmp", "4");
    let rendered = files(&[("a", "4\n"), ("b", "4\n")]);
    // Two files that change, one that goes, the journal and the temporary file.
    assert_eq!(check(&rendered, folder.path()).unwrap().len(), 5);
    let outcome = write(&rendered, folder.path(), Edits::Refuse).unwrap();
    assert_eq!(
        (
            outcome.written.len(),
            outcome.removed.len(),
            outcome.forced.len()
        ),
        (2, 1, 0)
    );
    let names: Vec<String> = snapshot(folder.path())
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, [MANIFEST, "a", "b"]);
}
