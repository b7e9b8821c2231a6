//! What is asked of a build, and what it did.

use std::path::PathBuf;

use crate::emit::File;

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
    pub fn to(found: &[u8], file: &File) -> Self {
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
