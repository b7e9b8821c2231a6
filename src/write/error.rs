//! Why a build stopped, in words for the terminal.

use std::fmt::{self, Display};
use std::io;
use std::path::{Path, PathBuf};

/// Why nothing, or not everything, was written.
#[derive(Debug)]
pub enum Error {
    /// Something of the user's is in the way; nothing was written.
    Refused(Vec<Refusal>),
    /// Another build works in the folder.
    Locked(PathBuf),
    /// The manifest or its journal is not one; nothing was written.
    Manifest {
        file: PathBuf,
        line: usize,
        problem: &'static str,
    },
    /// The folder holds another environment; nothing was written.
    OtherEnvironment {
        folder: PathBuf,
        holds: String,
        builds: String,
    },
    /// The folder holds a copy of another suffix; nothing was written.
    OtherSuffix {
        folder: PathBuf,
        name: String,
        holds: String,
        builds: String,
    },
    /// A rendered path that cannot stand in the folder; nothing was written.
    Path { path: String, problem: &'static str },
    /// What should be a folder is none, or may not be written to.
    Folder(PathBuf, Reason),
    /// Somebody wrote these while the build was running. They are as they were left; the next build goes on.
    Changed(Vec<PathBuf>),
    /// The disk failed; the next build heals what is half done.
    Io {
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },
}

/// One path that stops a build.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    pub path: String,
    pub reason: Reason,
    /// From what would be written to what is there, so that it shows the user's edit.
    pub diff: String,
    pub place: Option<Place>,
}

/// Where in a file something has to be decided.
#[derive(Debug, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    pub key: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Owned, and neither what the last build wrote nor what this one would.
    Edited,
    /// Owned and edited, and no patch can hold the edit.
    NotPatchable,
    /// Owned and edited, and the spec no longer yields it.
    EditedLeftover,
    /// There before the first build, and different.
    NotOwned,
    /// It, or a folder on the way to it, is a symbolic link.
    Symlink,
    /// A folder, or something else that is no file; or a file where a folder must be.
    NotAFile,
    /// Not the compiler's, in a folder that must become a file.
    HoldsOthers,
    /// Where the project should be written, and no folder.
    NotAFolder,
    /// Stack settings that are more than plain block YAML.
    NotMergeable,
    /// Stack settings in which somebody changed a value that the spec decides.
    SettingChanged,
    /// Stack settings that git left in conflict, and both sides have set the same key.
    TwoValues,
}

impl Reason {
    /// What is wrong, after the path.
    pub fn problem(self) -> &'static str {
        match self {
            Self::Edited => "was edited by hand",
            Self::NotPatchable => {
                "was edited by hand, and is not the plain text that a patch can hold"
            }
            Self::EditedLeftover => "was edited by hand, and the spec no longer yields it",
            Self::NotOwned => "is in the way: paystagec did not write it, and it differs",
            Self::Symlink => "is, or lies behind, a symbolic link",
            Self::NotAFile => "is in the way: not a regular file",
            Self::HoldsOthers => {
                "is in the way: its folder must become a file, and paystagec did not write it"
            }
            Self::NotAFolder => "is not a folder",
            Self::NotMergeable => "cannot be merged: it is more than plain block YAML in UTF-8",
            Self::SettingChanged => "holds another value for a setting that the spec decides",
            Self::TwoValues => "holds two values of one setting, one of each side of the merge",
        }
    }

    /// The ways out.
    pub fn help(self) -> &'static str {
        match self {
            Self::Edited => {
                "put the change into the spec, or into a file of your own; then restore the file from version control, \
                 save the edit as a patch with --accept-edits, or give it up with --force"
            }
            Self::NotPatchable => {
                "copy the file out of the folder to keep it, then give the edit up with --force"
            }
            Self::EditedLeftover => {
                "move the file out of the folder to keep it, save it as a patch with --accept-edits, or remove it with --force"
            }
            Self::NotOwned => {
                "move or delete it; --force does not touch files that paystagec did not write"
            }
            Self::Symlink => {
                "replace the link with a real file or folder; builds never write through links"
            }
            Self::NotAFile | Self::HoldsOthers => {
                "move it out of the folder; --force does not touch files that paystagec did not write"
            }
            Self::NotAFolder => "name a folder with --out, or one that does not exist yet",
            Self::NotMergeable => {
                "write the file in plain block style (`pulumi config` does so), without tabs and anchors"
            }
            Self::TwoValues => {
                "keep the value that counts, take out the other and the markers of the conflict, and build again"
            }
            Self::SettingChanged => {
                "put the value into the spec, or take the spec's with --force or --accept-edits"
            }
        }
    }
}

impl Error {
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_path_buf();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}

impl Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusals) => write!(
                out,
                "{} in the way; nothing was written",
                count(refusals.len())
            ),
            Self::Locked(folder) => write!(out, "another build is working in {}", folder.display()),
            Self::Manifest {
                file,
                line,
                problem,
            } => {
                write!(
                    out,
                    "{}:{line}: {problem}; restore it from version control",
                    file.display()
                )
            }
            Self::Folder(path, reason) => write!(out, "{} {}", path.display(), reason.problem()),
            Self::Changed(paths) => {
                let names: Vec<String> = paths
                    .iter()
                    .map(|path| path.display().to_string())
                    .collect();
                write!(
                    out,
                    "{}: written by somebody else while the build was running, and left as it is",
                    names.join(", ")
                )
            }
            Self::OtherEnvironment {
                folder,
                holds,
                builds,
            } => write!(
                out,
                "{} holds the environment `{holds}`, and this spec is of `{builds}`",
                folder.display()
            ),
            Self::OtherSuffix {
                folder,
                holds,
                builds,
                ..
            } => write!(
                out,
                "{} holds the copy with the suffix `{holds}`, and this spec says `{builds}`: the next `pulumi up` would replace every \
                 resource, the database and its audit records too",
                folder.display()
            ),
            Self::Path { path, problem } => {
                write!(out, "cannot write a file named {path:?}: {problem}")
            }
            Self::Io {
                action,
                path,
                source,
            } => write!(out, "cannot {action} {}: {source}", path.display()),
        }
    }
}

impl std::error::Error for Error {}

fn count(files: usize) -> String {
    if files == 1 {
        "1 file is".to_owned()
    } else {
        format!("{files} files are")
    }
}
