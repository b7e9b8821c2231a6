"""Plans of backups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloud import tokens as t
from cloud.record import Record, Refused

if TYPE_CHECKING:
    from cloud.store import Cloud

INVALID = "InvalidParameterValueException"
HOUR = 60
# AWS Backup user guide, backup plan options and configuration.
START_WITHIN, COMPLETE_WITHIN = 480, 10_080


def has_time(_: Cloud, record: Record) -> None:
    """A backup starts within an hour or more, and has an hour more to be completed."""
    for one in record.inputs["rules"]:
        start = one.get("startWindow", START_WITHIN)
        if start < HOUR or one.get("completionWindow", COMPLETE_WITHIN) < start + HOUR:
            message = f"{INVALID}: {record.name}: {one['ruleName']} has windows that are too short"
            raise Refused(message)


def vault_takes_it(cloud: Cloud, record: Record) -> None:
    """A locked vault takes nothing that is kept for less than its lock asks: the job would fail each time."""
    for one in record.inputs["rules"]:
        lock = cloud.one(t.VAULT_LOCK, backupVaultName=one["targetVaultName"])
        least = lock.inputs.get("minRetentionDays", 0) if lock else 0
        kept = one.get("lifecycle", {}).get("deleteAfter", float("inf"))
        if kept < least:
            message = f"{record.name}: {one['ruleName']} keeps for {kept} days, the vault for {least} or more"
            raise Refused(message)
