//! PostgreSQL on RDS: its place in the network, its settings, its logs and the instance.

use super::policy::{self, Statement};
use super::shared::{key_arn, key_origin, refer};
use crate::catalogue::major;
use crate::origin::Origin;
use crate::requirements::{Class, POSTGRES};
use crate::resolve::environment::{Access, Environment, Function};
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Family, Handle, Resource};

/// Logs that the instance sends to CloudWatch.
const LOG_EXPORTS: [&str; 3] = ["postgresql", "upgrade", "iam-db-auth-error"];

/// Address of one application user, for policies: AWS wants the instance's resource id, not its name.
pub fn user_arn(env: &Environment, function: &Function, access: Access) -> Expr {
    Expr::concat([
        "arn:aws:rds-db:".into(),
        Expr::Region,
        ":".into(),
        Expr::AccountId,
        ":dbuser:".into(),
        refer("database", "instance").named("resource_id", "", "database_resource_id"),
        format!("/{}", user(env, function, access)).into(),
    ])
}

/// The user that a function logs in as by IAM: readers have one that can do no more than read, and what delivers audit
/// records one that can mark and remove those, and nothing else.
pub fn user(env: &Environment, function: &Function, access: Access) -> String {
    let user = &env.database.application_username.value;
    match access {
        Access::Read => format!("{user}_read"),
        Access::Write if function.is_builtin("audit-relay") => format!("{user}_relay"),
        Access::Write | Access::Owner => user.clone(),
    }
}

/// The secret of the master user, which RDS makes and rotates.
pub fn master_secret() -> Expr {
    refer("database", "instance").named(
        "master_user_secrets",
        "[0].secret_arn",
        "database_secret_arn",
    )
}

/// Host name of the instance.
pub fn host() -> Expr {
    refer("database", "instance").named("address", "", "database_host")
}

/// Parameter group family: `postgres14`.
fn family(env: &Environment) -> String {
    format!("postgres{}", major(&env.database.version.value))
}

pub fn database(env: &Environment) -> Component {
    let mut layer = Component::new(
        "database",
        if env.holds("DB-2") {
            "PostgreSQL on RDS: two zones, encrypted, reachable from the functions only"
        } else {
            "PostgreSQL on RDS: one zone, encrypted, reachable from the functions only"
        },
        "The payment database with its subnets, its settings and its logs.",
        if env.holds("DB-2") {
            &["DB-1", "DB-2", "DB-3", "DB-4", "DB-5", "MON-1", "SEC-2"]
        } else {
            &["DB-1", "DB-3", "DB-4", "DB-5", "MON-1", "SEC-2"]
        },
    );
    let subnets = layer.add(
        Resource::new("aws.rds.SubnetGroup", "subnet_group")
            .arg("name", Expr::name("dbsubnet", ""))
            .fixed("description", "Private subnets of all zones", "DB-5")
            .arg(
                "subnet_ids",
                refer("network", "private_subnet").each().out("id"),
            )
            .tags("dbsubnet", ""),
    );
    let parameters = layer.add(parameter_group(env));
    let logs = log_groups(&mut layer, env);
    let (role, role_policy) = monitoring_role(&mut layer);
    // Also without a snapshot: who takes the key out of the spec keeps the database that was made from one.
    let instance = Resource::new("aws.rds.Instance", "instance")
        .logical("database")
        .ignore_changes("snapshot_identifier");
    let instance = restored(&mut layer, engine(instance, env), env);
    let instance = placement(instance, &subnets, &parameters);
    let instance = storage_and_backups(instance, env);
    let instance = observation(access(instance, env), &role, env);
    layer.add(
        destruction(instance, env)
            .tags("rds", "")
            .after_because(
                &logs.each(),
                "RDS would make its own log groups, without key and retention.",
            )
            .after(&role_policy),
    );
    layer
}

fn parameter_group(env: &Environment) -> Resource {
    let parameter =
        |name: &str, value: &str| Expr::map([("name", name.into()), ("value", value.into())]);
    let family = family(env);
    Resource::new("aws.rds.ParameterGroup", "parameter_group")
        .from(
            "name",
            &env.database.version,
            Expr::name("dbparams", &family),
        )
        .because("Named after the family, so that a major upgrade creates a second group first.")
        .from("family", &env.database.version, family.as_str())
        .fixed("description", "TLS only, slow queries logged", "DB-1")
        .fixed(
            "parameters",
            Expr::List(vec![
                Expr::map([
                    ("name", "rds.force_ssl".into()),
                    ("value", "1".into()),
                    ("apply_method", "pending-reboot".into()),
                ]),
                parameter("log_statement", "ddl").noted("Never `all`, which would log card data."),
                parameter("log_min_duration_statement", "1000"),
                parameter("log_parameter_max_length", "0")
                    .noted("Slow queries are logged without their bind values."),
                parameter("log_connections", "1")
                    .noted("CloudTrail does not record logins to the database."),
                parameter("log_disconnections", "1"),
            ]),
            "MON-1 CKV2_AWS_30 CKV2_AWS_69 RDS.36",
        )
        .tags("dbparams", &family)
}

