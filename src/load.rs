//! Files that a spec names: body schemas and folders of function code. The stages ask through this trait and never touch a
//! disk themselves.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Access to files by path relative to the spec's folder, with forward slashes.
pub trait Loader {
    /// The bytes of a file.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;

    /// All files under a folder, by path relative to it, sorted.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;
}

/// Files on disk.
#[derive(Debug)]
pub struct Disk {
    root: PathBuf,
}

impl Disk {
    /// For the spec at this path.
    pub fn beside(spec: &Path) -> Self {
        let root = spec.parent().unwrap_or(Path::new("")).to_owned();
        Self { root }
    }
}

impl Loader for Disk {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        std::fs::read(self.root.join(path))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut files = Vec::new();
        collect(&self.root.join(folder), "", &mut files)?;
        files.sort_unstable();
        Ok(files)
    }
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
}
