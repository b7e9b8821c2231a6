//! A version of PostgreSQL after the one that DB-1 asks for.

use crate::catalogue::{Support, life_cycle};
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Edit, Severity};
use crate::requirements::{Class, POSTGRES};

pub const RULE: Rule = Rule {
    code: Code::NewerEngineVersion,
    severities: &[Severity::Error],
    what: "The major version of PostgreSQL is newer than the one that DB-1 asks for, without a waiver of DB-1.",
    why: "\
        A deployed database is upgraded by the next `pulumi up`, for minutes nobody reaches it, and no version \
        goes back. Somebody has to decide that, and the evidence shows who did. With a waiver, the instance gets \
        `allow_major_version_upgrade`, a parameter group of the new version is made beside the old one, and \
        `paystagec compare` prints the outage and the way back.",
    wrong: "[database]\nversion = \"17\"",
    right: "\
        [database]\n\
        version = \"17\"\n\
        [[waivers]]\n\
        requirement = \"DB-1\"\n\
        reason = \"standard support of 14 ends in February\"\n\
        owner = \"payments-platform\"\n\
        expires = 2027-06-30",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    // DB-1 of production asks for another year of support, which is `short-support`.
    if context.environment.class == Class::Production {
        return;
    }
    let version = &context.environment.database.version;
    let known = life_cycle(version).filter(|row| row.version != POSTGRES);
    let Some(((key, span), life)) = written(version).zip(known) else {
        return;
    };
    let accept = format!(
        "accept PostgreSQL {} by a waiver of requirement DB-1 with reason, owner and last day",
        life.version
    );
    let mut required = life_cycle(POSTGRES).into_iter();
    let over = required.find(|row| row.support(context.today) != Support::Standard);
    let (note, help) = match over {
        Some(row) => (
            format!(
                "RDS standard support of PostgreSQL {POSTGRES} ended on {}",
                row.standard_support_ends
            ),
            accept,
        ),
        None => (
            format!(
                "PostgreSQL {} is supported until {}",
                life.version, life.standard_support_ends
            ),
            format!("remove the line for PostgreSQL {POSTGRES}, or {accept}"),
        ),
    };
    let line = span.clone();
    let diagnostic = Diagnostic::error(
        Code::NewerEngineVersion,
        span,
        format!(
            "`{key}` is {}, newer than what requirement DB-1 asks for",
            version.value
        ),
    )
    .label(format!("DB-1: PostgreSQL {POSTGRES}.x"))
    .note(format!("{note}; no upgrade can be undone"))
    .help(help);
    // Without the line it is the version of DB-1, as long as RDS has that.
    found.push(if over.is_some() {
        diagnostic
    } else {
        diagnostic.suggest(Edit::Remove(line))
    });
}
