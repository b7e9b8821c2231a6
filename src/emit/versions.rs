//! Tests that hold the database against the version of the spec: DB-1 asks for one, and a waiver lets the spec name a newer one.

use askama::Template;

use super::File;
use super::trace::{Mark, Page, Placed};
use crate::resolve::environment::Environment;

#[derive(Template)]
#[template(path = "tests/unit/test_database.py")]
struct UnitTemplate<'a> {
    version: Placed<'a>,
}

#[derive(Template)]
#[template(path = "tests/integration/test_database.py")]
struct IntegrationTemplate<'a> {
    version: Placed<'a>,
}

/// Each file with the line on which the version stands.
pub fn files(env: &Environment) -> anyhow::Result<[(File, Vec<Mark>); 2]> {
    let version = &env.database.version;
    let page = Page::default();
    let (unit, of_unit) = page.render(&UnitTemplate {
        version: page.set(version),
    })?;
    let page = Page::default();
    let (integration, of_integration) = page.render(&IntegrationTemplate {
        version: page.set(version),
    })?;
    Ok([
        (File::text("tests/unit/test_database.py", &unit), of_unit),
        (
            File::text("tests/integration/test_database.py", &integration),
            of_integration,
        ),
    ])
}
