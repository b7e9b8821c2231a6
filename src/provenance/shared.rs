//! A line that stands for several resources: which they are, and what each has there.

use super::fields::{field, listed, members, waits_for};
use super::{Atlas, resource};
use crate::emit::trace::{Owner, SharedLine};
use crate::stack::graph::Member;
use crate::stack::resource::{Argument, Component, Resource};

impl<'a> Atlas<'a> {
    /// The resources that share a line.
    pub(super) fn sharing(&self, owners: &[Owner]) -> Vec<(&'a Component, Owner, &'a Resource)> {
        let found = owners.iter().filter_map(|owner| {
            let component = self.component(owner.component)?;
            Some((component, *owner, resource(component, owner.place)?))
        });
        found.collect()
    }

    /// The line is printed once; an argument that each gives by itself is told for each.
    pub(super) fn shared_text(&self, owners: &[Owner], line: SharedLine) -> Option<String> {
        let sharing = self.sharing(owners);
        let (component, _, first) = *sharing.first()?;
        let mut text = match line {
            SharedLine::Argument(name) | SharedLine::Given(name) => {
                field("argument", &format!("`{name}`"))
            }
            SharedLine::Options => field("options", "of Pulumi's, not arguments of AWS"),
            SharedLine::Resource => String::new(),
        };
        text.push_str(&field(
            "resource",
            &format!("{} {}", first.kind, places(&sharing)),
        ));
        let all: Vec<Member<'_>> = sharing
            .iter()
            .flat_map(|(component, owner, resource)| members(component, owner.place, resource))
            .collect();
        let names: Vec<String> = all.iter().map(Member::logical).collect();
        text.push_str(&field("logical", &listed(&names)));
        text.push_str(&field(
            "printed",
            match line {
                SharedLine::Given(_) => "once; each of them gives its own value",
                _ => "once, for all of them",
            },
        ));
        match line {
            SharedLine::Argument(name) | SharedLine::Given(name) => {
                let arguments = all.iter();
                let arguments = arguments.filter_map(|of| Some((*of, of.resource.argument(name)?)));
                let arguments: Vec<(Member<'_>, &Argument)> = arguments.collect();
                text.push_str(&self.origins(&arguments));
            }
            SharedLine::Options => text.push_str(&waits_for(component, first)),
            SharedLine::Resource => {}
        }
        Some(text)
    }
}

/// `` `function` in functions/health, functions/migrate ``.
fn places(sharing: &[(&Component, Owner, &Resource)]) -> String {
    let unique = |names: Vec<String>| {
        let mut known: Vec<String> = Vec::new();
        for name in names {
            if !known.contains(&name) {
                known.push(name);
            }
        }
        listed(&known)
    };
    let variables = sharing
        .iter()
        .map(|(_, _, one)| format!("`{}`", one.variable));
    let components = sharing.iter().map(|(component, ..)| component.path.clone());
    let (variables, components) = (variables.collect(), components.collect());
    format!("{} in {}", unique(variables), unique(components))
}
