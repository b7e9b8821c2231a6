//! PostgreSQL 14 near or past its end.

use crate::catalogue::postgres_life_cycle;
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, Severity};

/// Less support than this, from today or from the migration, is worth a word.
const NOTICE_DAYS: i64 = 180;

pub const RULE: Rule = Rule {
    code: Code::EngineEndOfSupport,
    severities: &[Severity::Error, Severity::Warning],
    what: "\
        PostgreSQL 14 leaves RDS standard support within half a year of today or of the migration, or \
        has left it by the migration.",
    why: "\
        Extended support is switched off, as it is billed per vCPU-hour on the standby too: after the \
        date RDS refuses to create the database and upgrades one that exists.",
    wrong: "migration_date = 2027-03-15",
    right: "migration_date = 2026-12-01",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let life_cycle = postgres_life_cycle();
    let end = &life_cycle.standard_support_ends;
    let date = &environment.migration_date;
    let Some((_, of_date)) = written(date) else {
        return;
    };
    // ISO 8601 dates compare as text.
    if date.value > *end {
        found.push(
            Diagnostic::error(
                Code::EngineEndOfSupport,
                of_date,
                format!("PostgreSQL 14 is out of support on {}", date.value),
            )
            .label(format!("RDS standard support ends on {end}"))
            .note("extended support is off: RDS would refuse to create the database")
            .help("migrate earlier, or move requirement DB-1 to a newer major version"),
        );
        return;
    }
    let (Ok(migration), Ok(last)) = (date.value.parse::<Date>(), end.parse::<Date>()) else {
        return;
    };
    let is_near = |date: Date| date.days_until(last) < NOTICE_DAYS;
    if !is_near(migration) && !is_near(context.today) {
        return;
    }
    let span = context.span(&environment.database.version, "database.version");
    found.push(
        Diagnostic::warning(
            Code::EngineEndOfSupport,
            span,
            format!(
                "PostgreSQL 14 leaves RDS standard support {} days after the migration",
                migration.days_until(last)
            ),
        )
        .label(format!("on {end}, RDS upgrades the database by itself"))
        .help("plan the move to a newer major version (DB-1) before that date"),
    );
}
