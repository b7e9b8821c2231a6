//! The step of a resource to another major version, which takes longer than other updates and has no way back.

use crate::catalogue::{Consequence, MajorStep, is_upgrade, major};
use crate::compare::change::Change;
use crate::compare::engine::{Decision, Op};
use crate::compare::evaluate::wire;
use crate::compare::value::Value;

/// Which argument takes the step, from where, and what is known of it.
pub struct Upgrade<'a> {
    pub argument: &'static str,
    pub from: &'a str,
    pub step: &'static MajorStep,
}

/// The step that an update takes, if it takes one. A downgrade is refused, and means nothing else.
pub fn upgrade<'a>(
    change: &Change<'a>,
    decision: &Decision,
    row: &'static Consequence,
) -> Option<Upgrade<'a>> {
    if decision.op != Op::Update {
        return None;
    }
    let old = &change.deployed(decision.old?)?.inputs;
    let mut updates = row.updates.iter();
    updates.find_map(|(argument, interruption)| {
        let step = interruption.major.as_ref()?;
        let name = wire(argument);
        let from = old.get(&name).and_then(Value::text)?;
        let to = decision.inputs.get(&name).and_then(Value::text)?;
        (major(from) != major(to) && is_upgrade(from, to)).then_some(Upgrade {
            argument,
            from,
            step,
        })
    })
}
