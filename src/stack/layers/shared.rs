//! What layers share: how they refer to each other, and names and log groups that several of them need.

use crate::origin::{Origin, Value};
use crate::resolve::environment::Environment;
use crate::stack::expr::{Expr, Members};
use crate::stack::resource::{Handle, Resource};

/// A resource of another layer. That it exists is checked when the graph is put together.
pub fn refer(component: &str, variable: &str) -> Handle {
    Handle {
        component: component.to_owned(),
        variable: variable.to_owned(),
        members: Members::One,
    }
}

/// `arn:aws:iam::ACCOUNT:root`.
pub fn refer_account_root() -> Expr {
    Expr::concat(["arn:aws:iam::".into(), Expr::AccountId, ":root".into()])
}

/// Names of buckets are global, so that they carry the account too.
pub fn bucket_name(role: &'static str) -> Expr {
    Expr::concat([Expr::name("s3", role), "-".into(), Expr::AccountId])
}

/// ARN of the key of a kind of data: the environment's own, or one that somebody else owns.
pub fn key_arn(env: &Environment, role: &str) -> Expr {
    match env.owners_key(role) {
        Some(key) => (&key.value).into(),
        None => refer("keys", &format!("{role}_key")).out("arn"),
    }
}

/// What decides which key that is, where the spec does.
pub fn key_origin<'e>(env: &'e Environment, role: &str) -> Option<&'e Origin> {
    env.owners_key(role).map(|key| &key.origin)
}

/// A log group that is made before its service would make one without key and retention. `longer` is what the spec asks of this one.
pub fn log_group(
    env: &Environment,
    variable: &str,
    name: Expr,
    role: &str,
    longer: Option<&Value<u64>>,
) -> Resource {
    let usual = &env.monitoring.log_retention_days;
    Resource::new("aws.cloudwatch.LogGroup", variable)
        .arg("name", name)
        .set("retention_in_days", longer.unwrap_or(usual))
        .arg("kms_key_id", key_arn(env, "logs"))
        .decided_by("kms_key_id", key_origin(env, "logs"))
        .tags("logs", role)
}

/// Namespace of the metrics that functions write: one for each copy of the environment.
pub fn business_metrics() -> Expr {
    Expr::name("payments", "")
}
