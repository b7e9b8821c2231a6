//! `OLD` and `NEW` in, what happens between them out: the steps that Pulumi's engine will take, and what they mean. Touches neither
//! disk nor network.

mod archive;
mod change;
mod changed_keys;
mod cost;
mod diff;
mod engine;
pub mod environments;
mod evaluate;
mod imagined;
mod meaning;
mod outputs;
mod project;
mod refusals;
mod registered;
mod spec_path;
mod spent;
pub mod state;
mod step;
mod twins;
pub mod unstated;
mod value;
pub mod verify;
#[cfg(test)]
mod world;

use std::collections::HashSet;

use serde::Serialize;

use crate::date::Date;
use crate::emit::File;
use crate::resolve::environment::Environment;
use crate::stack::graph::Stack;
use change::{Change, Version};
pub use changed_keys::ChangedKey;
use changed_keys::ChangedKeys;
pub use cost::{Cost, Estimate};
use engine::{Course, Known, Op, Run, course};
use evaluate::{DEFAULT_TAGS, Deployment};
pub use meaning::{Client, Interruption, Loss, Right, Rights, Time, WayBack};
use project::Project;
pub use refusals::Refusal;
use registered::{Before, Program};
pub use state::State;
pub use step::{Because, Step};
use twins::Twins;

/// Version of the form that `docs/compare-json.md` describes.
const FORMAT_VERSION: u32 = 1;

/// A spec that was judged, with its text.
pub struct Side<'a> {
    pub text: &'a str,
    pub environment: &'a Environment,
    pub stack: &'a Stack,
    /// Of the project's files those that archives and digests are made of, or more, sorted by path.
    pub files: &'a [File],
}

/// What happens between two states of an environment.
#[derive(Debug, Serialize)]
pub struct Comparison {
    pub format_version: u32,
    /// What an `up` does, in an order in which the engine may do it.
    pub steps: Vec<Step>,
    /// What a preview shows beside: it does not know yet that the value will be what it was.
    pub only_in_preview: Vec<Step>,
    /// How many resources stay as they are.
    pub same: usize,
    /// What nothing is said about, with the reason.
    pub not_compared: Vec<String>,
    /// With a state: the `renamed_from` that it needs no more.
    pub spent_renames: Vec<String>,
    /// Data that is gone afterwards.
    pub data: Vec<Loss>,
    /// Interruptions, the worst first.
    pub outage: Vec<Interruption>,
    /// What those outside have to change.
    pub clients: Vec<Client>,
    /// Who may do more or less.
    pub rights: Rights,
    /// What AWS would refuse on the way.
    pub refusals: Vec<Refusal>,
    pub cost: Cost,
    pub time: Time,
    /// What building the old spec again brings back.
    pub way_back: WayBack,
}

/// The account in values that are compared; which one it is makes no difference.
const ACCOUNT: &str = "123456789012";

impl Deployment {
    /// The copy that a spec itself describes.
    fn of(environment: &Environment) -> Self {
        let identity = &environment.identity;
        let tags = DEFAULT_TAGS.into_iter().zip([
            identity.name.value.clone(),
            identity.migration_date.value.to_string(),
            identity.owner.value.clone(),
        ]);
        let company = environment.tags.iter();
        let company = company.map(|tag| (tag.name.value.clone(), tag.text.value.clone()));
        let accounts = identity.allowed_account_ids.iter();
        Self {
            environment: identity.name.value.clone(),
            suffix: identity.suffix.value.clone(),
            region: identity.region.value.clone(),
            account: ACCOUNT.to_owned(),
            allowed_accounts: accounts.map(|account| account.value.clone()).collect(),
            manages_account: true,
            tags: tags
                .map(|((name, _), value)| (name.to_owned(), value))
                .chain(company)
                .collect(),
        }
    }
}

/// What becomes of all that a comparison was computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    Freed,
    /// The process is about to end, which takes it away at once and not value by value.
    Left,
}

