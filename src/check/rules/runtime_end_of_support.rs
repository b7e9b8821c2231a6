//! A runtime near or past its end, at the migration or today.

use crate::catalogue::{runtime, runtimes};
use crate::check::Rule;
use crate::check::context::{Context, source, written};
use crate::date::{Date, counted};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::resolve::environment::Function;

/// Less than this until the end, from the migration or from today, is worth a word.
const NOTICE_DAYS: i64 = 365;

pub const RULE: Rule = Rule {
    code: Code::RuntimeEndOfSupport,
    severities: &[Severity::Error, Severity::Warning],
    what: "\
        Lambda has deprecated a function's runtime, or will before the migration or within a year after the \
        migration or today.",
    why: "\
        A deprecated runtime gets no security patches (FN-1). Some weeks later Lambda blocks the creation of \
        functions with it, and then updates of existing ones: the environment can no longer be deployed.",
    wrong: "migration_date = 2027-08-15\n[functions.refund]\nruntime = \"python3.11\"",
    right: "migration_date = 2027-08-15\n[functions.refund]\nruntime = \"python3.13\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let date = &context.environment.migration_date;
    if written(date).is_none() {
        return;
    }
    let Ok(migration) = date.value.parse::<Date>() else {
        return;
    };
    for function in &context.environment.functions {
        found.extend(judge(context, function, migration));
    }
}

fn judge(context: &Context<'_>, function: &Function, migration: Date) -> Option<Diagnostic> {
    // One that is deprecated today is refused anyway.
    let known = runtime(&function.runtime).filter(|runtime| runtime.allowed)?;
    let end: Date = known.deprecated_on.parse().ok()?;
    // An environment that exists is judged by today.
    let is_deployed = migration < context.today;
    let days = migration.max(context.today).days_until(end);
    if days >= NOTICE_DAYS {
        return None;
    }
    let (path, _) = written(&function.key)?;
    let span = context.span(&function.runtime, &format!("{path}.runtime"));
    let name = &function.runtime.value;
    let diagnostic = if days <= 0 {
        Diagnostic::error(
            Code::RuntimeEndOfSupport,
            span,
            if is_deployed {
                format!("the runtime `{name}` is deprecated since {end}")
            } else {
                format!("the runtime `{name}` is deprecated on {migration}")
            },
        )
    } else {
        let when = match is_deployed {
            true => format!("in {}", counted(days)),
            false => format!("{} after the migration", counted(days)),
        };
        Diagnostic::warning(
            Code::RuntimeEndOfSupport,
            span,
            format!("the runtime `{name}` is deprecated {when}"),
        )
    };
    let blocked = known.creation_blocked_on;
    let blocks = match context.today.to_string().as_str() >= blocked {
        true => "has blocked new functions since",
        false => "blocks new functions from",
    };
    let diagnostic = diagnostic.label(format!(
        "deprecated on {end}; Lambda {blocks} {blocked}{}",
        source(&function.runtime)
    ));
    let diagnostic = match written(&context.environment.migration_date) {
        Some((_, place)) if !is_deployed => diagnostic.secondary(place, "the migration"),
        _ => diagnostic,
    };
    let later: Vec<&str> = runtimes()
        .iter()
        .filter(|other| other.allowed && other.deprecated_on > known.deprecated_on)
        .map(|other| other.name)
        .collect();
    Some(if later.is_empty() {
        diagnostic.help("no later runtime is known: use a newer compiler")
    } else {
        diagnostic.help(format!("take one of {}", later.join(", ")))
    })
}
