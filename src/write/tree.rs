//! Reads the output folder without ever following a link.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Error, Reason};
pub use crate::project_path::problem as problem_with_path;

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    Missing,
    File(Vec<u8>),
    /// Something that builds must not touch.
    InTheWay(Reason),
}

/// What keeps a file from standing at its path.
#[derive(Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// A file, where a folder above it must be.
    File(String),
    /// A folder, with all that is in it: what is no folder itself, and folders, inner ones first.
    Folder {
        files: Vec<String>,
        folders: Vec<String>,
    },
    /// Something that is neither.
    Other(String),
}

#[derive(Debug, Clone, Copy)]
enum Folder {
    Missing,
    Real,
    InTheWay(Reason),
}

/// The output folder. Asks about each folder once.
pub struct Tree {
    root: PathBuf,
    folders: Mutex<BTreeMap<String, Folder>>,
}

impl Tree {
    pub fn open(root: &Path) -> Self {
        Self {
            root: root.to_path_buf(),
            folders: Mutex::default(),
        }
    }

    /// Full path, for messages.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// What stands at a path that `problem_with_path` has no problem with.
    pub fn entry(&self, path: &str) -> Result<Entry, Error> {
        if let Some((parent, _)) = path.rsplit_once('/') {
            match self.folder(parent)? {
                Folder::Real => {}
                Folder::Missing => return Ok(Entry::Missing),
                Folder::InTheWay(reason) => return Ok(Entry::InTheWay(reason)),
            }
        }
        let full = self.root.join(path);
        match kind(&full)? {
            Kind::Missing => Ok(Entry::Missing),
            Kind::File => fs::read(&full)
                .map(Entry::File)
                .map_err(Error::io("read", &full)),
            Kind::Symlink => Ok(Entry::InTheWay(Reason::Symlink)),
            Kind::Folder | Kind::Other => Ok(Entry::InTheWay(Reason::NotAFile)),
        }
    }

    /// What is in the way of a file, where something is.
    pub fn obstacle(&self, path: &str) -> Result<Obstacle, Error> {
        let above = path.match_indices('/').map(|(at, _)| at);
        for end in above.chain([path.len()]) {
            let place = path.get(..end).unwrap_or(path);
            match kind(&self.root.join(place))? {
                Kind::Folder if place == path => {
                    let (mut files, mut folders) = (Vec::new(), Vec::new());
                    self.walk(path, &mut files, &mut folders)?;
                    files.sort();
                    return Ok(Obstacle::Folder { files, folders });
                }
                Kind::Folder => {}
                Kind::File => return Ok(Obstacle::File(place.to_owned())),
                Kind::Missing | Kind::Symlink | Kind::Other => {
                    return Ok(Obstacle::Other(place.to_owned()));
                }
            }
        }
        Ok(Obstacle::Other(path.to_owned()))
    }

    fn walk(
        &self,
        folder: &str,
        files: &mut Vec<String>,
        folders: &mut Vec<String>,
    ) -> Result<(), Error> {
        let full = self.root.join(folder);
        for entry in fs::read_dir(&full).map_err(Error::io("list", &full))? {
            let entry = entry.map_err(Error::io("list", &full))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{folder}/{name}");
            let kind = entry.file_type().map_err(Error::io("look at", &full))?;
            if kind.is_dir() {
                self.walk(&path, files, folders)?;
            } else if !(kind.is_file() && is_temporary(&name)) {
                files.push(path);
            }
        }
        folders.push(folder.to_owned());
        Ok(())
    }

    /// Temporary files in the folders that were asked about, or in all. What cannot be listed has none.
    pub fn temporaries(&self, everywhere: bool) -> Vec<String> {
        let mut open: Vec<String> = if everywhere {
            vec![String::new()]
        } else {
            let known = self.known_folders();
            let real = known
                .iter()
                .filter(|(_, folder)| matches!(folder, Folder::Real));
            let folders = real.map(|(path, _)| format!("{path}/"));
            folders.chain([String::new()]).collect()
        };
        let mut found = Vec::new();
        while let Some(folder) = open.pop() {
            let Ok(entries) = fs::read_dir(self.root.join(&folder)) else {
                continue;
            };
            for entry in entries.flatten() {
                let Ok(name) = entry.file_name().into_string() else {
                    continue;
                };
                let kind = entry.file_type();
                let is = |what: fn(&fs::FileType) -> bool| kind.as_ref().is_ok_and(what);
                if is_temporary(&name) && is(fs::FileType::is_file) {
                    found.push(format!("{folder}{name}"));
                } else if everywhere && !name.starts_with('.') && is(fs::FileType::is_dir) {
                    // Nothing is ever written to a hidden folder, and some have very many files (`.venv`).
                    open.push(format!("{folder}{name}/"));
                }
            }
        }
        found.sort();
        found
    }

    fn folder(&self, path: &str) -> Result<Folder, Error> {
        if let Some(known) = self.known_folders().get(path) {
            return Ok(*known);
        }
        let above = match path.rsplit_once('/') {
            Some((parent, _)) => self.folder(parent)?,
            None => Folder::Real,
        };
        let folder = match above {
            Folder::Real => match kind(&self.root.join(path))? {
                Kind::Folder => Folder::Real,
                Kind::Missing => Folder::Missing,
                Kind::Symlink => Folder::InTheWay(Reason::Symlink),
                Kind::File | Kind::Other => Folder::InTheWay(Reason::NotAFile),
            },
            other => other,
        };
        self.known_folders().insert(path.to_owned(), folder);
        Ok(folder)
    }

    fn known_folders(&self) -> MutexGuard<'_, BTreeMap<String, Folder>> {
        // What was found of one folder stays true, whatever became of a thread that asked about another.
        self.folders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a build writes under such a name.
fn is_temporary(name: &str) -> bool {
    name.starts_with('.') && name.ends_with(super::TEMPORARY)
}

pub enum Kind {
    Missing,
    File,
    Folder,
    Symlink,
    Other,
}

/// What stands at a path, without following it.
pub fn kind(path: &Path) -> Result<Kind, Error> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => Ok(Kind::Symlink),
        Ok(found) if found.is_file() => Ok(Kind::File),
        Ok(found) if found.is_dir() => Ok(Kind::Folder),
        Ok(_) => Ok(Kind::Other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Kind::Missing),
        Err(error) => Err(Error::io("look at", path)(error)),
    }
}
