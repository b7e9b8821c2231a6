//! The order in which Pulumi's engine steps from one state to the next: pkg/resource/deploy/step_generator.go (3.250).
//!
//! Resources are taken in the order of the program. What is there by its URN or an alias is compared, what is not is created. A
//! replacement creates first and deletes at the end, or deletes first, and then with all that has to go before it. What the
//! program no longer registers is deleted last, in the reverse order of dependencies.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::diff::{Difference, Inputs, difference};
use super::evaluate::{Contents, wire};
use super::outputs::derived;
use super::registered::{Before, Deployed, Goal, Program, output};
use super::twins::Twins;
use super::value::Value;
use crate::catalogue::Kind;

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// Values of what is made are not known yet, and count as changes.
    Preview,
    /// They are known when they are needed.
    Up,
}

/// What happens to one resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Same,
    Create,
    Update,
    /// Made anew: the new one first.
    CreateBeforeDelete,
    /// Made anew: the old one is deleted first.
    DeleteBeforeCreate,
}

impl Op {
    pub fn is_replacement(self) -> bool {
        matches!(self, Op::CreateBeforeDelete | Op::DeleteBeforeCreate)
    }
}

/// What becomes of a goal.
#[derive(Debug)]
pub struct Decision {
    pub op: Op,
    /// Number of the resource that is there.
    pub old: Option<usize>,
    /// Those of the resource itself where nothing touches it.
    pub inputs: Rc<Inputs>,
    pub difference: Difference,
    /// Number of the resource before it whose deletion takes this one along.
    pub caused_by: Option<usize>,
}

impl Decision {
    fn of(op: Op, old: Option<usize>, inputs: Rc<Inputs>) -> Self {
        Self {
            op,
            old,
            inputs,
            difference: Difference::default(),
            caused_by: None,
        }
    }
}

/// One call that the engine makes to the provider, in an order in which it may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Of a goal, by number.
    Create(usize),
    Update(usize),
    /// Of a resource that is there, by number.
    Delete(usize),
}

/// How a stack gets from one state to the next.
#[derive(Debug)]
pub struct Course {
    /// For each goal.
    pub decisions: Vec<Decision>,
    /// Numbers of the resources that the program no longer registers, in the order of their deletion.
    pub deleted: Vec<usize>,
    pub calls: Vec<Call>,
}

/// What is known of a program, so that nothing is evaluated twice.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The twins of its goals among the resources that are there.
    pub twins: &'a Twins,
    /// What it leaves behind where nothing is there, with the numbers of its goals; the inputs that come out the same are shared.
    pub alone: Option<&'a Before>,
}

/// Steps as the engine does.
pub fn course(
    before: &Before,
    known: Known<'_>,
    program: &Program<'_>,
    contents: &dyn Contents,
    run: Run,
) -> Course {
    let mut generator = Generator {
        before,
        alone: known.alone.filter(|_| before.is_imagined),
        foreseen: Vec::with_capacity(program.goals.len()),
        by_urn: before
            .resources
            .iter()
            .enumerate()
            .map(|(number, resource)| (resource.urn.as_str(), number))
            .collect(),
        readers: readers(before),
        gone: BTreeMap::new(),
        calls: Vec::new(),
    };
    let mut decisions: Vec<Decision> = Vec::with_capacity(program.goals.len());
    for (number, goal) in program.goals.iter().enumerate() {
        if let Some(untouched) = generator.untouched(goal, known.twins.of(number), &decisions) {
            generator.look_ahead(goal, &untouched);
            decisions.push(untouched);
            continue;
        }
        let inputs = generator.inputs_ahead(number, goal).unwrap_or_else(|| {
            Rc::new(program.inputs(goal, contents, &|number, field| {
                let decision = decisions.get(number);
                let kind = program.goals.get(number).and_then(|goal| goal.kind);
                decision.map_or(Value::Null, |decision| {
                    new_output(before, program, decision, kind, field, run)
                })
            }))
        });
        let names = std::iter::once(&goal.urn).chain(&goal.aliases);
        let mut found = names.filter_map(|urn| generator.by_urn.get(urn.as_str()).copied());
        let old = found.next();
        let decision = match old {
            None => {
                if goal.member.is_some() {
                    generator.calls.push(Call::Create(number));
                }
                Decision::of(Op::Create, None, inputs)
            }
            Some(old) => generator.with_old(number, old, inputs, goal),
        };
        generator.look_ahead(goal, &decision);
        decisions.push(decision);
    }
    // Replaced ones go at the end, and with them what the program no longer has: dependants first.
    let kept: BTreeSet<usize> = decisions
        .iter()
        .filter(|decision| decision.op != Op::CreateBeforeDelete)
        .filter_map(|decision| decision.old)
        .collect();
    let registered: BTreeSet<usize> = decisions
        .iter()
        .filter_map(|decision| decision.old)
        .collect();
    let all = before.resources.iter().enumerate().rev();
    let mut deleted = Vec::new();
    for (number, resource) in all {
        if !registered.contains(&number) {
            deleted.push(number);
        }
        let is_left = !kept.contains(&number) && !generator.gone.contains_key(&number);
        if is_left && resource.is_custom {
            generator.calls.push(Call::Delete(number));
        }
    }
    Course {
        decisions,
        deleted,
        calls: generator.calls,
    }
}

