//! Compares rendered files with the folder and decides, for each path, what a build does with it. Reads only.

use std::borrow::Cow;

use super::before::Before;
use super::diff::{fits_a_patch, unified};
use super::judge::{Suspect, Verdict};
use super::manifest::{self, Held, Manifest, hash};
use super::stack_settings;
use super::tree::{Entry, Obstacle, Tree, problem_with_path};
use super::{Edits, Error, File, MANIFEST, Reason, Refusal, Stale, Yielded, line_ends};
use crate::parallel;
use crate::project_path::JOURNAL;

mod settings;

/// A file to be written.
#[derive(Debug)]
pub struct Write<'a> {
    pub path: String,
    pub content: Cow<'a, [u8]>,
    /// What it replaces.
    pub old: Option<Vec<u8>>,
    pub forced: bool,
    /// What it replaces has the same lines, with other ends.
    pub line_ends: bool,
    /// What a patch has to bring back, if that is not what it replaces.
    pub aside: Option<Vec<u8>>,
}

/// A file to be removed.
#[derive(Debug)]
pub struct Removal {
    pub path: String,
    pub old: Vec<u8>,
    pub forced: bool,
    /// What a patch has to bring back, if that is not what it removes.
    pub aside: Option<Vec<u8>>,
}

/// What becomes of content that stands where a file will be, or was.
enum Ruling {
    /// It is the compiler's.
    Own,
    /// It is not the compiler's at all.
    Foreign,
    /// It is given up, or set aside: as it is, or this in its place.
    Forced(Option<Vec<u8>>),
    Refused(Reason),
}

/// Files that say how git sees the folder. A team may have its own, whose lines count: there the compiler's are not written.
const YIELDING: [&str; 2] = [".gitattributes", ".gitignore"];

/// Everything that a build does.
#[derive(Debug, Default)]
pub struct Plan<'a> {
    pub writes: Vec<Write<'a>>,
    pub unchanged: Vec<String>,
    pub removals: Vec<Removal>,
    pub kept: Vec<String>,
    pub yielded: Vec<Yielded>,
    pub refusals: Vec<Refusal>,
    /// For each refusal with a diff, the same diff from disk to render.
    refused_diffs: Vec<Stale>,
    /// Content that no manifest knows, at paths that are the compiler's.
    pub suspects: Vec<Suspect>,
    /// The manifest as it will be.
    pub manifest: Manifest,
    /// What the folder will hold.
    pub holds: Option<Held>,
    pub before: Before,
    /// Files that a build which was killed has removed, or was about to write: folders above them may be empty.
    pub vacated: Vec<String>,
    /// Temporary files of builds that were killed.
    pub leftovers: Vec<String>,
    /// Paths of writes with a folder in their place, or a file in the place of a folder above them.
    blocked: Vec<String>,
    /// Those of them where removals make room, and the folders that are then empty, inner ones first.
    pub cleared: Vec<String>,
    pub emptied: Vec<String>,
}

/// What stands where a file will be.
enum Found {
    /// The very same bytes. They are not kept, so that the folder is never in memory as a whole.
    Same,
    Entry(Entry),
}

/// Compares a file with what stands at its path, and gives the hash of the file.
fn look(tree: &Tree, file: &File) -> Result<(String, Found), Error> {
    if let Some(problem) = problem_with_path(&file.path) {
        return Err(wrong_path(file, problem));
    }
    let found = match tree.entry(&file.path)? {
        Entry::File(content) if file.content == content && !stack_settings::is_path(&file.path) => {
            Found::Same
        }
        entry => Found::Entry(entry),
    };
    Ok((hash(&file.content), found))
}

fn wrong_path(file: &File, problem: &'static str) -> Error {
    Error::Path {
        path: file.path.clone(),
        problem,
    }
}

impl<'a> Plan<'a> {
    pub fn make(
        files: &'a [File],
        tree: &Tree,
        edits: Edits,
        before: Before,
    ) -> Result<Self, Error> {
        let mut held = files
            .iter()
            .filter_map(|file| stack_settings::held(&file.path, &file.content));
        let mut plan = Self {
            holds: held.next(),
            before,
            ..Self::default()
        };
        let mut sorted: Vec<&File> = files.iter().collect();
        sorted.sort_by(|a, b| a.path.cmp(&b.path));
        let looked = parallel::map(&sorted, |file| look(tree, file));
        for (file, looked) in sorted.into_iter().zip(looked) {
            if plan.manifest.contains_key(&file.path) {
                return Err(wrong_path(file, "it was rendered twice"));
            }
            match looked? {
                (_, Found::Entry(entry)) if stack_settings::is_path(&file.path) => {
                    plan.merge(file, entry, edits);
                }
                (hash, found) => {
                    plan.manifest.insert(file.path.clone(), hash);
                    match found {
                        Found::Same => plan.unchanged.push(file.path.clone()),
                        Found::Entry(entry) => plan.compare(file, entry, edits),
                    }
                }
            }
        }
        plan.find_leftovers(tree, edits)?;
        plan.clear_blocked(tree)?;
        plan.leftovers = tree.temporaries(plan.before.interrupted);
        Ok(plan)
    }

