//! The customer-managed KMS keys, one for each kind of data that no key of somebody else encrypts, each with its own policy: the account administers the key and cannot use it. The policy allows
//! its use to the environment's functions, by the names of their roles, and to everybody else only through the service that encrypts.

use super::policy::{self, Statement};
use super::shared::refer_account_root;
use crate::resolve::environment::Environment;
use crate::resolve::keys::ROLES;
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Resource};

/// What a service does with a key on behalf of the deployer. From AWS's guides: RDS, "Authorizing use of a customer managed key",
/// with the master user's secret `Decrypt` and `GenerateDataKey` ("Permissions required for Secrets Manager integration"). Lambda: "Securing
/// environment variables" (`CreateGrant`, `Encrypt`; `Decrypt` to see them). Later calls of RDS and Lambda use these grants.
pub const THROUGH: [&str; 5] = [
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
];

/// What administering and destroying a key needs; nothing that encrypts, decrypts or grants that to others.
const ADMINISTRATION: [&str; 22] = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
];

/// None, where others own them all.
pub fn keys(env: &Environment) -> Option<Component> {
    let mut layer = Component::new(
        "keys",
        "Customer-managed KMS keys, one for each kind of data: access to one gives nothing of another",
        "Keys of the environment: the account administers them, and each policy says who uses its key.",
        &["SEC-1", "DB-4", "S3-4", "MON-1", "MON-5"],
    );
    let own = ROLES
        .into_iter()
        .filter(|role| env.owners_key(role).is_none());
    for role in own.clone() {
        let statements = std::iter::once(account_administers()).chain(uses(env, role));
        let key = layer.add(
            Resource::new("aws.kms.Key", &format!("{role}_key"))
                .fixed("description", description(role), "SEC-1")
                .fixed("enable_key_rotation", true, "SEC-1 CKV_AWS_7")
                .set("rotation_period_in_days", &env.keys.rotation_days)
                .set("deletion_window_in_days", &env.keys.deletion_window_days)
                .arg("policy", policy::document(statements))
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
    own.clone().next().map(|_| layer)
}

pub fn description(role: &str) -> &'static str {
    match role {
        "database" => "Storage, master secret and Performance Insights of the database",
        "logs" => "Log groups",
        "data" => "Audit objects, environment variables and dead letters of functions",
        _ => "Messages of the alarm topic",
    }
}

/// Who uses the key of a kind of data, whoever owns it.
pub fn uses(env: &Environment, role: &str) -> Vec<Statement> {
    match role {
        "database" => database_statements(env),
        "logs" => vec![log_groups()],
        "data" => data_statements(env),
        _ => vec![alarms()],
    }
}

fn log_groups() -> Statement {
    Statement::allow(
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
    )
}

fn alarms() -> Statement {
    Statement::allow(
        "PublishAlarms",
        ["kms:Decrypt", "kms:GenerateDataKey*"],
        "*",
    )
    .principal("Service", "cloudwatch.amazonaws.com".into())
    .condition("StringEquals", "aws:SourceAccount", Expr::AccountId)
    .because("Without this, alarms on an encrypted topic deploy cleanly and deliver nothing.")
}

/// The account's root delegates to the IAM policies of its principals. A role cannot be named here: KMS rejects a key policy that names
/// a role which does not exist yet.
fn account_administers() -> Statement {
    let actions = Expr::Constant {
        name: "ADMINISTRATION".into(),
        comment: "What IAM policies of the account can grant: administration of a key, never its use.",
        value: Box::new(Expr::list(ADMINISTRATION)),
    };
    Statement::new("Allow", "AccountAdministers", actions, Some("*".into()))
        .principal("AWS", account_root())
}

fn account_root() -> Expr {
    Expr::Constant {
        name: "account_root".into(),
        comment: "Principals of this account, as far as IAM allows.",
        value: Box::new(refer_account_root()),
    }
}

/// Roles of this environment, and of no other copy.
fn our_roles() -> Expr {
    Expr::Constant {
        name: "our_roles".into(),
        comment: "",
        value: Box::new(Expr::concat([
            "arn:aws:iam::".into(),
            Expr::AccountId,
            ":role/".into(),
            Expr::name("role", "*"),
        ])),
    }
}

fn deployers_use_through(services: &[&str]) -> Statement {
    Statement::allow("DeployersUseThroughServices", THROUGH, "*")
        .principal("AWS", account_root())
        .condition("StringEquals", "kms:ViaService", through(services))
        .because("The services act with the deployer's permissions; IAM decides who that is.")
}

/// With a vault, AWS Backup grants itself the key of the database, and so does that of the account that gets copies: there its own role
/// copies the snapshot that this account shares with it (AWS Backup user guide, cross-account backup; RDS user guide, sharing encrypted snapshots).
fn database_statements(env: &Environment) -> Vec<Statement> {
    let mut statements = vec![deployers_use_through(&["rds", "secretsmanager"])];
    if env.database.backup_vault.is_none() {
        return statements;
    }
    statements.push(
        Statement::allow(
            "DeployersMakeVault",
            [
                "kms:CreateGrant",
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:GenerateDataKey",
                "kms:RetireGrant",
            ],
            "*",
        )
        .principal("AWS", account_root())
        .condition("StringEquals", "kms:ViaService", through(&["backup"])),
    );
    let others = env.copies_to().map(|vault| vault.account);
    let Some(account) = others.filter(|account| !is_own(env, account)) else {
        return statements;
    };
    let arn = |rest: &str| format!("arn:aws:iam::{account}:{rest}");
    statements.push(
        Statement::allow(
            "CopiesOfBackups",
            [
                "kms:CreateGrant",
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey*",
                "kms:ReEncrypt*",
            ],
            "*",
        )
        .principal("AWS", arn("root").as_str().into())
        .condition(
            "ArnEquals",
            "aws:PrincipalArn",
            arn("role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup").as_str(),
        )
        .because("AWS Backup's own role in the account that gets copies reads the snapshot, and encrypts it anew."),
    );
    statements
}

/// Whether the environment can be in no other account.
fn is_own(env: &Environment, account: &str) -> bool {
    !env.allowed_account_ids.is_empty() && env.may_be_in(account)
}

fn data_statements(env: &Environment) -> Vec<Statement> {
    let statement =
        |sid, action| Statement::allow(sid, [action], "*").principal("AWS", account_root());
    let stored: &[&str] = if env.topics.is_empty() {
        &["s3", "sqs"]
    } else {
        &["s3", "sqs", "sns"]
    };
    let mut statements = vec![
        deployers_use_through(&["lambda"]),
        statement("FunctionsDecrypt", "kms:Decrypt")
            .condition("ArnLike", "aws:PrincipalArn", our_roles())
            .because(
                "Roles of this environment, by name; their own policies decide which of them.",
            ),
        statement("FunctionsEncryptThroughServices", "kms:GenerateDataKey")
            .condition("StringEquals", "kms:ViaService", through(stored))
            .condition("ArnLike", "aws:PrincipalArn", our_roles()),
        statement("PeopleReadThroughServices", "kms:Decrypt")
            .condition("StringEquals", "kms:ViaService", through(&["s3", "sqs"]))
            .because(
                "Audit records and dead letters, for principals that IAM allows to read them.",
            ),
    ];
    if !env.topics.is_empty() {
        let deliver =
            Statement::allow("TopicsDeliver", ["kms:Decrypt", "kms:GenerateDataKey"], "*")
                .principal("Service", "sns.amazonaws.com".into())
                .condition("StringEquals", "aws:SourceAccount", Expr::AccountId)
                .because("SNS puts what is published into the encrypted queues.");
        statements.push(deliver);
    }
    if !env.secrets.is_empty() {
        let put = Statement::allow(
            "PeoplePutSecrets",
            ["kms:Decrypt", "kms:GenerateDataKey"],
            "*",
        )
        .principal("AWS", account_root())
        .condition(
            "StringEquals",
            "kms:ViaService",
            through(&["secretsmanager"]),
        )
        .because(
            "Values of secrets, for principals that IAM allows to put them; no deployment does.",
        );
        statements.push(put);
    }
    statements
}

fn through(services: &[&str]) -> Expr {
    let service = |name: &&str| {
        Expr::concat([
            Expr::from(format!("{name}.").as_str()),
            Expr::Region,
            ".amazonaws.com".into(),
        ])
    };
    match services {
        [one] => service(one),
        many => Expr::List(many.iter().map(service).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::ADMINISTRATION;
    use crate::catalogue::permissions_of;

    /// A key policy that locks out the deployer could not be changed any more.
    #[test]
    fn whoever_deploys_may_do_with_a_key_what_its_deployment_takes() {
        // These two actions have no key as their resource.
        let of_none = ["kms:CreateKey", "kms:ListAliases"];
        for class in ["aws.kms.Key", "aws.kms.Alias"] {
            for action in permissions_of(class).unwrap().actions() {
                assert!(
                    ADMINISTRATION.contains(&action) || of_none.contains(&action),
                    "{action}"
                );
            }
        }
    }

    #[test]
    fn administration_is_no_use() {
        let uses = [
            "Decrypt",
            "Encrypt",
            "ReEncrypt",
            "GenerateDataKey",
            "CreateGrant",
            "Sign",
            "*",
        ];
        for action in ADMINISTRATION {
            assert!(uses.iter().all(|used| !action.contains(used)), "{action}");
        }
    }
}
