"""SEC-1: the keys, their rotation, and whom they serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.policies import statements

if TYPE_CHECKING:
    from tests.integration.cloud import Cloud
    from tests.integration.outputs import Outputs


@pytest.fixture(name="keys", scope="module")
def _keys(cloud: Cloud, outputs: Outputs) -> dict[str, str]:
    pages = cloud.kms.get_paginator("list_aliases").paginate()
    return {
        alias["AliasName"]: alias["TargetKeyId"]
        for page in pages
        for alias in page["Aliases"]
        if alias["AliasName"].endswith(outputs.tail) and "TargetKeyId" in alias
    }


def test_there_is_a_key_for_each_kind_of_data(keys: dict[str, str], outputs: Outputs) -> None:
    """SEC-1, NAME-2: database, logs, data and topic, each a key of its own."""
    expected = {
        f"alias/{outputs.name('kms', role)}" for role in ("database", "logs", "data", "topic")
    }
    assert set(keys) == expected
    assert len(set(keys.values())) == len(expected)


def test_keys_rotate(cloud: Cloud, keys: dict[str, str]) -> None:
    """SEC-1: customer-managed, enabled, with rotation."""
    for alias, key_id in keys.items():
        key = cloud.kms.describe_key(KeyId=key_id)["KeyMetadata"]
        assert key["KeyManager"] == "CUSTOMER", alias
        assert key["KeyState"] == "Enabled", alias
        assert cloud.kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"], alias


def test_keys_serve_the_account_and_named_services(
    cloud: Cloud, keys: dict[str, str], outputs: Outputs
) -> None:
    """SEC-1: only the account's root administers; whoever uses a key does it under a condition."""
    root = f"arn:aws:iam::{outputs.account_id}:root"
    for alias, key_id in keys.items():
        policy = cloud.kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"]
        for statement in statements(policy):
            assert "kms:*" not in statement.actions, alias
            if statement.effect == "Allow":
                assert all(
                    name == root or name.endswith(".amazonaws.com") for name in statement.principals
                ), alias
            if "kms:PutKeyPolicy" not in statement.actions:
                assert statement.condition, f"{alias}: whoever is named may use it for anything"


def test_log_groups_of_this_account_may_use_the_log_key(
    cloud: Cloud, keys: dict[str, str], outputs: Outputs
) -> None:
    """SEC-1, MON-1: CloudWatch Logs encrypts with it, for groups of this account only."""
    key_id = keys[f"alias/{outputs.name('kms', 'logs')}"]
    policy = cloud.kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"]
    service = f"logs.{outputs.region}.amazonaws.com"
    (grant,) = [one for one in statements(policy) if service in one.principals]
    context = grant.condition["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    assert context.startswith(f"arn:aws:logs:{outputs.region}:{outputs.account_id}:")


def test_keys_are_used_where_they_should_be(
    cloud: Cloud, keys: dict[str, str], outputs: Outputs
) -> None:
    """SEC-1, DB-4, S3-4, FN-2: database, audit bucket, functions and topic, each under its key."""

    def key_of(role: str) -> str:
        return keys[f"alias/{outputs.name('kms', role)}"]

    (database,) = cloud.rds.describe_db_instances(DBInstanceIdentifier=outputs.database_identifier)[
        "DBInstances"
    ]
    assert database["KmsKeyId"].endswith(key_of("database"))
    encryption = cloud.s3.get_bucket_encryption(Bucket=outputs.audit_bucket)
    (rule,) = encryption["ServerSideEncryptionConfiguration"]["Rules"]
    default = rule["ApplyServerSideEncryptionByDefault"]
    assert default["KMSMasterKeyID"].endswith(key_of("data"))
    for name in outputs.function_names.values():
        function = cloud.lambda_.get_function_configuration(FunctionName=name)
        assert function["KMSKeyArn"].endswith(key_of("data")), name
    topic = cloud.sns.get_topic_attributes(TopicArn=outputs.topic_arn)["Attributes"]
    assert topic["KmsMasterKeyId"].endswith(key_of("topic"))
