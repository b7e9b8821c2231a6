//! The files of a compiled project, as archives and digests count them.

use std::cell::RefCell;
use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::archive;
use super::evaluate::{Contents, hex};
use super::value::CLOSED;
use crate::emit::File;
use crate::emit::assets::LIBRARIES;
use crate::stack::expr::Wheels;

/// What is in an archive: names, and where their content stands.
type Packed = Vec<(String, *const [u8])>;

/// Files by path, sorted; those of [`packaged_files`](crate::emit::assets::packaged_files) are enough.
#[derive(Debug)]
pub struct Project<'a> {
    files: &'a [File],
    /// Whether the other side has its libraries from a list too, and not from what was installed.
    knows_libraries: bool,
    /// Hashes of archives, by the names in them and where the content stands: thousands of functions may have one code.
    archives: RefCell<HashMap<Packed, String>>,
}

impl<'a> Project<'a> {
    pub fn of(files: &'a [File]) -> Self {
        Self {
            files,
            knows_libraries: true,
            archives: RefCell::default(),
        }
    }

    /// To be held against what is deployed: the layer's content is what was installed then, which no list tells.
    #[must_use]
    pub fn without_libraries(self) -> Self {
        Self {
            knows_libraries: false,
            ..self
        }
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
    fn archive(&self, folder: &str, packages: &[&str], wheels: Option<&Wheels>) -> String {
        if wheels.is_some() && !self.knows_libraries {
            return format!("{CLOSED}wheels");
        }
        let mut files: Vec<(String, &[u8])> = Vec::new();
        let mut add = |target: &str, folder: &str| {
            let found = self.under(folder).into_iter();
            files.extend(found.map(|(path, content)| (format!("{target}{path}"), content)));
        };
        add("", folder);
        for package in packages {
            let name = package.rsplit_once('/').map_or(*package, |(_, name)| name);
            add(&format!("{name}/"), package);
        }
        // What is installed follows from the list, and from what it is installed for.
        let target = wheels.map(|wheels| format!("{} {}", wheels.python, wheels.platform));
        if let (Some(wheels), Some(target)) = (wheels, &target) {
            let list = self.files.iter().find(|file| file.path == wheels.list);
            let content = list.map_or(b"".as_slice(), |file| file.content.as_ref());
            files.push((wheels.list.clone(), content));
            files.push((target.clone(), target.as_bytes()));
        }
        let addresses = files.iter();
        let key = addresses.map(|(name, content)| (name.clone(), std::ptr::from_ref(*content)));
        let mut archives = self.archives.borrow_mut();
        let hash = archives.entry(key.collect());
        hash.or_insert_with(|| archive::hash(files)).clone()
    }

    fn digest(&self, folder: &str) -> String {
        let mut whole = Sha256::new();
        let mut files = self.under(folder);
        // As Python sorts paths: part by part.
        files.sort_by(|(left, _), (right, _)| left.split('/').cmp(right.split('/')));
        for (path, content) in files {
            whole.update(format!("{path}\0{}\0", content.len()));
            whole.update(content);
        }
        hex(&whole.finalize())
    }

    fn text(&self, path: &str) -> String {
        let file = self.files.iter().find(|file| file.path == path);
        let content = file.map_or(b"".as_slice(), |file| file.content.as_ref());
        // As Python reads text.
        String::from_utf8_lossy(content).replace("\r\n", "\n")
    }

    fn libraries(&self) -> String {
        if !self.knows_libraries {
            return format!("{CLOSED}libraries");
        }
        let lock = self.files.iter().find(|file| file.path == LIBRARIES);
        let content = lock.map_or(b"".as_slice(), |file| file.content.as_ref());
        hex(&Sha256::digest(content))
    }
}
