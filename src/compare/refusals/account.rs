//! The account during a deployment: each state of each resource, from the call that brings it about to the one that ends it, and
//! which calls the engine makes one after the other.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::catalogue::Kind;
use crate::compare::change::Change;
use crate::compare::diff::Inputs;
use crate::compare::engine::{Call, Op};
use crate::compare::evaluate::wire;
use crate::compare::registered::Deployed;
use crate::compare::value::Value;

/// A resource, by its number: one that is there, or one that a goal makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Id {
    Old(usize),
    New(usize),
}

/// A resource as it is between two calls.
#[derive(Debug)]
pub struct State<'a> {
    pub id: Id,
    /// The goal that it fulfils, if this deployment makes or changes it.
    pub goal: Option<usize>,
    pub urn: &'a str,
    pub kind: &'static Kind,
    pub inputs: &'a Inputs,
    /// By input: the resources that it reads.
    pub reads: BTreeMap<String, BTreeSet<Id>>,
    /// Number of the call that brings it about; none if it is there before.
    pub from: Option<usize>,
    /// Number of the call that ends it.
    pub until: Option<usize>,
}

impl State<'_> {
    /// An input, by the argument's name in the SDK.
    pub fn input(&self, argument: &str) -> Option<&Value> {
        self.inputs.get(&wire(argument))
    }

    pub fn text(&self, argument: &str) -> Option<&str> {
        self.input(argument).and_then(Value::text)
    }

    /// The resources that an argument reads.
    pub fn read_at(&self, argument: &str) -> BTreeSet<Id> {
        self.reads.get(&wire(argument)).cloned().unwrap_or_default()
    }

    /// What tells the values of arguments from others: what is not known is told by the resources that it is read from.
    pub fn identity(&self, arguments: &[&str]) -> String {
        let parts = arguments.iter().map(|argument| match self.input(argument) {
            None => String::new(),
            Some(value) if value.is_known() => format!("{value:?}"),
            Some(_) => format!("{:?}", self.read_at(argument)),
        });
        parts.collect::<Vec<_>>().join("\n")
    }
}

/// In whose steps the engine makes a call: those of a goal, or those at the end, which delete what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chain {
    Of(usize),
    End,
}

pub struct Account<'a> {
    pub change: &'a Change<'a>,
    pub states: Vec<State<'a>>,
    /// Numbers of the states, by class.
    by_class: HashMap<&'static str, Vec<usize>>,
    /// For each call, the state that it brings about.
    begun: Vec<Option<usize>>,
    /// For each call, the state that it ends.
    ended: Vec<Option<usize>>,
    chains: Vec<Chain>,
    /// For goals that were asked about: all that the engine takes before them.
    after: RefCell<HashMap<usize, BTreeSet<usize>>>,
}

impl<'a> Account<'a> {
    pub fn during(change: &'a Change<'a>) -> Self {
        let calls = &change.course.calls;
        let mut account = Self {
            change,
            states: Vec::new(),
            by_class: HashMap::new(),
            begun: vec![None; calls.len()],
            ended: vec![None; calls.len()],
            chains: chains(calls),
            after: RefCell::default(),
        };
        let mut ends: HashMap<Id, usize> = HashMap::new();
        for (number, call) in calls.iter().enumerate() {
            match call {
                Call::Create(_) => {}
                Call::Update(goal) => {
                    ends.insert(account.id(*goal), number);
                }
                Call::Delete(old) => {
                    ends.insert(Id::Old(*old), number);
                }
            }
        }
        for (number, resource) in change.before.resources.iter().enumerate() {
            let until = ends.get(&Id::Old(number)).copied();
            account.stand(number, resource, until);
        }
        for (number, call) in calls.iter().enumerate() {
            if let Call::Create(goal) | Call::Update(goal) = call {
                account.begin(number, *goal);
            }
        }
        account
    }

    fn stand(&mut self, number: usize, resource: &'a Deployed, until: Option<usize>) {
        let Some(kind) = resource.kind else {
            return;
        };
        let old = |read: &BTreeSet<usize>| read.iter().copied().map(Id::Old).collect();
        let reads = resource.reads.iter();
        self.push(State {
            id: Id::Old(number),
            goal: None,
            urn: &resource.urn,
            kind,
            inputs: &resource.inputs,
            reads: reads
                .map(|(name, read)| (name.clone(), old(read)))
                .collect(),
            from: None,
            until,
        });
    }

    fn begin(&mut self, call: usize, number: usize) {
        let (Some(goal), Some(decision)) = (self.change.goal(number), self.change.decision(number))
        else {
            return;
        };
        let Some(kind) = goal.kind else {
            return;
        };
        let reads = goal.reads.iter().map(|(name, read)| {
            let read = read.iter().map(|number| self.id(*number));
            (wire(name), read.collect())
        });
        let state = State {
            id: self.id(number),
            goal: Some(number),
            urn: &goal.urn,
            kind,
            inputs: &decision.inputs,
            reads: reads.collect(),
            from: Some(call),
            until: None,
        };
        self.push(state);
    }

