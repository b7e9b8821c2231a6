//! A state and the calls that change it, put together by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value as Json;

use super::refusals::{Refusal, refusals};
use crate::catalogue::kind;
use crate::compare::change::{Change, Version};
use crate::compare::changed_keys::ChangedKeys;
use crate::compare::diff::{Difference, Inputs, difference};
use crate::compare::engine::{Call, Course, Decision, Op};
use crate::compare::evaluate::{Deployment, wire};
use crate::compare::project::Project;
use crate::compare::registered::{Before, Deployed, Goal, Program};
use crate::compare::value::Value;
use crate::load::Disk;
use crate::resolve::environment::Environment;
use crate::stack::graph::Stack;

/// The arguments that read another resource, with its number.
pub type Reads = [(&'static str, usize)];

struct Planned {
    class: String,
    name: String,
    is_gone: bool,
    reads: BTreeMap<&'static str, BTreeSet<usize>>,
}

/// What is there, and what is done to it. A resource that is there and the goal that keeps it have the same number.
#[derive(Default)]
pub struct World {
    there: Vec<Deployed>,
    goals: Vec<Planned>,
    decisions: Vec<Decision>,
    calls: Vec<Call>,
    gone: Vec<usize>,
    deleted: Vec<usize>,
}

impl World {
    pub fn there(&mut self, class: &str, name: &str, inputs: &Json, reads: &Reads) -> usize {
        let number = self.there.len();
        assert_eq!(number, self.goals.len(), "what is there comes first");
        let found = kind(class).unwrap();
        let by_input = numbers(reads).into_iter();
        self.there.push(Deployed {
            urn: urn(class, name),
            kind: Some(found),
            inputs: values(inputs).into(),
            reads: by_input.map(|(name, of)| (wire(name), of)).collect(),
            is_custom: true,
            ..Deployed::default()
        });
        self.plan(class, name, inputs, reads, Op::Same, Some(number))
    }

    /// What AWS has computed of what is there.
    pub fn has(&mut self, number: usize, output: &str, value: &str) {
        if let Some(there) = self.there.get_mut(number) {
            let value = Value::Text(value.to_owned());
            there.outputs.insert(output.to_owned(), value);
        }
    }

    pub fn plan(
        &mut self,
        class: &str,
        name: &str,
        inputs: &Json,
        reads: &Reads,
        op: Op,
        old: Option<usize>,
    ) -> usize {
        self.goals.push(Planned {
            class: class.to_owned(),
            name: name.to_owned(),
            is_gone: false,
            reads: numbers(reads),
        });
        self.decisions.push(Decision {
            op,
            old,
            inputs: values(inputs).into(),
            difference: Difference::default(),
            caused_by: None,
        });
        self.goals.len() - 1
    }

    pub fn make(&mut self, class: &str, name: &str, inputs: &Json, reads: &Reads) -> usize {
        let number = self.plan(class, name, inputs, reads, Op::Create, None);
        self.calls.push(Call::Create(number));
        number
    }

    pub fn update(&mut self, number: usize, inputs: &Json, reads: &Reads) {
        let new = values(inputs);
        let old = &self.there[number];
        self.decisions[number].difference = difference(old.kind, &old.inputs, &new);
        self.decisions[number].op = Op::Update;
        self.decisions[number].inputs = new.into();
        self.goals[number].reads = numbers(reads);
        self.calls.push(Call::Update(number));
    }

    /// Made anew, the old one deleted first or at the end.
    pub fn replace(&mut self, number: usize, inputs: &Json, is_deleted_first: bool) {
        self.decisions[number].inputs = values(inputs).into();
        if is_deleted_first {
            self.decisions[number].op = Op::DeleteBeforeCreate;
            self.calls.push(Call::Delete(number));
        } else {
            self.decisions[number].op = Op::CreateBeforeDelete;
            self.gone.push(number);
        }
        self.calls.push(Call::Create(number));
    }

    /// No longer registered: deleted at the end.
    pub fn drop(&mut self, number: usize) {
        self.goals[number].is_gone = true;
        self.decisions[number].old = None;
        self.deleted.push(number);
        self.gone.push(number);
    }

    pub fn refusals(self) -> Vec<Refusal> {
        self.changed(refusals)
    }

    /// What is said of the change.
    pub fn changed<T>(mut self, say: impl FnOnce(&Change<'_>) -> T) -> T {
        self.gone.sort_unstable();
        let gone = self.gone.iter().rev();
        self.calls.extend(gone.map(|number| Call::Delete(*number)));
        let stack = Stack {
            environment: "staging".to_owned(),
            components: Vec::new(),
            exports: Vec::new(),
        };
        let deployment = Deployment {
            environment: "staging".to_owned(),
            suffix: "main".to_owned(),
            region: "us-east-1".to_owned(),
            account: "123456789012".to_owned(),
            allowed_accounts: Vec::new(),
            manages_account: true,
            tags: BTreeMap::new(),
        };
        let mut program = Program::of(&stack, &deployment);
        let planned = self.goals.iter();
        program.goals = planned
            .map(|planned| Goal {
                urn: urn(&planned.class, &planned.name),
                aliases: Vec::new(),
                kind: kind(&planned.class).filter(|_| !planned.is_gone),
                member: None,
                reads: planned.reads.clone(),
                after: planned.reads.values().flatten().copied().collect(),
            })
            .collect();
        say(&Change {
            before: &Before {
                resources: self.there,
                is_imagined: true,
            },
            old: None,
            new: Version {
                environment: environment(),
                program: &program,
            },
            course: &Course {
                decisions: self.decisions,
                deleted: self.deleted,
                calls: self.calls,
            },
            alone: None,
            keys: &ChangedKeys::default(),
            contents: &Project::of(&[]),
        })
    }

    /// Operation, logical name and error.
    pub fn told(self) -> Vec<(&'static str, String, String)> {
        let found = self.refusals().into_iter();
        let told = found.map(|refusal| {
            assert!(!refusal.why.is_empty() && !refusal.way.is_empty());
            let error = refusal.error.unwrap_or_else(|| "silent".to_owned());
            (refusal.op, refusal.name, error)
        });
        told.collect()
    }
}

pub fn urn(class: &str, name: &str) -> String {
    format!("paystage:index:Part${}::{name}", kind(class).unwrap().token)
}

pub fn numbers(reads: &Reads) -> BTreeMap<&'static str, BTreeSet<usize>> {
    let mut found: BTreeMap<&'static str, BTreeSet<usize>> = BTreeMap::new();
    for (name, number) in reads {
        found.entry(name).or_default().insert(*number);
    }
    found
}

/// Inputs by their names in the SDK; `?` is what only the deployment knows.
pub fn values(inputs: &Json) -> Inputs {
    let entries = inputs.as_object().unwrap().iter();
    let value = |json: &Json| match json.as_str() {
        Some("?") => Value::Unknown,
        _ => Value::from(json),
    };
    entries
        .map(|(name, json)| (wire(name), value(json)))
        .collect()
}

pub fn environment() -> &'static Environment {
    static COMMITTED: OnceLock<Environment> = OnceLock::new();
    COMMITTED.get_or_init(|| compiled(&[]).0)
}

/// The committed spec after some edits, and its graph.
pub fn compiled(edits: &[(&str, &str)]) -> (Environment, Stack) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/spec/staging.toml");
    let mut text = std::fs::read_to_string(path).unwrap();
    for (old, new) in edits {
        assert_eq!(text.matches(old).count(), 1, "{old}");
        text = text.replace(old, new);
    }
    let loader = Disk::beside(Path::new(path));
    let today = "2026-06-01".parse().unwrap();
    let (environment, problems) = crate::compile_environment(&text, path, &loader, today);
    let environment = environment.unwrap_or_else(|| panic!("{problems:?}"));
    let stack = Stack::build(&environment).unwrap();
    (environment, stack)
}
