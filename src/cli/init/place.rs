//! New files where there was nothing. What is there already stays as it is, whoever put it there and whenever.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    Written,
    /// Something else was there.
    InTheWay,
}

/// Whether anything is at a path, also a link that leads nowhere.
pub fn is_taken(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// A file with this content, whole or not at all, unless something is at its path.
pub fn place(path: &Path, content: &str) -> anyhow::Result<Placed> {
    let folder = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
        Some(parent) => parent.to_owned(),
        None => PathBuf::from("."),
    };
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    match create(&folder, path, content) {
        Ok(()) => Ok(Placed::Written),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Placed::InTheWay),
        Err(error) => Err(error).with_context(|| format!("cannot write {}", path.display())),
    }
}

fn create(folder: &Path, path: &Path, content: &str) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".paystagec-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // What a plain file gets: the user's mask takes away what it takes away elsewhere.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(content.as_bytes())?;
    // Before its name, which would otherwise stand for an empty file after a loss of power.
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(failed) => Err(failed.error),
    }
}