/// The groups carry the instance's name, which is known before the instance is there.
fn log_groups(layer: &mut Component, env: &Environment) -> Handle {
    let mut exports = Family {
        table: "LOG_EXPORTS",
        class: "LogExport",
        doc: "A log that the instance sends to CloudWatch.",
        comment: None,
        variable: "export",
        key: "name",
        columns: vec![("name", "str")],
        rows: Vec::new(),
        resources: vec![
            super::shared::log_group(
                env,
                "log_group",
                Expr::concat([
                    "/aws/rds/instance/".into(),
                    Expr::name("rds", ""),
                    "/".into(),
                    Expr::Column("name"),
                ]),
                "rds-{name}",
                env.database.log_retention_days.as_ref(),
            )
            .logical("{name}-logs"),
        ],
    };
    for name in LOG_EXPORTS {
        exports.row(vec![(
            "name",
            name.into(),
            Origin::Fixed("MON-1 CKV_AWS_129 RDS.9"),
        )]);
    }
    layer.add_family(exports);
    layer.handle("log_group")
}

/// Enhanced monitoring writes into one group that all instances of the account share.
fn monitoring_role(layer: &mut Component) -> (Handle, Handle) {
    let role = layer.add(policy::service_role_of_account(
        "monitoring_role",
        "rds-monitoring",
        "monitoring.rds.amazonaws.com",
    ));
    let group = |tail: &str| {
        Expr::concat([
            "arn:aws:logs:".into(),
            Expr::Region,
            ":".into(),
            Expr::AccountId,
            format!(":log-group:RDSOSMetrics{tail}").into(),
        ])
    };
    let policy = layer.add(policy::role_policy(
        "monitoring_policy",
        "rds-monitoring",
        &role,
        [
            Statement::allow(
                "ShareMetricsGroup",
                ["logs:CreateLogGroup", "logs:PutRetentionPolicy"],
                group("*"),
            )
            .because("Shared by all instances of the account; created when it is missing."),
            Statement::allow(
                "WriteMetrics",
                [
                    "logs:CreateLogStream",
                    "logs:PutLogEvents",
                    "logs:DescribeLogStreams",
                    "logs:GetLogEvents",
                ],
                group(":log-stream:*"),
            ),
        ],
    ));
    (role, policy)
}

/// A waiver lets the spec name a newer version than DB-1 does; RDS takes the step from an older one only if it is allowed. The version
/// that DB-1 asks for has no older one to come from.
fn upgrades(instance: Resource, env: &Environment) -> Resource {
    let version = &env.database.version;
    if major(version) == POSTGRES {
        return instance;
    }
    instance
        .from("allow_major_version_upgrade", version, true)
        .because(if env.class == Class::Production {
            "For an upgrade to the version that the spec names. No version goes back."
        } else {
            "For the upgrade to this version, which a waiver of DB-1 allows. No version goes back."
        })
}

fn engine(instance: Resource, env: &Environment) -> Resource {
    let version = &env.database.version;
    let instance = instance
        .arg("identifier", Expr::name("rds", ""))
        .fixed("engine", "postgres", "DB-1")
        .set("engine_version", version);
    let instance = upgrades(instance, env)
        .from(
            "auto_minor_version_upgrade",
            version,
            !version.value.contains('.'),
        )
        .because("A major version follows its minors (CKV_AWS_226, RDS.13), a pinned one does not.")
        .from(
            "engine_lifecycle_support",
            &env.database.extended_support,
            if env.database.extended_support.value {
                "open-source-rds-extended-support"
            } else {
                "open-source-rds-extended-support-disabled"
            },
        )
        .because("Extended support is billed per vCPU of both nodes.")
        .set("instance_class", &env.database.instance_class)
        .fixed(
            "ca_cert_identifier",
            "rds-ca-rsa2048-g1",
            "DB-1 CKV_AWS_211",
        )
        .set("db_name", &env.database.name);
    standby(instance, env)
}

/// A standby in another zone, where the class asks for one.
fn standby(instance: Resource, env: &Environment) -> Resource {
    if env.holds("DB-2") {
        return instance.fixed("multi_az", true, "DB-2 CKV_AWS_157 RDS.5");
    }
    instance
        .from("multi_az", &env.identity.class, false)
        .because("Development waits for a restore where another environment fails over.")
}