    fn push(&mut self, state: State<'a>) {
        let number = self.states.len();
        for (call, places) in [
            (state.from, &mut self.begun),
            (state.until, &mut self.ended),
        ] {
            if let Some(place) = call.and_then(|call| places.get_mut(call)) {
                *place = Some(number);
            }
        }
        let class = self.by_class.entry(state.kind.class).or_default();
        class.push(number);
        self.states.push(state);
    }

    /// The resource that a goal is or becomes.
    pub fn id(&self, goal: usize) -> Id {
        let decision = self.change.decision(goal);
        let kept = decision.filter(|decision| matches!(decision.op, Op::Same | Op::Update));
        kept.and_then(|decision| decision.old)
            .map_or(Id::New(goal), Id::Old)
    }

    pub fn of_class(&self, class: &str) -> impl Iterator<Item = &State<'a>> {
        let numbers = self.by_class.get(class).into_iter().flatten();
        numbers.filter_map(|number| self.states.get(*number))
    }

    /// What a call brings about.
    pub fn begun_by(&self, call: usize) -> Option<&State<'a>> {
        self.states.get((*self.begun.get(call)?)?)
    }

    /// What a call ends.
    pub fn ended_by(&self, call: usize) -> Option<&State<'a>> {
        self.states.get((*self.ended.get(call)?)?)
    }

    /// The states in which a resource may be when a call is made: the engine orders what waits for each other, and nothing else.
    pub fn may_stand(&self, state: &State<'_>, call: usize) -> bool {
        let is_over = state.until.is_some_and(|end| self.precedes(end, call));
        let is_later = state.from.is_some_and(|from| self.precedes(call, from));
        !is_over && !is_later
    }

    /// The states of a class, those together that have the same values of these arguments.
    pub fn alike(&self, class: &str, arguments: &[&str]) -> Vec<Vec<&State<'a>>> {
        let mut groups: BTreeMap<String, Vec<&State<'a>>> = BTreeMap::new();
        for state in self.of_class(class) {
            groups
                .entry(state.identity(arguments))
                .or_default()
                .push(state);
        }
        groups.into_values().collect()
    }

    /// The last state of a resource that there is.
    pub fn last(&self, class: &str, id: Id) -> Option<&State<'a>> {
        self.of_class(class).filter(|state| state.id == id).last()
    }

    /// Whether the engine makes a call only when the other one has come to its end.
    pub fn precedes(&self, first: usize, second: usize) -> bool {
        let chain = |call: usize| self.chains.get(call).copied().unwrap_or(Chain::End);
        match (chain(first), chain(second)) {
            (Chain::Of(one), Chain::Of(other)) if one == other => first < second,
            (Chain::Of(one), Chain::Of(other)) => self.is_after(other, one),
            (Chain::Of(_), Chain::End) => true,
            (Chain::End, Chain::Of(_)) => false,
            (Chain::End, Chain::End) => self.is_deleted_before(first, second),
        }
    }

    /// What is left is deleted after those that read it.
    fn is_deleted_before(&self, first: usize, second: usize) -> bool {
        let calls = &self.change.course.calls;
        let (Some(Call::Delete(first)), Some(Call::Delete(second))) =
            (calls.get(first), calls.get(second))
        else {
            return false;
        };
        let resource = self.change.deployed(*first);
        resource.is_some_and(|resource| {
            let mut reads = resource.reads.values();
            reads.any(|read| read.contains(second))
        })
    }

    /// Whether the engine takes a goal after another one.
    fn is_after(&self, goal: usize, other: usize) -> bool {
        if let Some(found) = self.after.borrow().get(&goal) {
            return found.contains(&other);
        }
        let mut found = BTreeSet::new();
        let mut open = vec![goal];
        while let Some(number) = open.pop() {
            let goal = self.change.goal(number);
            for needed in goal.into_iter().flat_map(|goal| &goal.after) {
                if found.insert(*needed) {
                    open.push(*needed);
                }
            }
        }
        let is_there = found.contains(&other);
        self.after.borrow_mut().insert(goal, found);
        is_there
    }
}

/// In whose steps each call is made: what a goal deletes first stands right before its creation.
fn chains(calls: &[Call]) -> Vec<Chain> {
    let mut chains = Vec::with_capacity(calls.len());
    let mut next = Chain::End;
    for call in calls.iter().rev() {
        if let Call::Create(goal) | Call::Update(goal) = call {
            next = Chain::Of(*goal);
        }
        chains.push(next);
    }
    chains.reverse();
    chains
}
