//! The exit codes.

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Fine = 0,
    /// The spec or the folder is wrong.
    Wrong = 1,
    /// Usage, input or output.
    Failed = 2,
}
