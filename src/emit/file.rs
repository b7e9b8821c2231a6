//! What every part of this stage makes.

use std::borrow::Cow;

/// A file of the generated project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Relative to the output folder, with forward slashes.
    pub path: String,
    /// Borrowed where it comes with the compiler: thousands of functions may share one file of code.
    pub content: Cow<'static, [u8]>,
}

impl File {
    /// A text file; it ends with exactly one newline.
    pub fn text(path: impl Into<String>, content: &str) -> Self {
        let content = content.trim_end();
        // As large as it has to be: thousands of files are kept until the last one is there.
        let mut bytes = Vec::with_capacity(content.len() + 1);
        bytes.extend_from_slice(content.as_bytes());
        bytes.push(b'\n');
        Self {
            path: path.into(),
            content: bytes.into(),
        }
    }
}