    /// Whether a build has anything to do.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
            && self.removals.is_empty()
            && !self.before.interrupted
            && self.leftovers.is_empty()
            && !self.manifest_is_stale()
    }

    /// Whether nothing that would be written has anything in its place.
    pub fn finds_nothing(&self) -> bool {
        self.unchanged.is_empty()
            && self.refusals.is_empty()
            && self.writes.iter().all(|write| write.old.is_none())
    }

    pub fn new_manifest(&self) -> String {
        manifest::print(&self.manifest, self.holds.as_ref())
    }

    fn manifest_is_stale(&self) -> bool {
        self.before.manifest.as_deref() != Some(self.new_manifest().as_str())
    }

    /// Each path that would change, in the order of paths.
    pub fn stale(&self) -> Vec<Stale> {
        let writes = self.writes.iter().map(|write| {
            let old = write
                .old
                .as_deref()
                .map(|old| line_ends::as_written(old, &write.content));
            Stale {
                path: write.path.clone(),
                diff: if write.line_ends {
                    String::new()
                } else {
                    unified(&write.path, old.as_deref(), Some(&write.content))
                },
                line_ends: write.line_ends,
            }
        });
        let removals = self.removals.iter().map(|removal| Stale {
            path: removal.path.clone(),
            diff: unified(&removal.path, Some(&removal.old), None),
            line_ends: false,
        });
        let journal = self.before.interrupted.then_some(JOURNAL);
        let unfinished = journal
            .into_iter()
            .chain(self.leftovers.iter().map(String::as_str))
            .map(|path| Stale {
                path: path.to_owned(),
                diff: format!("{path} is left over from a build that was interrupted\n"),
                line_ends: false,
            });
        let mut stale: Vec<Stale> = writes
            .chain(removals)
            .chain(unfinished)
            .chain(self.refused_diffs.iter().cloned())
            .collect();
        stale.sort_by(|a, b| a.path.cmp(&b.path));
        // The manifest's own rows say nothing that the other diffs do not.
        if stale.is_empty() && self.manifest_is_stale() {
            let new = self.new_manifest();
            let old = self.before.manifest.as_ref().map(String::as_bytes);
            let line_ends = old.is_some_and(|old| line_ends::alone_differ(old, new.as_bytes()));
            stale.push(Stale {
                path: MANIFEST.to_owned(),
                diff: if line_ends {
                    String::new()
                } else {
                    unified(MANIFEST, old, Some(new.as_bytes()))
                },
                line_ends,
            });
        }
        stale
    }

    fn compare(&mut self, file: &'a File, found: Entry, edits: Edits) {
        let old = match found {
            Entry::Missing => None,
            Entry::File(content) => Some(content),
            // What goes and what stays is only known when everything has been looked at.
            Entry::InTheWay(Reason::NotAFile) => {
                self.blocked.push(file.path.clone());
                None
            }
            Entry::InTheWay(reason) => return self.refuse(&file.path, reason, None, None),
        };
        let line_ends = old
            .as_ref()
            .is_some_and(|old| line_ends::alone_differ(old, &file.content));
        let (mut forced, mut aside) = (false, None);
        if let Some(content) = old.as_ref().filter(|_| !line_ends) {
            match self.rule(&file.path, content, Some(&file.content), edits) {
                Ruling::Own => {}
                Ruling::Foreign if YIELDING.contains(&file.path.as_str()) => {
                    self.manifest.remove(&file.path);
                    return self.yielded.push(Yielded::to(content, file));
                }
                Ruling::Foreign => {
                    let (found, wanted) = (Some(content.as_slice()), Some(&*file.content));
                    return self.refuse(&file.path, Reason::NotOwned, found, wanted);
                }
                Ruling::Refused(reason) => {
                    let (found, wanted) = (Some(content.as_slice()), Some(&*file.content));
                    return self.refuse(&file.path, reason, found, wanted);
                }
                Ruling::Forced(edit) => (forced, aside) = (true, edit),
            }
        }
        self.writes.push(Write {
            path: file.path.clone(),
            content: Cow::Borrowed(&file.content),
            old,
            forced,
            line_ends,
            aside,
        });
    }

    /// What becomes of this content at a path that is, or was, the compiler's.
    fn rule(&mut self, path: &str, found: &[u8], wanted: Option<&[u8]>, edits: Edits) -> Ruling {
        let verdict = self.before.verdicts.get(path).cloned();
        if self.is_own(path, found) || verdict == Some(Verdict::Own) {
            return Ruling::Own;
        }
        self.suspects.push(Suspect {
            path: path.to_owned(),
            found: found.to_vec(),
            wanted: wanted.map(<[u8]>::to_vec),
        });
        // A killed build may have promised a file, or another side of a merge have one, where somebody else has put one.
        let edit = match verdict {
            Some(Verdict::Merged(edit)) if self.before.owned_by_git.contains(path) => Some(edit),
            _ if !self.before.owned.contains(path) => return Ruling::Foreign,
            Some(Verdict::Merged(edit)) => Some(edit),
            _ => None,
        };
        let edits = match edits {
            // What a merge brought cannot be asked about any more.
            Edits::Refuse if edit.is_some() => Edits::SetAside,
            other => other,
        };
        let reason = match wanted {
            Some(_) => Reason::Edited,
            None => Reason::EditedLeftover,
        };
        let brought_back = edit.as_deref().unwrap_or(found);
        match stops(edits, reason, &[brought_back, wanted.unwrap_or_default()]) {
            Some(reason) => Ruling::Refused(reason),
            None => Ruling::Forced(edit),
        }
    }

    fn find_leftovers(&mut self, tree: &Tree, edits: Edits) -> Result<(), Error> {
        let gone: Vec<String> = self
            .before
            .known
            .keys()
            .filter(|path| !self.manifest.contains_key(*path))
            .cloned()
            .collect();
        for path in gone {
            match tree.entry(&path)? {
                Entry::Missing if self.before.interrupted => self.vacated.push(path),
                Entry::Missing => {}
                // It may hold the stack's salt and secrets: without them the state cannot be read.
                Entry::File(_) if stack_settings::is_path(&path) => self.kept.push(path),
                Entry::File(old) => match self.rule(&path, &old, None, edits) {
                    Ruling::Foreign => {}
                    Ruling::Refused(reason) => self.refuse(&path, reason, Some(&old), None),
                    ruling => self.removals.push(Removal {
                        path,
                        old,
                        forced: matches!(ruling, Ruling::Forced(_)),
                        aside: match ruling {
                            Ruling::Forced(aside) => aside,
                            _ => None,
                        },
                    }),
                },
                // The compiler's file is gone.
                Entry::InTheWay(Reason::NotAFile) => {}
                Entry::InTheWay(_) if !self.before.owned.contains(&path) => {}
                Entry::InTheWay(reason) => self.refuse(&path, reason, None, None),
            }
        }
        Ok(())
    }

    /// A file in the place of a folder, or a folder in the place of a file, is in the way unless all of it is the compiler's, and
    /// goes.
    fn clear_blocked(&mut self, tree: &Tree) -> Result<(), Error> {
        for path in std::mem::take(&mut self.blocked) {
            let in_the_way = match tree.obstacle(&path)? {
                Obstacle::File(file) => self.staying(vec![file], Reason::NotAFile),
                Obstacle::Folder { files, folders } => {
                    self.emptied.extend(folders);
                    self.staying(files, Reason::HoldsOthers)
                }
                Obstacle::Other(place) => vec![(place, Reason::NotAFile)],
            };
            if in_the_way.is_empty() {
                self.cleared.push(path);
                continue;
            }
            self.writes.retain(|write| write.path != path);
            for (place, reason) in in_the_way {
                // One is told once, and of one that was edited it is told already.
                if self.refusals.iter().all(|refusal| refusal.path != place) {
                    self.refuse(&place, reason, None, None);
                }
            }
        }
        Ok(())
    }

    /// Those of the files that no removal takes away.
    fn staying(&self, files: Vec<String>, reason: Reason) -> Vec<(String, Reason)> {
        let goes = |file: &String| self.removals.iter().any(|removal| removal.path == *file);
        let staying = files.into_iter().filter(|file| !goes(file));
        staying.map(|file| (file, reason)).collect()
    }

    /// Whether a removal makes room for a file that is written.
    pub fn clears(&self, removal: &Removal) -> bool {
        let is_below = |inner: &str, outer: &str| {
            inner
                .strip_prefix(outer)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        self.cleared
            .iter()
            .any(|path| is_below(path, &removal.path) || is_below(&removal.path, path))
    }

    /// Whether a build wrote this, or something that differs from it in line ends alone.
    fn is_own(&self, path: &str, content: &[u8]) -> bool {
        self.before.known.get(path).is_some_and(|hashes| {
            hashes.contains(&hash(content)) || hashes.contains(&hash(&line_ends::unix(content)))
        })
    }

    fn refuse(&mut self, path: &str, reason: Reason, found: Option<&[u8]>, wanted: Option<&[u8]>) {
        let found = found.map(|found| line_ends::as_written(found, wanted.unwrap_or_default()));
        let found = found.as_deref();
        let diff = match (found, wanted) {
            (Some(_), Some(_)) => unified(path, wanted, found),
            _ => String::new(),
        };
        self.refusals.push(Refusal {
            path: path.to_owned(),
            reason,
            diff,
            place: None,
        });
        let diff = match found {
            Some(_) => unified(path, found, wanted),
            None => format!("{path} {}\n", reason.problem()),
        };
        self.refused_diffs.push(Stale {
            path: path.to_owned(),
            diff,
            line_ends: false,
        });
    }
}

/// Why an edit stops the build, if it does; `contents` are what a patch would have to hold.
fn stops(edits: Edits, reason: Reason, contents: &[&[u8]]) -> Option<Reason> {
    match edits {
        Edits::Refuse => Some(reason),
        Edits::GiveUp => None,
        Edits::SetAside => {
            let fits = contents.iter().all(|content| fits_a_patch(content));
            (!fits).then_some(Reason::NotPatchable)
        }
    }
}
