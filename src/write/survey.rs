//! What is known of the folder before anything is decided: what it says of itself, and, where that does not explain what
//! stands there, what git knows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::git::{self, Repository, State};
use super::judge::{Judge, Verdict};
use super::manifest::{self, Held, Rows};
use super::plan::Plan;
use super::sides::Sides;
use super::tree::Tree;
use super::{Edits, Error, File, MANIFEST, disk, stack_settings};

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
    fn read(tree: &Tree) -> Result<Self, Error> {
        let mut before = Self::default();
        if let Some(text) = disk::read_own(tree, MANIFEST)? {
            let record = disk::parse_own(tree, MANIFEST, manifest::parse(&text))?;
            before.owned = record.rows.keys().cloned().collect();
            before.known = record.rows;
            before.held = record.held;
            before.conflicts = record.conflicts;
            before.manifest = Some(text);
        }
        if let Some(text) = disk::read_journal(tree)? {
            // A journal has one manifest line after the other, a path as often as needed. What is no line is where the power
            // went while it was written.
            for record in text.lines().flat_map(manifest::parse) {
                before.learn(record.rows);
            }
            before.interrupted = true;
        }
        Ok(before)
    }

    fn learn(&mut self, rows: Rows) {
        for (path, hashes) in rows {
            self.known.entry(path).or_default().extend(hashes);
        }
    }
}

/// How a build was asked for.
#[derive(Debug)]
pub struct Request<'a> {
    pub edits: Edits,
    /// The name that the environment had.
    pub renamed_from: Option<&'a str>,
}

impl Request<'_> {
    pub fn of(edits: Edits) -> Self {
        Self {
            edits,
            renamed_from: None,
        }
    }
}

/// Compares the files with the folder. Git is asked only where the folder alone leaves something open, so that most builds
/// start no program.
pub fn plan<'a>(files: &'a [File], root: &Path, request: &Request<'_>) -> Result<Plan<'a>, Error> {
    let tree = Tree::open(root);
    let before = Before::read(&tree)?;
    is_of_this_environment(files, root, &before, request)?;
    let edits = request.edits;
    let plan = Plan::make(files, &tree, edits, before)?;
    let is_lost = plan.before.manifest.is_none() && !plan.finds_nothing();
    let is_open = is_lost || plan.before.conflicts || !plan.suspects.is_empty();
    let asks = match git::state(root) {
        State::Merging | State::Merged => true,
        // What needs nothing written is finished.
        State::Replayed => is_open || !plan.is_empty(),
        State::Stashed => {
            is_open || Repository::around(root).is_some_and(|git| !git.unmerged().is_empty())
        }
        State::Quiet => is_open,
    };
    if !asks {
        return Ok(plan);
    }
    let mut before = plan.before;
    let sides = Sides::around(root, before.conflicts);
    let mut owned = sides.owned();
    if is_lost && owned.is_empty() {
        owned = sides.owned_at_last();
    }
    let paths = owned.keys().cloned();
    if is_lost {
        before.owned.extend(paths);
    } else {
        before.owned_by_git.extend(paths);
    }
    before.learn(owned);
    before.bases = sides.settings_of_ancestor();
    before.unmerged = !sides.unmerged.is_empty();
    let plan = Plan::make(files, &tree, edits, before)?;
    if plan.suspects.is_empty() {
        return Ok(plan);
    }
    let verdicts = Judge::new(&sides, &plan.before.known).judge(&plan.suspects);
    if verdicts.is_empty() {
        return Ok(plan);
    }
    let before = Before {
        verdicts,
        ..plan.before
    };
    Plan::make(files, &tree, edits, before)
}

/// Two environments in one folder would write over each other. A manifest of before names were kept in it lists the settings
/// of the stack; after a merge there may be several names.
fn is_of_this_environment(
    files: &[File],
    root: &Path,
    before: &Before,
    request: &Request<'_>,
) -> Result<(), Error> {
    let Some(builds) = files
        .iter()
        .find_map(|file| stack_settings::stack(&file.path))
    else {
        return Ok(());
    };
    let said = before.held.iter().map(|held| held.name.as_str());
    let listed = before
        .known
        .keys()
        .filter_map(|path| stack_settings::stack(path));
    let names: BTreeSet<&str> = said.chain(listed).collect();
    let allowed = |name: &str| name == builds || Some(name) == request.renamed_from;
    match names.iter().next() {
        Some(holds) if !names.iter().any(|name| allowed(name)) => Err(Error::OtherEnvironment {
            folder: root.to_path_buf(),
            holds: (*holds).to_owned(),
            builds: builds.to_owned(),
        }),
        _ => Ok(()),
    }
}
