//! PostgreSQL 14 near or past its end.

use std::ops::Range;

use crate::catalogue::postgres_life_cycle;
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, Severity};

/// Less support than this, from today or from the migration, is worth a word.
const NOTICE_DAYS: i64 = 180;

pub const RULE: Rule = Rule {
    code: Code::EngineEndOfSupport,
    severities: &[Severity::Error, Severity::Warning, Severity::Note],
    what: "\
        RDS support for PostgreSQL 14 ends within half a year of today or of the migration, or before the \
        migration. The date is the end of standard support, or of extended support with \
        `database.extended_support = true`. A note reports that extended support will be billed.",
    why: "\
        After that date RDS does not create such a database and upgrades existing ones. Extended support \
        postpones the date and is billed per vCPU of both nodes; therefore it is off by default.",
    wrong: "migration_date = 2027-03-15",
    right: "migration_date = 2026-12-01",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let life_cycle = postgres_life_cycle();
    let extended = environment.database.extended_support.value;
    let (support, end) = if extended {
        ("extended", &life_cycle.extended_support_ends)
    } else {
        ("standard", &life_cycle.standard_support_ends)
    };
    let date = &environment.migration_date;
    let Some((_, of_date)) = written(date) else {
        return;
    };
    // ISO 8601 dates compare as text.
    if date.value.as_str() > *end {
        found.push(past(&date.value, of_date, support, end));
        return;
    }
    let Ok(migration) = date.value.parse::<Date>() else {
        return;
    };
    let is_near = |end: &str| {
        end.parse::<Date>().is_ok_and(|end| {
            [migration, context.today]
                .iter()
                .any(|date| date.days_until(end) < NOTICE_DAYS)
        })
    };
    if is_near(end) {
        found.push(near(context, migration, support, end));
    } else if extended && is_near(life_cycle.standard_support_ends) {
        found.push(billed(context, life_cycle.standard_support_ends));
    }
}

fn past(migration: &str, of_date: Range<usize>, support: &str, end: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        Code::EngineEndOfSupport,
        of_date,
        format!("PostgreSQL 14 is out of support on {migration}"),
    )
    .label(format!("RDS {support} support ends on {end}"));
    if support == "extended" {
        return diagnostic
            .note("RDS would refuse to create the database")
            .help("migrate earlier, or move requirement DB-1 to a newer major version");
    }
    diagnostic
        .note("extended support is off: RDS would refuse to create the database")
        .help(
            "migrate earlier, move requirement DB-1 to a newer major version, or pay for \
             `database.extended_support = true`",
        )
}

fn near(context: &Context<'_>, migration: Date, support: &str, end: &str) -> Diagnostic {
    let days = end
        .parse::<Date>()
        .map_or(0, |end| migration.days_until(end));
    Diagnostic::warning(
        Code::EngineEndOfSupport,
        context.span(&context.environment.database.version, "database.version"),
        format!("PostgreSQL 14 leaves RDS {support} support {days} days after the migration"),
    )
    .label(format!("on {end}, RDS upgrades the database by itself"))
    .help("plan the move to a newer major version (DB-1) before that date")
}

fn billed(context: &Context<'_>, standard_end: &str) -> Diagnostic {
    Diagnostic::note_only(
        Code::EngineEndOfSupport,
        context.span(
            &context.environment.database.extended_support,
            "database.extended_support",
        ),
        "PostgreSQL 14 goes on under extended support",
    )
    .label(format!(
        "billed for each vCPU of both nodes after {standard_end}"
    ))
    .help("plan the move to a newer major version (DB-1) before that date")
}
