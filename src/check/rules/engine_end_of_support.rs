//! PostgreSQL 14 near or past its end.

use crate::catalogue::postgres_life_cycle;
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

/// Less support than this after the migration is worth a word.
const NOTICE_DAYS: i64 = 180;

pub const RULE: Rule = Rule {
    code: Code::EngineEndOfSupport,
    severities: &[Severity::Error, Severity::Note],
    what: "\
        PostgreSQL 14 leaves RDS standard support within half a year of the migration, or has left it by \
        then.",
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
    let days = days_between(&date.value, end).unwrap_or(0);
    if days >= NOTICE_DAYS {
        return;
    }
    let span = context.span(&environment.database.version, "database.version");
    found.push(
        Diagnostic::note_only(
            Code::EngineEndOfSupport,
            span,
            format!("PostgreSQL 14 leaves RDS standard support {days} days after the migration"),
        )
        .label(format!("on {end}, RDS upgrades the database by itself"))
        .help("plan the move to a newer major version (DB-1) before that date"),
    );
}

/// Days from one ISO 8601 date to another.
fn days_between(from: &str, to: &str) -> Option<i64> {
    Some(day_number(to)? - day_number(from)?)
}

/// Days since a fixed day long ago, by the Gregorian calendar; March comes first, so that leap days come last.
fn day_number(date: &str) -> Option<i64> {
    let mut parts = date.split('-').map(str::parse::<i64>);
    let (year, month, day) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    let year = if month < 3 { year - 1 } else { year };
    let month = (month + 9) % 12;
    Some(year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day)
}

#[cfg(test)]
mod tests {
    use super::days_between;

    #[test]
    fn days_count_leap_years() {
        assert_eq!(days_between("2026-12-01", "2027-02-28"), Some(89));
        assert_eq!(days_between("2028-02-28", "2028-03-01"), Some(2));
        assert_eq!(days_between("2026-02-28", "2026-03-01"), Some(1));
        assert_eq!(days_between("2026-12-31", "2027-01-01"), Some(1));
    }
}
