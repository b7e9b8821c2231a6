//! A version of PostgreSQL 14 that RDS does not create.

use crate::catalogue;
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::UnknownEngineVersion,
    severities: &[Severity::Error],
    what: "RDS does not create this minor version of PostgreSQL 14.",
    why: "A pinned minor version becomes outdated; the major version alone follows minor upgrades.",
    wrong: "version = \"14.3\"",
    right: "version = \"14\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let version = &context.environment.database.version;
    let is_fourteen = version.split('.').next() == Some("14");
    let Some((_, span)) = written(version).filter(|_| is_fourteen) else {
        return;
    };
    if catalogue::engine_version(version).is_none() {
        let known: Vec<&str> = catalogue::engine_versions()
            .iter()
            .map(|version| version.name)
            .collect();
        found.push(
            Diagnostic::error(
                Code::UnknownEngineVersion,
                span,
                format!("unknown PostgreSQL version `{}`", version.value),
            )
            .label("RDS does not create it")
            .help(format!(
                "take one of {}; \"14\" follows minor versions",
                known.join(", ")
            )),
        );
    }
}
