//! `paystagec build --watch`: builds again whenever a file changes that the build before has read. What that is, the build itself
//! tells: every file and folder that it asks the loader for, also one that was missing. The folder that it writes is not among
//! them, so that no build causes the next.
//!
//! The files are looked at a few times a second. They are few, and a look at each is certain: it sees an editor that saves by
//! renaming, a folder that is mounted over a network or into a container, and a file whose folder is not there yet.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use crate::load::{Disk, Listing, Loader};

/// Between two looks. Nobody notices that a build begins so much later.
const INTERVAL: Duration = Duration::from_millis(150);

/// A look takes at most this share of the time: where there is much to look at, it is looked at less often.
const SHARE: u32 = 20;

/// How long the spec may be missing before that is told: some editors move the old file away before they write the new one.
const PATIENCE: Duration = Duration::from_secs(1);

/// Where a file stands: what changes whenever somebody writes or replaces it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stamp {
    Missing,
    File {
        length: u64,
        modified: Option<SystemTime>,
        /// Of the file behind the name, and when that was last changed in any way.
        #[cfg(unix)]
        identity: (u64, i64, i64),
    },
    /// What a folder holds, or nothing if it could not be listed.
    Folder(Option<Listing>),
}

/// A loader that remembers what it was asked for, and what that looked like just before.
#[derive(Debug)]
pub struct Watched {
    spec: PathBuf,
    disk: Disk,
    files: Mutex<BTreeMap<PathBuf, Stamp>>,
    /// By path relative to the spec.
    folders: Mutex<BTreeMap<String, Stamp>>,
}

impl Watched {
    /// For one build of the spec at this path into this folder, before the spec is read.
    pub fn new(spec: &Path, output: &Path) -> Self {
        let files = BTreeMap::from([(spec.to_owned(), stamp(spec))]);
        Self {
            spec: spec.to_owned(),
            disk: Disk::beside(spec).writing_to(output),
            files: Mutex::new(files),
            folders: Mutex::new(BTreeMap::new()),
        }
    }

    /// How many files were read, the spec not counted.
    pub fn companions(&self) -> usize {
        self.stamps().0.len().saturating_sub(1)
    }

    /// Returns once something has changed and has come to rest, with the name of what has; or with nothing, after this time.
    pub fn wait(&self, longest: Option<Duration>) -> Option<String> {
        let begin = Instant::now();
        loop {
            let start = Instant::now();
            let changed = self.changed();
            let took = start.elapsed();
            let pause = INTERVAL.max(took * SHARE);
            if let Some(name) = changed {
                self.settle(pause);
                return Some(name);
            }
            if longest.is_some_and(|longest| begin.elapsed() >= longest) {
                return None;
            }
            sleep(pause);
        }
    }

    /// Waits until two looks see the same, and the spec is there again.
    fn settle(&self, pause: Duration) {
        let start = Instant::now();
        let mut before = self.look();
        loop {
            sleep(pause);
            let now = self.look();
            let is_there = now.0.get(&self.spec) != Some(&Stamp::Missing);
            if now == before && (is_there || start.elapsed() > PATIENCE) {
                return;
            }
            before = now;
        }
    }

    /// The first file or folder that is not as it was.
    fn changed(&self) -> Option<String> {
        let (old, new) = (self.stamps(), self.look());
        let file = old
            .0
            .iter()
            .find(|(path, stamp)| new.0.get(*path) != Some(stamp));
        let folder = || {
            old.1
                .iter()
                .find(|(path, stamp)| new.1.get(*path) != Some(stamp))
        };
        let beside = |folder: &str| self.spec.with_file_name(folder).display().to_string();
        file.map(|(path, _)| path.display().to_string())
            .or_else(|| folder().map(|(path, _)| beside(path)))
    }

    /// What the files and folders look like now.
    fn look(&self) -> Looks {
        let (mut files, mut folders) = self.stamps();
        for (path, old) in &mut files {
            *old = stamp(path);
        }
        for (path, old) in &mut folders {
            *old = Stamp::Folder(self.disk.list(path).ok());
        }
        (files, folders)
    }

    /// Before a file is read: what is written in between is then a change.
    fn note(&self, path: &str) {
        let file = self.spec.with_file_name("").join(path);
        let before = stamp(&file);
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.entry(file).or_insert(before);
    }

    fn stamps(&self) -> Looks {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        (files.clone(), folders.clone())
    }
}

/// Files and folders.
type Looks = (BTreeMap<PathBuf, Stamp>, BTreeMap<String, Stamp>);

impl Loader for Watched {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.note(path);
        self.disk.read(path)
    }

    fn link_in(&self, path: &str) -> Option<String> {
        let link = self.disk.link_in(path);
        if let Some(link) = &link {
            self.note(link);
        }
        link
    }

    fn list(&self, folder: &str) -> io::Result<Listing> {
        let listed = self.disk.list(folder);
        let stamp = Stamp::Folder(listed.as_ref().ok().cloned());
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        folders.entry(folder.to_owned()).or_insert(stamp);
        listed
    }

    fn holds_output(&self, folder: &str) -> bool {
        self.disk.holds_output(folder)
    }
}

fn stamp(path: &Path) -> Stamp {
    let Ok(metadata) = std::fs::metadata(path) else {
        return Stamp::Missing;
    };
    #[cfg(unix)]
    use std::os::unix::fs::MetadataExt as _;
    Stamp::File {
        length: metadata.len(),
        modified: metadata.modified().ok(),
        #[cfg(unix)]
        identity: (metadata.ino(), metadata.ctime(), metadata.ctime_nsec()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use tempfile::TempDir;

    use super::{Loader as _, Watched};

    #[test]
    fn only_what_was_asked_for_is_watched() {
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("code")).unwrap();
        for name in ["spec.toml", "body.json", "other.json", "code/handler.py"] {
            fs::write(path(name), "one").unwrap();
        }
        let watch = || {
            let watched = Watched::new(&path("spec.toml"), &path("generated"));
            let _ = (watched.read("body.json"), watched.read("none.json"));
            let names = watched.list("code").unwrap().files;
            assert!(
                names
                    .iter()
                    .all(|name| watched.read(&format!("code/{name}")).is_ok())
            );
            let _ = watched.list("later");
            watched
        };
        let watched = watch();
        assert_eq!(watched.changed(), None);
        fs::write(path("other.json"), "two").unwrap();
        fs::write(path("code/.handler.py.swp"), "an editor's").unwrap();
        fs::create_dir(path("generated")).unwrap();
        assert_eq!(watched.changed(), None);

        type Change = fn(&dyn Fn(&str) -> std::path::PathBuf);
        let changes: [(&str, Change); 7] = [
            ("body.json", |path| {
                fs::write(path("body.json"), "two").unwrap()
            }),
            ("spec.toml", |path| {
                fs::write(path("new"), "one").unwrap();
                fs::rename(path("new"), path("spec.toml")).unwrap();
            }),
            ("none.json", |path| {
                fs::write(path("none.json"), "").unwrap()
            }),
            ("code/handler.py", |path| {
                fs::write(path("code/handler.py"), "2").unwrap()
            }),
            ("code", |path| fs::write(path("code/more.py"), "").unwrap()),
            ("code/more.py", |path| {
                fs::remove_file(path("code/more.py")).unwrap()
            }),
            ("later", |path| fs::create_dir(path("later")).unwrap()),
        ];
        for (name, change) in changes {
            let watched = watch();
            assert_eq!(watched.wait(Some(Duration::ZERO)), None, "{name}");
            change(&path);
            let changed = watched.changed();
            assert_eq!(changed, Some(path(name).display().to_string()));
        }
    }
}
