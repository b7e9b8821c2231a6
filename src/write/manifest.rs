//! The manifest: which files of the folder are the compiler's, each with the hash of what it wrote, and of which environment.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::conflict::is_marker;
use super::tree::problem_with_path;

/// Paths and the hash of each, lower-case hexadecimal.
pub type Manifest = BTreeMap<String, String>;

/// Paths, each with the hashes of all that builds may have written there.
pub type Rows = BTreeMap<String, BTreeSet<String>>;

/// What a folder holds: its name, and the suffix of its names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    pub name: String,
    pub suffix: Option<String>,
}

/// What a manifest says. One that git merged may say several things.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Record {
    pub rows: Rows,
    pub held: BTreeSet<Held>,
    /// It has conflict markers, or a path with two hashes.
    pub conflicts: bool,
}

pub fn hash(content: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(content) {
        for digit in [byte >> 4, byte & 15] {
            text.extend(DIGITS.get(usize::from(digit)).copied().map(char::from));
        }
    }
    text
}

/// A comment about what the folder holds, then one line a file, by path: the hash, two spaces, the path, as `sha256sum`
/// prints them. It skips comments.
pub fn print(manifest: &Manifest, held: Option<&Held>) -> String {
    let mut text = String::new();
    if let Some(Held { name, suffix }) = held {
        let suffix = suffix.iter().map(|suffix| format!("{SUFFIX}{suffix}"));
        let _ = writeln!(text, "{HELD}{name}{}", suffix.collect::<String>());
    }
    for (path, hash) in manifest {
        let _ = writeln!(text, "{hash}  {path}");
    }
    text
}

const HELD: &str = "# environment: ";
const SUFFIX: &str = ", suffix: ";

/// Reads a manifest, also one that git left with conflicts: then all sides count. A path in it leads to deletions, so that it
/// is checked like a path to write. The error is a line number and what is wrong with that line.
pub fn parse(text: &str) -> Result<Record, (usize, &'static str)> {
    let mut record = Record::default();
    for (index, line) in text.lines().enumerate() {
        let at = |problem| (index + 1, problem);
        if is_marker(line) {
            record.conflicts = true;
            continue;
        }
        if line.starts_with('#') {
            record.held.extend(held(line));
            continue;
        }
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
        let hashes = record.rows.entry(path.to_owned()).or_default();
        record.conflicts |= !hashes.is_empty();
        hashes.insert(hash.to_owned());
    }
    Ok(record)
}

fn held(line: &str) -> Option<Held> {
    let text = line.strip_prefix(HELD)?;
    let (name, suffix) = match text.split_once(SUFFIX) {
        Some((name, suffix)) => (name, Some(suffix.to_owned())),
        None => (text, None),
    };
    Some(Held {
        name: name.to_owned(),
        suffix,
    })
}

#[cfg(test)]
mod tests {
    use super::{Held, Record, hash, parse, print};

    #[test]
    fn what_is_printed_can_be_read() {
        let manifest = [
            ("b/c d.py".to_owned(), hash(b"x")),
            ("a.py".to_owned(), hash(b"")),
        ];
        let text = print(&manifest.clone().into(), None);
        assert!(text.starts_with(
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a.py\n"
        ));
        let rows = manifest.map(|(path, hash)| (path, [hash].into())).into();
        let mut record = Record {
            rows,
            ..Record::default()
        };
        assert_eq!(parse(&text).unwrap(), record);
        assert_eq!(parse(&text.replace('\n', "\r\n")).unwrap(), record);
        for suffix in [None, Some("main".to_owned())] {
            let held = Held {
                name: "staging".to_owned(),
                suffix,
            };
            let text = print(&[].into(), Some(&held));
            record.rows.clear();
            record.held = [held].into();
            assert_eq!(parse(&text).unwrap(), record, "{text}");
        }
    }

    #[test]
    fn of_a_merge_every_side_counts() {
        let (one, other, both) = (hash(b"1"), hash(b"2"), hash(b"3"));
        let text = format!(
            "# environment: a, suffix: b\n<<<<<<< HEAD\n{one}  a\n||||||| base\n=======\n{other}  a\n{one}  b\n>>>>>>> x\n{both}  c\n"
        );
        let record = parse(&text).unwrap();
        assert!(record.conflicts);
        assert_eq!(record.rows["a"].len(), 2);
        assert_eq!((record.rows["b"].len(), record.rows["c"].len()), (1, 1));
        // A driver that keeps both sides sets no markers.
        assert!(parse(&format!("{one}  a\n{other}  a\n")).unwrap().conflicts);
        assert!(!parse(&format!("{one}  a\n")).unwrap().conflicts);
    }

    #[test]
    fn what_is_no_line_of_a_manifest_and_foreign_paths_are_refused() {
        let digest = hash(b"");
        assert_eq!(parse("hello\n"), Err((1, "not a line of a manifest")));
        assert_eq!(
            parse(&format!("{digest}  a\n{digest} b\n")),
            Err((2, "not a line of a manifest"))
        );
        assert!(parse(&format!("{digest}  ../a\n")).is_err());
        assert!(parse(&format!("{digest}  /etc/passwd\n")).is_err());
        assert!(parse(&format!("<<<<<<< HEAD\n{digest}  ../a\n")).is_err());
    }
}
