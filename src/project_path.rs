//! Where a file of the generated project can stand: on any system, below the output folder, and under no name that builds need.

/// Name of the manifest in the output folder: `sha256sum -c` reads it. Only the row of stack settings is not about the whole file.
pub const MANIFEST: &str = ".paystagec.manifest";

/// End of the name of a file that is being written.
pub const TEMPORARY: &str = ".paystagec-tmp";

/// What a running build is about to have written, in the form of the manifest, a path as often as needed. It is there only
/// while a build runs, or after one was killed. A loss of power can leave half of one: then nothing that it speaks of was
/// written yet.
pub const JOURNAL: &str = ".paystagec.manifest.next";

/// What keeps a path from standing in the output folder, if anything does.
pub fn problem(path: &str) -> Option<&'static str> {
    if path
        .chars()
        .any(|letter| letter.is_control() || letter == '\\' || letter == ':')
    {
        return Some("a path with a control character, a backslash or a colon");
    }
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Some("a path that is empty, absolute, or not in its shortest form");
    }
    if is_reserved(path) {
        return Some("a name that paystagec keeps for itself");
    }
    None
}

/// Whether a part of the path is a name under which builds keep something of their own.
pub fn is_reserved(path: &str) -> bool {
    path.split('/')
        .any(|part| part.starts_with(MANIFEST) || part.ends_with(TEMPORARY))
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn only_plain_relative_paths_may_be_written() {
        for path in ["a", "a/b.py", ".gitignore", "a b/ü"] {
            assert_eq!(problem(path), None, "{path}");
        }
        for path in [
            "",
            "/a",
            "a/",
            "a//b",
            "./a",
            "a/../b",
            "..",
            "a\\b",
            "C:/a",
            "a\nb",
            ".paystagec.manifest",
            "a/.b.paystagec-tmp",
        ] {
            assert!(problem(path).is_some(), "{path:?}");
        }
    }
}
