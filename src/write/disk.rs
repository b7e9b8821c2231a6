//! Changes the folder: the only place that creates, replaces or removes anything.

use std::fs::{self, Permissions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::device::Device;
use super::plan::{Plan, Removal};
use super::stack_settings;
use super::tree::{self, Entry, Tree};
use super::{Error, Outcome, Reason};
use crate::parallel;
use crate::project_path::{JOURNAL, MANIFEST, TEMPORARY};

/// Between two attempts to get the lock.
const PAUSE: Duration = Duration::from_millis(40);

/// Whether there is a folder to write to. A link is not followed: it could lead anywhere.
fn is_there(folder: &Path) -> Result<bool, Error> {
    let refused = |path: &Path, reason| Err(Error::Folder(path.to_path_buf(), reason));
    match tree::kind(folder) {
        Ok(tree::Kind::Folder) => Ok(true),
        Ok(tree::Kind::Missing) => Ok(false),
        Ok(tree::Kind::Symlink) => refused(folder, Reason::Symlink),
        Ok(tree::Kind::File | tree::Kind::Other) => refused(folder, Reason::NotAFolder),
        // Something on the way to it is none.
        Err(error) => match folder.ancestors().find(|path| path.is_file()) {
            Some(file) => refused(file, Reason::NotAFolder),
            None => Err(error),
        },
    }
}

/// The folder as it is looked up: `link/` would be what the link leads to.
fn plain(folder: &Path) -> PathBuf {
    folder.components().collect()
}

/// The folder to write to, made if it is missing.
pub fn open_root(folder: &Path) -> Result<PathBuf, Error> {
    let folder = plain(folder);
    if !is_there(&folder)? {
        fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
    }
    Ok(folder)
}

/// How long to wait for another build, and whom to tell that it takes a while.
pub struct Patience<'p> {
    pub limit: Duration,
    pub tell: &'p mut dyn FnMut(),
}

/// Keeps other builds out of the folder until the result is dropped, also when this process is killed.
pub fn lock(root: &Path, patience: &mut Patience<'_>) -> Result<fs::File, Error> {
    let handle = open_for_lock(root).map_err(Error::io("open", root))?;
    let lock = || handle.try_lock();
    wait_for(root, patience, &lock)?;
    Ok(handle)
}

