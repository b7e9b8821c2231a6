//! What the sides of a merge know of the folder. Each has a manifest of its own, files that are as this says, and perhaps files
//! that somebody edited. So it can be told what git put together from several builds, which is written anew, from what a
//! person wrote, which is kept aside.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::git::{self, Repository, State};
use super::manifest::{self, Rows};
use super::{MANIFEST, stack_settings};

/// Versions of one file that are compared with it. More do not make a merge clearer.
pub const MOST_VERSIONS: usize = 16;

/// Commits whose manifests tell what older builds wrote.
const HISTORY: usize = 200;

/// One state of the folder.
#[derive(Debug, Default)]
pub struct Side {
    /// Paths, each with git's name of its content.
    pub files: BTreeMap<String, String>,
    pub rows: Rows,
    /// It is one of those that were put together, and not what they come from.
    owns: bool,
}

/// Every state of the folder that has to do with the merge, if there is one.
#[derive(Debug)]
pub struct Sides {
    pub repository: Option<Repository>,
    pub state: State,
    pub sides: Vec<Side>,
    pub unmerged: BTreeSet<String>,
    /// Of the common ancestor, where the index has it.
    pub bases: BTreeMap<String, String>,
    commits: Vec<String>,
}

impl Sides {
    /// `conflicts` says whether the manifest has any: then there is a merge, whether or not there is git.
    pub fn around(root: &Path, conflicts: bool) -> Self {
        let mut sides = Self {
            repository: Repository::around(root),
            state: git::state(root),
            sides: Vec::new(),
            unmerged: BTreeSet::new(),
            bases: BTreeMap::new(),
            commits: Vec::new(),
        };
        let stages = sides.read_index();
        if conflicts || !sides.unmerged.is_empty() {
            sides.state = State::Merging;
        }
        sides.read_commits();
        sides.sides.extend(stages);
        sides.read_manifests();
        sides
    }

    fn read_index(&mut self) -> [Side; 3] {
        let mut stages = [Side::default(), Side::default(), Side::default()];
        let unmerged = self.repository.as_ref().map(Repository::unmerged);
        for entry in unmerged.unwrap_or_default() {
            if entry.stage == 1 {
                self.bases.insert(entry.path.clone(), entry.object.clone());
            }
            if let Some(side) = stages.get_mut(usize::from(entry.stage).saturating_sub(1)) {
                side.owns = entry.stage > 1;
                side.files.insert(entry.path.clone(), entry.object);
            }
            self.unmerged.insert(entry.path);
        }
        stages
    }

    fn read_commits(&mut self) {
        let Some(git) = &self.repository else {
            return;
        };
        let (owners, others) = names(git, self.state);
        let owns = (0..owners.len())
            .map(|_| true)
            .chain(std::iter::repeat(false));
        let names: Vec<String> = owners.into_iter().chain(others).collect();
        let (owns, commits): (Vec<bool>, Vec<String>) = owns
            .zip(git.commits(&names))
            .filter_map(|(owns, commit)| Some((owns, commit?)))
            .unzip();
        let mut seen = BTreeSet::new();
        for (owns, tree) in owns.into_iter().zip(git.folders(&commits)) {
            if let Some(tree) = tree.filter(|tree| seen.insert(tree.clone())) {
                self.sides.push(Side {
                    files: git.files(&tree),
                    rows: Rows::new(),
                    owns,
                });
            }
        }
        self.commits = commits;
    }

    fn read_manifests(&mut self) {
        let Some(git) = &self.repository else {
            return;
        };
        let manifests = self
            .sides
            .iter()
            .filter_map(|side| side.files.get(MANIFEST));
        let mut texts = git
            .contents(&manifests.cloned().collect::<Vec<_>>())
            .into_iter();
        for side in &mut self.sides {
            if side.files.contains_key(MANIFEST) {
                side.rows = texts.next().flatten().map(rows).unwrap_or_default();
            }
        }
    }

    /// What is owned because one of those that were put together owns it.
    pub fn owned(&self) -> Rows {
        let mut owned = Rows::new();
        let is_merge = self.state.is_of_a_merge();
        for side in &self.sides {
            for (path, hashes) in &side.rows {
                if side.owns && is_merge || self.unmerged.contains(path) {
                    owned
                        .entry(path.clone())
                        .or_default()
                        .extend(hashes.clone());
                }
            }
        }
        self.own_what_git_renamed(&mut owned);
        owned
    }

    /// Where a file and a folder meet, and where a folder was renamed, git gives files other names. They are the compiler's if
    /// it wrote the very same under any.
    fn own_what_git_renamed(&self, owned: &mut Rows) {
        let Some(git) = &self.repository else {
            return;
        };
        let elsewhere = self.sides.iter().flat_map(|side| &side.files);
        let elsewhere = elsewhere.filter(|(path, _)| {
            self.unmerged.contains(*path) && !owned.contains_key(*path) && *path != MANIFEST
        });
        let (paths, objects): (Vec<String>, Vec<String>) = elsewhere
            .map(|(path, object)| (path.clone(), object.clone()))
            .unzip();
        if paths.is_empty() {
            return;
        }
        let all: BTreeSet<&String> = self
            .sides
            .iter()
            .flat_map(|side| side.rows.values().flatten())
            .collect();
        let hashes = git.contents(&objects).into_iter();
        let hashes = hashes.map(|content| content.map(|content| manifest::hash(&content)));
        let found: Vec<(String, String)> = paths
            .into_iter()
            .zip(hashes)
            .filter_map(|(path, hash)| Some((path, hash.filter(|hash| all.contains(hash))?)))
            .collect();
        for (path, hash) in found {
            owned.entry(path).or_default().insert(hash);
        }
    }

