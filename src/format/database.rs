//! `[database]`.

use super::prelude::*;
use super::services::LONGEST_LOGS;
use crate::catalogue;

pub const STORAGE: Range = Range::new(20, 65_536, "what RDS takes of gp3 storage");

/// Of an alarm that rings above it.
pub const PERCENT: Range = Range::new(1, 99, "a percentage, and nothing is above 100");

const POSTGRES: &str = "^[a-z][a-z0-9_]{0,62}$";
const DAILY: &str = "^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$";
const TIME: &str = "^([01][0-9]|2[0-3]):[0-5][0-9]$";
const VAULT: &str = "^arn:aws:backup:[a-z0-9-]+:[0-9]{12}:backup-vault:[a-zA-Z0-9_-]{2,50}$";
const WEEKLY: &str = "^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]$";

table! {
    "database", "Database", "PostgreSQL on RDS: encrypted and private, whatever stands here, and Multi-AZ but in the class development.", RawDatabase => DatabaseSettings;

    key version: text default("14", "a bare major version follows minor upgrades, so that no pin goes stale"),
        "Version of PostgreSQL", "A bare major version follows minor upgrades; with a minor one it stands still. 15 to 17 need a waiver of DB-1, but in the class production.",
        one_of(versions), serves("DB-1"),
        by_class(&[PRODUCTION.default(Plain::Text("17"), "the newest, so that the next major upgrade is furthest away")]);

    key extended_support: flag default(false, "it is billed for each vCPU of both nodes, so somebody has to ask for it"),
        "Extended support", "Whether the version may stay beyond its standard support, which AWS bills by the hour.",
        examples(&["true"]), serves("DB-1");

    key instance_class: text required("db.t4g.medium"),
        "Instance class", "Size of the primary and of its standby; decides how many connections there can be.",
        one_of(classes);

    key storage_gib: number required(20),
        "Storage", "Size of the disk at the start; it grows by itself up to `max_storage_gib`, and never shrinks.",
        unit("GiB"), within(STORAGE);

    key max_storage_gib: number default(100, "autoscaling gives time to react when a disk fills, and a ceiling bounds its cost"),
        "Ceiling of the storage", "How far the disk may grow by itself.", unit("GiB"), within(STORAGE);

    key backup_retention_days: number default(7, "a week of point-in-time recovery"),
        "Retention of backups", "How far back the database can be restored.", unit("days"),
        range(7, 35, "a week to notice a mistake (RDS.11), and RDS keeps no backup for longer"), off_at_zero(), serves("DB-3"),
        by_class(&[PRODUCTION.default(Plain::Number(35), "the longest that RDS keeps").only(35)]);

    key backup_window: text default("07:00-08:00", "night in the United States, in UTC"),
        "Backup window", "Daily, in UTC, half an hour or more, clear of the maintenance window.", form(DAILY), serves("DB-3");

    key maintenance_window: text default("sun:08:30-sun:09:30", "Sunday night in the United States, after the backup"),
        "Maintenance window", "Weekly, in UTC, half an hour or more, clear of the backup window.", form(WEEKLY);

    key name: text default("payments", "what the environment is for"),
        "Database's name", "The name to connect to.", form(POSTGRES), none_of(reserved);

    key master_username: text default("payments_owner", "not a name that attackers try first (RDS.25)"),
        "Master user", "Its password is managed by RDS in Secrets Manager.", form(POSTGRES), none_of(reserved), serves("SEC-2");

    key application_username: text default("payments_app", "functions must not log in as the master user"),
        "User of the functions", "Logs in with the function's role, without a password; must not be the master user.",
        form(POSTGRES), none_of(reserved), serves("SEC-2");

    key log_retention_days: number optional,
        "Retention of the database's logs", "How long its logs in CloudWatch are kept, where they are needed for longer than other logs. Left out, `monitoring.log_retention_days`.",
        unit("days"), at_most_within(1, LONGEST_LOGS), examples(&["365"]), serves("MON-1");

    key alarm_free_storage_gib: number default(5, "a quarter of the smallest disk; does not move when the disk grows"),
        "Alarm: free storage", "Tells people when less than this is free; must be less than the storage.",
        unit("GiB"), at_most_within(1, STORAGE.highest), serves("MON-5");

    key alarm_cpu_percent: number default(80, "sustained load above this leaves no room for a failover's recovery"),
        "Alarm: processor", "Tells people when the load stays above this.", unit("percent"), within(PERCENT), serves("MON-2");

    own alarm_connections: number,
        "Alarm: connections", "Tells people above this number of connections. Left out, 80 percent of what the instance class allows.",
        unit("connections"), at_most_within(1, 5_000), examples(&["360"]);

    own backup_vault: table(RawBackupVault);
}

table! {
    "database.backup_vault", "Backup vault", "A vault of AWS Backup with a backup of every day, beside those that RDS keeps itself, and on request with a copy of each somewhere else. Without the table there is none, but in the class production, which needs one with a copy.", RawBackupVault => BackupVaultSettings;

    key copy: text optional,
        "Copy", "ARN of a vault in another account or another region, which gets a copy of each backup: RDS takes one of both, not both at once. It has to be there already; `docs/backups.md` of the generated project says what its owner must allow.",
        form(VAULT), examples(&["arn:aws:backup:us-east-1:210987654321:backup-vault:payments"]), serves("DB-3");

    key copy_retention_days: number default(35, "as long as RDS keeps backups itself"),
        "Retention of copies", "How long a copy is kept in the other vault.", unit("days"),
        range(7, 3_650, "a week to notice a mistake, ten years at most"), serves("DB-3"),
        by_class(&[PRODUCTION
            .default(Plain::Number(35), "as long as RDS keeps backups itself")
            .range(35, 3_650, "as long as RDS keeps backups itself, ten years at most")]);

    key retention_days: number default(35, "as long as RDS keeps backups itself"),
        "Retention in the vault", "How long a backup is kept in the vault.", unit("days"),
        range(7, 3_650, "a week to notice a mistake, ten years at most"), serves("DB-3"),
        by_class(&[PRODUCTION
            .default(Plain::Number(35), "as long as RDS keeps backups itself")
            .range(35, 3_650, "the vault's lock takes nothing shorter, ten years at most")]);

    key start: text default("10:00", "after RDS's own windows, in UTC"),
        "Start", "When the backup of a day begins, in UTC, clear of the database's backup and maintenance windows: within an hour of this time, and not in the hour before a window.",
        form(TIME), serves("DB-3");
}

fn versions() -> Vec<String> {
    let versions = catalogue::engine_versions().into_iter();
    versions.map(str::to_owned).collect()
}

fn classes() -> Vec<String> {
    let rows = catalogue::instance_classes().iter();
    rows.map(|row| row.name.to_owned()).collect()
}

/// What neither a database nor a user may be called.
fn reserved() -> Vec<String> {
    let words = catalogue::reserved_names().of_database();
    words.map(str::to_owned).collect()
}
