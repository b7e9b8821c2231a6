//! Keys that others own: what their policies have to allow, for their owners, and which they are, for the tests.

use askama::Template;
use serde_json::Value as Json;

use super::File;
use super::trace::{Mark, Page, Placed};
use crate::resolve::environment::Environment;
use crate::stack::expr::Expr;
use crate::stack::layers::keys;
use crate::stack::layers::policy::Statement;

#[derive(Template)]
#[template(path = "tests/owners_keys.py")]
struct TestsTemplate<'a> {
    keys: Vec<(&'static str, Placed<'a>)>,
}

#[derive(Template)]
#[template(path = "docs/keys.md")]
struct DocumentTemplate<'a> {
    keys: Vec<Key<'a>>,
}

struct Key<'a> {
    role: &'static str,
    arn: Placed<'a>,
    encrypts: &'static str,
    /// JSON.
    statements: String,
}

/// The files with the lines on which values of the spec stand; the document only where there is such a key.
pub fn files(env: &Environment) -> anyhow::Result<Vec<(File, Vec<Mark>)>> {
    let owned = env.owners_keys();
    let page = Page::default();
    let keys = owned.iter().map(|(role, key)| (*role, page.set(key)));
    let (text, marks) = page.render(&TestsTemplate {
        keys: keys.collect(),
    })?;
    let mut files = vec![(File::text("tests/owners_keys.py", &text), marks)];
    if !owned.is_empty() {
        let page = Page::default();
        let keys = owned.iter().map(|(role, key)| {
            let statements = keys::uses(env, role).into_iter().map(Statement::into_expr);
            let statements: Vec<Json> = statements.map(|one| json(&one, env, key)).collect();
            Ok(Key {
                role,
                arn: page.set(key),
                encrypts: keys::description(role),
                statements: serde_json::to_string_pretty(&statements)?,
            })
        });
        let keys = keys.collect::<anyhow::Result<Vec<_>>>()?;
        let (text, marks) = page.render(&DocumentTemplate { keys })?;
        files.push((File::text("docs/keys.md", &text), marks));
    }
    Ok(files)
}

/// A statement as it stands in a policy, for the account of the key, which is the environment's.
fn json(expr: &Expr, env: &Environment, key: &str) -> Json {
    let inner = |expr| json(expr, env, key);
    match expr {
        Expr::Map(entries) => {
            let entries = entries.iter();
            Json::Object(
                entries
                    .map(|(name, one)| (name.clone(), inner(one)))
                    .collect(),
            )
        }
        Expr::List(items) => items.iter().map(inner).collect(),
        Expr::Noted(_, value) | Expr::Constant { value, .. } => inner(value),
        _ => Json::String(text(expr, env, key)),
    }
}

fn text(expr: &Expr, env: &Environment, key: &str) -> String {
    match expr {
        Expr::Text(text) => text.clone(),
        Expr::Region => env.region.value.clone(),
        Expr::AccountId => key.split(':').nth(4).unwrap_or_default().to_owned(),
        Expr::Name { kind, role } => {
            let role = role.resolve(None);
            format!("{kind}-{role}-{}-{}", env.name.value, env.suffix.value)
        }
        Expr::Concat(parts) => parts.iter().map(|part| text(part, env, key)).collect(),
        Expr::Constant { value, .. } => text(value, env, key),
        // Statements hold nothing else; what a person has to fill in would show.
        _ => "…".to_owned(),
    }
}
