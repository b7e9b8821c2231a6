//! What the tests of the project are told of log groups that keep their logs for longer than others.

use askama::Template;

use super::File;
use super::trace::{Mark, Page, Placed};
use crate::resolve::environment::Environment;

#[derive(Template)]
#[template(path = "tests/log_days.py")]
struct LogDaysTemplate<'a> {
    groups: Vec<(&'a str, Placed<'a>)>,
}

/// The file with the lines on which values of the spec stand.
pub fn file(env: &Environment) -> anyhow::Result<(File, Vec<Mark>)> {
    let longer = env.logs_kept_longer();
    let texts: Vec<String> = longer.iter().map(|(_, days)| days.to_string()).collect();
    let page = Page::default();
    let groups = longer.iter().zip(&texts);
    let groups =
        groups.map(|((table, days), text)| (table.as_str(), page.value(text, &days.origin)));
    let (text, marks) = page.render(&LogDaysTemplate {
        groups: groups.collect(),
    })?;
    Ok((File::text("tests/log_days.py", &text), marks))
}
