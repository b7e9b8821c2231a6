"""Backups in AWS Backup: the vault, its lock, what is backed up when, the role, copies, and the alarms on all of it."""

from __future__ import annotations

import re

from tests.environment_class import CLASS, DISPOSABLE
from tests.unit.kinds import (
    ALARM,
    BACKUP_PLAN,
    BACKUP_SELECTION,
    BACKUP_VAULT,
    DATABASE,
    ROLE,
    ROLE_POLICY,
    VAULT_LOCK,
)
from tests.unit.mock_aws import ACCOUNT, REGION
from tests.unit.resources import Recording, Resource
from tests.unit.values import as_list, as_map, as_number, as_text

LEAST_DAYS = 7 if DISPOSABLE else 35
DAY = 24 * 60
SNAPSHOTS = "snapshot:awsbackup:*"
DATABASE_RIGHTS = {"rds:CreateDBSnapshot", "rds:DescribeDBInstances", "rds:ListTagsForResource"}
COPIED_RIGHTS = {
    "rds:AddTagsToResource",
    "rds:CopyDBSnapshot",
    "rds:DeleteDBSnapshot",
    "rds:DescribeDBSnapshots",
    "rds:ListTagsForResource",
}
SNAPSHOT_RIGHTS = COPIED_RIGHTS | {"rds:CreateDBSnapshot", "rds:ModifyDBSnapshotAttribute"}


def _rule(recording: Recording) -> dict[str, object]:
    """Give the one rule of the one plan."""
    (rule,) = recording.one(BACKUP_PLAN).maps("rules")
    return dict(rule)


def _copies(recording: Recording) -> list[dict[str, object]]:
    return [dict(as_map(copy)) for copy in as_list(_rule(recording).get("copy_actions"))]


def _days(part: dict[str, object]) -> float:
    """Give how long a backup or a copy is kept; nothing but its end is said of it."""
    lifecycle = as_map(part["lifecycle"])
    assert set(lifecycle) == {"delete_after"}
    return as_number(lifecycle["delete_after"])


def test_vault_is_encrypted_as_the_database_is(recording: Recording) -> None:
    """DB-4: RDS keeps its snapshots under the database's key, and the vault has no other."""
    key = recording.one(BACKUP_VAULT).get("kms_key_arn")
    database = recording.one(DATABASE).get("kms_key_id")
    assert recording.key_of(key, "database") == recording.key_of(database, "database")


def test_vault_goes_with_its_backups_or_is_locked(recording: Recording) -> None:
    """DEST-1: the vault does not block the destruction. KEEP-1: it does, and no backup goes before its time."""
    vault = recording.one(BACKUP_VAULT)
    assert vault.get("force_destroy") is DISPOSABLE
    assert len(recording.of(VAULT_LOCK)) == (0 if DISPOSABLE else 1)
    for lock in recording.of(VAULT_LOCK):
        assert lock.text("backup_vault_name") == vault.text("name")
        assert recording.needs(lock, vault)
        assert lock.number("min_retention_days") == LEAST_DAYS
        # In governance mode, without an end: the environment's own can be ended.
        assert not lock.has("changeable_for_days")
        assert not lock.has("max_retention_days")


def test_database_is_backed_up_every_day(recording: Recording) -> None:
    """DB-3: one backup a day into the vault, kept long enough, of the database alone and by its ARN."""
    rule = _rule(recording)
    assert rule["rule_name"] == "daily"
    vault, plan = recording.one(BACKUP_VAULT), recording.one(BACKUP_PLAN)
    assert rule["target_vault_name"] == vault.text("name")
    assert recording.needs(plan, vault)
    assert re.fullmatch(r"cron\(\d{1,2} \d{1,2} \* \* \? \*\)", as_text(rule["schedule"]))
    assert as_number(rule["start_window"]) == 60
    # A backup that is not done by then is given up, and told.
    assert as_number(rule["completion_window"]) == 480
    assert LEAST_DAYS <= _days(rule) <= 3_650
    assert not rule.get("enable_continuous_backup"), "RDS keeps those itself"
    assert not rule.get("schedule_expression_timezone"), "UTC, as the database's windows"
    selection = recording.one(BACKUP_SELECTION)
    assert recording.target(selection.get("plan_id"), BACKUP_PLAN) is plan
    assert selection.texts("resources") == [recording.one(DATABASE).arn]
    assert not any(
        selection.has(name) for name in ("conditions", "selection_tags", "not_resources")
    )


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def test_backup_does_not_meet_the_databases_windows(recording: Recording) -> None:
    """DB-3: AWS Backup begins nothing in the windows of RDS, and in the hour before them."""
    database = recording.one(DATABASE)
    minute, hour = as_text(_rule(recording)["schedule"]).removeprefix("cron(").split(" ")[:2]
    start = int(hour) * 60 + int(minute)
    taken = {(start + ahead) % DAY for ahead in range(120)}
    window = database.text("backup_window")
    begin, end = (_minutes(part) for part in window.split("-"))
    assert not taken & {(begin + ahead) % DAY for ahead in range((end - begin) % DAY)}


