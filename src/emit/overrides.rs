//! What the generated unit tests have to know about overrides: a table of them, a test that each is in force, and the fixtures that
//! show all other tests the usual values. Without overrides, nothing of it is there.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use askama::Template;

use super::File;
use super::python::expr::Scope;
use super::python::literal;
use super::python::used::Used;
use crate::check::waived_requirement;
use crate::diagnostic::waivable_requirements;
use crate::origin::Origin;
use crate::resolve::environment::{Environment, Subject};
use crate::stack::expr::Expr;
use crate::stack::graph::Stack;

#[derive(Template)]
#[template(path = "tests/unit/conftest.py")]
struct FixturesTemplate {
    has_overrides: bool,
    has_extensions: bool,
}

#[derive(Template)]
#[template(path = "tests/unit/extensions.py")]
struct ExtensionsTemplate {
    /// Requirements that waivers take something from, as tuples of Python.
    waived: String,
    waived_for_extensions: String,
}

#[derive(Template)]
#[template(path = "tests/unit/overrides.py")]
struct TableTemplate {
    rows: String,
}

#[derive(Template)]
#[template(path = "tests/unit/test_overrides.py")]
struct TestTemplate;

pub fn files(env: &Environment, stack: &Stack) -> anyhow::Result<Vec<File>> {
    let rows = rows(stack);
    let fixtures = FixturesTemplate {
        has_overrides: !rows.is_empty(),
        has_extensions: !env.extensions.is_empty(),
    };
    let mut files = vec![File::text("tests/unit/conftest.py", &fixtures.render()?)];
    if !env.extensions.is_empty() {
        let fixtures = extensions(env).render()?;
        files.push(File::text("tests/unit/extensions.py", &fixtures));
    }
    if !rows.is_empty() {
        let table = TableTemplate { rows };
        files.push(File::text("tests/unit/overrides.py", &table.render()?));
        let test = TestTemplate.render()?;
        files.push(File::text("tests/unit/test_overrides.py", &test));
    }
    Ok(files)
}

/// What the tests of the team's own modules let pass.
fn extensions(env: &Environment) -> ExtensionsTemplate {
    let named = |is_listed: &dyn Fn(&str) -> bool| {
        let ids: BTreeSet<&str> = env
            .waivers
            .iter()
            .filter(|waiver| matches!(waiver.subject.value, Subject::Requirement(_)))
            .filter_map(waived_requirement)
            .filter(|id| is_listed(id))
            .collect();
        let cells: Vec<String> = ids.into_iter().map(literal::string).collect();
        match cells.as_slice() {
            [] => String::new(),
            cells => format!("{{{}}}", cells.join(", ")),
        }
    };
    ExtensionsTemplate {
        waived: named(&|_| true),
        waived_for_extensions: named(&|id| waivable_requirements().all(|known| known != id)),
    }
}

/// A row for each resource that has an argument overridden, families expanded.
fn rows(stack: &Stack) -> String {
    let constants = RefCell::new(BTreeMap::new());
    // Values of a spec are plain: they use no other module.
    let used = Used::default();
    let scope = Scope {
        component: "",
        row: None,
        args: "args.",
        own: "",
        constants: &constants,
        used: &used,
    };
    let mut text = String::new();
    for member in stack.members() {
        for argument in &member.resource.arguments {
            let Origin::Override(set) = &argument.origin else {
                continue;
            };
            let kind = crate::catalogue::kind(member.resource.kind);
            let token = kind.map(|kind| kind.token).unwrap_or_default();
            let mut cells = vec![
                // Components have hyphens in the program.
                (
                    "component",
                    Expr::text(member.component.path.replace('_', "-")),
                ),
                ("kind", Expr::text(token)),
                ("name", Expr::text(member.logical())),
                ("argument", Expr::text(argument.name)),
                ("value", argument.value.clone()),
            ];
            if let Some((replaces, _)) = &set.replaces {
                cells.push(("replaces", replaces.into()));
            }
            text.push_str("    Override(\n");
            for (name, value) in cells {
                let head = format!("        {name}=");
                let value = match &value {
                    // One line each: who looks for a text finds it.
                    Expr::Text(text) => literal::string(text),
                    other => scope.printed(other, 8, head.len(), 1),
                };
                let _ = writeln!(text, "{head}{value},");
            }
            text.push_str("    ),\n");
        }
    }
    text
}
