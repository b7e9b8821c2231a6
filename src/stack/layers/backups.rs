//! Backups in AWS Backup: a vault, a backup of the database every day, a copy of each somewhere else, and the alarms on both.

use super::monitoring::alarms::notifying;
use super::policy::{self, Statement};
use super::shared::{key_arn, key_origin, refer};
use super::table::{cell_fixed, cell_from};
use crate::format::BackupVaultSettings;
use crate::resolve::environment::Environment;
use crate::resolve::vault::Vault;
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Family, Handle, Resource};

/// AWS Backup's own default, and the shortest that it takes: AWS Backup user guide, backup plan options: start within.
const START_WITHIN_MINUTES: i64 = 60;
/// A backup that is not done by then is given up, and the alarm says so; of the whole disk at the first time.
const COMPLETE_WITHIN_MINUTES: i64 = 8 * 60;
/// The lock of production takes no backup that is kept for less.
const LOCKED_DAYS: i64 = 35;
const DAY_IN_SECONDS: i64 = 24 * 60 * 60;
/// How AWS Backup names its snapshots, of which every account knows them: AWS Backup user guide, Amazon RDS.
const SNAPSHOTS: &str = ":snapshot:awsbackup:*";

/// Nothing without a vault.
pub fn backups(env: &Environment) -> Option<Component> {
    let settings = env.database.backup_vault.as_ref()?;
    let mut layer = Component::new(
        "backups",
        if settings.copy.is_some() {
            "Backups of the database in AWS Backup: one a day in a vault, and a copy of each in another vault"
        } else {
            "Backups of the database in AWS Backup: one a day in a vault"
        },
        "The vault, the plan of backups, and the role that makes them.",
        if env.holds("KEEP-1") {
            &["DB-3", "DB-4", "SEC-2", "KEEP-1"]
        } else {
            &["DB-3", "DB-4", "SEC-2", "DEST-1"]
        },
    );
    let role = layer.add(policy::service_role_of_account(
        "backup_role",
        "backup",
        "backup.amazonaws.com",
    ));
    let rights = layer.add(policy::role_policy(
        "backup_policy",
        "backup",
        &role,
        rights(env, settings),
    ));
    let vault = layer.add(vault(env).after_because(
        &rights,
        "AWS Backup deletes a backup with the role that made it.",
    ));
    if env.holds("KEEP-1") {
        layer.add(
            Resource::new("aws.backup.VaultLockConfiguration", "vault_lock")
                .arg("backup_vault_name", vault.out("name"))
                .fixed("min_retention_days", LOCKED_DAYS, "KEEP-1")
                .because("In governance mode: nobody deletes a backup, and whoever ends the environment may take the lock off."),
        );
    }
    let plan = layer.add(
        Resource::new("aws.backup.Plan", "plan")
            .logical("backups")
            .arg("name", Expr::name("backups", ""))
            .arg("rules", Expr::List(vec![daily(settings, &vault)]))
            .decided_by(
                "rules",
                [&settings.start.origin, &settings.retention_days.origin],
            )
            .decided_by(
                "rules",
                settings
                    .copy
                    .iter()
                    .flat_map(|copy| [&copy.origin, &settings.copy_retention_days.origin]),
            )
            .tags("backups", ""),
    );
    layer.add(
        Resource::new("aws.backup.Selection", "selection")
            .logical("database")
            .arg("name", Expr::name("backedup", ""))
            .arg("plan_id", plan.out("id"))
            .arg("iam_role_arn", role.out("arn"))
            .fixed("resources", Expr::List(vec![database()]), "DB-3")
            .because("By its ARN: what somebody tags is not backed up by it.")
            .after_because(
                &rights,
                "AWS Backup tries the role when it gets a selection.",
            ),
    );
    Some(layer)
}

fn database() -> Expr {
    refer("database", "instance").named("arn", "", "database_arn")
}

/// RDS encrypts its snapshots under the database's key, whatever the vault's is; so both are one.
fn vault(env: &Environment) -> Resource {
    let vault = Resource::new("aws.backup.Vault", "vault")
        .arg("name", Expr::name("vault", ""))
        .fixed("kms_key_arn", key_arn(env, "database"), "DB-4 CKV_AWS_166")
        .decided_too("kms_key_arn", key_origin(env, "database"));
    let vault = if env.holds("KEEP-1") {
        vault
            .fixed("force_destroy", false, "KEEP-1")
            .because("AWS deletes no vault that holds backups.")
    } else {
        vault
            .fixed("force_destroy", true, "DEST-1")
            .because("Destroying the environment deletes the backups.")
    };
    vault.tags("vault", "")
}

