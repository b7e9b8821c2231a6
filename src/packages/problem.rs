//! What keeps a package from being installed.

use super::asked::From;

/// Why a package cannot be installed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// Named without its one version or without a hash.
    Unlocked(String),
    /// Not from an index.
    Elsewhere(From),
    /// Its name, its version.
    NoWheel(String, String),
    /// Where both hold.
    Twice(String),
    /// Two files lock packages.
    Both,
    /// The marker of a package is none.
    Marker(String),
    /// The lock is made for other versions of Python.
    OtherPython(String),
    /// What is wrong with the file as a whole.
    Unreadable(String),
    /// In bytes, at the least.
    TooLarge(u64),
}
