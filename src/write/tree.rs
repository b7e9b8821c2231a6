//! Reads the output folder without ever following a link.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Error, Reason};

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    Missing,
    File(Vec<u8>),
    /// Something that builds must not touch.
    InTheWay(Reason),
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

/// What keeps a path from standing in the output folder, if anything does.
pub fn problem_with_path(path: &str) -> Option<&'static str> {
    if path
        .chars()
        .any(|letter| letter.is_control() || letter == '\\' || letter == ':')
    {
        return Some("a path with a control character, a backslash or a colon");
    }
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Some("a path that is empty, absolute, or not in its shortest form");
    }
    if path
        .split('/')
        .any(|part| part.starts_with(super::MANIFEST) || part.ends_with(super::disk::TEMPORARY))
    {
        return Some("a name that paystagec keeps for itself");
    }
    None
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

#[cfg(test)]
mod tests {
    use super::problem_with_path;

    #[test]
    fn only_plain_relative_paths_may_be_written() {
        for path in ["a", "a/b.py", ".gitignore", "a b/ü"] {
            assert_eq!(problem_with_path(path), None, "{path}");
        }
        for path in [
            "",
            "/a",
            "a/",
            "a//b",
            "./a",
            "a/../b",
            "..",
            "a\\b",
            "C:/a",
            "a\nb",
            ".paystagec.manifest",
        ] {
            assert!(problem_with_path(path).is_some(), "{path:?}");
        }
    }
}
