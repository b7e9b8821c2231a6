//! A change from one state to another, as everything that is said about it sees it.

use super::changed_keys::ChangedKeys;
use super::engine::{Course, Decision};
use super::registered::{Before, Deployed, Goal, Program};
use crate::resolve::environment::Environment;

/// What a program is made from, and what it registers.
#[derive(Debug, Clone, Copy)]
pub struct Version<'a> {
    pub environment: &'a Environment,
    pub program: &'a Program<'a>,
}

#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// What is there.
    pub before: &'a Before,
    /// What made it, where that is known: its goals have the numbers of the resources.
    pub old: Option<Version<'a>>,
    pub new: Version<'a>,
    pub course: &'a Course,
    pub keys: &'a ChangedKeys,
}

impl<'a> Change<'a> {
    pub fn goal(&self, number: usize) -> Option<&'a Goal<'a>> {
        self.new.program.goals.get(number)
    }

    pub fn decision(&self, number: usize) -> Option<&'a Decision> {
        self.course.decisions.get(number)
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
