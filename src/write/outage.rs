//! Power loss after any step of a build, a full disk, edits while a build runs: what each leaves, and what the next build makes of
//! it.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Mutex;

use tempfile::TempDir;

mod observed;

use observed::{Contents, Lost, Observed, Step, after_outage, contents, put};

use super::disk::Patience;
use super::survey::Request;
use super::{
    Edits, Error, File, LONGEST_WAIT, MANIFEST, Outcome, TEMPORARY, check, stack_settings, write_to,
};
use crate::project_path::JOURNAL;

fn nothing(_: &Step, _: &Path) -> io::Result<()> {
    Ok(())
}

fn build(device: &Observed<'_>, files: &[File], edits: Edits) -> Result<Outcome, Error> {
    // No other build is there. But a process that another test starts holds every lock of this one for an instant, until it
    // becomes another program.
    let patience = Patience {
        limit: LONGEST_WAIT,
        tell: &mut || (),
    };
    write_to(device, files, device.root, &Request::of(edits), patience)
}

fn rendered(list: &[(&str, &str)]) -> Vec<File> {
    let file = |(path, content): &(&str, &str)| File {
        path: (*path).to_owned(),
        content: content.as_bytes().to_vec().into(),
    };
    list.iter().map(file).collect()
}

const SETTINGS: &str = "Pulumi.staging.yaml";
/// A folder of the team's own, with nothing in it, beside one of the compiler's.
const MY_FOLDER: &str = "g/mine";
const SALT: &str = "encryptionsalt: v1:salt\n";

/// Three specs, one after the other: files that come, change and go, a file that becomes a folder and one the other way round.
fn specs() -> [Vec<File>; 3] {
    [
        rendered(&[
            ("a.py", "a 1\n"),
            ("f/x", "file\n"),
            ("g/y/z", "folder\n"),
            ("same", "same\n"),
            (SETTINGS, "config:\n  a:b: one\n"),
        ]),
        rendered(&[
            ("a.py", "a 2\n"),
            ("f/x/inner", "folder\n"),
            ("g/y", "file\n"),
            ("new/deep/b.py", "b 1\n"),
            ("same", "same\n"),
            (SETTINGS, "config:\n  a:b: two\n"),
        ]),
        rendered(&[
            ("b.py", "b 2\n"),
            ("same", "same\n"),
            (SETTINGS, "config:\n  a:b: three\n"),
        ]),
    ]
}

/// The folder after a build of the first spec, with what a team adds.
fn first(root: &Path) {
    let device = Observed::new(root, &nothing);
    build(&device, &specs()[0], Edits::Refuse).unwrap();
    let settings = root.join(SETTINGS);
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(settings, text + SALT).unwrap();
    fs::write(root.join("mine"), "mine\n").unwrap();
    fs::create_dir_all(root.join(MY_FOLDER)).unwrap();
}

/// The settings are whole, and the next build makes of the folder what it makes of any other.
#[track_caller]
fn assert_healed(left: &Contents, lost: Lost, at: &str) {
    if let Some(settings) = left.get(SETTINGS) {
        let text = String::from_utf8(settings.clone().unwrap()).unwrap();
        assert!(text.starts_with("config:\n  a:b: "), "{at}: {text:?}");
    }
    let had_salt = left
        .get(SETTINGS)
        .is_some_and(|text| text.as_deref().unwrap().ends_with(SALT.as_bytes()));
    for files in specs() {
        let folder = TempDir::new().unwrap();
        put(folder.path(), left);
        let device = Observed::new(folder.path(), &nothing);
        let outcome = build(&device, &files, Edits::Refuse);
        let outcome = outcome.unwrap_or_else(|error| panic!("{at}: {error:?}"));
        assert_eq!(outcome.forced.len(), 0, "{at}");
        let mut found = contents(folder.path());
        assert!(found.contains_key(MANIFEST));
        let folders: BTreeSet<String> = found
            .iter()
            .filter(|(_, content)| content.is_none())
            .map(|(path, _)| path.clone())
            .collect();
        found.retain(|path, content| path != MANIFEST && content.is_some());
        // Half of a journal does not know for which files folders were made.
        if matches!(lost, Lost::Nothing) {
            let is_used = |folder: &String| {
                let start = format!("{folder}/");
                MY_FOLDER.starts_with(folder.as_str())
                    || found.keys().any(|path| path.starts_with(&start))
            };
            let empty: Vec<&String> = folders.iter().filter(|folder| !is_used(folder)).collect();
            assert!(empty.is_empty(), "{at}: {empty:?} stay empty");
        }
        if left.contains_key(MY_FOLDER) {
            assert!(folders.contains(MY_FOLDER), "{at}");
        }
        let mut expected: Contents = files
            .iter()
            .map(|file| (file.path.clone(), Some(file.content.to_vec())))
            .collect();
        if left.contains_key("mine") {
            expected.insert("mine".to_owned(), Some(b"mine\n".to_vec()));
        }
        if had_salt {
            let settings = expected.get_mut(SETTINGS).unwrap().as_mut().unwrap();
            settings.extend_from_slice(SALT.as_bytes());
        }
        assert_eq!(found, expected, "{at}");
        assert_eq!(
            check(&files, folder.path(), &mut || ()).unwrap(),
            [],
            "{at}"
        );
    }
}

