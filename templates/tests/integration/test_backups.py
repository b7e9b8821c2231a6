"""DB-4, KEEP-1: the vault of the backups as it is deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.environment_class import DISPOSABLE

if TYPE_CHECKING:
    from tests.integration.cloud import Cloud
    from tests.integration.outputs import Outputs


def test_the_vault_is_encrypted_and_locked(cloud: Cloud, outputs: Outputs) -> None:
    """DB-4: under the key of the database. KEEP-1: locked, where nothing goes by a slip."""
    vault = cloud.backup.describe_backup_vault(BackupVaultName=outputs.name("vault"))
    key = cloud.kms.describe_key(KeyId=outputs.key("database"))["KeyMetadata"]["Arn"]
    assert vault["EncryptionKeyArn"] == key
    assert vault.get("Locked", False) is not DISPOSABLE
    assert vault.get("MinRetentionDays") == (None if DISPOSABLE else 35)
