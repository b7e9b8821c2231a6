//! Losses of data since the spec of the last commit that neither `renamed_from` nor `removed` states.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::engine::{Decision, Known, Run, course};
use super::evaluate::{Contents, Deployment, wire};
use super::registered::{Before, Deployed, Program};
use super::spec_path::path_of;
use super::twins::Twins;
use crate::check::renames::{Family, Thing, families};
use crate::check::{cover, written};
use crate::compile::{Judged, Model};
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic};
use crate::origin::Origin;
use crate::resolve::environment::Environment;
use crate::spec::{self, Problems, nearest};
use crate::stack::expr::Wheels;
use crate::stack::graph::Member;

/// Holds a spec against those that it follows: one, or both sides of a merge. What one of them has not, it cannot lose.
pub fn hold(judged: &mut Judged, text: &str, earlier: &[Model], today: Date) {
    let Some(model) = &judged.model else { return };
    let mut found = Vec::new();
    let losses = losses(model, earlier);
    let is_covered = |path: &str| {
        let mut entries = model.environment.removed.iter();
        entries.any(|entry| is_under(path, &entry.value))
    };
    let (stated, unstated): (BTreeMap<_, _>, BTreeMap<_, _>) =
        losses.into_iter().partition(|(path, _)| is_covered(path));
    if !unstated.is_empty() {
        // Where things stand is asked for seldom.
        let (_, problems) = spec::read(text);
        let told = unstated.into_iter();
        found.extend(told.map(|(path, losses)| unsaid(&path, &losses, model, earlier, &problems)));
    }
    let stated: BTreeSet<String> = stated.into_keys().collect();
    found.extend(spent(&model.environment, &stated));
    found.extend(renames(&model.environment, earlier));
    cover(&model.environment, today, &mut found);
    judged.extend(found);
}

/// Whether both are of one environment: another name or suffix is another stack, from which nothing is taken.
pub fn is_same_environment(one: &Environment, other: &Environment) -> bool {
    let of = |env: &Environment| (env.name.value.clone(), env.suffix.value.clone());
    of(one) == of(other)
}

/// A resource that goes.
struct Loss {
    /// `rds.Instance database`.
    resource: String,
    what: &'static str,
    is_replaced: bool,
    /// Key and place of what decides it, if the spec says it.
    decided_by: Option<(String, Range<usize>)>,
}

/// What is lost against every earlier spec, by its path.
fn losses(model: &Model, earlier: &[Model]) -> BTreeMap<String, Vec<Loss>> {
    let mut all = earlier.iter().map(|old| losses_since(old, model));
    let mut common = all.next().unwrap_or_default();
    for other in all {
        common.retain(|path, losses| {
            let others = other.get(path).map_or(&[][..], Vec::as_slice);
            losses.retain(|loss| others.iter().any(|other| other.resource == loss.resource));
            !losses.is_empty()
        });
    }
    common
}

/// Contents of files, which decide nothing of what is lost.
struct Unread;

impl Contents for Unread {
    fn archive(&self, _: &str, _: &[&str], _: Option<&Wheels>) -> String {
        String::new()
    }

    fn digest(&self, _: &str) -> String {
        String::new()
    }

    fn text(&self, _: &str) -> String {
        String::new()
    }

    fn libraries(&self) -> String {
        String::new()
    }
}

