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
mod before;
mod conflict;
mod device;
mod diff;
mod disk;
mod error;
mod git;
mod judge;
mod line_ends;
mod manifest;
mod outcome;
mod plan;
mod sides;
mod stack_settings;
mod survey;
mod tree;

pub use error::{Error, Place, Reason, Refusal};

pub use outcome::{Edits, Outcome, Stale, Yielded};

pub use crate::emit::File;
pub use crate::project_path::{MANIFEST, TEMPORARY};

use std::path::Path;
use std::time::Duration;

use device::{Device, Machine};
use disk::Patience;
use survey::Request;

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
