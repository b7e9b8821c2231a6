//! What the tests of the project are told of the environment's class.

use askama::Template;

use super::File;
use super::trace::{Mark, Page, Placed};
use crate::requirements::Class;
use crate::resolve::environment::Environment;

#[derive(Template)]
#[template(path = "tests/environment_class.py")]
struct ClassTemplate<'a> {
    class: Placed<'a>,
    logs: Placed<'a>,
    records: Placed<'a>,
    disposable: &'static str,
    ending: Placed<'a>,
    standby: &'static str,
    one_exit: &'static str,
}

/// The file with the lines on which values of the spec stand.
pub fn file(env: &Environment) -> anyhow::Result<(File, Vec<Mark>)> {
    let logs = &env.monitoring.log_retention_days;
    let records = &env.audit.retention_days;
    let (logs_text, records_text) = (logs.value.to_string(), records.value.to_string());
    let page = Page::default();
    let (text, marks) = page.render(&ClassTemplate {
        class: page.set(&env.identity.class),
        logs: page.value(&logs_text, &logs.origin),
        records: page.value(&records_text, &records.origin),
        disposable: python(env.holds("DEST-1")),
        ending: page.value(python(env.ending.value), &env.ending.origin),
        standby: python(env.holds("DB-2")),
        one_exit: python(env.class == Class::Development),
    })?;
    Ok((File::text("tests/environment_class.py", &text), marks))
}

const fn python(flag: bool) -> &'static str {
    if flag { "True" } else { "False" }
}
