//! Files that a spec names: body schemas, folders of function code, extensions. The stages ask through this trait and never touch a
//! disk themselves.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The largest file that a spec may name, and the most files of a folder: what Lambda takes as a package in one request, and far
/// more than a person reviews.
pub const MOST_BYTES: usize = 50 << 20;
pub const MOST_FILES: usize = 10_000;

/// Access to files by path relative to the spec's folder, with forward slashes.
pub trait Loader {
    /// The bytes of a file.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;

    /// All files under a folder, by path relative to it, sorted.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;

    /// Whether a symbolic link stands at this path.
    fn is_link(&self, path: &str) -> bool;

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

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut files = Vec::new();
        collect(&self.root.join(folder), "", &mut files)?;
        files.sort_unstable();
        Ok(files)
    }

    fn is_link(&self, path: &str) -> bool {
        let found = std::fs::symlink_metadata(self.root.join(path));
        found.is_ok_and(|found| found.file_type().is_symlink())
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

fn collect(folder: &Path, prefix: &str, files: &mut Vec<String>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|name| {
            let text = format!("the file name {} is not UTF-8", name.display());
            io::Error::new(io::ErrorKind::InvalidData, text)
        })?;
        // What interpreters and editors leave behind is no code, and would make the output depend on the machine.
        if name.starts_with('.') || name == "__pycache__" || name.ends_with(".pyc") {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(&entry.path(), &format!("{prefix}{name}/"), files)?;
        } else if kind.is_file() && files.len() == MOST_FILES {
            let text = format!("it holds more than {MOST_FILES} files");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        } else if kind.is_file() {
            files.push(format!("{prefix}{name}"));
        } else {
            let text = format!("{prefix}{name} is neither a file nor a folder");
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

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let prefix = format!("{}/", folder.trim_end_matches('/'));
        let files: Vec<String> = self
            .files
            .keys()
            .filter_map(|path| path.strip_prefix(&prefix))
            .map(str::to_owned)
            .collect();
        if files.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "no such folder"));
        }
        Ok(files)
    }

    fn is_link(&self, _path: &str) -> bool {
        false
    }
}
