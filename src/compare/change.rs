//! A change from one state to another, as everything that is said about it sees it.

use std::rc::Rc;

use super::changed_keys::ChangedKeys;
use super::diff::Inputs;
use super::engine::{Course, Decision, Run, new_output};
use super::evaluate::{Contents, wire};
use super::registered::{Before, Deployed, Goal, Program, imagined_output};
use super::value::Value;
use crate::resolve::environment::Environment;

/// What a program is made from, and what it registers.
#[derive(Debug, Clone, Copy)]
pub struct Version<'a> {
    pub environment: &'a Environment,
    pub program: &'a Program<'a>,
}

#[derive(Clone, Copy)]
pub struct Change<'a> {
    /// What is there.
    pub before: &'a Before,
    /// What made it, where that is known: its goals have the numbers of the resources.
    pub old: Option<Version<'a>>,
    pub new: Version<'a>,
    pub course: &'a Course,
    /// What the new program leaves behind where nothing is there, if that was computed.
    pub alone: Option<&'a Before>,
    pub keys: &'a ChangedKeys,
    pub contents: &'a dyn Contents,
}

impl<'a> Change<'a> {
    pub fn goal(&self, number: usize) -> Option<&'a Goal<'a>> {
        self.new.program.goals.get(number)
    }

    pub fn decision(&self, number: usize) -> Option<&'a Decision> {
        self.course.decisions.get(number)
    }

    /// The inputs of a goal, with names in the place of values that only the deployment knows.
    pub fn named_inputs(&self, number: usize) -> Rc<Inputs> {
        let Some(goal) = self.goal(number) else {
            return Rc::default();
        };
        if let Some(decision) = self
            .decision(number)
            .filter(|decision| self.is_untouched(decision) || self.is_foreseen(number, decision))
        {
            return Rc::clone(&decision.inputs);
        }
        let inputs = self
            .new
            .program
            .inputs(goal, self.contents, &|number, field| {
                let (Some(goal), Some(decision)) = (self.goal(number), self.decision(number))
                else {
                    return Value::Null;
                };
                let program = self.new.program;
                let value = new_output(self.before, program, decision, goal.kind, field, Run::Up);
                match value {
                    Value::Unknown => imagined_output(&goal.urn, &wire(field)),
                    value => value,
                }
            });
        Rc::new(inputs)
    }

    /// Whether a decision was made without evaluating anything: the resource keeps the very inputs that it has.
    pub fn is_untouched(&self, decision: &Decision) -> bool {
        let old = decision.old.and_then(|old| self.deployed(old));
        old.is_some_and(|old| Rc::ptr_eq(&old.inputs, &decision.inputs))
    }

    /// Whether the inputs of a goal are those that it has where nothing is there: all that they are made of is named.
    fn is_foreseen(&self, number: usize, decision: &Decision) -> bool {
        let alone = self.alone.and_then(|alone| alone.resources.get(number));
        alone.is_some_and(|alone| Rc::ptr_eq(&alone.inputs, &decision.inputs))
    }

    /// A resource that is there.
    pub fn deployed(&self, number: usize) -> Option<&'a Deployed> {
        self.before.resources.get(number)
    }

    /// The goal that made a resource that is there.
    pub fn old_goal(&self, number: usize) -> Option<&'a Goal<'a>> {
        self.old?.program.goals.get(number)
    }
}
