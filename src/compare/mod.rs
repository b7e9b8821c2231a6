//! `OLD` and `NEW` in, what happens between them out: the steps that Pulumi's engine will take, and what they mean. Touches neither
//! disk nor network.

mod change;
mod changed_keys;
mod cost;
mod diff;
mod engine;
mod evaluate;
mod outputs;
mod project;
mod registered;
mod step;
mod value;

use serde::Serialize;

use crate::compile::Output;
use change::{Change, Version};
use changed_keys::ChangedKeys;
pub use cost::{Cost, Estimate};
use engine::{Run, course};
use evaluate::Copy;
use project::Project;
use registered::{Before, Program};
pub use step::{Because, Step};

/// Version of the form that `docs/compare-json.md` describes.
const FORMAT_VERSION: u32 = 1;

/// A compiled spec, with its text.
pub struct Side<'a> {
    pub text: &'a str,
    pub output: &'a Output,
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
    pub cost: Cost,
}

/// The account in values that are compared; which one it is makes no difference.
const ACCOUNT: &str = "123456789012";

impl Side<'_> {
    fn copy(&self) -> Copy {
        let identity = &self.output.environment.identity;
        let tags = [
            ("Environment", identity.name.value.clone()),
            ("MigrationDate", identity.migration_date.value.to_string()),
            ("Owner", identity.owner.value.clone()),
        ];
        let accounts = identity.allowed_account_ids.iter();
        Copy {
            environment: identity.name.value.clone(),
            suffix: identity.suffix.value.clone(),
            region: identity.region.value.clone(),
            account: ACCOUNT.to_owned(),
            allowed_accounts: accounts.map(|account| account.value.clone()).collect(),
            manages_account: true,
            tags: tags
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        }
    }
}

/// Compares two specs.
pub fn between(old: &Side<'_>, new: &Side<'_>) -> Comparison {
    let keys = ChangedKeys::between(old.text, new.text);
    let (old_copy, new_copy) = (old.copy(), new.copy());
    let (old_files, new_files) = (
        Project::of(&old.output.files),
        Project::of(&new.output.files),
    );
    let old_program = Program::of(&old.output.stack, &old_copy);
    let new_program = Program::of(&new.output.stack, &new_copy);
    let before = Before::imagined(&old_program, &old_files);
    let up = course(&before, &new_program, &new_files, Run::Up);
    let preview = course(&before, &new_program, &new_files, Run::Preview);
    let through = |course| Change {
        before: &before,
        old: Some(Version {
            environment: &old.output.environment,
            program: &old_program,
        }),
        new: Version {
            environment: &new.output.environment,
            program: &new_program,
        },
        course,
        keys: &keys,
    };
    let steps = step::steps(&through(&up));
    let is_taken = |step: &Step| {
        let mut taken = steps.iter();
        taken.any(|taken| taken.resource == step.resource && taken.op == step.op)
    };
    let shown = step::steps(&through(&preview)).into_iter();
    let only_in_preview = shown.filter(|step| !is_taken(step)).collect();
    let same = up.decisions.iter();
    let same = same
        .filter(|decision| decision.op == engine::Op::Same)
        .count();
    Comparison {
        format_version: FORMAT_VERSION,
        steps,
        only_in_preview,
        same,
        cost: cost::cost(&through(&up)),
    }
}
