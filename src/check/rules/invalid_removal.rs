//! An entry of `removed` that allows nothing.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::format::{Key, Kind, key_at};
use crate::origin::Value;
use crate::resolve::environment::Environment;

pub const RULE: Rule = Rule {
    code: Code::InvalidRemoval,
    severities: &[Severity::Error, Severity::Note],
    what: "\
        An entry of `removed` is not the path of a table or of a member of a list, or names what is still in the \
        spec; or nothing of it is removed since the spec in `HEAD`, so that it is no longer needed.",
    why: "\
        An entry allows the loss of data. One that stays in the spec also allows it for what gets the same name \
        later.",
    wrong: "removed = [\"api.plans.partner\"]\n\n[api.plans.partner]      # it is still there",
    right: "removed = [\"api.plans.partner\"]",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let entries = context.environment.removed.iter();
    found.extend(entries.filter_map(|entry| fault(context.environment, entry)));
}

fn fault(environment: &Environment, entry: &Value<String>) -> Option<Diagnostic> {
    let (_, span) = written(entry)?;
    let path = entry.value.as_str();
    let error = |message: String| Diagnostic::error(Code::InvalidRemoval, span.clone(), message);
    let is_member = |key: &&Key| key.kind == Kind::Texts;
    let list = path.rsplit_once('.').and_then(|(list, _)| key_at(list));
    match (key_at(path), list.filter(is_member)) {
        (Some(key), _) if key.kind.is_value() => {
            let table = path.rsplit_once('.').map_or(path, |(table, _)| table);
            let told = error(format!("`{path}` is a value")).label("a value, not a table");
            return Some(if table == path {
                told.help("write the path of a table")
            } else {
                told.write_text(table)
            });
        }
        (None, None) => {
            return Some(
                error(format!("`{path}` is not a path of the spec"))
                    .label("no such table")
                    .help("write the path of a table, or of a member of a list"),
            );
        }
        _ => {}
    }
    is_there(environment, path).then(|| {
        error(format!("`{path}` is still in the spec"))
            .label("not removed")
            .help("remove the entry, or what it names")
    })
}

/// Whether the spec has this entry of a collection, or this member of a list. Of single tables nothing is said: what is in
/// one may be made anew.
fn is_there(environment: &Environment, path: &str) -> bool {
    let names = |table: &str, name: &str| {
        let rest = path
            .strip_prefix(table)
            .and_then(|rest| rest.strip_prefix('.'));
        rest.is_some_and(|rest| rest.trim_matches('"') == name)
    };
    let of_families = super::super::renames::families(environment);
    let mut things = of_families.iter().flat_map(|family| {
        let things = family.things.iter();
        things.map(move |thing| (family.table, thing.key.as_str()))
    });
    let plans = &environment.api.plans;
    let mut keys = plans.iter().flat_map(|plan| {
        let list = format!("api.plans.{}.api_keys", plan.key.value);
        let keys = plan.api_keys.iter();
        keys.map(move |key| (list.clone(), key.as_str()))
    });
    things.any(|(table, name)| names(table, name)) || keys.any(|(list, name)| names(&list, name))
}
