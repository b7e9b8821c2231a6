//! An override whose time is over.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::resolve::environment::Override;

pub const RULE: Rule = Rule {
    code: Code::ExpiredOverride,
    severities: &[Severity::Error],
    what: "An override has expired.",
    why: "\
        Overrides are temporary. Today is the clock's date in UTC, or `--today` of the command line. It \
        affects diagnostics only, never output.",
    wrong: "\
        [overrides.\"database.instance\"]\n\
        argument = \"monitoring_interval\"\n\
        value = 30\n\
        replaces = 60\n\
        expires = 2025-12-31",
    right: "\
        [overrides.\"database.instance\"]\n\
        argument = \"monitoring_interval\"\n\
        value = 30\n\
        replaces = 60\n\
        expires = 2027-12-31",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let overrides = context.environment.overrides.iter();
    found.extend(overrides.filter_map(|set| expiry(set, context.today)));
}

fn expiry(set: &Override, today: Date) -> Option<Diagnostic> {
    let expires = &set.expires;
    let (_, span) = written(expires).filter(|_| expires.value < today)?;
    Some(
        Diagnostic::error(
            Code::ExpiredOverride,
            span,
            format!("the override of {} has expired", set.subject()),
        )
        .label(format!("valid through this day; today is {today}"))
        .help(format!("ask {} to renew or remove it", set.owner.value)),
    )
}