/// Compares two specs; `today` decides about the cost alone.
pub fn between(old: &Side<'_>, new: &Side<'_>, today: Date, rest: Rest) -> Comparison {
    let keys = ChangedKeys::between(old.text, new.text);
    let (old_deployment, new_deployment) = (
        Deployment::of(old.environment),
        Deployment::of(new.environment),
    );
    let (old_files, new_files) = (Project::of(old.files), Project::of(new.files));
    let old_program = Program::of(old.stack, &old_deployment);
    let new_program = Program::of(new.stack, &new_deployment);
    let old_version = Version {
        environment: old.environment,
        program: &old_program,
    };
    let new_version = Version {
        environment: new.environment,
        program: &new_program,
    };
    let before = Before::imagined(&old_program, &old_files);
    let twins = Twins::between((&old_program, &old_files), (&new_program, &new_files));
    let after = Before::imagined_like(&before, &twins, &new_program, &new_files);
    let known = Known {
        twins: &twins,
        alone: Some(&after),
    };
    let up = course(&before, known, &new_program, &new_files, Run::Up);
    let preview = course(&before, known, &new_program, &new_files, Run::Preview);
    let forth = |course| Change {
        before: &before,
        old: Some(old_version),
        new: new_version,
        course,
        alone: Some(&after),
        keys: &keys,
        contents: &new_files,
    };
    let twins = twins.reversed(old_program.goals.len());
    let known = Known {
        twins: &twins,
        alone: Some(&before),
    };
    let down = course(&after, known, &old_program, &old_files, Run::Up);
    let back = Change {
        before: &after,
        old: Some(new_version),
        new: old_version,
        course: &down,
        alone: Some(&before),
        keys: &keys,
        contents: &old_files,
    };
    let not_compared = extensions(&[old, new]);
    let comparison = all(
        &forth(&up),
        &forth(&preview),
        Some(&back),
        not_compared,
        today,
    );
    if rest == Rest::Left {
        std::mem::forget((up, preview, down));
        std::mem::forget((before, after, twins));
        std::mem::forget((old_program, new_program));
    }
    comparison
}

/// Compares what is deployed with a spec. What made it is not known: nothing is said of what only a spec tells.
pub fn since(state: &State, new: &Side<'_>, today: Date) -> Comparison {
    let mut deployment = Deployment::of(new.environment);
    if let Some(deployed) = &state.deployment {
        deployment.suffix.clone_from(&deployed.suffix);
        deployment.account.clone_from(&deployed.account);
        // Only a second copy may leave it to the first.
        deployment.manages_account =
            deployed.manages_account || state.stack == deployment.environment;
    }
    let keys = ChangedKeys::default();
    let files = Project::of(new.files).without_libraries();
    let program = Program::of(new.stack, &deployment);
    // What made it is not known, and nothing that says the same.
    let known = Known {
        twins: &Twins::default(),
        alone: None,
    };
    let up = course(&state.before, known, &program, &files, Run::Up);
    let preview = course(&state.before, known, &program, &files, Run::Preview);
    let through = |course| Change {
        before: &state.before,
        old: None,
        new: Version {
            environment: new.environment,
            program: &program,
        },
        course,
        alone: None,
        keys: &keys,
        contents: &files,
    };
    let mut not_compared = state.not_compared.clone();
    not_compared.extend(extensions(&[new]));
    not_compared.push("the libraries of the functions: what is installed decides".to_owned());
    Comparison {
        spent_renames: spent::spent(&state.before, &program, new.environment),
        ..all(&through(&up), &through(&preview), None, not_compared, today)
    }
}

/// All that there is to say: of an `up`, of its preview, and of the way back where the old spec is known.
fn all(
    change: &Change<'_>,
    preview: &Change<'_>,
    back: Option<&Change<'_>>,
    not_compared: Vec<String>,
    today: Date,
) -> Comparison {
    let steps = step::steps(change);
    let data = meaning::data(change);
    let refused_back = back.map(refusals::refusals).unwrap_or_default();
    Comparison {
        format_version: FORMAT_VERSION,
        only_in_preview: only_in_preview(preview, &steps),
        steps,
        same: unchanged(change.course),
        not_compared,
        spent_renames: Vec::new(),
        outage: meaning::outage(change),
        clients: meaning::clients(change),
        rights: meaning::rights(change),
        cost: cost::cost(change, today),
        time: meaning::time(change),
        way_back: meaning::way_back(change, &data, back, &refused_back),
        refusals: refusals::refusals(change),
        data,
    }
}

/// What modules of the team's own add, the graph does not know.
fn extensions(sides: &[&Side<'_>]) -> Vec<String> {
    let extensions = sides.iter().flat_map(|side| &side.environment.extensions);
    let mut paths: Vec<String> = extensions
        .map(|extension| format!("what {} adds", extension.path.value))
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

/// Steps that a preview shows and an `up` does not take.
fn only_in_preview(preview: &Change<'_>, taken: &[Step]) -> Vec<Step> {
    let taken = taken.iter();
    let taken: HashSet<(&str, &str)> = taken
        .map(|step| (step.resource.as_str(), step.op))
        .collect();
    step::steps_but(preview, &taken)
}

fn unchanged(course: &Course) -> usize {
    let decisions = course.decisions.iter();
    decisions.filter(|decision| decision.op == Op::Same).count()
}
