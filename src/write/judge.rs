//! Judges content that no manifest knows: a merge of what builds wrote, or the work of a person.

use std::collections::{BTreeMap, BTreeSet};

use similar::TextDiff;

use super::conflict;
use super::git::State;
use super::line_ends::unix;
use super::manifest::{Rows, hash};
use super::sides::{MOST_VERSIONS, Sides};

/// Content of the compiler's path that the manifest does not know.
#[derive(Debug)]
pub struct Suspect {
    pub path: String,
    pub found: Vec<u8>,
    /// What is to be written there.
    pub wanted: Option<Vec<u8>>,
}

/// What such a content is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Builds wrote all of it, if not together.
    Own,
    /// Somebody edited it, and it came here by a merge. A patch has to lead to this.
    Merged(Vec<u8>),
}

pub struct Judge<'a> {
    sides: &'a Sides,
    /// What a build wrote at a path, by any manifest.
    known: Rows,
    /// Contents of the sides.
    contents: BTreeMap<&'a str, Vec<u8>>,
}

/// Versions of one path.
#[derive(Default)]
struct Versions {
    /// As a build wrote them.
    own: Vec<String>,
    /// As somebody edited them.
    edited: Vec<String>,
}

impl Versions {
    fn add(&mut self, content: &[u8], own: bool) {
        let Ok(text) = str::from_utf8(content) else {
            return;
        };
        let list = if own { &mut self.own } else { &mut self.edited };
        if list.len() < MOST_VERSIONS && !list.iter().any(|version| version == text) {
            list.push(text.to_owned());
        }
    }
}

impl<'a> Judge<'a> {
    /// `known` are the rows of the manifest that is there, and of those who own the folder with it.
    pub fn new(sides: &'a Sides, known: &Rows) -> Self {
        let mut judge = Self {
            sides,
            known: known.clone(),
            contents: BTreeMap::new(),
        };
        for side in &sides.sides {
            judge.learn(&side.rows);
        }
        judge
    }

    pub fn judge(mut self, suspects: &[Suspect]) -> BTreeMap<String, Verdict> {
        self.read(suspects);
        let mut verdicts = BTreeMap::new();
        let mut open = Vec::new();
        for suspect in suspects {
            if self.is_own(suspect, &self.versions(suspect)) {
                verdicts.insert(suspect.path.clone(), Verdict::Own);
            } else {
                open.push(suspect);
            }
        }
        if open.is_empty() {
            return verdicts;
        }
        for rows in self.sides.past() {
            self.learn(&rows);
        }
        for suspect in open {
            if let Some(verdict) = self.with_the_past(suspect) {
                verdicts.insert(suspect.path.clone(), verdict);
            }
        }
        verdicts
    }

    fn learn(&mut self, rows: &Rows) {
        for (path, hashes) in rows {
            self.known
                .entry(path.clone())
                .or_default()
                .extend(hashes.iter().cloned());
        }
    }

    /// Reads what the sides have at the paths, all at once.
    fn read(&mut self, suspects: &[Suspect]) {
        let sides = &self.sides.sides;
        let objects: BTreeSet<&str> = suspects
            .iter()
            .flat_map(|suspect| {
                sides
                    .iter()
                    .filter_map(|side| side.files.get(&suspect.path))
            })
            .map(String::as_str)
            .collect();
        let names: Vec<String> = objects.iter().map(|object| (*object).to_owned()).collect();
        let contents = self
            .sides
            .repository
            .as_ref()
            .map(|git| git.contents(&names));
        for (object, content) in objects.into_iter().zip(contents.unwrap_or_default()) {
            if let Some(content) = content {
                self.contents.insert(object, unix(&content).into_owned());
            }
        }
    }

    fn is_known(&self, path: &str, content: &[u8]) -> bool {
        self.known
            .get(path)
            .is_some_and(|hashes| hashes.contains(&hash(content)))
    }

    fn versions(&self, suspect: &Suspect) -> Versions {
        let mut versions = Versions::default();
        if let Some(wanted) = &suspect.wanted {
            versions.add(wanted, true);
        }
        for side in &self.sides.sides {
            let object = side.files.get(&suspect.path);
            if let Some(content) = object.and_then(|object| self.contents.get(object.as_str())) {
                versions.add(content, self.is_known(&suspect.path, content));
            }
        }
        versions
    }

    /// Whether builds wrote all of it: it is known, or both sides of its conflicts are, or they are put together from
    /// versions that are.
    fn is_own(&self, suspect: &Suspect, versions: &Versions) -> bool {
        if self.is_known(&suspect.path, &suspect.found) {
            return true;
        }
        let found = unix(&suspect.found);
        if self.is_known(&suspect.path, &found) {
            return true;
        }
        let Some(views) = str::from_utf8(&found).ok().and_then(conflict::views) else {
            return false;
        };
        let own: Vec<&str> = versions.own.iter().map(String::as_str).collect();
        [&views.ours, &views.theirs].into_iter().all(|view| {
            self.is_known(&suspect.path, view.as_bytes()) || conflict::is_made_of(view, &own)
        })
    }

