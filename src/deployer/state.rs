//! Rights on the stack's state, where AWS holds it.

use std::collections::BTreeSet;

use super::pack::Policy;
use super::statement::{Conditions, Statement, conditions};
use crate::resolve::environment::{Backend, Environment};

pub const NAME: &str = "state";

/// The policy that every other one needs beside it; none where the state is elsewhere.
pub fn policy(env: &Environment) -> Option<Policy> {
    let Backend::S3 { bucket, kms_key } = &env.state.backend else {
        return None;
    };
    let bucket = format!("arn:aws:s3:::{}", bucket.value);
    let (key, limits) = key(&kms_key.value, &env.region.value);
    let statement =
        |sid: &str, actions: &[&'static str], resource: String, conditions: Conditions| Statement {
            sid: sid.to_owned(),
            actions: actions.iter().copied().collect(),
            resources: BTreeSet::from([resource.into()]),
            conditions,
        };
    let objects = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"];
    Some(Policy {
        name: NAME.to_owned(),
        part_of: NAME,
        statements: vec![
            statement("StateKey", &["kms:Decrypt", "kms:Encrypt"], key, limits),
            statement(
                "StateList",
                &["s3:GetBucketLocation", "s3:ListBucket"],
                bucket.clone(),
                Conditions::new(),
            ),
            statement(
                "StateObjects",
                &objects,
                format!("{bucket}/.pulumi/*"),
                Conditions::new(),
            ),
        ],
    })
}

/// The key's ARN; an alias is no resource of IAM, so that it becomes a condition.
fn key(written: &str, region: &str) -> (String, Conditions) {
    match written.split_once("alias/") {
        None => (written.to_owned(), Conditions::new()),
        Some((before, name)) => {
            let account = before.split(':').nth(4).unwrap_or("*");
            let alias = (
                "ForAnyValue:StringEquals",
                "kms:ResourceAliases",
                format!("alias/{name}"),
            );
            (
                format!("arn:aws:kms:{region}:{account}:key/*"),
                conditions([alias]),
            )
        }
    }
}