    /// What was owned before the manifest was lost: as the last commit says that has one.
    pub fn owned_at_last(&self) -> Rows {
        let last = self.history(1);
        last.into_iter().next().unwrap_or_default()
    }

    /// Rows of the manifests of older commits, the newest first.
    pub fn past(&self) -> Vec<Rows> {
        self.history(HISTORY)
    }

    fn history(&self, most: usize) -> Vec<Rows> {
        let Some(git) = self
            .repository
            .as_ref()
            .filter(|_| !self.commits.is_empty())
        else {
            return Vec::new();
        };
        let commits = git.commits_of(MANIFEST, &self.commits, most);
        // One that removed the manifest has none, but those that it comes from have.
        let names = commits.iter().flat_map(|commit| {
            [
                git.name(commit, MANIFEST),
                git.name(&format!("{commit}^"), MANIFEST),
            ]
        });
        let texts = git.contents(&names.collect::<Vec<_>>());
        let mut seen = BTreeSet::new();
        let texts = texts.into_iter().flatten();
        texts
            .filter(|text| seen.insert(manifest::hash(text)))
            .map(rows)
            .collect()
    }

    /// The contents that a path has had in the commits of the past.
    pub fn past_contents(&self, path: &str) -> Vec<Vec<u8>> {
        let Some(git) = self
            .repository
            .as_ref()
            .filter(|_| !self.commits.is_empty())
        else {
            return Vec::new();
        };
        let commits = git.commits_of(path, &self.commits, MOST_VERSIONS);
        let names = commits.iter().flat_map(|commit| {
            [
                git.name(commit, path),
                git.name(&format!("{commit}^"), path),
            ]
        });
        let contents = git.contents(&names.collect::<Vec<_>>());
        contents.into_iter().flatten().collect()
    }

    /// Stack settings of a common ancestor, where they are in conflict.
    pub fn settings_of_ancestor(&self) -> BTreeMap<String, String> {
        let Some(git) = &self.repository else {
            return BTreeMap::new();
        };
        let settings = self
            .bases
            .iter()
            .filter(|(path, _)| stack_settings::is_path(path));
        let (paths, objects): (Vec<String>, Vec<String>) = settings
            .map(|(path, object)| (path.clone(), object.clone()))
            .unzip();
        let texts = git.contents(&objects).into_iter();
        let texts =
            texts.map(|content| content.and_then(|content| String::from_utf8(content).ok()));
        paths
            .into_iter()
            .zip(texts)
            .filter_map(|(path, text)| Some((path, text?)))
            .collect()
    }

    /// Whether the last commit has this content at the path.
    pub fn is_committed(&self, path: &str, content: &[u8]) -> bool {
        let committed = self.repository.as_ref().and_then(|git| {
            let contents = git.contents(&[git.name("HEAD", path)]);
            contents.into_iter().next().flatten()
        });
        committed.is_some_and(|committed| {
            super::line_ends::unix(&committed) == super::line_ends::unix(content)
        })
    }
}

/// Rows of a manifest, also of one with conflicts; of one that is none, nothing.
fn rows(text: Vec<u8>) -> Rows {
    let text = String::from_utf8(text).ok();
    let record = text.and_then(|text| manifest::parse(&text).ok());
    record.map(|record| record.rows).unwrap_or_default()
}

/// Commits by git's names: those that are or were put together, and those that they come from.
fn names(git: &Repository, state: State) -> (Vec<String>, Vec<String>) {
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let mut others: Vec<String> = list(&["CHERRY_PICK_HEAD^", "REVERT_HEAD"]);
    let mut owners: Vec<String> = list(&["HEAD"]);
    let parents = list(&["HEAD^1", "HEAD^2", "ORIG_HEAD"]);
    match state {
        State::Merging => {
            let heads = git.merge_heads();
            for head in &heads {
                others.extend(git.bases("HEAD", head));
            }
            owners.extend(heads);
            owners.extend(list(&["CHERRY_PICK_HEAD", "REVERT_HEAD^"]));
            if git.rebases() {
                owners.extend(list(&["REBASE_HEAD"]));
                others.extend(list(&["REBASE_HEAD^"]));
            }
            others.extend(parents);
        }
        State::Merged | State::Replayed => {
            owners.extend(parents);
            others.extend(git.bases("HEAD^1", "HEAD^2"));
            others.extend(git.bases("HEAD", "ORIG_HEAD"));
        }
        State::Quiet | State::Stashed => others.extend(parents),
    }
    others.extend(list(&["refs/stash", "refs/stash^"]));
    (owners, others)
}
