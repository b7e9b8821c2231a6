//! Overrides: arguments that the team sets for a while. Bounded: an override sets what neither a key of the spec nor a requirement
//! decides, to a plain value of the SDK's type, and says what it replaces, so that it cannot outlive the default that it was
//! decided against. The texts and the day are judged with the environment; the rest needs the graph.

mod argument;
mod place;
mod ratio;

use crate::check::context::written;
use crate::check::waivers::is_hidden;
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic};
use crate::resolve::environment::{Environment, Override};
use crate::stack::graph::Stack;
use crate::stack::overrides::Setting;

/// What an override is about: `monitoring_interval` of `database.instance`.
fn subject(set: &Override) -> String {
    format!("`{}` of `{}`", set.argument.value, set.resource.value)
}

/// What can be told without the graph.
pub fn judge(environment: &Environment, today: Date, diagnostics: &mut Vec<Diagnostic>) {
    for set in &environment.overrides {
        diagnostics.extend(no_text(set).or_else(|| expiry(set, today)));
    }
}

/// What the overrides set in the graph, and what is wrong with those that set nothing.
pub fn settle(stack: &Stack, environment: &Environment) -> (Vec<Setting>, Vec<Diagnostic>) {
    let mut settings: Vec<(Setting, &Override)> = Vec::new();
    let mut diagnostics = Vec::new();
    for set in &environment.overrides {
        let setting = place::find(stack, environment, set)
            .and_then(|place| argument::setting(stack, place, set));
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

fn no_text(set: &Override) -> Option<Diagnostic> {
    for (value, key) in [(&set.reason, "reason"), (&set.owner, "owner")] {
        let text = value.value.trim();
        if text.is_empty() || text.chars().any(is_hidden) {
            let (_, span) = written(value)?;
            let message = format!("the override of {} has no {key}", subject(set));
            return Some(
                Diagnostic::error(Code::InvalidOverride, span, message)
                    .label("must be one line of text, without characters that hide it")
                    .help("reviewers and auditors read who decided, and why"),
            );
        }
    }
    None
}

fn expiry(set: &Override, today: Date) -> Option<Diagnostic> {
    let expires = &set.expires;
    let (_, span) = written(expires).filter(|_| expires.value < today)?;
    Some(
        Diagnostic::error(
            Code::ExpiredOverride,
            span,
            format!("the override of {} has expired", subject(set)),
        )
        .label(format!("in force until this day; today is {today}"))
        .help(format!(
            "remove it, or have {} decide anew",
            set.owner.value
        )),
    )
}

fn twice(set: &Override, first: &Override) -> Option<Diagnostic> {
    let (_, span) = written(&set.argument)?;
    let (_, before) = written(&first.argument)?;
    Some(
        Diagnostic::error(
            Code::InvalidOverride,
            span,
            format!("{} is set twice", subject(set)),
        )
        .label("set again here")
        .secondary(before, "set here first")
        .help("keep one of the two"),
    )
}
