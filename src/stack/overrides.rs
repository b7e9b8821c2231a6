//! Overrides in the graph: arguments are set in place of what the layers decided, each with its origin. Whether one may be is
//! decided before.

use super::expr::Expr;
use super::graph::Stack;
use super::resource::{Argument, Block, Component, Place, Resource};
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
            let Some(component) = self.components.get_mut(setting.component) else {
                continue;
            };
            let block = component.blocks.get_mut(setting.place.block);
            let Some(resource) =
                block.and_then(|block| block.resources_mut().get_mut(setting.place.resource))
            else {
                continue;
            };
            let pictured = is_pictured(resource).then(|| Pictured {
                name: format!("{}.{}", resource.variable, setting.argument),
                value: setting.value.clone(),
                key: setting.origin.key.clone(),
            });
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
            if let Some(pictured) = pictured {
                picture(component, pictured);
            }
        }
    }
}

/// A setting that counts only after a deployment of the API.
struct Pictured {
    /// `integration.passthrough_behavior`.
    name: String,
    value: Expr,
    /// Of the override in the spec.
    key: String,
}

const DEPLOYMENT: &str = "aws.apigateway.Deployment";

/// Whether a deployment of the API is a picture of this resource too.
fn is_pictured(resource: &Resource) -> bool {
    [
        "aws.apigateway.Integration",
        "aws.apigateway.Method",
        "aws.apigateway.Model",
        "aws.apigateway.RequestValidator",
        "aws.apigateway.Resource",
        "aws.apigateway.Response",
        "aws.apigateway.RestApi",
    ]
    .contains(&resource.kind)
}

/// Puts the setting into the fingerprint of the deployment, which would not be made anew otherwise.
fn picture(component: &mut Component, pictured: Pictured) {
    let Pictured { name, value, key } = pictured;
    let resources = component.blocks.iter_mut().flat_map(Block::resources_mut);
    let mut deployments = resources.filter(|resource| resource.kind == DEPLOYMENT);
    let arguments = deployments.next().map(|found| found.arguments.iter_mut());
    let Some(triggers) = arguments
        .into_iter()
        .flatten()
        .find(|argument| argument.name == "triggers")
    else {
        return;
    };
    if let Expr::Map(entries) = &mut triggers.value
        && let Some((_, Expr::Fingerprint(settings))) = entries.first_mut()
        && let Expr::Map(settings) = settings.as_mut()
    {
        settings.push((name, value));
        let own = Origin::Derived(vec![key]);
        triggers.origin = Origin::derived_from([&triggers.origin, &own]);
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
