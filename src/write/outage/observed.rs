//! The machine's disk with a protocol of what was done to it, and what a loss of power leaves of that.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Permissions};
use std::io;
use std::path::Path;
use std::sync::Mutex;

use super::super::device::{Device, Machine};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Create(String, Vec<u8>),
    CreateFolders(String),
    Rename(String, String),
    Remove(String),
    RemoveFolder(String),
    Sync(String),
    SyncAll,
}

/// What a test does when a step is about to happen; an error stops it.
pub type Before<'t> = dyn Fn(&Step, &Path) -> io::Result<()> + Sync + 't;

/// The machine's disk, without waiting for it, and with a protocol.
pub struct Observed<'t> {
    pub root: &'t Path,
    pub steps: Mutex<Vec<Step>>,
    before: &'t Before<'t>,
}

impl<'t> Observed<'t> {
    pub fn new(root: &'t Path, before: &'t Before<'t>) -> Self {
        Self {
            root,
            steps: Mutex::default(),
            before,
        }
    }

    fn name(&self, path: &Path) -> String {
        path.strip_prefix(self.root).unwrap().display().to_string()
    }

    fn step(&self, step: Step, act: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        (self.before)(&step, self.root)?;
        act()?;
        self.steps.lock().unwrap().push(step);
        Ok(())
    }
}

impl Device for Observed<'_> {
    fn create(&self, path: &Path, content: &[u8], like: Option<Permissions>) -> io::Result<()> {
        let step = Step::Create(self.name(path), content.to_vec());
        self.step(step, || Machine.create(path, content, like))
    }

    fn create_folders(&self, path: &Path) -> io::Result<()> {
        self.step(Step::CreateFolders(self.name(path)), || {
            Machine.create_folders(path)
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let step = Step::Rename(self.name(from), self.name(to));
        self.step(step, || Machine.rename(from, to))
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        let step = Step::Rename(self.name(from), self.name(to));
        self.step(step, || Machine.rename_new(from, to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step(Step::Remove(self.name(path)), || Machine.remove(path))
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.step(Step::RemoveFolder(self.name(path)), || {
            Machine.remove_folder(path)
        })
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.step(Step::Sync(self.name(path)), || {
            fs::symlink_metadata(path).map(drop)
        })
    }

    /// As on a system that promises little for all at once.
    fn sync_all(&self, _folder: &Path, files: &[&Path]) -> io::Result<bool> {
        self.step(Step::SyncAll, || {
            files
                .iter()
                .try_for_each(|file| fs::symlink_metadata(file).map(drop))
        })?;
        Ok(false)
    }
}

/// Files by path; a folder has no content.
pub type Contents = BTreeMap<String, Option<Vec<u8>>>;

pub fn contents(root: &Path) -> Contents {
    let mut found = Contents::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().display().to_string();
            found.insert(name, fs::read(&path).ok());
            if path.is_dir() {
                open.push(path);
            }
        }
    }
    found
}

pub fn put(root: &Path, contents: &Contents) {
    for (path, content) in contents {
        match content {
            Some(content) => fs::write(root.join(path), content).unwrap(),
            None => fs::create_dir_all(root.join(path)).unwrap(),
        }
    }
}

/// What may be left of a file that was not on the disk yet.
#[derive(Debug, Clone, Copy)]
pub enum Lost {
    Nothing,
    All,
    Half,
    /// The length is there, the bytes are not.
    Bytes,
}

/// What a loss of power leaves after these steps.
pub fn after_outage(before: &Contents, steps: &[Step], lost: Lost) -> Contents {
    let mut now = before.clone();
    let mut in_memory: BTreeSet<String> = BTreeSet::new();
    for step in steps {
        match step {
            Step::Create(path, content) => {
                now.insert(path.clone(), Some(content.clone()));
                in_memory.insert(path.clone());
            }
            Step::CreateFolders(path) => {
                for folder in Path::new(path).ancestors() {
                    let folder = folder.display().to_string();
                    if !folder.is_empty() {
                        now.entry(folder).or_insert(None);
                    }
                }
            }
            Step::Rename(from, to) => {
                let content = now.remove(from).unwrap();
                now.insert(to.clone(), content);
                in_memory.remove(to);
                if in_memory.remove(from) {
                    in_memory.insert(to.clone());
                }
            }
            Step::Remove(path) | Step::RemoveFolder(path) => {
                now.remove(path);
                in_memory.remove(path);
            }
            Step::Sync(path) => {
                in_memory.remove(path);
            }
            Step::SyncAll => in_memory.clear(),
        }
    }
    for path in in_memory {
        let content = now.get_mut(&path).unwrap().as_mut().unwrap();
        match lost {
            Lost::Nothing => {}
            Lost::All => content.clear(),
            Lost::Half => content.truncate(content.len() / 2),
            Lost::Bytes => content.fill(0),
        }
    }
    now
}