fn losses_since(old: &Model, new: &Model) -> BTreeMap<String, Vec<Loss>> {
    let (old_deployment, new_deployment) = (
        Deployment::of(&old.environment),
        Deployment::of(&new.environment),
    );
    let was = Program::of(&old.stack, &old_deployment);
    let will_be = Program::of(&new.stack, &new_deployment);
    let before = Before::imagined(&was, &Unread);
    let twins = Twins::between((&was, &Unread), (&will_be, &Unread));
    let known = Known {
        twins: &twins,
        alone: None,
    };
    let course = course(&before, known, &will_be, &Unread, Run::Up);
    let mut losses: BTreeMap<String, Vec<Loss>> = BTreeMap::new();
    let mut lose = |number: usize, decided: Option<(&Member<'_>, &Decision)>| {
        let resource = before.resources.get(number);
        let goal = was.goals.get(number).and_then(|goal| goal.member.as_ref());
        let (Some(resource), Some(member)) = (resource, goal) else {
            return;
        };
        let Some(what) = lasting(resource) else {
            return;
        };
        let path = whole(&path_of(member), &old.environment, &new.environment);
        losses.entry(path).or_default().push(Loss {
            resource: called(resource),
            what,
            is_replaced: decided.is_some(),
            decided_by: decided.and_then(|(member, decision)| decider(member, decision)),
        });
    };
    for (decision, goal) in course.decisions.iter().zip(&will_be.goals) {
        let replaced = decision.old.filter(|_| decision.op.is_replacement());
        if let (Some(old), Some(member)) = (replaced, &goal.member) {
            lose(old, Some((member, decision)));
        }
    }
    for number in &course.deleted {
        lose(*number, None);
    }
    losses
}

/// What is lost with a resource, if somebody has to say that it may go.
fn lasting(resource: &Deployed) -> Option<&'static str> {
    let kind = resource
        .kind
        .filter(|kind| kind.stateful && kind.passing.is_none())?;
    Some(kind.loss.unwrap_or_default())
}

/// `apigateway.ApiKey partner`.
fn called(resource: &Deployed) -> String {
    let class = resource.kind.map_or("", |kind| kind.class);
    let class = class.strip_prefix("aws.").unwrap_or(class);
    format!("{class} {}", resource.name())
}

/// The argument that makes it anew, as the spec says it.
fn decider(member: &Member<'_>, decision: &Decision) -> Option<(String, Range<usize>)> {
    let replacing = &decision.difference.replacing;
    let arguments = member.resource.arguments.iter();
    let mut deciding = arguments.filter(|argument| replacing.contains(&wire(argument.name)));
    deciding.find_map(|argument| match member.origin(argument) {
        Origin::Spec { key, span } => Some((key, span)),
        _ => None,
    })
}

/// The thing that goes as a whole, where the path lies in one.
fn whole(path: &str, old: &Environment, new: &Environment) -> String {
    let (old, new) = (families(old), families(new));
    for (family, now) in old.iter().zip(&new) {
        for thing in &family.things {
            let key = &thing.key.value;
            let whole = format!("{}.{key}", family.table);
            if is_under(path, &whole) && now.find(key).is_none() {
                return whole;
            }
        }
    }
    path.to_owned()
}

fn is_under(path: &str, table: &str) -> bool {
    let rest = path.strip_prefix(table);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn unsaid(
    path: &str,
    losses: &[Loss],
    model: &Model,
    earlier: &[Model],
    problems: &Problems,
) -> Diagnostic {
    let replaced = losses.iter().find(|loss| loss.is_replaced);
    let decided = replaced.and_then(|loss| loss.decided_by.clone());
    let (message, span) = match (&decided, replaced) {
        (Some((key, span)), _) => (
            format!("the change of `{key}` replaces a resource that holds data"),
            span.clone(),
        ),
        (None, Some(_)) => (
            format!("`{path}` is replaced, and loses its data"),
            problems.place(path),
        ),
        (None, None) => {
            // A table at the top, such as `keys`, may as well have come, and taken the place of something.
            let (parent, what) = match path.rsplit_once('.') {
                Some((table, _)) => (table, format!("the removal of `{path}` is not stated")),
                None => (
                    path,
                    format!("what the change of `{path}` deletes is not stated as removed"),
                ),
            };
            (
                format!("{what}, and loses data or an identity"),
                problems.place(parent),
            )
        }
    };
    let names: Vec<&str> = losses.iter().map(|loss| loss.resource.as_str()).collect();
    let whats: BTreeSet<&str> = losses.iter().map(|loss| loss.what).collect();
    let whats: Vec<&str> = whats.into_iter().collect();
    Diagnostic::error(Code::UnstatedLoss, span, message)
        .label(format!("deletes {}", names.join(", ")))
        .note(format!("lost: {}", whats.join("; ")))
        .help(help(path, decided.is_some(), model, earlier))
}

fn help(path: &str, is_changed: bool, model: &Model, earlier: &[Model]) -> String {
    let removed =
        format!("add `removed = [\"{path}\"]` at the top of the spec if that is intended");
    if is_changed {
        return format!("undo the change, or {removed}");
    }
    let now = families(&model.environment);
    let family = now.iter().find(|family| is_under(path, family.table));
    let Some(family) = family else {
        return removed;
    };
    let old = path.strip_prefix(family.table).unwrap_or_default();
    let old = old.trim_start_matches('.');
    let is_new = |thing: &&Thing<'_>| {
        let mut earlier = earlier.iter();
        thing.renamed_from.is_none() && earlier.all(|model| !has(model, family, &thing.key.value))
    };
    let new: Vec<&str> = family
        .things
        .iter()
        .filter(is_new)
        .map(|thing| thing.key.as_str())
        .collect();
    let best = nearest(old, new.iter().copied()).or_else(|| new.first().copied());
    match best {
        Some(new) if !old.contains('.') => {
            let table = match family.table {
                "network.zones" => "network.zone_settings",
                table => table,
            };
            let new = if new.contains(['/', ' ']) {
                format!("\"{new}\"")
            } else {
                new.to_owned()
            };
            format!(
                "add `renamed_from = \"{old}\"` to `[{table}.{new}]` if it is the same under another name; {removed}"
            )
        }
        _ => removed,
    }
}

