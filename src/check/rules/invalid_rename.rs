//! A `renamed_from` that names nothing which could have become this.

use std::collections::BTreeMap;

use regex::Regex;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::check::renames::{Family, Thing, families, identity};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::origin::Value;

pub const RULE: Rule = Rule {
    code: Code::InvalidRename,
    severities: &[Severity::Error, Severity::Warning],
    what: "\
        `renamed_from` names a key that is still in the spec, that another table is renamed from, or that is not \
        valid; or that the spec in `HEAD` does not have.",
    why: "\
        Pulumi looks for a resource under its present name first. A key that is still there keeps its resource: \
        two names cannot be exchanged in one step, and one resource cannot become two.",
    wrong: "[api.plans.shops]\n[api.plans.partner]\nrenamed_from = \"shops\"      # it is still there",
    right: "[api.plans.partner]\nrenamed_from = \"shops\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for family in families(context.environment) {
        let mut seen: BTreeMap<String, &Value<String>> = BTreeMap::new();
        for thing in &family.things {
            let Some(from) = thing.renamed_from else {
                continue;
            };
            let told = wrong(&family, thing, from).or_else(|| {
                let first = seen.insert(identity(&from.value), from)?;
                twice(&family, first, from)
            });
            found.extend(told);
        }
    }
    for zone in &context.environment.network.set_zones {
        found.extend(unlisted(context, zone));
    }
}

fn wrong(family: &Family<'_>, thing: &Thing<'_>, from: &Value<String>) -> Option<Diagnostic> {
    let (path, span) = written(from)?;
    let error = |message: String| Diagnostic::error(Code::InvalidRename, span.clone(), message);
    let old = &from.value;
    if *old == thing.key.value {
        let message = format!("`{path}` is the name that the {} has", family.word);
        return Some(
            error(message)
                .label("renamed from itself")
                .help("leave it out"),
        );
    }
    let form = Regex::new(family.declared.form?).ok()?;
    if !form.is_match(old) {
        let message = format!("`{path}` was never the key of a {}", family.word);
        return Some(
            error(message)
                .label("not a valid key")
                .help("write the key that the spec had before"),
        );
    }
    // The same route, but for the names of its parameters: nothing has to be said of that.
    if identity(old) == identity(&thing.key.value) {
        return None;
    }
    let other = family.find(old)?;
    let message = format!("the {} `{old}` is still in the spec", family.word);
    let told = error(message)
        .label("it keeps its resource")
        .help("remove one of the two; to exchange names, deploy a third name in between");
    Some(match written(other.key) {
        Some((_, place)) => told.secondary(place, "here"),
        None => told,
    })
}

fn twice(family: &Family<'_>, first: &Value<String>, from: &Value<String>) -> Option<Diagnostic> {
    let (_, span) = written(from)?;
    let message = format!("two are renamed from the {} `{}`", family.word, from.value);
    let told = Diagnostic::error(Code::InvalidRename, span, message)
        .label("one resource cannot become two")
        .help("remove one of the two: its resources are created");
    Some(match written(first) {
        Some((_, place)) => told.secondary(place, "the first"),
        None => told,
    })
}

/// Settings of a zone that the environment does not stand in.
fn unlisted(context: &Context<'_>, zone: &Value<String>) -> Option<Diagnostic> {
    let mut zones = context.environment.network.zones.iter();
    if context.is_unusable("network.zones") || zones.any(|known| known.id.value == zone.value) {
        return None;
    }
    let (path, span) = written(zone)?;
    let message = format!("`{path}` is not in `network.zones`");
    Some(
        Diagnostic::error(Code::InvalidRename, span, message)
            .label("not one of the zones of the environment")
            .help("remove the table, or list the zone"),
    )
}
