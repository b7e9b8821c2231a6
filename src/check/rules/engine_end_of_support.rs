//! A version of PostgreSQL near or past its end.

use std::ops::Range;

use crate::catalogue::{LifeCycle, Support, extended_support_usd, life_cycle, life_cycles, major};
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::date::{Date, counted};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::requirements::POSTGRES;

/// Less support than this, from today or from the migration, is worth a word.
const NOTICE_DAYS: i64 = 180;

pub const RULE: Rule = Rule {
    code: Code::EngineEndOfSupport,
    severities: &[Severity::Error, Severity::Warning, Severity::Note],
    what: "\
        RDS support for the version of PostgreSQL has ended, ends within half a year of today or of the \
        migration, or ends before the migration. The date is the end of standard support, or of extended \
        support with `database.extended_support = true`. A note reports that extended support is or will be \
        billed.",
    why: "\
        After that date RDS does not create such a database and upgrades existing ones. Extended support \
        postpones the date and is billed per vCPU of both nodes; therefore it is off by default. The versions \
        after the one of DB-1 need a waiver of DB-1.",
    wrong: "migration_date = 2027-03-15",
    right: "migration_date = 2026-12-01",
    check: Some(check),
};

/// The version, and the support that the spec asks for.
struct Asked<'a> {
    /// `14`.
    major: &'a str,
    life: &'static LifeCycle,
    is_extended: bool,
    /// What extended support costs a month in its first two years.
    usd: f64,
}

impl Asked<'_> {
    /// `standard`, and its last day.
    fn support(&self) -> (&'static str, &'static str) {
        match self.is_extended {
            true => ("extended", self.life.extended_support_ends),
            false => ("standard", self.life.standard_support_ends),
        }
    }

    /// What to do about it, apart from migrating earlier.
    fn remedies(&self) -> Vec<String> {
        let mut found = vec![self.upgrade()];
        if !self.is_extended {
            found.push(format!(
                "pay for `database.extended_support = true`, {:.0} USD a month",
                self.usd
            ));
        }
        found
    }

    /// The newest version that there is, or a newer compiler.
    fn upgrade(&self) -> String {
        let newest = life_cycles().last().map_or(POSTGRES, |row| row.version);
        if self.major == newest {
            return "look for a newer version in a newer compiler".to_owned();
        }
        format!("take a newer version, such as `version = \"{newest}\"`, under a waiver of DB-1")
    }
}

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let database = &environment.database;
    let version = database.version.value.as_str();
    let date = &environment.migration_date;
    let Some((_, of_date)) = written(date) else {
        return;
    };
    let (Some(life), Ok(migration)) = (life_cycle(version), date.value.parse::<Date>()) else {
        return;
    };
    let asked = Asked {
        major: major(version),
        life,
        is_extended: database.extended_support.value,
        usd: extended_support_usd(&database.instance_class.value, Support::Extended),
    };
    let (_, end) = asked.support();
    let Ok(last) = end.parse::<Date>() else {
        return;
    };
    let is_near = |end: Date| {
        let mut days = [migration, context.today].into_iter();
        days.any(|day| day.days_until(end) < NOTICE_DAYS)
    };
    let starts_soon =
        asked.is_extended && asked.life.standard_support_ends.parse().is_ok_and(is_near);
    if context.today > last {
        found.push(ended(context, &asked));
    } else if migration > last {
        found.push(too_late(migration, of_date, &asked));
    } else if is_near(last) {
        found.push(near(context, migration, last, &asked));
    } else if starts_soon {
        found.push(billed(context, &asked));
    }
}

/// Today it is over: there is no database to be had, and one that is there has become another version.
fn ended(context: &Context<'_>, asked: &Asked<'_>) -> Diagnostic {
    let (support, end) = asked.support();
    Diagnostic::error(
        Code::EngineEndOfSupport,
        context.span(&context.environment.database.version, "database.version"),
        format!("PostgreSQL {} left RDS {support} support on {end}", asked.major),
    )
    .label("RDS creates no such database any more, and upgrades existing ones by itself")
    .note("a database that RDS has upgraded does not go back: `aws rds describe-db-instances` says what it runs")
    .help(asked.remedies().join(", or "))
}

/// It will be over when the environment is made.
fn too_late(migration: Date, of_date: Range<usize>, asked: &Asked<'_>) -> Diagnostic {
    let (support, end) = asked.support();
    let note = match asked.is_extended {
        true => "RDS would refuse to create the database",
        false => "extended support is off: RDS would refuse to create the database",
    };
    Diagnostic::error(
        Code::EngineEndOfSupport,
        of_date,
        format!(
            "PostgreSQL {} is out of support on {migration}",
            asked.major
        ),
    )
    .label(format!("RDS {support} support ends on {end}"))
    .note(note)
    .help(format!(
        "migrate earlier, or {}",
        asked.remedies().join(", or ")
    ))
}

fn near(context: &Context<'_>, migration: Date, last: Date, asked: &Asked<'_>) -> Diagnostic {
    let (support, end) = asked.support();
    let when = if migration >= context.today {
        let days = migration.days_until(last);
        format!("{} after the migration", counted(days))
    } else {
        match context.today.days_until(last) {
            days @ 1.. => format!("in {}", counted(days)),
            _ => "today".to_owned(),
        }
    };
    Diagnostic::warning(
        Code::EngineEndOfSupport,
        context.span(&context.environment.database.version, "database.version"),
        format!(
            "PostgreSQL {} leaves RDS {support} support {when}",
            asked.major
        ),
    )
    .label(format!("after {end}, RDS upgrades the database by itself"))
    .help(format!(
        "plan the upgrade before that date: {}",
        asked.remedies().join(", or ")
    ))
}

/// What it costs to stay, from when on.
fn billed(context: &Context<'_>, asked: &Asked<'_>) -> Diagnostic {
    let (life, usd) = (asked.life, asked.usd);
    let standard_end = life.standard_support_ends;
    let doubles = life.extended_support_doubles;
    let (message, label) = match life.support(context.today) {
        Support::Standard => (
            format!("PostgreSQL {} goes on under extended support", asked.major),
            format!(
                "after {standard_end}, billed for each vCPU of both nodes: {usd:.0} USD a month, and twice that from {doubles}"
            ),
        ),
        Support::Extended => (
            format!(
                "PostgreSQL {} left RDS standard support on {standard_end} and is under extended support",
                asked.major
            ),
            format!(
                "billed for each vCPU of both nodes: {usd:.0} USD a month, and twice that from {doubles}"
            ),
        ),
        Support::Doubled | Support::Ended => (
            format!(
                "PostgreSQL {} left RDS standard support on {standard_end} and is under extended support",
                asked.major
            ),
            format!(
                "billed for each vCPU of both nodes: {:.0} USD a month, twice the price of the first two years",
                2.0 * usd
            ),
        ),
    };
    Diagnostic::note_only(
        Code::EngineEndOfSupport,
        context.span(
            &context.environment.database.extended_support,
            "database.extended_support",
        ),
        message,
    )
    .label(label)
    .help(format!(
        "plan the upgrade before {}, when extended support ends too: {}",
        life.extended_support_ends,
        asked.upgrade()
    ))
}
