//! Last stage: rendered files in, an output folder that holds exactly them out; or, for `--check`, what is stale.
//! All files are there before the first write. Must not render, and never touches what it does not own.
//!
//! What is owned stands in a manifest with a hash a file (`manifest.rs`), never in a marker inside files. The order of a
//! build: take the lock, compare everything (`plan.rs`), ask git about what that leaves open (`survey.rs`), stop if anything
//! of the user's is in the way, and only then change the folder (`disk.rs`): the new manifest as a journal, every file beside
//! the one that it replaces, a sync, every file by rename, the manifest, the journal away. A build that is killed between two
//! of these, or loses power, is finished by the next one, because the journal tells which files it wrote (`outage.rs` tries
//! each place).

mod aside;
mod conflict;
mod device;
mod diff;
mod disk;
mod error;
mod git;
mod judge;
mod line_ends;
mod manifest;
mod plan;
mod sides;
mod stack_settings;
mod survey;
mod tree;

pub use error::{Error, Place, Reason, Refusal};

pub use crate::emit::File;

use std::path::{Path, PathBuf};
use std::time::Duration;

use device::{Device, Machine};
use disk::Patience;
use survey::Request;

/// Name of the manifest in the output folder: `sha256sum -c` reads it. Only the row of stack settings is not about the whole file.
pub const MANIFEST: &str = ".paystagec.manifest";

/// End of the name of a file that is being written.
pub const TEMPORARY: &str = ".paystagec-tmp";

/// What a build did, by path, in the order of paths. The manifest is not counted.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub written: Vec<String>,
    pub unchanged: Vec<String>,
    pub removed: Vec<String>,
    /// Part of `written` and `removed`: files whose edits the build gave up or set aside.
    pub forced: Vec<String>,
    /// The patch that holds these edits.
    pub set_aside: Option<PathBuf>,
    /// No longer rendered, but left alone, because values of the user's may be in it.
    pub kept: Vec<String>,
    /// Part of `written`: files whose lines were right, and whose line ends were not.
    pub line_ends: Vec<String>,
    /// Git waits for somebody to say that the conflicts in the folder are settled.
    pub unmerged: bool,
    /// The suffix of the names that the folder held before, if it is another now.
    pub other_suffix: Option<String>,
    /// Rendered, and not written, because a file of the user's stands there that may as well.
    pub yielded: Vec<Yielded>,
}

/// A file of the user's in the place of one of the compiler's.
#[derive(Debug, PartialEq, Eq)]
pub struct Yielded {
    pub path: String,
    /// Lines of the compiler's that it has not.
    pub lacks: Vec<String>,
}

impl Yielded {
    fn to(found: &[u8], file: &File) -> Self {
        let (found, wanted) = (
            String::from_utf8_lossy(found),
            String::from_utf8_lossy(&file.content),
        );
        let has =
            |line: &&str| line.starts_with('#') || found.lines().any(|own| own.trim() == *line);
        Self {
            path: file.path.clone(),
            lacks: wanted
                .lines()
                .filter(|line| !has(line))
                .map(str::to_owned)
                .collect(),
        }
    }
}

/// A path that a build would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    pub path: String,
    /// Unified diff from what is there to what would be; empty where line ends alone would change.
    pub diff: String,
    pub line_ends: bool,
}

/// What becomes of edits of the user's in owned files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edits {
    /// They stop the build.
    Refuse,
    /// They are saved as a patch beside the folder, then written over.
    SetAside,
    /// They are lost.
    GiveUp,
}

/// How long a build waits for another one in its folder. A build takes a fraction of a second.
pub const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Makes the folder hold these files. `edits` is about files that it owns; nothing makes it touch others. `waits` is called if
/// another build works in the folder.
pub fn write(
    files: &[File],
    folder: &Path,
    edits: Edits,
    waits: &mut dyn FnMut(),
) -> Result<Outcome, Error> {
    write_renamed(files, folder, edits, None, waits)
}

/// The same, also if the folder holds the environment of the name that is given: it has another name now.
pub fn write_renamed(
    files: &[File],
    folder: &Path,
    edits: Edits,
    renamed_from: Option<&str>,
    waits: &mut dyn FnMut(),
) -> Result<Outcome, Error> {
    let patience = Patience {
        limit: LONGEST_WAIT,
        tell: waits,
    };
    let request = Request {
        edits,
        renamed_from,
    };
    write_to(&Machine, files, folder, &request, patience)
}

fn write_to(
    device: &dyn Device,
    files: &[File],
    folder: &Path,
    request: &Request<'_>,
    mut patience: Patience<'_>,
) -> Result<Outcome, Error> {
    let root = disk::open_root(folder)?;
    let _lock = disk::lock(&root, &mut patience)?;
    let plan = survey::plan(files, &root, request)?;
    if !plan.refusals.is_empty() {
        return Err(Error::Refused(plan.refusals));
    }
    let set_aside = match request.edits {
        Edits::GiveUp => None,
        Edits::SetAside | Edits::Refuse => aside::save(device, &root, &plan)?,
    };
    let outcome = disk::apply(device, &root, plan)?;
    Ok(Outcome {
        set_aside,
        ..outcome
    })
}

/// What a build would change, without changing it. Edits of the user's count as stale too. `waits` as for a build.
pub fn check(files: &[File], folder: &Path, waits: &mut dyn FnMut()) -> Result<Vec<Stale>, Error> {
    let mut patience = Patience {
        limit: LONGEST_WAIT,
        tell: waits,
    };
    let _lock = disk::lock_to_read(folder, &mut patience)?;
    let request = Request::of(Edits::Refuse);
    Ok(survey::plan(files, folder, &request)?.stale())
}

#[cfg(test)]
mod outage;
#[cfg(test)]
mod tests;
