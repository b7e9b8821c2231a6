//! Which resource an override means.

use crate::check::written;
use crate::diagnostic::{Code, Diagnostic};
use crate::resolve::environment::{Environment, Override};
use crate::spec::nearest;
use crate::stack::graph::Stack;
use crate::stack::resource::{Component, Place};

/// A component by its number, and a resource in it.
pub type Found = (usize, Place);

/// The resource with this component and variable. A family's resource stands for all of its members.
pub fn find(
    stack: &Stack,
    environment: &Environment,
    set: &Override,
) -> Result<Found, Box<Diagnostic>> {
    let name = set.resource.value.as_str();
    let (component, resource) = name.rsplit_once('.').unwrap_or((name, ""));
    let number = stack
        .components
        .iter()
        .position(|found| found.path == component);
    let Some((number, found)) =
        number.and_then(|number| Some((number, stack.components.get(number)?)))
    else {
        return Err(no_component(stack, environment, set, component));
    };
    for (block, resources) in found.blocks.iter().enumerate() {
        let mut resources = resources.resources().iter();
        if let Some(resource) = resources.position(|found| found.variable == resource) {
            return Ok((number, Place { block, resource }));
        }
    }
    Err(no_resource(stack, set, found, resource))
}

/// The same with the name that was meant.
fn misspelt(set: &Override, label: String, right: &str, help: String) -> Box<Diagnostic> {
    Box::new(unknown(set, label, help).replace_with(format!("\"{right}\"")))
}

fn unknown(set: &Override, label: String, help: String) -> Box<Diagnostic> {
    let (_, span) = written(&set.resource).unwrap_or(("", set.place.clone()));
    let message = format!("no resource `{}`", set.resource.value);
    Box::new(
        Diagnostic::error(Code::UnknownResource, span, message)
            .label(label)
            .help(help),
    )
}

fn no_component(
    stack: &Stack,
    environment: &Environment,
    set: &Override,
    component: &str,
) -> Box<Diagnostic> {
    if component == "firewall" && !environment.firewall.enabled.value {
        let label = "the firewall is switched off: `firewall.enabled`".to_owned();
        return unknown(set, label, "remove the override".to_owned());
    }
    let paths = stack.components.iter().map(|found| found.path.as_str());
    let last = |path: &&str| path.rsplit('/').next() == Some(component);
    let best = paths.clone().find(last);
    let help = match best.or_else(|| nearest(component, paths)) {
        Some(best) => {
            let right = set.resource.value.replacen(component, best, 1);
            let label = "no component has this name".to_owned();
            return misspelt(set, label, &right, format!("did you mean `{right}`?"));
        }
        None => "`paystagec plan SPEC` lists the resources, each with the name that overrides use"
            .to_owned(),
    };
    unknown(set, "no component has this name".to_owned(), help)
}

/// People may write the logical name, which stands in the plan too.
fn no_resource(
    stack: &Stack,
    set: &Override,
    component: &Component,
    resource: &str,
) -> Box<Diagnostic> {
    let members = stack
        .members()
        .filter(|member| member.component.path == component.path);
    let named = members
        .into_iter()
        .find(|member| member.logical() == resource);
    if let Some(member) = named {
        let right = format!("{}.{}", component.path, member.resource.variable);
        let family = component.resources().find_map(|(found, family)| {
            let family = family?;
            (found.variable == member.resource.variable).then_some(family)
        });
        return match family {
            Some(family) => misspelt(
                set,
                format!(
                    "a member of `{}`, whose {} resources share their arguments",
                    family.table,
                    family.rows.len()
                ),
                &right,
                format!("write `{right}`, which changes all of them"),
            ),
            None => misspelt(
                set,
                "this is its logical name".to_owned(),
                &right,
                format!("write `{right}`"),
            ),
        };
    }
    let variables = component
        .resources()
        .map(|(found, _)| found.variable.as_str())
        .collect::<Vec<_>>();
    let help = match nearest(resource, variables.iter().copied()) {
        Some(best) => {
            let right = format!("{}.{best}", component.path);
            let label = format!("not in the component `{}`", component.path);
            return misspelt(set, label, &right, format!("did you mean `{right}`?"));
        }
        None => format!(
            "the resources of `{}` are {}",
            component.path,
            variables.join(", ")
        ),
    };
    unknown(
        set,
        format!("not in the component `{}`", component.path),
        help,
    )
}
