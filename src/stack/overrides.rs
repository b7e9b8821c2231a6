//! Overrides in the graph: arguments are set in place of what the layers decided, each with its origin. Whether one may be is
//! decided before.

use super::expr::Expr;
use super::graph::Stack;
use super::resource::{Argument, Place};
use crate::origin::{Origin, Override};

/// One argument that an override sets.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Number of the component.
    pub component: usize,
    pub place: Place,
    pub argument: &'static str,
    pub value: Expr,
    pub origin: Override,
}

impl Stack {
    /// Sets what the overrides set: in its place, or after all others.
    pub fn apply(&mut self, settings: Vec<Setting>) {
        for setting in settings {
            let component = self.components.get_mut(setting.component);
            let block = component.and_then(|found| found.blocks.get_mut(setting.place.block));
            let Some(resource) =
                block.and_then(|block| block.resources_mut().get_mut(setting.place.resource))
            else {
                continue;
            };
            let argument = Argument {
                name: setting.argument,
                value: setting.value,
                comment: Some(comment(&setting.origin).into()),
                origin: Origin::Override(Box::new(setting.origin)),
            };
            let mut arguments = resource.arguments.iter_mut();
            match arguments.find(|known| known.name == argument.name) {
                Some(known) => *known = argument,
                None => resource.arguments.push(argument),
            }
        }
    }
}

/// What a reviewer reads above the argument.
fn comment(set: &Override) -> String {
    let instead = match &set.replaces {
        Some((value, _)) => format!(" in place of {value}"),
        None => String::new(),
    };
    format!(
        "Override{instead} until {}, {}: {}",
        set.expires, set.owner, set.reason
    )
}
