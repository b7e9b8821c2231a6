//! A version of PostgreSQL that production would soon have to leave.

use crate::catalogue::{life_cycle, life_cycles, major};
use crate::check::Rule;
use crate::check::context::Context;
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::requirements::Class;

/// From the day of the migration.
const YEAR: i64 = 365;

pub const RULE: Rule = Rule {
    code: Code::ShortSupport,
    severities: &[Severity::Error],
    what: "\
        In the class production, standard support of the version of PostgreSQL ends within a year of the \
        migration.",
    why: "\
        DB-1 asks production for a version that AWS supports for another year: a major upgrade takes the \
        database down for minutes and does not go back. The year counts from `environment.migration_date`, so \
        that a running environment does not become wrong by itself; `engine-end-of-support` warns of the end.",
    wrong: "[environment]\nclass = \"production\"\n[database]\nversion = \"14\"",
    right: "[environment]\nclass = \"production\"\n[database]\nversion = \"17\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let version = &environment.database.version;
    let days = environment.migration_date.value.parse::<Date>();
    let (Class::Production, Some(life), Ok(migration)) =
        (environment.class, life_cycle(version), days)
    else {
        return;
    };
    let end = life.standard_support_ends;
    let is_short = |end: Date| migration.days_until(end) < YEAR;
    if !end.parse().is_ok_and(is_short) {
        return;
    }
    let newest = life_cycles()
        .last()
        .map_or(version.as_str(), |row| row.version);
    let message = format!(
        "PostgreSQL {} has less than a year of support, counted from {migration}",
        major(version)
    );
    found.push(
        Diagnostic::error(
            Code::ShortSupport,
            context.span(version, "database.version"),
            message,
        )
        .label(format!(
            "RDS standard support ends on {end}; DB-1 asks production for another year"
        ))
        .help(format!("write `version = \"{newest}\"`"))
        .write_text(newest),
    );
}
