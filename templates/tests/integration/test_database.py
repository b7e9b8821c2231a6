"""DB-1 to DB-5: the database instance as it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.environment_class import DISPOSABLE, ENDING, STANDBY

if TYPE_CHECKING:
    from mypy_boto3_rds.type_defs import DBInstanceTypeDef

    from tests.integration.cloud import Cloud
    from tests.integration.outputs import Outputs
    from tests.integration.topology import Topology

# What the spec says: a major version, which follows its minor ones, or one of these.
VERSION = {{ version }}


@pytest.fixture(name="database", scope="module")
def _database(cloud: Cloud, outputs: Outputs) -> DBInstanceTypeDef:
    (instance,) = cloud.rds.describe_db_instances(DBInstanceIdentifier=outputs.database_identifier)[
        "DBInstances"
    ]
    return instance


@pytest.fixture(name="parameters", scope="module")
def _parameters(cloud: Cloud, database: DBInstanceTypeDef) -> dict[str, str]:
    (group,) = database["DBParameterGroups"]
    pages = cloud.rds.get_paginator("describe_db_parameters").paginate(
        DBParameterGroupName=group["DBParameterGroupName"]
    )
    return {
        parameter["ParameterName"]: parameter.get("ParameterValue", "")
        for page in pages
        for parameter in page["Parameters"]
    }


def test_it_is_the_postgresql_of_the_spec_and_private(
    database: DBInstanceTypeDef, outputs: Outputs
) -> None:
    """DB-1, REG-1: engine, version, no public address, and the host that functions are given."""
    assert database["Engine"] == "postgres"
    assert f"{database['EngineVersion']}.".startswith(f"{VERSION}.")
    assert database["PubliclyAccessible"] is False
    assert database["DBInstanceStatus"] == "available"
    assert database["Endpoint"]["Address"] == outputs.database_host
    assert f":{outputs.region}:" in database["DBInstanceArn"]


def test_it_fails_over(database: DBInstanceTypeDef) -> None:
    """DB-2: a standby in another zone, where its class asks for one."""
    assert database["MultiAZ"] is STANDBY


def test_it_is_backed_up(database: DBInstanceTypeDef) -> None:
    """DB-3: automated backups with retention and window, tagged like the instance."""
    assert database["BackupRetentionPeriod"] >= 1
    assert database["PreferredBackupWindow"]
    assert database["CopyTagsToSnapshot"] is True


def test_it_is_encrypted_under_a_key_of_ours(cloud: Cloud, database: DBInstanceTypeDef) -> None:
    """DB-4: storage and managed secret use the customer-managed key."""
    assert database["StorageEncrypted"] is True
    key = cloud.kms.describe_key(KeyId=database["KmsKeyId"])["KeyMetadata"]
    assert key["KeyManager"] == "CUSTOMER"
    assert database["MasterUserSecret"]["KmsKeyId"] == key["Arn"]


def test_its_statements_are_observed_under_that_key(database: DBInstanceTypeDef) -> None:
    """DB-4, MON-1: Performance Insights is on, and shows statements to nobody else."""
    assert database["PerformanceInsightsEnabled"] is True
    assert database["PerformanceInsightsKMSKeyId"] == database["KmsKeyId"]


def test_its_subnet_group_covers_all_zones(database: DBInstanceTypeDef, topology: Topology) -> None:
    """DB-5: the private subnets of all zones."""
    zones = {
        subnet["SubnetAvailabilityZone"]["Name"] for subnet in database["DBSubnetGroup"]["Subnets"]
    }
    assert zones == {subnet.zone for subnet in topology.private}


def test_its_password_belongs_to_nobody(cloud: Cloud, database: DBInstanceTypeDef) -> None:
    """FN-2, FN-4: RDS makes the master password; functions log in by IAM."""
    secret = cloud.secretsmanager.describe_secret(
        SecretId=database["MasterUserSecret"]["SecretArn"]
    )
    assert secret["KmsKeyId"] == database["KmsKeyId"]
    assert database["IAMDatabaseAuthenticationEnabled"] is True
    assert database["MasterUsername"] not in {"postgres", "admin", "root"}


def test_its_password_is_rotated(cloud: Cloud, database: DBInstanceTypeDef) -> None:
    """FN-2, SEC-1: by RDS itself, which owns the secret."""
    secret = cloud.secretsmanager.describe_secret(
        SecretId=database["MasterUserSecret"]["SecretArn"]
    )
    assert secret["RotationEnabled"] is True
    assert secret["OwningService"] == "rds"


def test_it_refuses_clear_text(parameters: dict[str, str]) -> None:
    """DB-1: TLS is forced."""
    assert parameters["rds.force_ssl"] == "1"


def test_its_logs_hold_no_bind_values(parameters: dict[str, str]) -> None:
    """MON-1: statements that are logged show no values, which could be payment data."""
    assert parameters["log_statement"] != "all"
    assert parameters["log_parameter_max_length"] == "0"


def test_it_is_observed(database: DBInstanceTypeDef) -> None:
    """MON-1: logs go to CloudWatch, and the host's metrics are collected."""
    assert {"postgresql", "upgrade"} <= set(database["EnabledCloudwatchLogsExports"])
    assert database["MonitoringInterval"] > 0


def test_it_can_be_destroyed_or_not_by_a_slip(database: DBInstanceTypeDef) -> None:
    """DEST-1: nothing protects it. KEEP-1: it is protected."""
    assert database["DeletionProtection"] is not (DISPOSABLE or ENDING)