    /// Judges what the sides alone do not explain: by older versions, and by those of other names, since git follows
    /// files that are renamed.
    fn with_the_past(&self, suspect: &Suspect) -> Option<Verdict> {
        let path = &suspect.path;
        let mut versions = self.versions(suspect);
        for content in self.sides.past_contents(path) {
            let content = unix(&content);
            versions.add(&content, self.is_known(path, &content));
        }
        if self.is_own(suspect, &versions) {
            return Some(Verdict::Own);
        }
        let renamed = self.renamed(suspect);
        if !renamed.is_empty() {
            for content in &renamed {
                versions.add(content.as_bytes(), true);
            }
            if self.is_own(suspect, &versions) {
                return Some(Verdict::Own);
            }
        }
        let merged = match self.sides.state {
            State::Merging => true,
            State::Merged | State::Replayed => self.sides.is_committed(path, &suspect.found),
            State::Quiet | State::Stashed => false,
        };
        merged.then(|| Verdict::Merged(self.edit(suspect, &self.versions(suspect), &versions.own)))
    }

    /// What builds wrote at paths that not every side has, if it is like this content.
    fn renamed(&self, suspect: &Suspect) -> Vec<String> {
        let (Some(git), Ok(found)) = (&self.sides.repository, str::from_utf8(&suspect.found))
        else {
            return Vec::new();
        };
        let end = |path: &str| path.rsplit_once('.').map(|(_, end)| end.to_owned());
        let full = self
            .sides
            .sides
            .iter()
            .filter(|side| side.files.len() > self.sides.unmerged.len());
        let full: Vec<_> = full.collect();
        let others: BTreeMap<&String, &String> = full.iter().flat_map(|side| &side.files).collect();
        let others = others.into_iter().filter(|(path, _)| {
            end(path) == end(&suspect.path)
                && full.iter().any(|side| !side.files.contains_key(*path))
        });
        let (paths, objects): (Vec<&String>, Vec<String>) =
            others.map(|(path, object)| (path, object.clone())).unzip();
        let contents = paths.into_iter().zip(git.contents(&objects));
        contents
            .filter_map(|(path, content)| {
                let content = unix(&content?).into_owned();
                let text = self
                    .is_known(path, &content)
                    .then(|| String::from_utf8(content).ok())??;
                (TextDiff::from_lines(text.as_str(), found).ratio() > 0.5).then_some(text)
            })
            .collect()
    }

    /// What a person edited, on top of what is written now: so the patch has the edit, and not what the spec changed
    /// meanwhile. Where that cannot be told apart, it is the content as it was found.
    fn edit(&self, suspect: &Suspect, versions: &Versions, own: &[String]) -> Vec<u8> {
        let found = unix(&suspect.found).into_owned();
        self.edit_alone(suspect, &found, versions, own)
            .unwrap_or(found)
    }

    fn edit_alone(
        &self,
        suspect: &Suspect,
        found: &[u8],
        versions: &Versions,
        own: &[String],
    ) -> Option<Vec<u8>> {
        let git = self.sides.repository.as_ref()?;
        let views = conflict::views(str::from_utf8(found).ok()?)?;
        let all: Vec<&str> = own
            .iter()
            .chain(&versions.edited)
            .map(String::as_str)
            .collect();
        let is_explained = |versions: &[&str]| {
            [&views.ours, &views.theirs]
                .into_iter()
                .all(|view| conflict::is_made_of(view, versions))
        };
        // Somebody has worked on the merge itself, or left only a part of an edit.
        if versions.edited.is_empty() || !is_explained(&all) {
            return None;
        }
        let mut edited = suspect.wanted.clone();
        for edit in &versions.edited {
            let others: Vec<&str> = all
                .iter()
                .copied()
                .filter(|version| version != edit)
                .collect();
            if versions.edited.len() > 1 && is_explained(&others) {
                continue;
            }
            edited = Some(match edited {
                None => edit.clone().into_bytes(),
                Some(before) => {
                    let base = nearest(edit, own)?;
                    let prefer = if Some(&before) == suspect.wanted.as_ref() {
                        "--theirs"
                    } else {
                        "--union"
                    };
                    git.merge(prefer, &before, base.as_bytes(), edit.as_bytes())?
                }
            });
        }
        edited.filter(|edited| Some(edited) != suspect.wanted.as_ref())
    }
}

/// The version that an edit began with: the one that is most like it.
fn nearest<'a>(edited: &str, own: &'a [String]) -> Option<&'a String> {
    let likeness = |version: &&String| TextDiff::from_lines(version.as_str(), edited).ratio();
    own.iter()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
}
