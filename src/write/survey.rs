//! What is known of the folder before anything is decided: what it says of itself, and, where that does not explain what
//! stands there, what git knows.

use std::collections::BTreeSet;
use std::path::Path;

use super::before::Before;
use super::git::{self, Repository, State};
use super::judge::Judge;
use super::plan::Plan;
use super::sides::Sides;
use super::tree::Tree;
use super::{Edits, Error, File, stack_settings};

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
        _ => is_of_this_suffix(files, root, before, request),
    }
}

/// Another suffix names every resource anew: the stack that stands there would lose all that it holds.
fn is_of_this_suffix(
    files: &[File],
    root: &Path,
    before: &Before,
    request: &Request<'_>,
) -> Result<(), Error> {
    let mut builds = files
        .iter()
        .filter_map(|file| stack_settings::held(&file.path, &file.content));
    let builds = builds.next().and_then(|held| held.suffix);
    // What git merged may say several things: the spec then decides.
    let mut said = before.held.iter().filter(|_| before.held.len() == 1);
    let Some((held, builds)) = said.next().zip(builds) else {
        return Ok(());
    };
    match &held.suffix {
        Some(holds) if *holds != builds && request.renamed_from != Some(&held.name) => {
            Err(Error::OtherSuffix {
                folder: root.to_path_buf(),
                name: held.name.clone(),
                holds: holds.clone(),
                builds,
            })
        }
        _ => Ok(()),
    }
}
