//! The manifest: which files of the folder are the compiler's, each with the hash of what it wrote.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::tree::problem_with_path;

/// Paths and the hash of each, lower-case hexadecimal.
pub type Manifest = BTreeMap<String, String>;

pub fn hash(content: &[u8]) -> String {
    Sha256::digest(content)
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// One line a file, by path: the hash, two spaces, the path, as `sha256sum` prints them.
pub fn print(manifest: &Manifest) -> String {
    manifest
        .iter()
        .map(|(path, hash)| format!("{hash}  {path}\n"))
        .collect()
}

/// Reads a manifest. A path in it leads to deletions, so that it is checked like a path to write. The error is a line
/// number and what is wrong with that line.
pub fn parse(text: &str) -> Result<Manifest, (usize, &'static str)> {
    let mut manifest = Manifest::new();
    for (index, line) in text.lines().enumerate() {
        let at = |problem| (index + 1, problem);
        let (hash, path) = line
            .split_once("  ")
            .ok_or(at("not a line of a manifest"))?;
        if hash.len() != 64
            || !hash
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        {
            return Err(at("not a line of a manifest"));
        }
        if let Some(problem) = problem_with_path(path) {
            return Err(at(problem));
        }
        if manifest.insert(path.to_owned(), hash.to_owned()).is_some() {
            return Err(at("a path that is already there"));
        }
    }
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use super::{hash, parse, print};

    #[test]
    fn what_is_printed_can_be_read() {
        let manifest = [
            ("b/c d.py".to_owned(), hash(b"x")),
            ("a.py".to_owned(), hash(b"")),
        ]
        .into();
        let text = print(&manifest);
        assert!(text.starts_with(
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a.py\n"
        ));
        assert_eq!(parse(&text), Ok(manifest));
    }

    #[test]
    fn conflict_markers_and_foreign_paths_are_refused() {
        let digest = hash(b"");
        assert_eq!(
            parse("<<<<<<< HEAD\n"),
            Err((1, "not a line of a manifest"))
        );
        assert_eq!(
            parse(&format!("{digest}  a\n{digest} b\n")),
            Err((2, "not a line of a manifest"))
        );
        assert!(parse(&format!("{digest}  ../a\n")).is_err());
        assert!(parse(&format!("{digest}  /etc/passwd\n")).is_err());
        assert!(parse(&format!("{digest}  a\n{digest}  a\n")).is_err());
    }
}
