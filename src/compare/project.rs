//! The files of a compiled project, as archives and digests count them.

use sha2::{Digest, Sha256};

use super::evaluate::{Contents, hex};
use crate::emit::File;

/// The list of what the functions' libraries are, with hashes.
const LOCK: &str = "requirements.txt";

/// Files by path, sorted.
#[derive(Debug)]
pub struct Project<'a> {
    files: &'a [File],
}

impl<'a> Project<'a> {
    pub fn of(files: &'a [File]) -> Self {
        Self { files }
    }

    /// Files under a folder, by path from there, sorted.
    fn under(&self, folder: &str) -> Vec<(&'a str, &'a [u8])> {
        let prefix = format!("{folder}/");
        let first = self.files.partition_point(|file| file.path < prefix);
        let from = self.files.iter().skip(first);
        let found = from.map_while(|file| {
            let path = file.path.strip_prefix(&prefix)?;
            Some((path, file.content.as_ref()))
        });
        found.collect()
    }
}

impl Contents for Project<'_> {
    fn archive(&self, folder: &str, packages: &[&str]) -> String {
        let mut whole = Sha256::new();
        let mut add = |target: &str, folder: &str| {
            for (path, content) in self.under(folder) {
                whole.update(format!("{target}{path}\0{}\0", content.len()));
                whole.update(content);
            }
        };
        add("", folder);
        for package in packages {
            let name = package.rsplit_once('/').map_or(*package, |(_, name)| name);
            add(&format!("{name}/"), package);
        }
        hex(&whole.finalize())
    }

    fn digest(&self, folder: &str) -> String {
        let mut whole = Sha256::new();
        for (path, content) in self.under(folder) {
            whole.update(format!("{path}\0{}\0", content.len()));
            whole.update(content);
        }
        hex(&whole.finalize())
    }

    fn libraries(&self) -> String {
        let lock = self.files.iter().find(|file| file.path == LOCK);
        let content = lock.map_or(b"".as_slice(), |file| file.content.as_ref());
        hex(&Sha256::digest(content))
    }
}
