//! The policies for whoever deploys, with what they cover for the tests, and how to put them into force.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::File;
use crate::deployer::{Covered, Deployer};
use crate::resolve::environment::{Backend, Environment};
use crate::stack::graph::Stack;

#[derive(Template)]
#[template(path = "deployer/README.md")]
struct ReadmeTemplate<'a> {
    env: &'a Environment,
    s3_state: bool,
    /// Statements without a resource, with their reasons.
    anywhere: Vec<(&'a String, String)>,
    /// Statements that neither names nor tags limit.
    open: Vec<(&'a String, String)>,
    /// Kinds that no call removes, with the reasons.
    kept: Vec<(&'static str, &'static str)>,
}

pub fn files(env: &Environment, stack: &Stack) -> anyhow::Result<Vec<File>> {
    let deployer = Deployer::build(env, stack)?;
    let kept = deployer.kinds.iter();
    let readme = ReadmeTemplate {
        env,
        s3_state: matches!(env.state.backend, Backend::S3 { .. }),
        anywhere: listed(&deployer.reasons.anywhere),
        open: listed(&deployer.reasons.open),
        kept: kept
            .filter_map(|kind| Some((kind.token, kind.keeps?)))
            .collect(),
    };
    let mut files = vec![
        File::text("deployer/README.md", &readme.render()?),
        file("coverage", &coverage(&deployer))?,
    ];
    for policy in &deployer.policies {
        files.push(file(&policy.name, policy)?);
    }
    Ok(files)
}

/// Each Sid with its reasons in one text.
fn listed<'a>(reasons: &'a BTreeMap<String, BTreeSet<&'static str>>) -> Vec<(&'a String, String)> {
    let text = |reasons: &BTreeSet<&str>| {
        let reasons: Vec<&str> = reasons.iter().copied().collect();
        reasons.join("; ")
    };
    let rows = reasons.iter();
    rows.map(|(sid, reasons)| (sid, text(reasons))).collect()
}

fn file(name: &str, json: &impl Serialize) -> anyhow::Result<File> {
    let text = serde_json::to_string_pretty(json)?;
    Ok(File::text(format!("deployer/{name}.json"), &text))
}

/// What the policies say that they do, for tests.
fn coverage(deployer: &Deployer) -> Json {
    let kinds: Map<String, Json> = deployer
        .kinds
        .iter()
        .map(|kind| (kind.token.to_owned(), covered(kind)))
        .collect();
    json!({
        "tail": deployer.tail,
        "sets": deployer.sets(),
        "kinds": kinds,
        "anywhere": deployer.reasons.anywhere,
        "open": deployer.reasons.open,
    })
}

fn covered(kind: &Covered) -> Json {
    let mut object = json!({
        "create": kind.create,
        "read": kind.read,
        "update": kind.update,
        "delete": kind.delete,
    });
    if let (Some(reason), Some(fields)) = (kind.keeps, object.as_object_mut()) {
        fields.insert("keeps".to_owned(), reason.into());
    }
    object
}
