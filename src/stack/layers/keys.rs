//! The four customer-managed KMS keys, each with a policy of its own.

use super::policy::{self, Statement};
use crate::resolve::environment::Environment;
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Resource};

pub fn keys(env: &Environment) -> Component {
    let mut layer = Component::new(
        "keys",
        "Customer-managed KMS keys, one for each kind of data: access to one gives nothing of another",
        "Keys of the environment; the account delegates their use through IAM policies.",
        &["SEC-1", "DB-4", "S3-4", "MON-1", "MON-5"],
    );
    let logs = Statement::allow(
        "EncryptLogGroups",
        [
            "kms:Encrypt*",
            "kms:Decrypt*",
            "kms:ReEncrypt*",
            "kms:GenerateDataKey*",
            "kms:Describe*",
        ],
        "*",
    )
    .principal(
        "Service",
        Expr::concat(["logs.".into(), Expr::Region, ".amazonaws.com".into()]),
    )
    .condition(
        "ArnLike",
        "kms:EncryptionContext:aws:logs:arn",
        Expr::concat([
            "arn:aws:logs:".into(),
            Expr::Region,
            ":".into(),
            Expr::AccountId,
            ":log-group:*".into(),
        ]),
    );
    let alarms = Statement::allow(
        "PublishAlarms",
        ["kms:Decrypt", "kms:GenerateDataKey*"],
        "*",
    )
    .principal("Service", "cloudwatch.amazonaws.com".into())
    .condition("StringEquals", "aws:SourceAccount", Expr::AccountId)
    .because("Without this, alarms on an encrypted topic deploy cleanly and deliver nothing.");
    for (role, description, statement) in [
        (
            "database",
            "Storage, master secret and Performance Insights of the database",
            None,
        ),
        ("logs", "Log groups", Some(logs)),
        (
            "data",
            "Audit objects, environment variables and dead letters of functions",
            None,
        ),
        ("topic", "Messages of the alarm topic", Some(alarms)),
    ] {
        let key = layer.add(
            Resource::new("aws.kms.Key", &format!("{role}_key"))
                .fixed("description", description, "SEC-1")
                .fixed("enable_key_rotation", true, "SEC-1 CKV_AWS_7")
                .set("rotation_period_in_days", &env.keys.rotation_days)
                .set("deletion_window_in_days", &env.keys.deletion_window_days)
                .arg(
                    "policy",
                    policy::document(
                        [policy::account_administers_key()]
                            .into_iter()
                            .chain(statement),
                    ),
                )
                .tags("kms", role),
        );
        layer.add(
            Resource::new("aws.kms.Alias", &format!("{role}_alias"))
                .arg(
                    "name",
                    Expr::concat(["alias/".into(), Expr::name("kms", role)]),
                )
                .arg("target_key_id", key.out("key_id")),
        );
    }
    layer
}
