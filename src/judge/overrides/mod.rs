//! Overrides: arguments that the team sets for a while. Bounded: an override sets what neither a key of the spec nor a requirement
//! decides, to a plain value of the SDK's type, and says what it replaces, so that it cannot outlive the default that it was
//! decided against. Texts and days are rules of `check`; what stands here needs the graph.

mod argument;
mod place;
mod ratio;

use crate::check::written;
use crate::diagnostic::{Code, Diagnostic};
use crate::resolve::environment::{Environment, Override};
use crate::stack::graph::Stack;
use crate::stack::overrides::Setting;

/// What the overrides set in the graph, and what is wrong with those that set nothing.
pub fn settle(stack: &Stack, environment: &Environment) -> (Vec<Setting>, Vec<Diagnostic>) {
    let mut settings: Vec<(Setting, &Override)> = Vec::new();
    let mut diagnostics = Vec::new();
    for set in &environment.overrides {
        let setting = place::find(stack, environment, set)
            .and_then(|place| argument::setting(environment.class, stack, place, set));
        match setting {
            Ok(setting) => {
                let same = |(known, _): &&(Setting, &Override)| {
                    (known.component, known.place, known.argument)
                        == (setting.component, setting.place, setting.argument)
                };
                match settings.iter().find(same) {
                    Some((_, first)) => diagnostics.extend(twice(set, first)),
                    None => settings.push((setting, set)),
                }
            }
            Err(diagnostic) => diagnostics.push(*diagnostic),
        }
    }
    diagnostics.extend(ratio::judge(stack, &settings));
    let settings = settings.into_iter().map(|(setting, _)| setting);
    (settings.collect(), diagnostics)
}

fn twice(set: &Override, first: &Override) -> Option<Diagnostic> {
    let (_, span) = written(&set.argument)?;
    let (_, before) = written(&first.argument)?;
    Some(
        Diagnostic::error(
            Code::InvalidOverride,
            span,
            format!("{} is set twice", set.subject()),
        )
        .label("set again here")
        .secondary(before, "set here first")
        .help("keep one of the two"),
    )
}