/// Keeps builds out while the folder is only read. Nothing, where there is no folder or none that takes a lock: whoever may only
/// read it can still compare.
pub fn lock_to_read(folder: &Path, patience: &mut Patience<'_>) -> Result<Option<fs::File>, Error> {
    let folder = plain(folder);
    if !is_there(&folder)? || !cfg!(unix) {
        return Ok(None);
    }
    let Ok(handle) = fs::File::open(&folder) else {
        return Ok(None);
    };
    match wait_for(&folder, patience, &|| handle.try_lock_shared()) {
        Ok(()) => Ok(Some(handle)),
        Err(Error::Io { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn wait_for(
    root: &Path,
    patience: &mut Patience<'_>,
    lock: &dyn Fn() -> Result<(), TryLockError>,
) -> Result<(), Error> {
    let start = Instant::now();
    let mut is_told = false;
    loop {
        match lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", root)(error)),
            Err(TryLockError::WouldBlock) if start.elapsed() >= patience.limit => {
                return Err(Error::Locked(root.to_path_buf()));
            }
            Err(TryLockError::WouldBlock) => {
                if !is_told {
                    (patience.tell)();
                    is_told = true;
                }
                sleep(PAUSE);
            }
        }
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
    fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(root.join(".paystagec.manifest.lock"))
}

/// Does what the plan says.
pub fn apply(device: &dyn Device, root: &Path, plan: Plan<'_>) -> Result<Outcome, Error> {
    if !plan.is_empty() {
        let run = Run {
            device,
            root,
            plan: &plan,
        };
        run.all()?;
    }
    let mut outcome = Outcome {
        ..Outcome::default()
    };
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
    outcome.unmerged = plan.before.unmerged;
    Ok(outcome)
}

/// One build's changes. In this order, whatever ends it between two steps, also a loss of power, leaves a folder that the next
/// build understands: every file is whole, old or new, and the journal knows what the new ones are.
struct Run<'r> {
    device: &'r dyn Device,
    root: &'r Path,
    plan: &'r Plan<'r>,
}

impl Run<'_> {
    fn all(&self) -> Result<(), Error> {
        for path in &self.plan.leftovers {
            self.remove(&self.root.join(path))?;
        }
        let manifest = self.plan.new_manifest();
        let done = self
            .prepare(&manifest)
            .and_then(|()| self.exchange())
            .and_then(|()| self.finish());
        if done.is_err() {
            // What was exchanged stays, and the journal with it. The first error is the one to report.
            for path in self.targets() {
                let _ = self.device.remove(&temporary(&path));
            }
        }
        done
    }

    /// Whether a file is about to change, so that there must be a journal.
    fn has_changes(&self) -> bool {
        !self.plan.writes.is_empty() || !self.plan.removals.is_empty()
    }

    fn targets(&self) -> impl Iterator<Item = PathBuf> {
        let writes = self.plan.writes.iter().map(|write| write.path.as_str());
        writes.chain([MANIFEST]).map(|path| self.root.join(path))
    }

    /// Puts all that is new beside what it replaces, with the journal, and sees to it that it is on the disk. Nothing of what was
    /// there has changed when this fails.
    fn prepare(&self, manifest: &str) -> Result<(), Error> {
        let journal = self.root.join(JOURNAL);
        if self.has_changes() {
            self.write_journal(&journal, manifest)?;
        }
        let ready = self.clear_the_way().and_then(|()| {
            let written = parallel::map(&self.plan.writes, |write| {
                let target = self.root.join(&write.path);
                self.place(&target, &write.content, write.old.is_some())
            });
            written.into_iter().collect::<Result<(), Error>>()?;
            let target = self.root.join(MANIFEST);
            self.place(&target, manifest.as_bytes(), true)?;
            self.sync(&journal)
        });
        if ready.is_err() && !self.plan.before.interrupted && self.plan.cleared.is_empty() {
            let _ = self.device.remove(&journal);
        }
        ready
    }

    /// What builds before this one may have written, and what this one will: if it is killed too, the next must know their
    /// files as well.
    fn write_journal(&self, path: &Path, manifest: &str) -> Result<(), Error> {
        let known = self.plan.before.known.iter();
        let text: String = known
            .flat_map(|(path, hashes)| hashes.iter().map(move |hash| format!("{hash}  {path}\n")))
            .collect();
        let text = text + manifest;
        let written = if self.plan.before.interrupted {
            // The one before counts until this one is whole.
            let next = temporary(path);
            self.create(&next, text.as_bytes(), None)
                .and_then(|()| self.device.sync(&next))
                .and_then(|()| self.device.rename(&next, path))
        } else {
            self.create(path, text.as_bytes(), None)
        };
        written.map_err(Error::io("write", path))
    }

    /// Removes files where folders will be, and the other way round: they are the compiler's, as the plan has seen.
    fn clear_the_way(&self) -> Result<(), Error> {
        let plan = self.plan;
        if plan.cleared.is_empty() {
            return Ok(());
        }
        let in_the_way = plan.removals.iter().filter(|removal| plan.clears(removal));
        self.remove_all(&in_the_way.collect::<Vec<_>>())?;
        for folder in &plan.emptied {
            // One that is not empty stops the rename.
            let _ = self.device.remove_folder(&self.root.join(folder));
        }
        Ok(())
    }

    /// A new file under its temporary name. `is_there` says whether there may be an old one, whose permissions stay.
    fn place(&self, target: &Path, content: &[u8], is_there: bool) -> Result<(), Error> {
        let old = is_there.then(|| fs::metadata(target).ok()).flatten();
        self.create(
            &temporary(target),
            content,
            old.map(|old| old.permissions()),
        )
        .map_err(Error::io("write", target))
    }

    /// A new file, with the folders above it; in the place of one that a killed build left.
    fn create(&self, path: &Path, content: &[u8], like: Option<Permissions>) -> io::Result<()> {
        let error = match self.device.create(path, content, like.clone()) {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        match (error.kind(), path.parent()) {
            (io::ErrorKind::AlreadyExists, _) => self.device.remove(path)?,
            (io::ErrorKind::NotFound, Some(parent)) => self.device.create_folders(parent)?,
            _ => return Err(error),
        }
        self.device.create(path, content, like)
    }

    /// Contents before names. All at once, which takes as long as one file does; then, on a system that promises little for
    /// all at once, again the two that a team cannot make again: the settings with the stack's salt, and the journal.
    fn sync(&self, journal: &Path) -> Result<(), Error> {
        let mut new: Vec<PathBuf> = self.targets().map(|path| temporary(&path)).collect();
        if self.has_changes() {
            new.push(journal.to_path_buf());
        }
        let files: Vec<&Path> = new.iter().map(PathBuf::as_path).collect();
        let all = self.device.sync_all(self.root, &files);
        if all.map_err(Error::io("sync", self.root))? {
            return Ok(());
        }
        let settings = self.plan.writes.iter().map(|write| &write.path);
        let settings = settings
            .filter(|path| stack_settings::is_path(path))
            .map(|path| temporary(&self.root.join(path)));
        let journal = self.has_changes().then(|| journal.to_path_buf());
        for path in settings.chain(journal).chain([self.root.to_path_buf()]) {
            self.device.sync(&path).map_err(Error::io("sync", &path))?;
        }
        Ok(())
    }

    /// Gives every new file its name, unless somebody has changed what stands there since the plan was made.
    fn exchange(&self) -> Result<(), Error> {
        // Folders are looked at anew too: one may have become a link.
        let tree = Tree::open(self.root);
        let done = parallel::map(&self.plan.writes, |write| {
            let now = tree.entry(&write.path)?;
            let is_there = now != Entry::Missing;
            if is_there && !is_still(&now, write.old.as_deref()) {
                return Ok(false);
            }
            self.name(&self.root.join(&write.path), is_there)
        });
        let mut changed = Vec::new();
        for (write, done) in self.plan.writes.iter().zip(done) {
            if !done? {
                changed.push(self.root.join(&write.path));
            }
        }
        if changed.is_empty() {
            return Ok(());
        }
        Err(Error::Changed(changed))
    }

    /// False if somebody was quicker.
    fn name(&self, target: &Path, is_there: bool) -> Result<bool, Error> {
        let new = temporary(target);
        let renamed = if is_there {
            self.device.rename(&new, target)
        } else {
            self.device.rename_new(&new, target)
        };
        match renamed {
            Ok(()) => Ok(true),
            Err(error) if !is_there && error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(Error::io("write", target)(error)),
        }
    }

    /// What is left over goes, the manifest comes, the journal goes.
    fn finish(&self) -> Result<(), Error> {
        let plan = self.plan;
        let others = plan.removals.iter().filter(|removal| !plan.clears(removal));
        self.remove_all(&others.collect::<Vec<_>>())?;
        let tree = Tree::open(self.root);
        for path in &plan.vacated {
            if tree.entry(path)? == Entry::Missing {
                self.remove_empty_above(path);
            }
        }
        let manifest = self.root.join(MANIFEST);
        let now = Tree::open(self.root).entry(MANIFEST)?;
        let old = plan.before.manifest.as_ref().map(String::as_bytes);
        let is_there = now != Entry::Missing;
        if is_there && !is_still(&now, old) || !self.name(&manifest, is_there)? {
            return Err(Error::Changed(vec![manifest]));
        }
        if self.has_changes() || plan.before.interrupted {
            self.remove(&self.root.join(JOURNAL))?;
        }
        Ok(())
    }

    /// Removes files that are still what the plan has seen. Folders that are empty then go too; one that holds anything else
    /// stays.
    fn remove_all(&self, removals: &[&Removal]) -> Result<(), Error> {
        let tree = Tree::open(self.root);
        for removal in removals {
            let path = self.root.join(&removal.path);
            match tree.entry(&removal.path)? {
                Entry::Missing => continue,
                now if is_still(&now, Some(&removal.old)) => self.remove(&path)?,
                _ => return Err(Error::Changed(vec![path])),
            }
            self.remove_empty_above(&removal.path);
        }
        Ok(())
    }

    /// Removes the folders above a file that is gone, up to the first that holds anything. Of what `Tree` finds missing, none is a link.
    fn remove_empty_above(&self, path: &str) {
        let mut folder = path;
        while let Some((parent, _)) = folder.rsplit_once('/') {
            match self.device.remove_folder(&self.root.join(parent)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return,
                _ => folder = parent,
            }
        }
    }

    fn remove(&self, path: &Path) -> Result<(), Error> {
        match self.device.remove(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::io("remove", path)(error))
            }
            _ => Ok(()),
        }
    }
}

/// Whether a file stands there with this content.
fn is_still(now: &Entry, old: Option<&[u8]>) -> bool {
    matches!(now, Entry::File(content) if Some(content.as_slice()) == old)
}

/// In the folder of the target, since a rename does not cross file systems.
fn temporary(target: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(TEMPORARY);
    target.with_file_name(name)
}
