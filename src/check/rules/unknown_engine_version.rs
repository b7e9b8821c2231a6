//! A minor version of PostgreSQL that RDS does not create.

use crate::catalogue::{is_engine_version, life_cycle, versions_of};
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::UnknownEngineVersion,
    severities: &[Severity::Error],
    what: "RDS does not create this minor version of PostgreSQL.",
    why: "A pinned minor version becomes outdated; the major version alone follows minor upgrades.",
    wrong: "version = \"14.3\"",
    right: "version = \"14\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let version = &context.environment.database.version;
    let Some(((_, span), life)) = written(version).zip(life_cycle(version)) else {
        return;
    };
    if is_engine_version(version) {
        return;
    }
    let known: Vec<&str> = versions_of(life.version).collect();
    found.push(
        Diagnostic::error(
            Code::UnknownEngineVersion,
            span,
            format!("unknown PostgreSQL version `{}`", version.value),
        )
        .label("RDS does not create it")
        .help(format!(
            "take one of {}; \"{}\" follows minor versions",
            known.join(", "),
            life.version
        )),
    );
}
