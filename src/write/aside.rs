//! Saves edits of generated files beside the output folder, as a patch, before a build writes over them.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::Error;
use super::device::Device;
use super::diff::unified;
use super::line_ends;
use super::plan::Plan;

/// Writes the edits that the plan gives up to a new file, from what the build writes to what it finds, so that applying
/// the patch to the new folder brings the edited files back. Nothing if there are none.
pub fn save(device: &dyn Device, root: &Path, plan: &Plan) -> Result<Option<PathBuf>, Error> {
    let patch = patch(plan);
    if patch.is_empty() {
        return Ok(None);
    }
    // `--out .` has no name to put the patch beside.
    let folder = if root.file_name().is_some() {
        root.to_path_buf()
    } else {
        fs::canonicalize(root).map_err(Error::io("find", root))?
    };
    let mut number = 1_u32;
    loop {
        let mut name = folder.file_name().unwrap_or_default().to_owned();
        name.push(format!(".edits-{number}.patch"));
        let path = folder.with_file_name(name);
        // Refused also where a link stands, so that no earlier patch and no other file is ever written over.
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                let written = file.write_all(patch.as_bytes());
                // The edit is about to be written over: the patch has to be on the disk, under its name.
                let beside = match path.parent() {
                    Some(parent) if !parent.as_os_str().is_empty() => parent,
                    _ => Path::new("."),
                };
                written
                    .and_then(|()| file.sync_all())
                    .and_then(|()| device.sync(beside))
                    .map_err(Error::io("write", &path))?;
                return Ok(Some(path));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(Error::io("write", &path)(error)),
        }
    }
}

fn patch(plan: &Plan) -> String {
    let writes = plan.writes.iter().filter(|write| write.forced);
    let removals = plan.removals.iter().filter(|removal| removal.forced);
    let mut edits: Vec<(&str, String)> = writes
        .map(|write| {
            let old = write.aside.as_deref().or(write.old.as_deref());
            let edited = old.map(|old| line_ends::as_written(old, &write.content));
            let diff = unified(&write.path, Some(&write.content), edited.as_deref());
            (write.path.as_str(), diff)
        })
        .chain(removals.map(|removal| {
            let edited = removal.aside.as_ref().unwrap_or(&removal.old);
            let diff = unified(&removal.path, None, Some(edited));
            (removal.path.as_str(), diff)
        }))
        .collect();
    edits.sort();
    edits.into_iter().map(|(_, diff)| diff).collect()
}