/// Whether a spec has the thing.
fn has(model: &Model, family: &Family<'_>, key: &str) -> bool {
    let families = families(&model.environment);
    let mut same = families.iter().filter(|other| other.table == family.table);
    same.any(|other| other.find(key).is_some())
}

/// Entries of `removed` that let nothing go any more.
fn spent(environment: &Environment, stated: &BTreeSet<String>) -> Vec<Diagnostic> {
    let needed = |entry: &str| stated.iter().any(|path| is_under(path, entry));
    let entries = environment.removed.iter();
    let spent = entries
        .filter(|entry| !needed(&entry.value))
        .filter_map(|entry| {
            let (_, span) = written(entry)?;
            let message = format!("`{}` is not needed any more", entry.value);
            Some(
                Diagnostic::note_only(Code::InvalidRemoval, span, message)
                    .label("nothing of it is removed since the last commit")
                    .help("remove the entry"),
            )
        });
    spent.collect()
}

/// Renames of what no earlier spec has, and of what was renamed before and not everywhere yet.
fn renames(environment: &Environment, earlier: &[Model]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (number, family) in families(environment).iter().enumerate() {
        let olds: Vec<_> = earlier
            .iter()
            .map(|model| families(&model.environment))
            .collect();
        let olds: Vec<&Family<'_>> = olds.iter().filter_map(|all| all.get(number)).collect();
        for thing in &family.things {
            found.extend(unknown(family, thing, &olds));
        }
    }
    found
}

fn unknown(family: &Family<'_>, thing: &Thing<'_>, olds: &[&Family<'_>]) -> Option<Diagnostic> {
    let from = thing.renamed_from?;
    let (_, span) = written(from)?;
    let old = &from.value;
    // The rename itself was committed before.
    if olds.is_empty()
        || olds
            .iter()
            .any(|family| family.find(&thing.key.value).is_some())
    {
        return None;
    }
    let warning = |message: String| Diagnostic::warning(Code::InvalidRename, span, message);
    let Some(known) = olds.iter().find_map(|family| family.find(old)) else {
        let told = warning(format!("the last commit has no {} `{old}`", family.word))
            .label("its resources would be created");
        let gone = olds.iter().flat_map(|family| &family.things);
        let gone = gone
            .map(|thing| thing.key.as_str())
            .filter(|key| family.find(key).is_none());
        return Some(match nearest(old, gone) {
            Some(best) => told.did_you_mean(best),
            None => told.help("write the key that the spec had before"),
        });
    };
    let before = known.renamed_from?;
    Some(
        warning(format!(
            "`{old}` was itself renamed from `{}`",
            before.value
        ))
        .label("a stack without the first rename would delete and create it")
        .help("deploy the last commit to every stack first"),
    )
}
