//! What is in the way: folders for files, files for folders, and what killed builds leave.

use std::fs;

use tempfile::TempDir;

use crate::project_path::JOURNAL;

use super::super::manifest::hash;
use super::super::{Edits, Error, Reason};
use super::{check, files, put, read, refused, snapshot, write};

#[test]
fn an_own_file_becomes_a_folder_and_an_own_folder_a_file() {
    let (file, inner) = (
        files(&[("a.py", "1\n"), ("x", "1\n")]),
        files(&[("a.py/b/c", "2\n"), ("a.py/d", "2\n")]),
    );
    for edits in [Edits::Refuse, Edits::SetAside, Edits::GiveUp] {
        let place = TempDir::new().unwrap();
        let folder = place.path().join("out");
        for rendered in [&file, &inner, &file, &inner] {
            assert_eq!(write(rendered, &folder, edits).unwrap().forced.len(), 0);
            assert_eq!(check(rendered, &folder).unwrap(), []);
            assert_eq!(write(rendered, &folder, edits).unwrap().written.len(), 0);
        }
        // An empty folder is nobody's loss.
        fs::create_dir(folder.join("a.py/empty")).unwrap();
        assert_eq!(write(&file, &folder, edits).unwrap().removed.len(), 2);
        assert_eq!(fs::read(folder.join("a.py")).unwrap(), b"1\n");
    }
}

#[test]
fn nothing_of_the_users_is_lost_where_a_file_becomes_a_folder() {
    let (file, inner) = (files(&[("a", "1\n")]), files(&[("a/b", "2\n")]));
    let folder = TempDir::new().unwrap();
    write(&inner, folder.path(), Edits::Refuse).unwrap();
    put(&folder, "a/mine", "mine\n");
    let before = snapshot(folder.path());
    for edits in [Edits::Refuse, Edits::SetAside, Edits::GiveUp] {
        assert_eq!(
            refused(write(&file, folder.path(), edits)),
            [("a/mine".to_owned(), Reason::HoldsOthers)]
        );
        assert_eq!(snapshot(folder.path()), before);
    }
    fs::remove_file(folder.path().join("a/mine")).unwrap();
    put(&folder, "a/b", "edited\n");
    assert_eq!(
        refused(write(&file, folder.path(), Edits::Refuse)),
        [("a/b".to_owned(), Reason::EditedLeftover)]
    );
    assert_eq!(
        write(&file, folder.path(), Edits::GiveUp).unwrap().forced,
        ["a/b"]
    );
    put(&folder, "a", "edited\n");
    assert_eq!(
        refused(write(&inner, folder.path(), Edits::Refuse)),
        [("a".to_owned(), Reason::EditedLeftover)]
    );
    assert_eq!(
        write(&inner, folder.path(), Edits::GiveUp).unwrap().forced,
        ["a"]
    );
    assert_eq!(read(&folder, "a/b"), "2\n");
}

#[test]
fn what_is_no_folder_is_not_written_to() {
    let place = TempDir::new().unwrap();
    put(&place, "file", "mine\n");
    for out in ["file", "file/below/it"] {
        let out = place.path().join(out);
        for result in [
            write(&[], &out, Edits::GiveUp).map(drop),
            check(&[], &out).map(drop),
        ] {
            let error = result.unwrap_err();
            assert!(matches!(error, Error::Folder(_, Reason::NotAFolder)));
            let file = place.path().join("file");
            assert_eq!(
                error.to_string(),
                format!("{} is not a folder", file.display())
            );
        }
    }
}

#[test]
fn leftovers_of_a_killed_build_are_named_and_go() {
    let rendered = files(&[("a", "1\n"), ("b/c", "1\n")]);
    let leftovers = [
        JOURNAL,
        "..paystagec.manifest.next.paystagec-tmp",
        "..paystagec.manifest.paystagec-tmp",
        ".a.paystagec-tmp",
        ".gone.py.paystagec-tmp",
        "b/.c.paystagec-tmp",
    ];
    let folder = TempDir::new().unwrap();
    write(&rendered, folder.path(), Edits::Refuse).unwrap();
    let clean = snapshot(folder.path());
    for leftover in leftovers {
        put(&folder, leftover, "");
        let stale = check(&rendered, folder.path()).unwrap();
        assert_eq!(stale.len(), 1, "{leftover}");
        assert_eq!(stale[0].path, leftover);
        write(&rendered, folder.path(), Edits::Refuse).unwrap();
        assert_eq!(snapshot(folder.path()), clean, "{leftover}");
    }
    // With the journal, those in folders that no build knows of any more.
    put(&folder, JOURNAL, "half a li");
    put(&folder, "gone/deep/.x.paystagec-tmp", "");
    put(&folder, ".venv/.x.paystagec-tmp", "mine");
    put(&folder, "b/c.paystagec-tmp", "mine");
    assert_eq!(check(&rendered, folder.path()).unwrap().len(), 2);
    write(&rendered, folder.path(), Edits::Refuse).unwrap();
    assert!(!folder.path().join("gone/deep/.x.paystagec-tmp").exists());
    assert_eq!(read(&folder, ".venv/.x.paystagec-tmp"), "mine");
    assert_eq!(read(&folder, "b/c.paystagec-tmp"), "mine");
    assert_eq!(check(&rendered, folder.path()).unwrap(), []);
}

#[test]
fn what_a_killed_build_only_promised_is_the_users() {
    let rendered = files(&[("a", "1\n")]);
    let with = files(&[("a", "1\n"), ("new", "2\n")]);
    for edits in [Edits::Refuse, Edits::SetAside, Edits::GiveUp] {
        let folder = TempDir::new().unwrap();
        write(&rendered, folder.path(), Edits::Refuse).unwrap();
        let journal = format!("{}  new\n{}  other\n", hash(b"2\n"), hash(b"3\n"));
        put(&folder, JOURNAL, &journal);
        put(&folder, "new", "mine\n");
        put(&folder, "other", "3\n");
        assert_eq!(
            refused(write(&with, folder.path(), edits)),
            [("new".to_owned(), Reason::NotOwned)]
        );
        let outcome = write(&rendered, folder.path(), edits).unwrap();
        // What was written as promised is the compiler's.
        assert_eq!(
            (outcome.removed, outcome.forced),
            (vec!["other".to_owned()], vec![])
        );
        assert_eq!(read(&folder, "new"), "mine\n");
        assert!(!folder.path().join(JOURNAL).exists());
        assert_eq!(
            refused(write(&with, folder.path(), edits)),
            [("new".to_owned(), Reason::NotOwned)]
        );
    }
}
