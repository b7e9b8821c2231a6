"""The database: what a plain deployment does not show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from account.hands import AbortedError
from account.test_network import subnet, vpc
from cloud import tokens as t

if TYPE_CHECKING:
    from account.hands import Hands, Thing

COPY = "aws:rds/snapshotCopy:SnapshotCopy"


@pytest.fixture
def key(hands: Hands) -> str:
    policy = {"Principal": {"AWS": "*"}, "Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [policy]})
    return hands.make(t.KEY, policy=document)["arn"]


def database(hands: Hands, key: str, **more: Any) -> Thing:
    arguments = {
        "identifier": "db",
        "engine": "postgres",
        "engineVersion": "14",
        "instanceClass": "db.t4g.medium",
        "allocatedStorage": 20,
        "maxAllocatedStorage": 100,
        "storageType": "gp3",
        "storageEncrypted": True,
        "kmsKeyId": key,
        "username": "payments_owner",
        "dbName": "payments",
        "manageMasterUserPassword": True,
        "masterUserSecretKmsKeyId": key,
        "enabledCloudwatchLogsExports": ["postgresql", "upgrade"],
        "backupRetentionPeriod": 7,
        "skipFinalSnapshot": True,
        **more,
    }
    return hands.make(t.DATABASE, **arguments)


def seen(hands: Hands) -> dict[str, Any]:
    return hands.aws.client("rds").describe_db_instances(DBInstanceIdentifier="db")["DBInstances"][
        0
    ]


def secrets(hands: Hands) -> list[str]:
    return [
        each["Name"] for each in hands.aws.client("secretsmanager").list_secrets()["SecretList"]
    ]


def test_the_managed_secret_holds_the_owner_s_login_and_goes_with_the_database(
    hands: Hands, key: str
) -> None:
    made = database(hands, key)
    (secret,) = made["masterUserSecrets"]
    assert (secret["kmsKeyId"], secret["secretStatus"]) == (key, "active")
    client = hands.aws.client("secretsmanager")
    text = client.get_secret_value(SecretId=secret["secretArn"])["SecretString"]
    assert json.loads(text)["username"] == "payments_owner"
    assert made["endpoint"] == f"{made['address']}:5432"

    again = hands.change(made, instanceClass="db.t4g.large")
    assert client.get_secret_value(SecretId=secret["secretArn"])["SecretString"] == text
    assert len(secrets(hands)) == 1
    hands.delete(again)
    assert hands.read(again) is None
    assert secrets(hands) == []
    hands.delete(again)


def test_an_instance_changes_in_place(hands: Hands, key: str) -> None:
    made = database(hands, key, tags={"Name": "db"})
    protected = hands.change(
        made,
        backupRetentionPeriod=14,
        enabledCloudwatchLogsExports=["postgresql", "iam-db-auth-error"],
        deletionProtection=True,
        applyImmediately=True,
        tags={},
    )
    found = seen(hands)
    assert (found["BackupRetentionPeriod"], found["DeletionProtection"]) == (14, True)
    assert sorted(found["EnabledCloudwatchLogsExports"]) == ["iam-db-auth-error", "postgresql"]
    assert [tag["Key"] for tag in found["TagList"]] == ["project"]
    with pytest.raises(AbortedError, match="protected"):
        hands.delete(made)
    hands.delete(hands.change(protected, deletionProtection=None))
    assert hands.read(made) is None


def test_an_upgrade_takes_its_permission_and_its_parameter_group_along(
    hands: Hands, key: str
) -> None:
    made = database(hands, key)
    hands.make(t.PARAMETER_GROUP, name="of-17", family="postgres17", parameters=[])
    hands.change(
        made,
        engineVersion="17",
        allowMajorVersionUpgrade=True,
        parameterGroupName="of-17",
        applyImmediately=True,
    )
    found = seen(hands)
    assert found["EngineVersion"] == "17"
    assert [group["DBParameterGroupName"] for group in found["DBParameterGroups"]] == ["of-17"]


def test_a_final_snapshot_needs_a_name(hands: Hands, key: str) -> None:
    made = database(hands, key, skipFinalSnapshot=False)
    with pytest.raises(AbortedError, match="finalSnapshotIdentifier is needed"):
        hands.delete(made)


def test_a_database_is_restored_from_a_copy_of_a_snapshot(hands: Hands, key: str) -> None:
    rds = hands.aws.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="old",
        Engine="postgres",
        EngineVersion="14",
        DBInstanceClass="db.t4g.micro",
        AllocatedStorage=20,
        MasterUsername="payments_owner",
        MasterUserPassword="of the old one",
    )
    rds.create_db_snapshot(DBInstanceIdentifier="old", DBSnapshotIdentifier="production")
    copy = hands.make(
        COPY,
        sourceDbSnapshotIdentifier="production",
        targetDbSnapshotIdentifier="copy",
        kmsKeyId=key,
    )
    made = database(hands, key, snapshotIdentifier=copy.id)
    found = seen(hands)
    assert found["KmsKeyId"] == key
    assert found["MaxAllocatedStorage"] == 100
    assert found["BackupRetentionPeriod"] == 7
    assert made["masterUserSecrets"][0]["kmsKeyId"] == key
    hands.delete(copy)
    assert hands.read(copy) is None
    assert hands.read(made) is not None


def test_groups_follow_the_arguments(hands: Hands) -> None:
    network = vpc(hands)
    one, two, three = (subnet(hands, network, slot) for slot in (1, 2, 3))
    group = hands.make(t.SUBNET_GROUP, name="s", subnetIds=[one.id, two.id], tags={"a": "b"})
    with pytest.raises(AbortedError, match="AlreadyExists"):
        hands.make(t.SUBNET_GROUP, name="s", subnetIds=[one.id, two.id])
    group = hands.change(group, subnetIds=[two.id, three.id], tags=None)
    rds = hands.aws.client("rds")
    (found,) = rds.describe_db_subnet_groups(DBSubnetGroupName="s")["DBSubnetGroups"]
    assert {each["SubnetIdentifier"] for each in found["Subnets"]} == {two.id, three.id}
    tags = rds.list_tags_for_resource(ResourceName=group["arn"])["TagList"]
    assert [tag["Key"] for tag in tags] == ["project"]

    parameters = [{"name": f"p{n}", "value": "1"} for n in range(25)]
    settings = hands.make(t.PARAMETER_GROUP, name="p", family="postgres14", parameters=parameters)
    changed = [{"name": "p0", "value": "2", "applyMethod": "pending-reboot"}, *parameters[1:]]
    settings = hands.change(settings, parameters=changed)
    values = rds.describe_db_parameters(DBParameterGroupName="p")["Parameters"]
    assert len(values) == 25
    (first,) = [each for each in values if each["ParameterName"] == "p0"]
    assert (first["ParameterValue"], first["ApplyMethod"]) == ("2", "pending-reboot")
    for thing in (group, settings):
        hands.delete(thing)
        assert hands.read(thing) is None
