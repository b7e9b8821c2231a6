//! Files that a spec names: body schemas, folders of function code, extensions. The stages ask through this trait and never touch a
//! disk themselves.

mod folder;
mod revision;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use folder::{ENVIRONMENT_MARK, Fate};
pub use folder::{LeftOut, Listing, Why};
pub use revision::Revision;

/// The largest file that a spec may name, and the most files of a folder: what Lambda takes as a package in one request, and far
/// more than a person reviews.
pub const MOST_BYTES: usize = 50 << 20;
pub const MOST_FILES: usize = 10_000;

/// Access to files by path relative to the spec's folder, with forward slashes.
pub trait Loader {
    /// The bytes of a file.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;

    /// All files of code under a folder, and what does not belong to it.
    fn list(&self, folder: &str) -> io::Result<Listing>;

    /// The first part of this path that is a symbolic link: what it leads to may be anywhere, and change unseen.
    fn link_in(&self, path: &str) -> Option<String>;

    /// Whether the project is written to this folder or below it, so that it would be read as part of the folder.
    fn holds_output(&self, _folder: &str) -> bool {
        false
    }
}

/// Files on disk.
#[derive(Debug)]
pub struct Disk {
    root: PathBuf,
    /// Where the project is written, if it is.
    output: Option<PathBuf>,
}

impl Disk {
    /// For the spec at this path.
    pub fn beside(spec: &Path) -> Self {
        Self {
            root: spec.parent().unwrap_or(Path::new("")).to_owned(),
            output: None,
        }
    }

    /// With the folder that the project is written to.
    #[must_use]
    pub fn writing_to(self, output: &Path) -> Self {
        Self {
            output: Some(output.to_owned()),
            ..self
        }
    }
}

impl Loader for Disk {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let bytes = read_file(&self.root.join(path), MOST_BYTES)?;
        if bytes.len() > MOST_BYTES {
            let text = format!("it has more than {} MiB", MOST_BYTES >> 20);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
        }
        Ok(bytes)
    }

    fn list(&self, folder: &str) -> io::Result<Listing> {
        let mut listing = Listing::default();
        collect(&self.root.join(folder), "", &mut listing)?;
        Ok(listing.sorted())
    }

    fn link_in(&self, path: &str) -> Option<String> {
        let path = path.trim_end_matches('/');
        let ends = path.match_indices('/').map(|(at, _)| at);
        let mut parts = ends.chain([path.len()]).filter_map(|end| path.get(..end));
        let is_link = |part: &&str| {
            let found = std::fs::symlink_metadata(self.root.join(part));
            found.is_ok_and(|found| found.file_type().is_symlink())
        };
        parts.find(is_link).map(str::to_owned)
    }

    fn holds_output(&self, folder: &str) -> bool {
        let output = self.output.as_deref().and_then(real_path);
        let folder = self.root.join(folder).canonicalize();
        output.is_some_and(|output| folder.is_ok_and(|folder| output.starts_with(folder)))
    }
}

/// Where a path leads, links followed, also if the end of it is not there yet.
fn real_path(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    path.ancestors().find_map(|above| {
        let rest = path.strip_prefix(above).ok()?;
        Some(above.canonicalize().ok()?.join(rest))
    })
}

/// The bytes of a file. Of one that has more than the given number, one more than that: a device never ends. What is no file
/// is refused before it is opened, because a pipe may never begin.
pub fn read_file(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let kind = std::fs::metadata(path)?.file_type();
    if !kind.is_file() {
        return Err(if kind.is_dir() {
            io::Error::new(io::ErrorKind::IsADirectory, "it is a folder")
        } else {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                "it is neither a file nor a folder",
            )
        });
    }
    let mut bytes = Vec::new();
    let most = u64::try_from(most).unwrap_or(u64::MAX);
    File::open(path)?
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn collect(folder: &Path, prefix: &str, listing: &mut Listing) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|name| {
            let text = format!("the file name {} is not UTF-8", name.display());
            io::Error::new(io::ErrorKind::InvalidData, text)
        })?;
        let path = format!("{prefix}{name}");
        let kind = entry.file_type()?;
        let is_environment = || entry.path().join(ENVIRONMENT_MARK).is_file();
        match folder::fate(&name) {
            Fate::Ignored => continue,
            Fate::LeftOut(why) => {
                listing.left_out.push(LeftOut { path, why });
                continue;
            }
            Fate::Taken => (),
        }
        if kind.is_dir() && is_environment() {
            let why = Why::Environment;
            listing.left_out.push(LeftOut { path, why });
        } else if kind.is_dir() {
            collect(&entry.path(), &format!("{path}/"), listing)?;
        } else if kind.is_file() && listing.files.len() == MOST_FILES {
            let text = format!("it holds more than {MOST_FILES} files");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        } else if kind.is_file() {
            listing.files.push(path);
        } else {
            // A link is not followed: what it leads to may be anywhere, and change unseen.
            let is = if kind.is_symlink() {
                "a symbolic link"
            } else {
                "neither a file nor a folder"
            };
            let text = format!("{path} is {is}");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
    }
    Ok(())
}

/// Files in memory, by path.
#[derive(Debug, Default, Clone)]
pub struct Memory {
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Loader for Memory {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let missing = || io::Error::new(io::ErrorKind::NotFound, "no such file");
        self.files.get(path).cloned().ok_or_else(missing)
    }

    fn list(&self, folder: &str) -> io::Result<Listing> {
        let prefix = format!("{}/", folder.trim_end_matches('/'));
        let paths = self.files.keys();
        let paths = paths.filter_map(|path| path.strip_prefix(&prefix));
        if paths.clone().next().is_none() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "no such folder"));
        }
        Ok(Listing::of(paths))
    }

    fn link_in(&self, _path: &str) -> Option<String> {
        None
    }
}