struct Generator<'a> {
    before: &'a Before,
    /// What the program leaves behind where nothing is there.
    alone: Option<&'a Before>,
    /// For each goal so far, whether it puts out what it does there.
    foreseen: Vec<bool>,
    by_urn: HashMap<&'a str, usize>,
    /// For each resource that is there: those that read it, with the inputs.
    readers: Vec<Vec<usize>>,
    /// What was deleted already so that something could be made anew, with what caused it.
    gone: BTreeMap<usize, (usize, Vec<String>)>,
    calls: Vec<Call>,
}

impl Generator<'_> {
    fn readers_of(&self, number: usize) -> impl Iterator<Item = usize> {
        self.readers.get(number).into_iter().flatten().copied()
    }

    /// The inputs of a goal that reads only what puts out the same as where nothing is there.
    fn inputs_ahead(&self, number: usize, goal: &Goal<'_>) -> Option<Rc<Inputs>> {
        let alone = self.alone?.resources.get(number)?;
        let mut read = goal.reads.values().flatten();
        read.all(|number| self.foreseen.get(*number) == Some(&true))
            .then(|| Rc::clone(&alone.inputs))
    }

    /// Notes whether the next goal puts out what it does where nothing is there: it has the same name and the very same inputs, and
    /// nothing follows from what only the old ones were.
    fn look_ahead(&mut self, goal: &Goal<'_>, decision: &Decision) {
        let alone = self
            .alone
            .and_then(|alone| alone.resources.get(self.foreseen.len()));
        let old = decision.old.and_then(|old| self.before.resources.get(old));
        let is_foreseen = matches!(decision.op, Op::Same | Op::Update)
            && alone.zip(old).is_some_and(|(alone, old)| {
                let differing = decision.difference.changed.iter();
                Rc::ptr_eq(&alone.inputs, &decision.inputs)
                    && old.urn == goal.urn
                    && old.outputs.is_empty()
                    && differing.clone().all(|name| {
                        let (was, is) = (old.inputs.get(name), decision.inputs.get(name));
                        was.is_none_or(|was| {
                            is.is_some_and(|is| was.shown().is_none() || is.shown().is_some())
                        })
                    })
            });
        self.foreseen.push(is_foreseen);
    }

    /// The decision about a goal that says the same as a resource that is there, and reads nothing that changes.
    fn untouched(
        &self,
        goal: &Goal<'_>,
        twin: Option<usize>,
        decisions: &[Decision],
    ) -> Option<Decision> {
        let twin = twin.filter(|twin| !self.gone.contains_key(twin))?;
        let stays = |number: &usize| {
            let decision = decisions.get(*number);
            decision.is_some_and(|decision| decision.op == Op::Same)
        };
        let resource = self.before.resources.get(twin)?;
        let is_untouched = goal.reads.values().flatten().all(stays);
        is_untouched.then(|| Decision::of(Op::Same, Some(twin), Rc::clone(&resource.inputs)))
    }

    fn with_old(
        &mut self,
        number: usize,
        old: usize,
        mut inputs: Rc<Inputs>,
        goal: &Goal<'_>,
    ) -> Decision {
        let Some(deployed) = self.before.resources.get(old) else {
            return Decision::of(Op::Same, Some(old), inputs);
        };
        for name in goal.ignored() {
            // It keeps what it has, or has not.
            let kept = deployed.inputs.get(&name);
            if inputs.get(&name) == kept {
                continue;
            }
            let inputs = Rc::make_mut(&mut inputs);
            match kept {
                Some(value) => inputs.insert(name, value.clone()),
                None => inputs.remove(&name),
            };
        }
        let mut found = difference(deployed.kind, &deployed.inputs, &inputs);
        let mut caused_by = None;
        let op = if let Some((cause, keys)) = self.gone.get(&old) {
            caused_by = Some(*cause);
            found.replacing.clone_from(keys);
            self.calls.push(Call::Create(number));
            Op::DeleteBeforeCreate
        } else if found.changed.is_empty() {
            Op::Same
        } else if found.replacing.is_empty() {
            self.calls.push(Call::Update(number));
            Op::Update
        } else if goal
            .delete_before_replace()
            .unwrap_or(found.is_deleted_first)
        {
            self.delete_first(old);
            self.calls.push(Call::Create(number));
            Op::DeleteBeforeCreate
        } else {
            self.calls.push(Call::Create(number));
            Op::CreateBeforeDelete
        };
        Decision {
            op,
            old: Some(old),
            inputs,
            difference: found,
            caused_by,
        }
    }

    /// Deletes a resource, and before it those that would have to be made anew with it: the engine asks the provider what it
    /// would make of inputs that nobody knows, in the place of each that reads something that goes.
    fn delete_first(&mut self, root: usize) {
        let mut going = BTreeSet::from([root]);
        let mut with_it: Vec<usize> = Vec::new();
        let mut candidates: BTreeSet<usize> = self.readers_of(root).collect();
        // Resources stand after what they read, so that each is looked at when all that it reads is decided.
        while let Some(number) = candidates.pop_first() {
            let Some(resource) = self.before.resources.get(number) else {
                continue;
            };
            let keys = replaced_by_unknown(resource, &going);
            if keys.is_empty() {
                continue;
            }
            going.insert(number);
            candidates.extend(self.readers_of(number));
            // What went for another one's sake is gone.
            if let Entry::Vacant(entry) = self.gone.entry(number) {
                entry.insert((root, keys));
                with_it.push(number);
            }
        }
        for number in with_it.into_iter().rev() {
            self.calls.push(Call::Delete(number));
        }
        self.gone.insert(root, (root, Vec::new()));
        self.calls.push(Call::Delete(root));
    }
}