const LOSSES: [Lost; 4] = [Lost::Nothing, Lost::All, Lost::Half, Lost::Bytes];

/// Takes the power away after each step of a build.
fn assert_survives(before: &Contents, steps: &[Step], losses: &[Lost]) {
    for end in 0..=steps.len() {
        for lost in losses {
            let left = after_outage(before, &steps[..end], *lost);
            let last = end.checked_sub(1).map(|last| &steps[last]);
            let at = format!("{lost:?} lost after {end}: {last:?}");
            assert_healed(&left, *lost, &at);
            if before.contains_key("mine") {
                let settings = left[SETTINGS].as_deref().unwrap();
                assert!(settings.ends_with(SALT.as_bytes()), "the salt is gone");
            }
        }
    }
}

#[test]
fn a_loss_of_power_at_any_step_is_healed_by_the_next_build() {
    // The very first build.
    let folder = TempDir::new().unwrap();
    let device = Observed::new(folder.path(), &nothing);
    build(&device, &specs()[0], Edits::Refuse).unwrap();
    let steps = device.steps.into_inner().unwrap();
    assert_eq!(
        after_outage(&Contents::new(), &steps, Lost::All),
        contents(folder.path()),
        "at the end there is nothing to lose"
    );
    assert_survives(&Contents::new(), &steps, &LOSSES);

    // One that changes everything.
    let folder = TempDir::new().unwrap();
    first(folder.path());
    let before = contents(folder.path());
    let device = Observed::new(folder.path(), &nothing);
    build(&device, &specs()[1], Edits::Refuse).unwrap();
    let steps = device.steps.into_inner().unwrap();
    assert_eq!(
        after_outage(&before, &steps, Lost::All),
        contents(folder.path())
    );
    assert_survives(&before, &steps, &LOSSES);

    // One more after it, of another spec, that loses power too: from each place where the first may have ended.
    for end in (0..steps.len()).step_by(4) {
        let left = after_outage(&before, &steps[..end], Lost::All);
        let folder = TempDir::new().unwrap();
        put(folder.path(), &left);
        let device = Observed::new(folder.path(), &nothing);
        build(&device, &specs()[2], Edits::Refuse).unwrap();
        assert_survives(&left, &device.steps.into_inner().unwrap(), &[Lost::All]);
    }
}

#[test]
fn contents_are_on_the_disk_before_names() {
    let folder = TempDir::new().unwrap();
    first(folder.path());
    let device = Observed::new(folder.path(), &nothing);
    build(&device, &specs()[1], Edits::Refuse).unwrap();
    let steps = device.steps.into_inner().unwrap();
    let at = |what: &dyn Fn(&Step) -> bool| steps.iter().position(what).unwrap();
    let last = |what: &dyn Fn(&Step) -> bool| steps.iter().rposition(what).unwrap();
    let first_rename = at(&|step| matches!(step, Step::Rename(..)));
    let last_create = last(&|step| matches!(step, Step::Create(..)));
    let all = at(&|step| *step == Step::SyncAll);
    assert!(last_create < all && all < first_rename);
    let settings = format!(".{SETTINGS}{TEMPORARY}");
    for synced in [settings.as_str(), JOURNAL, ""] {
        let at = at(&|step| *step == Step::Sync(synced.to_owned()));
        assert!(last_create < at && at < first_rename, "{synced}");
    }
    let [.., Step::Rename(_, manifest), Step::Remove(journal)] = steps.as_slice() else {
        panic!("{steps:?}");
    };
    assert_eq!((manifest.as_str(), journal.as_str()), (MANIFEST, JOURNAL));

    // Where nothing changes, nothing is waited for.
    let device = Observed::new(folder.path(), &nothing);
    build(&device, &specs()[1], Edits::Refuse).unwrap();
    assert_eq!(device.steps.into_inner().unwrap(), []);
}