/// The one rule of the plan.
fn daily(settings: &BackupVaultSettings, vault: &Handle) -> Expr {
    let lifecycle = |days: &u64| Expr::map([("delete_after", Expr::from(days))]);
    let mut entries = vec![
        ("rule_name", Expr::from("daily")),
        ("target_vault_name", vault.out("name")),
        ("schedule", schedule(&settings.start).as_str().into()),
        ("start_window", START_WITHIN_MINUTES.into()),
        ("completion_window", COMPLETE_WITHIN_MINUTES.into()),
        ("lifecycle", lifecycle(&settings.retention_days.value)),
    ];
    if let Some(copy) = &settings.copy {
        let copied = Expr::map([
            ("destination_vault_arn", Expr::from(copy.as_str())),
            ("lifecycle", lifecycle(&settings.copy_retention_days.value)),
        ]);
        entries.push(("copy_actions", Expr::List(vec![copied])));
    }
    Expr::Map(
        entries
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

/// `10:05` as AWS Backup says it. It takes the time as UTC unless a zone is named.
fn schedule(start: &str) -> String {
    let (hours, minutes) = start.split_once(':').unwrap_or(("0", "0"));
    let number = |text: &str| text.parse::<u32>().unwrap_or_default();
    format!("cron({} {} * * ? *)", number(minutes), number(hours))
}

/// What AWS Backup does with a database of RDS, of what AWS's own policy AWSBackupServiceRolePolicyForBackup grants for everything.
fn rights(env: &Environment, settings: &BackupVaultSettings) -> Vec<Statement> {
    let snapshots = |region: Expr| {
        Expr::concat([
            "arn:aws:rds:".into(),
            region,
            ":".into(),
            Expr::AccountId,
            SNAPSHOTS.into(),
        ])
    };
    let own = snapshots(Expr::Region);
    let mut statements = vec![
        Statement::allow(
            "SnapshotDatabase",
            [
                "rds:CreateDBSnapshot",
                "rds:DescribeDBInstances",
                "rds:ListTagsForResource",
            ],
            database(),
        ),
        Statement::allow(
            "KeepSnapshots",
            [
                "rds:AddTagsToResource",
                "rds:CopyDBSnapshot",
                "rds:CreateDBSnapshot",
                "rds:DeleteDBSnapshot",
                "rds:DescribeDBSnapshots",
                "rds:ListTagsForResource",
                "rds:ModifyDBSnapshotAttribute",
            ],
            own,
        )
        .because("Snapshots that AWS Backup makes have this name, and no other does."),
        Statement::allow("FindDatabase", ["tag:GetResources"], "*").because(
            "The action has no resource; AWS Backup asks it of every role of a selection.",
        ),
        Statement::allow(
            "UseVault",
            ["backup:DescribeBackupVault"],
            Expr::concat([
                "arn:aws:backup:".into(),
                Expr::Region,
                ":".into(),
                Expr::AccountId,
                ":backup-vault:".into(),
                Expr::name("vault", ""),
            ]),
        ),
        Statement::allow("DescribeKey", ["kms:DescribeKey"], key_arn(env, "database")),
        Statement::allow(
            "GrantKeyToRds",
            ["kms:CreateGrant"],
            key_arn(env, "database"),
        )
        .condition("Bool", "kms:GrantIsForAWSResource", "true"),
    ];
    let (Some(Vault { region, .. }), Some(destination)) = (env.copies_to(), &settings.copy) else {
        return statements;
    };
    statements.push(Statement::allow(
        "CopyIntoVault",
        ["backup:CopyIntoBackupVault", "backup:DescribeBackupVault"],
        Expr::from(destination.as_str()),
    ));
    if region != env.region.value {
        statements.extend(elsewhere(snapshots(region.into()), region));
    }
    statements
}

/// In another region the copy is a snapshot of the same account, under the key of the other vault, which no policy here can name.
fn elsewhere(copies: Expr, region: &str) -> [Statement; 2] {
    let keys = Expr::concat([
        format!("arn:aws:kms:{region}:").as_str().into(),
        Expr::AccountId,
        ":key/*".into(),
    ]);
    [
        Statement::allow(
            "KeepCopies",
            [
                "rds:AddTagsToResource",
                "rds:CopyDBSnapshot",
                "rds:DeleteDBSnapshot",
                "rds:DescribeDBSnapshots",
                "rds:ListTagsForResource",
            ],
            copies,
        ),
        Statement::allow(
            "EncryptCopies",
            ["kms:CreateGrant", "kms:DescribeKey"],
            keys,
        )
        .condition(
            "StringEquals",
            "kms:ViaService",
            format!("rds.{region}.amazonaws.com").as_str(),
        )
        .because("The other vault's key, whose owner decides by its policy; only RDS may use it."),
    ]
}

/// What AWS Backup measures of a vault, and when people are told.
struct Watch {
    name: &'static str,
    metric: &'static str,
    description: &'static str,
    comparison: &'static str,
    threshold: i64,
    /// Of a day each.
    periods: i64,
    missing: &'static str,
}

/// RDS measures nothing of its latest restorable point, and tells no failure of a backup by a metric; AWS Backup does both.
const WATCHED: [Watch; 3] = [
    Watch {
        name: "backup-failed",
        metric: "NumberOfBackupJobsFailed",
        description: "A backup of the database failed",
        comparison: "GreaterThanThreshold",
        threshold: 0,
        periods: 1,
        missing: "notBreaching",
    },
    Watch {
        name: "backup-overdue",
        metric: "NumberOfBackupJobsCompleted",
        description: "Completed backups of the database: below 1 a day for two days",
        comparison: "LessThanThreshold",
        threshold: 1,
        periods: 2,
        missing: "breaching",
    },
    Watch {
        name: "backup-copy-failed",
        metric: "NumberOfCopyJobsFailed",
        description: "A copy of a backup of the database failed",
        comparison: "GreaterThanThreshold",
        threshold: 0,
        periods: 1,
        missing: "notBreaching",
    },
];

/// Nothing without a vault.
pub fn alarms(env: &Environment) -> Option<Component> {
    let settings = env.database.backup_vault.as_ref()?;
    let mut layer = Component::new(
        "backup_alarms",
        "Alarms on backups: those that fail, and those that do not come",
        "Alarms on the jobs of AWS Backup.",
        &["DB-3", "MON-5"],
    );
    let topic = refer("monitoring", "topic");
    let mut family = Family {
        table: "BACKUP_ALARMS",
        class: "BackupAlarm",
        doc: "A number of jobs a day at which its alarm notifies the topic.",
        comment: Some(
            "A job that never ran fails in silence: data that is missing breaches there.",
        ),
        variable: "alarm",
        key: "name",
        columns: vec![
            ("name", "str"),
            ("description", "str"),
            ("metric", "str"),
            ("comparison", "str"),
            ("threshold", "int"),
            ("days", "int"),
            ("missing", "str"),
        ],
        rows: Vec::new(),
        resources: vec![watching(&topic)],
    };
    for watch in WATCHED {
        let name = match &settings.copy {
            _ if watch.metric != "NumberOfCopyJobsFailed" => {
                cell_fixed("name", watch.name, "MON-5")
            }
            Some(copy) => cell_from("name", copy, watch.name),
            None => continue,
        };
        family.row(vec![
            name,
            cell_fixed("description", watch.description, "MON-5"),
            cell_fixed("metric", watch.metric, "MON-5"),
            cell_fixed("comparison", watch.comparison, "MON-5"),
            cell_fixed("threshold", watch.threshold, "MON-5"),
            cell_fixed("days", watch.periods, "MON-5"),
            cell_fixed("missing", watch.missing, "MON-5"),
        ]);
    }
    layer.add_family(family);
    Some(layer)
}

fn watching(topic: &Handle) -> Resource {
    notifying("backup_alarm", "{name}", topic)
        .arg("alarm_description", Expr::Column("description"))
        .fixed("namespace", "AWS/Backup", "MON-5")
        .arg("metric_name", Expr::Column("metric"))
        .arg(
            "dimensions",
            Expr::map([("BackupVaultName", Expr::name("vault", ""))]),
        )
        .fixed("statistic", "Sum", "MON-5")
        .fixed("period", DAY_IN_SECONDS, "MON-5")
        .arg("evaluation_periods", Expr::Column("days"))
        .arg("comparison_operator", Expr::Column("comparison"))
        .arg("threshold", Expr::Column("threshold"))
        .arg("treat_missing_data", Expr::Column("missing"))
        .tags("alarm", "{name}")
}
