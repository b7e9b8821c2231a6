//! Permissions of all sorts, and how two sides of them are held against each other.

use std::collections::HashSet;
use std::rc::Rc;

use serde::Serialize;

use crate::catalogue::Kind;
use crate::compare::diff::Inputs;

/// A permission of one holder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Right {
    /// Who: `role-health-staging-main`, `lambda.amazonaws.com`, `192.0.2.0/24`.
    pub holder: String,
    /// Actions, or protocol and ports.
    pub may: Vec<String>,
    /// On what.
    pub on: String,
    /// Conditions in JSON; empty where there are none.
    pub only_if: String,
}

/// What is gained and what is lost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Rights {
    pub gained: Vec<Right>,
    pub lost: Vec<Right>,
}

/// A permission that can be held against another one.
pub trait Permission: PartialEq {
    /// Whether whoever has this one has the other one too.
    fn covers(&self, other: &Self) -> bool;

    /// Whether it takes away: more of it is less.
    fn is_denial(&self) -> bool {
        false
    }

    /// Whether it comes or goes with the one thing that it is about, so that nothing is opened or closed.
    fn is_void(&self) -> bool {
        false
    }

    fn right(&self) -> Right;
}

/// One side of a change.
pub struct Side {
    pub resources: Vec<Part>,
}

/// A resource of one side.
pub struct Part {
    pub kind: &'static Kind,
    pub inputs: Rc<Inputs>,
    /// Whether what it is set on stands on the other side too. Where it does not, nobody was or is kept from it.
    pub lasts: bool,
}

/// Notes what one side has and the other does not.
pub fn add<P: Permission>(rights: &mut Rights, old: &[P], new: &[P]) {
    let said = |side: &[P]| -> Vec<(Right, bool)> {
        let all = side.iter();
        all.map(|one| (one.right(), one.is_denial())).collect()
    };
    let (was, is) = (said(old), said(new));
    for (of, told, others, known, is_new) in
        [(new, &is, old, &was, true), (old, &was, new, &is, false)]
    {
        // Nearly all stand on both sides: those are found at once.
        let known: HashSet<&(Right, bool)> = known.iter().collect();
        for (one, told) in of.iter().zip(told) {
            if one.is_void() || known.contains(told) || others.iter().any(|other| other.covers(one))
            {
                continue;
            }
            // A denial that goes opens, and one that comes closes.
            let right = told.0.clone();
            if is_new == one.is_denial() {
                rights.lost.push(right);
            } else {
                rights.gained.push(right);
            }
        }
    }
}