def test_role_backs_up_the_database_and_nothing_else(recording: Recording) -> None:
    """SEC-2: AWS Backup's own snapshots of the one database, its key through RDS, and the vaults."""
    role = recording.target(recording.one(BACKUP_SELECTION).get("iam_role_arn"), ROLE)
    (policy,) = recording.attached(ROLE_POLICY, "role", role)
    database, vault = recording.one(DATABASE), recording.one(BACKUP_VAULT)
    key = recording.key_of(database.get("kms_key_id"), "database")
    expected: list[tuple[set[str], list[str], dict[str, dict[str, list[str]]]]] = [
        (DATABASE_RIGHTS, [database.arn], {}),
        (SNAPSHOT_RIGHTS, [f"arn:aws:rds:{REGION}:{ACCOUNT}:{SNAPSHOTS}"], {}),
        ({"tag:GetResources"}, ["*"], {}),
        ({"backup:DescribeBackupVault"}, [vault.arn], {}),
        ({"kms:DescribeKey"}, [key], {}),
        ({"kms:CreateGrant"}, [key], {"Bool": {"kms:GrantIsForAWSResource": ["true"]}}),
    ]
    for copy in _copies(recording):
        destination = as_text(copy["destination_vault_arn"])
        region = destination.split(":")[3]
        into = {"backup:CopyIntoBackupVault", "backup:DescribeBackupVault"}
        expected.append((into, [destination], {}))
        if region != REGION:
            there = f"arn:aws:rds:{region}:{ACCOUNT}:{SNAPSHOTS}"
            through = {"StringEquals": {"kms:ViaService": [f"rds.{region}.amazonaws.com"]}}
            keys = f"arn:aws:kms:{region}:{ACCOUNT}:key/*"
            expected.append((COPIED_RIGHTS, [there], {}))
            expected.append(({"kms:CreateGrant", "kms:DescribeKey"}, [keys], through))
    found = [
        (
            set(rule.actions),
            rule.resources,
            {name: dict(of) for name, of in rule.conditions.items()},
        )
        for rule in policy.statements()
        if rule.allows
    ]
    assert found == expected
    assert len(found) == len(policy.statements())


def test_role_is_ready_before_it_is_needed_and_stays_as_long(recording: Recording) -> None:
    """DB-3: AWS Backup tries the role of a selection, and deletes a backup with the role that made it."""
    role = recording.target(recording.one(BACKUP_SELECTION).get("iam_role_arn"), ROLE)
    (policy,) = recording.attached(ROLE_POLICY, "role", role)
    assert recording.needs(recording.one(BACKUP_SELECTION), policy)
    assert recording.needs(recording.one(BACKUP_VAULT), policy)


def test_copies_lie_somewhere_else(recording: Recording) -> None:
    """DB-3: a copy is in another account or region, and production has one."""
    if CLASS == "production":
        assert len(_copies(recording)) == 1
    for copy in _copies(recording):
        parts = as_text(copy["destination_vault_arn"]).split(":")
        assert parts[:3] == ["arn", "aws", "backup"], copy
        assert parts[5] == "backup-vault", copy
        assert LEAST_DAYS <= _days(copy) <= 3_650, copy


def _alarms(recording: Recording) -> dict[str, Resource]:
    vault = {"BackupVaultName": recording.one(BACKUP_VAULT).text("name")}
    found = [alarm for alarm in recording.of(ALARM) if alarm.text("namespace") == "AWS/Backup"]
    assert all(dict(as_map(alarm.get("dimensions"))) == vault for alarm in found)
    by_metric = {alarm.text("metric_name"): alarm for alarm in found}
    assert len(by_metric) == len(found)
    return by_metric


def test_backups_that_fail_and_that_do_not_come_are_told(recording: Recording) -> None:
    """MON-5: the first job that fails, and the second day without one that is completed: missing data breaches there."""
    alarms = _alarms(recording)
    overdue = alarms.pop("NumberOfBackupJobsCompleted")
    assert overdue.text("comparison_operator") == "LessThanThreshold"
    assert overdue.number("threshold") == 1
    assert overdue.number("evaluation_periods") == 2
    assert overdue.text("treat_missing_data") == "breaching"
    failed = {"NumberOfBackupJobsFailed"}
    assert set(alarms) == failed | {"NumberOfCopyJobsFailed" for _ in _copies(recording)}
    for alarm in alarms.values():
        assert alarm.text("comparison_operator") == "GreaterThanThreshold", alarm
        assert alarm.number("threshold") == 0, alarm
        assert alarm.number("evaluation_periods") == 1, alarm
        assert alarm.text("treat_missing_data") == "notBreaching", alarm
    for alarm in (overdue, *alarms.values()):
        assert alarm.text("statistic") == "Sum", alarm
        assert alarm.number("period") == DAY * 60, alarm
