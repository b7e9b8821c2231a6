//! Changes the folder: the only place that creates, replaces or removes anything.

use std::fs::{self, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::manifest::{self, Manifest};
use super::plan::Plan;
use super::tree::{self, Tree};
use super::{Error, MANIFEST, Outcome, Reason, Refusal};
use crate::parallel;

/// What a running build is about to have written, in the form of the manifest, a path as often as needed. It is there only
/// while a build runs, or after one was killed.
pub const JOURNAL: &str = ".paystagec.manifest.next";

/// End of the name of a file that is being written.
pub const TEMPORARY: &str = ".paystagec-tmp";

/// The folder to write to, made if it is missing. A link is not followed: it could lead anywhere.
pub fn open_root(folder: &Path) -> Result<PathBuf, Error> {
    // `link/` would be looked up as what the link leads to.
    let folder: &Path = &folder.components().collect::<PathBuf>();
    match tree::kind(folder)? {
        tree::Kind::Folder => {}
        tree::Kind::Missing => fs::create_dir_all(folder).map_err(Error::io("create", folder))?,
        tree::Kind::Symlink => return Err(refused_root(folder, Reason::Symlink)),
        tree::Kind::File | tree::Kind::Other => return Err(refused_root(folder, Reason::NotAFile)),
    }
    Ok(folder.to_path_buf())
}

fn refused_root(folder: &Path, reason: Reason) -> Error {
    Error::Refused(vec![Refusal {
        path: folder.display().to_string(),
        reason,
        diff: String::new(),
    }])
}

/// Keeps other builds out of the folder until the result is dropped, also when this process is killed.
pub fn lock(root: &Path) -> Result<fs::File, Error> {
    let handle = open_for_lock(root).map_err(Error::io("open", root))?;
    match handle.try_lock() {
        Ok(()) => Ok(handle),
        Err(TryLockError::WouldBlock) => Err(Error::Locked(root.to_path_buf())),
        Err(TryLockError::Error(error)) => Err(Error::io("lock", root)(error)),
    }
}

/// The folder itself carries the lock, so that none of its files is about locking.
#[cfg(unix)]
fn open_for_lock(root: &Path) -> io::Result<fs::File> {
    fs::File::open(root)
}

/// Where a folder cannot be opened as a file, one with a reserved name carries the lock.
#[cfg(not(unix))]
fn open_for_lock(root: &Path) -> io::Result<fs::File> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(root.join(".paystagec.manifest.lock"))
}

/// Text of the manifest or the journal, if it is there.
pub fn read_own(tree: &Tree, name: &str) -> Result<Option<String>, Error> {
    match tree.entry(name)? {
        tree::Entry::Missing => Ok(None),
        tree::Entry::File(content) => {
            String::from_utf8(content)
                .map(Some)
                .map_err(|_| Error::Manifest {
                    file: tree.path(name),
                    line: 1,
                    problem: "not text",
                })
        }
        tree::Entry::InTheWay(reason) => Err(Error::Refused(vec![Refusal {
            path: name.to_owned(),
            reason,
            diff: String::new(),
        }])),
    }
}

/// Names the file of a parsing error.
pub fn parse_own(
    tree: &Tree,
    name: &str,
    parsed: Result<Manifest, (usize, &'static str)>,
) -> Result<Manifest, Error> {
    parsed.map_err(|(line, problem)| Error::Manifest {
        file: tree.path(name),
        line,
        problem,
    })
}

/// Does what the plan says.
pub fn apply(root: &Path, plan: Plan<'_>) -> Result<Outcome, Error> {
    let mut outcome = Outcome::default();
    if !plan.is_empty() {
        remove_temporaries(root, &plan)?;
        let new_manifest = manifest::print(&plan.manifest);
        let journal = journal(&plan) + &new_manifest;
        replace(root, JOURNAL, journal.as_bytes(), plan.interrupted)?;
        let replaced = parallel::map(&plan.writes, |write| {
            replace(root, &write.path, &write.content, write.old.is_some())
        });
        replaced.into_iter().collect::<Result<(), Error>>()?;
        for removal in &plan.removals {
            let path = root.join(&removal.path);
            fs::remove_file(&path).map_err(Error::io("remove", &path))?;
            remove_empty_folders(root, &removal.path);
        }
        replace(root, MANIFEST, new_manifest.as_bytes(), true)?;
        let path = root.join(JOURNAL);
        fs::remove_file(&path).map_err(Error::io("remove", &path))?;
    }
    for write in plan.writes {
        if write.forced {
            outcome.forced.push(write.path.clone());
        }
        if write.line_ends {
            outcome.line_ends.push(write.path.clone());
        }
        outcome.written.push(write.path);
    }
    for removal in plan.removals {
        if removal.forced {
            outcome.forced.push(removal.path.clone());
        }
        outcome.removed.push(removal.path);
    }
    outcome.forced.sort();
    outcome.unchanged = plan.unchanged;
    outcome.kept = plan.kept;
    outcome.yielded = plan.yielded;
    Ok(outcome)
}

/// What builds before this one may have written: if this one is killed too, the next must know their files as well.
fn journal(plan: &Plan<'_>) -> String {
    plan.known
        .iter()
        .flat_map(|(path, hashes)| hashes.iter().map(move |hash| format!("{hash}  {path}\n")))
        .collect()
}

/// Replaces a file as a whole: whoever looks sees the old content or the new one. `is_there` says whether there may be an old
/// one, whose permissions stay.
fn replace(root: &Path, path: &str, content: &[u8], is_there: bool) -> Result<(), Error> {
    let target = root.join(path);
    let temporary = temporary(&target);
    let written = create(&temporary).and_then(|mut file| {
        file.write_all(content)?;
        if is_there && let Ok(old) = fs::metadata(&target) {
            file.set_permissions(old.permissions())?;
        }
        fs::rename(&temporary, &target)
    });
    if written.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&temporary);
    }
    written.map_err(Error::io("write", &target))
}

/// A new file, with the folders above it; in the place of one that a killed build left.
fn create(path: &Path) -> io::Result<fs::File> {
    let open = || OpenOptions::new().write(true).create_new(true).open(path);
    let error = match open() {
        Ok(file) => return Ok(file),
        Err(error) => error,
    };
    match (error.kind(), path.parent()) {
        (io::ErrorKind::AlreadyExists, _) => fs::remove_file(path)?,
        (io::ErrorKind::NotFound, Some(parent)) => fs::create_dir_all(parent)?,
        _ => return Err(error),
    }
    open()
}

/// In the folder of the target, since a rename does not cross file systems.
fn temporary(target: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(TEMPORARY);
    target.with_file_name(name)
}

fn remove_if_there(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// A killed build may have left half a file under its temporary name.
fn remove_temporaries(root: &Path, plan: &Plan<'_>) -> Result<(), Error> {
    if plan.interrupted {
        for path in plan.known.keys().map(String::as_str).chain([MANIFEST]) {
            remove_if_there(&temporary(&root.join(path)))?;
        }
    }
    Ok(())
}

/// Folders that a removal leaves empty go too; one that holds anything else stays.
fn remove_empty_folders(root: &Path, path: &str) {
    let mut folder = path;
    while let Some((parent, _)) = folder.rsplit_once('/') {
        if fs::remove_dir(root.join(parent)).is_err() {
            return;
        }
        folder = parent;
    }
}
