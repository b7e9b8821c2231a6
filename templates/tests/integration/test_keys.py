"""SEC-1: the keys, their rotation, and whom they serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.policies import statements
from tests.owners_keys import OWNERS_KEYS

if TYPE_CHECKING:
    from tests.integration.cloud import Cloud
    from tests.integration.outputs import Outputs


ROLES = ("database", "logs", "data", "topic")
COPIES_BACKUPS = "role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup"


@pytest.fixture(name="aliases", scope="module")
def _aliases(cloud: Cloud, outputs: Outputs) -> dict[str, str]:
    pages = cloud.kms.get_paginator("list_aliases").paginate()
    return {
        alias["AliasName"]: alias["TargetKeyId"]
        for page in pages
        for alias in page["Aliases"]
        if alias["AliasName"].endswith(outputs.tail) and "TargetKeyId" in alias
    }


@pytest.fixture(name="keys", scope="module")
def _keys(cloud: Cloud, outputs: Outputs) -> dict[str, str]:
    """Ids of the keys by the kind of data that they encrypt, whoever owns them."""
    return {
        role: cloud.kms.describe_key(KeyId=outputs.key(role))["KeyMetadata"]["KeyId"]
        for role in ROLES
    }


def test_there_is_a_key_for_each_kind_of_data(
    aliases: dict[str, str], keys: dict[str, str], outputs: Outputs
) -> None:
    """SEC-1, NAME-2: database, logs, data and topic, each a key of its own, or one that the spec names."""
    own = set(ROLES) - set(OWNERS_KEYS)
    assert set(aliases) == {f"alias/{outputs.name('kms', role)}" for role in own}
    assert len(set(keys.values())) == len(ROLES)


def test_keys_rotate(cloud: Cloud, keys: dict[str, str]) -> None:
    """SEC-1: customer-managed, enabled, with rotation; so are those of other owners."""
    for role, key_id in keys.items():
        key = cloud.kms.describe_key(KeyId=key_id)["KeyMetadata"]
        assert key["KeyManager"] == "CUSTOMER", role
        assert key["KeyState"] == "Enabled", role
        assert cloud.kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"], role


def test_keys_serve_the_account_and_named_services(
    cloud: Cloud, keys: dict[str, str], outputs: Outputs
) -> None:
    """SEC-1: only the account's root administers; whoever uses a key does it under a condition."""
    root = f"arn:aws:iam::{outputs.account_id}:root"
    own = {role: key_id for role, key_id in keys.items() if role not in OWNERS_KEYS}
    for role, key_id in own.items():
        policy = cloud.kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"]
        for statement in statements(policy):
            assert "kms:*" not in statement.actions, role
            if statement.effect == "Allow":
                # Of another account only AWS Backup's own role, which copies backups.
                only = statement.condition.get("ArnEquals", {}).get("aws:PrincipalArn")
                assert all(
                    name == root
                    or name.endswith(".amazonaws.com")
                    or only == name.removesuffix("root") + COPIES_BACKUPS
                    for name in statement.principals
                ), role
            if "kms:PutKeyPolicy" not in statement.actions:
                assert statement.condition, f"{role}: whoever is named may use it for anything"


def test_log_groups_of_this_account_may_use_the_log_key(
    cloud: Cloud, keys: dict[str, str], outputs: Outputs
) -> None:
    """SEC-1, MON-1: CloudWatch Logs encrypts with it, for groups of this account only."""
    policy = cloud.kms.get_key_policy(KeyId=keys["logs"], PolicyName="default")["Policy"]
    service = f"logs.{outputs.region}.amazonaws.com"
    (grant,) = [one for one in statements(policy) if service in one.principals]
    context = grant.condition["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    assert context.startswith(f"arn:aws:logs:{outputs.region}:{outputs.account_id}:")


def test_keys_are_used_where_they_should_be(
    cloud: Cloud, keys: dict[str, str], outputs: Outputs
) -> None:
    """SEC-1, DB-4, S3-4, FN-2: database, audit bucket, functions and topic, each under its key."""
    (database,) = cloud.rds.describe_db_instances(DBInstanceIdentifier=outputs.database_identifier)[
        "DBInstances"
    ]
    assert database["KmsKeyId"].endswith(keys["database"])
    encryption = cloud.s3.get_bucket_encryption(Bucket=outputs.audit_bucket)
    (rule,) = encryption["ServerSideEncryptionConfiguration"]["Rules"]
    default = rule["ApplyServerSideEncryptionByDefault"]
    assert default["KMSMasterKeyID"].endswith(keys["data"])
    for name in outputs.function_names.values():
        function = cloud.lambda_.get_function_configuration(FunctionName=name)
        assert function["KMSKeyArn"].endswith(keys["data"]), name
    topic = cloud.sns.get_topic_attributes(TopicArn=outputs.topic_arn)["Attributes"]
    assert topic["KmsMasterKeyId"].endswith(keys["topic"])
