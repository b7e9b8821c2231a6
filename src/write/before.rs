//! What the folder says of itself before anything is decided: its manifest, and the journal of a build that was killed.

use std::collections::{BTreeMap, BTreeSet};

use super::judge::Verdict;
use super::manifest::{self, Held, Record, Rows};
use super::tree::{self, Entry, Tree};
use super::{Error, Refusal};
use crate::project_path::{JOURNAL, MANIFEST};

/// What is known before the files are compared.
#[derive(Debug, Default, Clone)]
pub struct Before {
    /// Hashes of what this and killed builds before it may have written, and of what other sides of a merge know.
    pub known: Rows,
    /// What the manifest holds. A path that is known beside it was only promised by a build that was killed: what stands there is
    /// the compiler's if it is what was promised, and somebody else's if not.
    pub owned: BTreeSet<String>,
    /// What the other sides of a merge hold. What stands there is somebody else's unless it came by the merge.
    pub owned_by_git: BTreeSet<String>,
    /// What is known of content that no manifest knows.
    pub verdicts: BTreeMap<String, Verdict>,
    /// Stack settings of a common ancestor.
    pub bases: BTreeMap<String, String>,
    pub held: BTreeSet<Held>,
    pub manifest: Option<String>,
    /// A build before this one was killed.
    pub interrupted: bool,
    /// Git left conflicts in the manifest.
    pub conflicts: bool,
    /// Git left conflicts below the folder, and waits for somebody to say that they are settled.
    pub unmerged: bool,
}

impl Before {
    pub fn read(tree: &Tree) -> Result<Self, Error> {
        let mut before = Self::default();
        if let Some(text) = read_own(tree, MANIFEST)? {
            let record = parse_own(tree, MANIFEST, manifest::parse(&text))?;
            before.owned = record.rows.keys().cloned().collect();
            before.known = record.rows;
            before.held = record.held;
            before.conflicts = record.conflicts;
            before.manifest = Some(text);
        }
        if let Some(text) = read_journal(tree)? {
            // A journal has one manifest line after the other, a path as often as needed. What is no line is where the power
            // went while it was written.
            for record in text.lines().flat_map(manifest::parse) {
                before.learn(record.rows);
            }
            before.interrupted = true;
        }
        Ok(before)
    }

    pub fn learn(&mut self, rows: Rows) {
        for (path, hashes) in rows {
            self.known.entry(path).or_default().extend(hashes);
        }
    }
}

/// Text of the manifest or the journal, if it is there.
fn read_own(tree: &Tree, name: &str) -> Result<Option<String>, Error> {
    match tree.entry(name)? {
        tree::Entry::Missing => Ok(None),
        tree::Entry::File(content) => {
            String::from_utf8(content)
                .map(Some)
                .map_err(|_| Error::Manifest {
                    file: tree.path(name),
                    line: 1,
                    problem: "not text",
                })
        }
        tree::Entry::InTheWay(reason) => Err(Error::Refused(vec![Refusal {
            path: name.to_owned(),
            reason,
            diff: String::new(),
            place: None,
        }])),
    }
}

/// Text of the journal, if there is one, whatever became of it.
fn read_journal(tree: &Tree) -> Result<Option<String>, Error> {
    Ok(match tree.entry(JOURNAL)? {
        Entry::File(content) => Some(String::from_utf8_lossy(&content).into_owned()),
        _ => read_own(tree, JOURNAL)?,
    })
}

/// Names the file of a parsing error.
fn parse_own(
    tree: &Tree,
    name: &str,
    parsed: Result<Record, (usize, &'static str)>,
) -> Result<Record, Error> {
    parsed.map_err(|(line, problem)| Error::Manifest {
        file: tree.path(name),
        line,
        problem,
    })
}
