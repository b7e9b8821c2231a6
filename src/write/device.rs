//! Every change of the disk, one method each, so that a test can look at their order, fail one, or take the power away between
//! two.
//!
//! What file systems promise: names change one after the other, in the order in which that was asked for (ext4, XFS, btrfs,
//! APFS and NTFS log them). What a file holds is written whenever it suits, so that a name may stand before its content does:
//! after a loss of power the file is then empty. Only a sync between the two keeps them in order.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::path::Path;

pub trait Device: Sync {
    /// A new file with this content, where nothing may be. On an error there is none.
    fn create(&self, path: &Path, content: &[u8], like: Option<Permissions>) -> io::Result<()>;

    fn create_folders(&self, path: &Path) -> io::Result<()>;

    /// Another name for a file. What had the name is gone.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Another name for a file, which nothing may have.
    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()>;

    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Fails if the folder holds anything.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;

    /// Returns once a file, or the names in a folder, are on the disk.
    fn sync(&self, path: &Path) -> io::Result<()>;

    /// The same for all that was written below a folder, of which these files are what counts. True where everything is on the
    /// disk then, names too; some systems promise less.
    fn sync_all(&self, folder: &Path, files: &[&Path]) -> io::Result<bool>;
}

/// The disk of the machine.
#[derive(Debug)]
pub struct Machine;

impl Device for Machine {
    fn create(&self, path: &Path, content: &[u8], like: Option<Permissions>) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        let written = file
            .write_all(content)
            .and_then(|()| like.map_or(Ok(()), |like| file.set_permissions(like)));
        if written.is_err() {
            // The first error is the one to report.
            let _ = fs::remove_file(path);
        }
        written
    }

    fn create_folders(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        match rename_at_once(from, to) {
            Err(error) if is_not_offered(&error) => link_and_unlink(from, to),
            done => done,
        }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        match sync_to_device(path) {
            // Some file systems sync files only (network shares), and some folders may be written to and not read.
            Err(error)
                if (is_not_offered(&error) || error.kind() == io::ErrorKind::PermissionDenied)
                    && path.is_dir() =>
            {
                Ok(())
            }
            done => done,
        }
    }

    fn sync_all(&self, folder: &Path, files: &[&Path]) -> io::Result<bool> {
        if sync_file_system(folder).is_ok() {
            return Ok(true);
        }
        files.iter().try_for_each(|file| hand_over(file))?;
        Ok(false)
    }
}

/// One call that either takes the name or finds it taken.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn rename_at_once(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn rename_at_once(_from: &Path, _to: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Whether the kernel or the file system does not know the call: network file systems answer that an argument is wrong.
fn is_not_offered(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput
    )
}

/// The same in two steps: a second name is never given to what has the name already.
fn link_and_unlink(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => fs::remove_file(from),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // There are file systems without second names. A look beforehand is the best that is left.
        Err(_) => match fs::symlink_metadata(to) {
            Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
            Err(_) => fs::rename(from, to),
        },
    }
}

/// One call for everything that was written to a file system.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn sync_file_system(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(File::open(folder)?)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn sync_file_system(_folder: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// To the device and, where that has a cache of its own (`F_FULLFSYNC` on macOS), through it.
#[cfg(unix)]
fn sync_to_device(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Windows syncs what is open for writing, and keeps the names in its log.
#[cfg(not(unix))]
fn sync_to_device(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    OpenOptions::new().write(true).open(path)?.sync_all()
}

/// To the device, whose cache the next `sync` empties for all of them: on macOS that takes milliseconds for each file.
#[cfg(target_vendor = "apple")]
fn hand_over(path: &Path) -> io::Result<()> {
    Ok(rustix::fs::fsync(File::open(path)?)?)
}

#[cfg(not(target_vendor = "apple"))]
fn hand_over(path: &Path) -> io::Result<()> {
    sync_to_device(path)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::ErrorKind;

    use tempfile::TempDir;

    use super::{Device as _, Machine, hand_over, is_not_offered, link_and_unlink};

    #[test]
    fn a_new_name_is_never_taken_from_anything() {
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name);
        for (rename, taken) in [
            (
                (|from, to| Machine.rename_new(from, to)) as fn(&_, &_) -> _,
                "a",
            ),
            (link_and_unlink, "b"),
        ] {
            fs::write(path(taken), "mine").unwrap();
            fs::write(path("new"), "new").unwrap();
            let error = rename(&path("new"), &path(taken)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::AlreadyExists);
            assert!(!is_not_offered(&error));
            assert_eq!(fs::read_to_string(path(taken)).unwrap(), "mine");
            let free = format!("{taken}2");
            rename(&path("new"), &path(&free)).unwrap();
            assert_eq!(fs::read_to_string(path(&free)).unwrap(), "new");
            assert!(!path("new").exists());
        }
    }

    #[test]
    fn files_and_folders_can_be_synced() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("a");
        Machine.create(&file, b"a", None).unwrap();
        assert_eq!(
            Machine.create(&file, b"b", None).unwrap_err().kind(),
            ErrorKind::AlreadyExists
        );
        assert_eq!(fs::read(&file).unwrap(), b"a");
        Machine.sync(&file).unwrap();
        Machine.sync(folder.path()).unwrap();
        Machine.sync_all(folder.path(), &[&file]).unwrap();
        hand_over(&file).unwrap();
        assert!(Machine.sync(&folder.path().join("none")).is_err());
    }
}
