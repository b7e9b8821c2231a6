//! What the tests of the project are told of the environment's names.

use askama::Template;

use super::File;
use super::trace::{Mark, Page, Placed};
use crate::origin::{Origin, Value};
use crate::resolve::environment::Environment;

#[derive(Template)]
#[template(path = "tests/domain.py")]
struct DomainTemplate<'a> {
    zone_id: Placed<'a>,
    api: Placed<'a>,
    load_balancer: Placed<'a>,
}

/// The file with the lines on which values of the spec stand.
pub fn file(env: &Environment) -> anyhow::Result<(File, Vec<Mark>)> {
    let domain = &env.domain;
    let page = Page::default();
    let (text, marks) = page.render(&DomainTemplate {
        zone_id: placed(&page, domain.zone_id.as_ref()),
        api: placed(&page, domain.api.as_ref()),
        load_balancer: placed(&page, domain.load_balancer.as_ref()),
    })?;
    Ok((File::text("tests/domain.py", &text), marks))
}

/// Of what the spec does not have.
static NOTHING: Origin = Origin::Derived(Vec::new());

fn placed<'p>(page: &'p Page, text: Option<&'p Value<String>>) -> Placed<'p> {
    match text {
        Some(text) => page.set(text),
        None => page.value("", &NOTHING),
    }
}