#[test]
fn what_somebody_writes_while_a_build_runs_stays() {
    type Meddle = fn(&Path);
    let edit: Meddle = |root| fs::write(root.join("a.py"), "mine\n").unwrap();
    let new: Meddle = |root| {
        fs::create_dir_all(root.join("new/deep")).unwrap();
        fs::write(root.join("new/deep/b.py"), "mine\n").unwrap();
    };
    let settings: Meddle = |root| {
        let path = root.join(SETTINGS);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, text + "secretsprovider: mine\n").unwrap();
    };
    let manifest: Meddle = |root| fs::write(root.join(MANIFEST), "mine\n").unwrap();
    let cases = [
        ("a.py", edit),
        ("new/deep/b.py", new),
        (SETTINGS, settings),
        ("g/y/z", |root| {
            fs::write(root.join("g/y/z"), "mine\n").unwrap()
        }),
        (MANIFEST, manifest),
    ];
    for (path, meddle) in cases {
        for edits in [Edits::Refuse, Edits::SetAside, Edits::GiveUp] {
            let folder = TempDir::new().unwrap();
            let root = folder.path();
            first(root);
            let journal_is_next = |step: &Step, root: &Path| {
                let Step::Create(path, _) = step else {
                    return Ok(());
                };
                if path == JOURNAL {
                    meddle(root);
                }
                Ok(())
            };
            let device = Observed::new(root, &journal_is_next);
            match build(&device, &specs()[1], edits) {
                Err(Error::Changed(paths)) => assert_eq!(paths, [root.join(path)]),
                other => panic!("{path}: {other:?}"),
            }
            let text = fs::read_to_string(root.join(path)).unwrap();
            assert!(text.ends_with("mine\n"), "{path}: {text}");
            let left = contents(root);
            assert!(
                !left.keys().any(|path| path.ends_with(TEMPORARY)),
                "{left:?}"
            );
        }
    }

    // A link in the place of a folder leads nowhere.
    #[cfg(unix)]
    {
        let (folder, outside) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let root = folder.path();
        first(root);
        fs::create_dir(root.join("new")).unwrap();
        let swap = |step: &Step, root: &Path| {
            if *step == Step::SyncAll {
                fs::rename(root.join("new"), outside.path().join("new")).unwrap();
                std::os::unix::fs::symlink(outside.path().join("new"), root.join("new")).unwrap();
            }
            Ok(())
        };
        let device = Observed::new(root, &swap);
        assert!(build(&device, &specs()[1], Edits::Refuse).is_err());
        assert!(!outside.path().join("new/deep/b.py").exists());
    }
}

#[test]
fn a_disk_that_fails_before_the_first_rename_changes_nothing() {
    let reference = TempDir::new().unwrap();
    first(reference.path());
    let before = contents(reference.path());
    for number in 0.. {
        let folder = TempDir::new().unwrap();
        put(folder.path(), &before);
        let count = Mutex::new(0);
        let full = |step: &Step, _: &Path| {
            let mut count = count.lock().unwrap();
            let fails = matches!(step, Step::Create(..) | Step::Sync(_) | Step::SyncAll);
            *count += usize::from(fails);
            if fails && *count > number {
                return Err(io::ErrorKind::StorageFull.into());
            }
            Ok(())
        };
        let device = Observed::new(folder.path(), &full);
        // A spec in which no file makes room for a folder: such a file is gone before.
        match build(&device, &specs()[2], Edits::Refuse) {
            Ok(_) => {
                assert!(number > 5, "nothing has failed");
                return;
            }
            Err(Error::Io { .. }) => {}
            Err(error) => panic!("{error:?}"),
        }
        assert_eq!(contents(folder.path()), before, "{number}");
    }
}

#[test]
fn settings_are_the_only_file_that_is_synced_by_itself() {
    assert!(stack_settings::is_path(SETTINGS));
    let folder = TempDir::new().unwrap();
    first(folder.path());
    let mut files = specs()[0].clone();
    files[0].content = b"a 3\n".to_vec().into();
    let device = Observed::new(folder.path(), &nothing);
    build(&device, &files, Edits::Refuse).unwrap();
    let steps = device.steps.into_inner().unwrap();
    let synced: Vec<&Step> = steps
        .iter()
        .filter(|step| matches!(step, Step::Sync(_) | Step::SyncAll))
        .collect();
    assert_eq!(
        synced,
        [
            &Step::SyncAll,
            &Step::Sync(JOURNAL.to_owned()),
            &Step::Sync(String::new())
        ]
    );
}
