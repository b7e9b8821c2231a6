"""AWS Backup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud import tokens as t
from cloud.aws import Aws, absent, given
from cloud.kind import Inputs, Kept, Kind, Setting
from cloud.record import Record, Ref, Unique
from cloud.rules import backups as rule
from cloud.rules.security import must_allow, must_trust
from cloud.tags import dropped

if TYPE_CHECKING:
    from cloud.store import Cloud

GONE = "ResourceNotFoundException"


class Vault(Kind):
    """A vault. What it holds, no test puts there; a real one with backups cannot be deleted without `forceDestroy`."""

    token = "aws:backup/vault:Vault"  # noqa: S105 - a type
    lacks = "holds no backups, so that it can always be deleted, and does not look at its key"
    # Said to nobody: the provider deletes the backups first, or does not.
    unsaid = frozenset({"forceDestroy"})
    refs = (Ref("kmsKeyArn", (t.KEY,), by="arn"),)
    unique = (Unique(("name",), "AlreadyExistsException"),)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its name and ARN."""
        name = record.inputs["name"]
        return {
            "id": name,
            "arn": f"arn:aws:backup:{record.region}:{cloud.account}:backup-vault:{name}",
            "recoveryPoints": 0,
        }

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        made = aws.client("backup").create_backup_vault(
            BackupVaultName=new["name"],
            BackupVaultTags=dict(new["tagsAll"]),
            **given(EncryptionKeyArn=new.get("kmsKeyArn")),
        )
        return made["BackupVaultName"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put tags."""
        if not old:
            return
        client, arn = aws.client("backup"), aws.arn("backup", f"backup-vault:{id_}")
        gone = dropped(old, new)
        if gone:
            client.untag_resource(ResourceArn=arn, TagKeyList=gone)
        client.tag_resource(ResourceArn=arn, Tags=dict(new["tagsAll"]))

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        with absent(GONE):
            found = aws.client("backup").describe_backup_vault(BackupVaultName=id_)
            return {
                "arn": found["BackupVaultArn"],
                # Not in moto's answer.
                "recoveryPoints": found.get("NumberOfRecoveryPoints", 0),
            }
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("backup").delete_backup_vault(BackupVaultName=id_)


class VaultLock(Setting):
    """For how long a vault keeps what it holds at least."""

    token = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"  # noqa: S105 - a type
    refs = (Ref("backupVaultName", (t.VAULT,), by="name"),)
    unique = (Unique(("backupVaultName",)),)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return the vault's."""
        name = record.inputs["backupVaultName"]
        arn = f"arn:aws:backup:{record.region}:{cloud.account}:backup-vault:{name}"
        return {"id": name, "backupVaultArn": arn}

    def owner(self, new: Inputs) -> str:
        """Return the vault."""
        return new["backupVaultName"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put it."""
        del old
        aws.client("backup").put_backup_vault_lock_configuration(
            BackupVaultName=id_,
            **given(
                MinRetentionDays=new.get("minRetentionDays"),
                MaxRetentionDays=new.get("maxRetentionDays"),
                ChangeableForDays=new.get("changeableForDays"),
            ),
        )

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Whether the vault is locked."""
        del known
        with absent(GONE):
            found = aws.client("backup").describe_backup_vault(BackupVaultName=id_)
            return {"backupVaultArn": found["BackupVaultArn"]} if found.get("Locked") else None
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Take it off, which one in governance mode allows."""
        del known
        aws.client("backup").delete_backup_vault_lock_configuration(BackupVaultName=id_)


class Plan(Kept):
    """What is backed up when, and where to."""

    token = "aws:backup/plan:Plan"  # noqa: S105 - a type
    lacks = "changes no plan, and keeps a deleted one with its name"
    refs = (Ref("rules[].targetVaultName", (t.VAULT,), by="name"),)
    rules = (rule.has_time, rule.vault_takes_it)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return a UUID of AWS's own."""
        uuid = record.uuid()
        arn = f"arn:aws:backup:{record.region}:{cloud.account}:backup-plan:{uuid}"
        return {"id": uuid, "arn": arn, "version": record.hex(8, "version")}

    def identity(self, aws: Aws, new: Inputs) -> str:
        """Return its name, of which moto's would make a UUID."""
        del aws
        return new["name"]

    def properties(self, aws: Aws, new: Inputs) -> dict[str, Any]:
        """Return its ARN."""
        return {"arn": aws.arn("backup", f"backup-plan:{new['name']}"), "version": "1"}


class Selection(Kept):
    """What a plan backs up, and with which role."""

    token = "aws:backup/selection:Selection"  # noqa: S105 - a type
    lacks = "has no API for it"
    refs = (
        Ref("planId", (t.BACKUP_PLAN,), in_use="InvalidRequestException"),
        Ref("iamRoleArn", (t.ROLE,), by="arn"),
        Ref("resources[]", (t.DATABASE,), by="arn", loose=True),
    )
    rules = (
        must_trust("iamRoleArn", "backup.amazonaws.com"),
        must_allow("iamRoleArn", "tag:GetResources"),
    )

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return a UUID of AWS's own."""
        del cloud
        return {"id": record.uuid()}

    def identity(self, aws: Aws, new: Inputs) -> str:
        """Return its name in the plan."""
        del aws
        return f"{new['planId']}/{new['name']}"


KINDS = (Vault(), VaultLock(), Plan(), Selection())