/// For each resource, the numbers of those that read one of its outputs.
fn readers(before: &Before) -> Vec<Vec<usize>> {
    let mut readers = vec![Vec::new(); before.resources.len()];
    for (number, resource) in before.resources.iter().enumerate() {
        let read: BTreeSet<usize> = resource.reads.values().flatten().copied().collect();
        for of in read {
            if let Some(readers) = readers.get_mut(of) {
                readers.push(number);
            }
        }
    }
    readers
}

/// The inputs of a resource that would make it anew if nobody knew what it reads of those that go.
fn replaced_by_unknown(resource: &Deployed, going: &BTreeSet<usize>) -> Vec<String> {
    let mut inputs = Inputs::clone(&resource.inputs);
    let mut reads_one = false;
    for (name, read) in &resource.reads {
        if resource.ignored.contains(name) {
            continue;
        }
        if !read.is_disjoint(going) && inputs.contains_key(name) {
            inputs.insert(name.clone(), Value::Unknown);
            reads_one = true;
        }
    }
    if !reads_one || !resource.is_custom {
        return Vec::new();
    }
    difference(resource.kind, &resource.inputs, &inputs).replacing
}

/// What a goal will put out.
pub fn new_output(
    before: &Before,
    program: &Program<'_>,
    decision: &Decision,
    kind: Option<&'static Kind>,
    field: &str,
    run: Run,
) -> Value {
    if let Some(value) = decision.inputs.get(&wire(field)) {
        return value.clone();
    }
    let is_there = matches!(decision.op, Op::Same | Op::Update);
    let old = decision.old.filter(|_| is_there);
    let old = old.and_then(|number| before.resources.get(number));
    if let Some(value) = old.and_then(|old| old.outputs.get(&wire(field))) {
        return value.clone();
    }
    let class = kind.map_or("", |kind| kind.class);
    // A preview of what is made tells its inputs alone.
    if (is_there || run == Run::Up)
        && let Some(value) = derived(class, field, &decision.inputs, program.deployment)
    {
        return value;
    }
    old.map_or(Value::Unknown, |old| {
        output(old, field, program.deployment, before.is_imagined)
    })
}
