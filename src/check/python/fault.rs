//! What is wrong with a module as text.

/// What Python cannot read, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// From one.
    pub line: usize,
    pub reason: String,
    pub help: String,
}
