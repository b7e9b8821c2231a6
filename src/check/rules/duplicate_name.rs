//! Two things that would get one name.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::DuplicateName,
    severities: &[Severity::Error],
    what: "\
        Two functions have the same short name, two plans the same API key, or two body schemas the same \
        model name; two functions migrate the database; or a name in the spec would give two resources the same name.",
    why: "Resource names are built from these names, and must be unique in AWS.",
    wrong: "[functions.validate-payment]\n[functions.validate-refund]      # both are cut to `validate`",
    right: "[functions.validate-payment]\n[functions.validate-refund]\nshort_name = \"refund\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    short_names(context, found);
    api_keys(context, found);
    models(context, found);
    migrations(context, found);
}

/// The call that migrates the database stands once in the environment.
fn migrations(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let functions = context.environment.functions.iter();
    let migrating = functions.filter(|function| function.is_builtin("migrate"));
    let mut places = migrating.filter_map(|function| written(&function.key));
    let Some((_, first)) = places.next() else {
        return;
    };
    for (path, span) in places {
        let message = "two functions migrate the database";
        found.push(
            Diagnostic::error(Code::DuplicateName, span, message)
                .label("both would change the same tables in one deployment")
                .secondary(first.clone(), "the first")
                .help(format!("remove `[{path}]`, or give it another `source`")),
        );
    }
}

fn short_names(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<&str, Range<usize>> = BTreeMap::new();
    for function in &context.environment.functions {
        let short = &function.short_name;
        let Some((path, of_key)) = written(&function.key) else {
            continue;
        };
        let span = written(short).map_or(of_key, |(_, span)| span);
        if let Some(first) = seen.get(short.as_str()) {
            let message = format!("two functions have the short name `{}`", short.value);
            found.push(
                Diagnostic::error(Code::DuplicateName, span, message)
                    .label("target groups and alarms of both would have one name")
                    .secondary(first.clone(), "the first")
                    .help(format!(
                        "set `short_name` in `[{path}]`, at most ten characters"
                    )),
            );
        } else {
            seen.insert(short.as_str(), span);
        }
    }
}

fn api_keys(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<&str, Range<usize>> = BTreeMap::new();
    for plan in &context.environment.api.plans {
        for key in &plan.api_keys {
            let Some((_, of_plan)) = written(&plan.key) else {
                continue;
            };
            let span = written(key).map_or(of_plan, |(_, span)| span);
            if let Some(first) = seen.get(key.as_str()) {
                let message = format!("the API key `{}` is named twice", key.value);
                found.push(
                    Diagnostic::error(Code::DuplicateName, span, message)
                        .label("an API key belongs to one plan")
                        .secondary(first.clone(), "the first")
                        .help("give each key a name of its own in `api_keys`"),
                );
            } else {
                seen.insert(key.as_str(), span);
            }
        }
    }
}

/// Model names are alphanumeric only, so that `pay-ment` and `payment` meet too. One file used twice is one model.
fn models(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<String, (&str, Range<usize>)> = BTreeMap::new();
    for body in context
        .environment
        .api
        .routes
        .iter()
        .filter_map(|route| route.body.as_ref())
    {
        let Some((_, span)) = written(body) else {
            continue;
        };
        let name: String = body
            .name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect();
        match seen.get(&name) {
            Some((path, first)) if *path != body.path => {
                let message = format!("two body schemas make the model `{name}`");
                found.push(
                    Diagnostic::error(Code::DuplicateName, span, message)
                        .label("a model is named after its file, letters and digits only")
                        .secondary(first.clone(), "the first")
                        .help("rename one of the files"),
                );
            }
            Some(_) => {}
            None => {
                seen.insert(name, (&body.path, span));
            }
        }
    }
}
