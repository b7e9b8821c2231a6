//! Files of a revision of the git repository, read without checking it out.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::{Listing, Loader, MOST_BYTES, MOST_FILES};
use crate::git;

/// What git writes before a symbolic link.
const LINK: &str = "120000";

/// The files of one revision, by path from the spec's folder in it.
#[derive(Debug)]
pub struct Revision {
    /// A folder of the repository, where git is asked.
    repository: PathBuf,
    /// Mode and object of each file, by path from the top of the repository.
    files: BTreeMap<String, (String, String)>,
    /// The spec's folder, from the top of the repository, and empty there.
    folder: String,
    /// The spec's own name in it.
    spec: String,
}

impl Revision {
    /// The revision of the repository around `folder`; `spec` is the path of the spec from the top of it, or from `folder` if it begins
    /// with a dot, as git takes it.
    pub fn open(folder: &Path, revision: &str, spec: &str) -> io::Result<Self> {
        let commit = format!("{revision}^{{tree}}");
        // What begins with a hyphen would be an option.
        let arguments = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &commit,
        ];
        let tree = git::run(folder, &arguments, None).map_err(|error| {
            let known = git::run(folder, &["rev-parse", "--git-dir"], None);
            match known {
                Ok(_) => {
                    let text = format!("git knows no revision `{revision}`");
                    io::Error::new(io::ErrorKind::NotFound, text)
                }
                Err(_) => error,
            }
        })?;
        let tree = String::from_utf8_lossy(&tree).trim().to_owned();
        let listed = git::run(folder, &["ls-tree", "-r", "-z", "--full-tree", &tree], None)?;
        let rows = listed.split(|byte| *byte == 0);
        let rows = rows.filter_map(|row| str::from_utf8(row).ok()?.split_once('\t'));
        let files = rows.filter_map(|(facts, path)| {
            let mut facts = facts.split(' ');
            let mode = facts.next()?.to_owned();
            let object = facts.nth(1)?.to_owned();
            Some((path.to_owned(), (mode, object)))
        });
        let files: BTreeMap<_, _> = files.collect();
        let spec = if spec.starts_with("./") || spec.starts_with("../") {
            joined(&here(folder)?, spec).ok_or_else(Self::missing)?
        } else {
            spec.to_owned()
        };
        if !files.contains_key(&spec)
            && let Some(meant) =
                joined(&here(folder)?, &spec).filter(|path| files.contains_key(path))
        {
            let text = format!("{}: did you mean {revision}:{meant}?", Self::missing());
            return Err(io::Error::new(io::ErrorKind::NotFound, text));
        }
        let (spec_folder, spec_name) = spec.rsplit_once('/').unwrap_or(("", &spec));
        Ok(Self {
            repository: folder.to_owned(),
            files,
            folder: spec_folder.to_owned(),
            spec: spec_name.to_owned(),
        })
    }

    /// The spec itself.
    pub fn spec(&self) -> io::Result<Vec<u8>> {
        self.read(&self.spec)
    }

    /// From the spec's folder to the top of the repository's tree; none for what lies outside of it.
    fn path(&self, path: &str) -> Option<String> {
        joined(&self.folder, path)
    }

    fn missing() -> io::Error {
        io::Error::new(io::ErrorKind::NotFound, "no such file in this revision")
    }
}

/// A folder from the top of the repository, with a slash at its end, and empty there.
fn here(folder: &Path) -> io::Result<String> {
    let prefix = git::run(folder, &["rev-parse", "--show-prefix"], None)?;
    Ok(String::from_utf8_lossy(&prefix)
        .trim_end_matches('\n')
        .to_owned())
}

/// A path from a folder, from the top of the repository's tree; none for what lies outside of it.
fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

impl Loader for Revision {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let path = self.path(path).ok_or_else(Self::missing)?;
        let (_, object) = self.files.get(&path).ok_or_else(Self::missing)?;
        let bytes = git::run(&self.repository, &["cat-file", "blob", object], None)?;
        if bytes.len() > MOST_BYTES {
            let text = format!("it has more than {} MiB", MOST_BYTES >> 20);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
        }
        Ok(bytes)
    }

    fn list(&self, folder: &str) -> io::Result<Listing> {
        let folder = self.path(folder).ok_or_else(Self::missing)?;
        let prefix = format!("{folder}/");
        let inside = self.files.iter();
        let inside: Vec<(&str, &str)> = inside
            .filter_map(|(path, (mode, _))| Some((path.strip_prefix(&prefix)?, mode.as_str())))
            .collect();
        if inside.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                "no such folder in this revision",
            ));
        }
        if inside.len() > MOST_FILES {
            let text = format!("it holds more than {MOST_FILES} files");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        if let Some((path, _)) = inside.iter().find(|(_, mode)| *mode == LINK) {
            let text = format!("{path} is a symbolic link");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        Ok(Listing::of(inside.iter().map(|(path, _)| *path)))
    }

    fn link_in(&self, path: &str) -> Option<String> {
        let path = path.trim_end_matches('/');
        let ends = path.match_indices('/').map(|(at, _)| at);
        let mut parts = ends.chain([path.len()]).filter_map(|end| path.get(..end));
        let is_link = |part: &&str| {
            let found = self.path(part).and_then(|path| self.files.get(&path));
            found.is_some_and(|(mode, _)| mode == LINK)
        };
        parts.find(is_link).map(str::to_owned)
    }
}