/// Made from a copy of the snapshot, which is under the environment's own key: a restore keeps the key of what it reads.
fn restored(layer: &mut Component, instance: Resource, env: &Environment) -> Resource {
    let Some(snapshot) = &env.migration.snapshot else {
        return instance;
    };
    let copy = layer.add(
        Resource::new("aws.rds.SnapshotCopy", "snapshot")
            .set("source_db_snapshot_identifier", snapshot)
            .arg("target_db_snapshot_identifier", Expr::name("snapshot", ""))
            .arg("kms_key_id", key_arn(env, "database"))
            .decided_by("kms_key_id", key_origin(env, "database"))
            .tags("snapshot", "")
            .comment(
                "Encrypted with our own key: a restored database keeps the key of its snapshot.",
            ),
    );
    instance
        .from(
            "snapshot_identifier",
            snapshot,
            copy.out("target_db_snapshot_identifier"),
        )
        .because("Used at creation only: another snapshot would replace the database and its data.")
}

fn placement(instance: Resource, subnets: &Handle, parameters: &Handle) -> Resource {
    instance
        .arg("db_subnet_group_name", subnets.out("name"))
        .arg("parameter_group_name", parameters.out("name"))
        .arg(
            "vpc_security_group_ids",
            Expr::list([refer("traffic", "database_group").out("id")]),
        )
        .fixed("publicly_accessible", false, "DB-1 CKV_AWS_17 RDS.2")
}

fn storage_and_backups(instance: Resource, env: &Environment) -> Resource {
    let database = &env.database;
    instance
        .fixed("storage_type", "gp3", "DB-1")
        .set("allocated_storage", &database.storage_gib)
        .set("max_allocated_storage", &database.max_storage_gib)
        .fixed("storage_encrypted", true, "DB-4 CKV_AWS_16 RDS.3")
        .arg("kms_key_id", key_arn(env, "database"))
        .decided_by("kms_key_id", key_origin(env, "database"))
        .set("backup_retention_period", &database.backup_retention_days)
        .set("backup_window", &database.backup_window)
        .set("maintenance_window", &database.maintenance_window)
        .fixed("copy_tags_to_snapshot", true, "TAG-1 CKV2_AWS_60 RDS.17")
}

fn access(instance: Resource, env: &Environment) -> Resource {
    instance
        .set("username", &env.database.master_username)
        .fixed("manage_master_user_password", true, "FN-2")
        .because("RDS creates, stores and rotates the password; Pulumi never sees it.")
        .arg("master_user_secret_kms_key_id", key_arn(env, "database"))
        .decided_by("master_user_secret_kms_key_id", key_origin(env, "database"))
        .fixed(
            "iam_database_authentication_enabled",
            true,
            "FN-4 CKV_AWS_161 RDS.10",
        )
}

fn observation(instance: Resource, role: &Handle, env: &Environment) -> Resource {
    instance
        .fixed(
            "enabled_cloudwatch_logs_exports",
            Expr::list(LOG_EXPORTS),
            "MON-1 CKV_AWS_129 RDS.9",
        )
        .fixed("monitoring_interval", 60, "CKV_AWS_118 RDS.6")
        .arg("monitoring_role_arn", role.out("arn"))
        .fixed("performance_insights_enabled", true, "CKV_AWS_353")
        .arg("performance_insights_kms_key_id", key_arn(env, "database"))
        .decided_by(
            "performance_insights_kms_key_id",
            key_origin(env, "database"),
        )
        .fixed("performance_insights_retention_period", 7, "CKV_AWS_353")
        .because("Seven days are free of charge.")
        .fixed("database_insights_mode", "standard", "CKV_AWS_353")
}

fn destruction(instance: Resource, env: &Environment) -> Resource {
    if env.holds("KEEP-1") {
        let instance = if env.ending.value {
            instance
                .from("deletion_protection", &env.ending, false)
                .because("The environment is ending.")
        } else {
            instance.fixed("deletion_protection", true, "KEEP-1 CKV_AWS_293 RDS.8")
        };
        return instance
            .fixed("skip_final_snapshot", false, "KEEP-1")
            .arg("final_snapshot_identifier", Expr::name("final", ""))
            .decided_by("final_snapshot_identifier", [&env.identity.class.origin])
            .fixed("delete_automated_backups", false, "KEEP-1")
            .fixed("apply_immediately", true, "KEEP-1")
            .because("The deployment decides when, not the next maintenance window.");
    }
    instance
        .fixed("deletion_protection", false, "DEST-1")
        .because("A staging environment is destroyed with its backups.")
        .fixed("skip_final_snapshot", true, "DEST-1")
        .fixed("delete_automated_backups", true, "DEST-1")
        .fixed("apply_immediately", true, "DEST-1")
}
