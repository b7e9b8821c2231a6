"""RDS: the instance, its groups, and the secret that comes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.cloud import tokens as t
from engine.cloud.kind import Kind, Record, Ref, Refused
from engine.cloud.network import GROUPS
from engine.cloud.security import must_allow, must_trust

if TYPE_CHECKING:
    from engine.cloud.store import Cloud

ZONES_OF_GROUP = 2


def _instance(cloud: Cloud, record: Record) -> dict[str, Any]:
    inputs = record.inputs
    identifier, port = inputs["identifier"], inputs.get("port", 5432)
    resource_id = f"db-{record.hex(26).upper()}"
    host = f"{identifier}.{record.hex(12, 'host')}.{record.region}.rds.amazonaws.com"
    secret = f"arn:aws:secretsmanager:{record.region}:{cloud.account}:secret:rds!{resource_id.lower()}-{record.hex(6)}"
    return {
        "id": resource_id,
        "resourceId": resource_id,
        "arn": f"arn:aws:rds:{record.region}:{cloud.account}:db:{identifier}",
        "address": host,
        "endpoint": f"{host}:{port}",
        "port": port,
        "hostedZoneId": "Z2R2ITUGPM61AM",
        "status": "available",
        "engineVersionActual": f"{str(inputs['engineVersion']).split('.')[0]}.22",
        "masterUserSecrets": [
            {
                "secretArn": secret,
                "secretStatus": "active",
                "kmsKeyId": inputs.get("masterUserSecretKmsKeyId", ""),
            }
        ]
        if inputs.get("manageMasterUserPassword")
        else [],
    }


def _family_fits(_: Cloud, record: Record) -> None:
    major = str(record.inputs["engineVersion"]).split(".")[0]
    for _ref, other in record.refers:
        family = other.inputs.get("family")
        if other.token == t.PARAMETER_GROUP and family != f"{record.inputs['engine']}{major}":
            message = (
                f"InvalidParameterCombination: {record.name}: {family} is not for version {major}"
            )
            raise Refused(message)


def _logs_have_groups(cloud: Cloud, record: Record) -> None:
    for export in record.inputs.get("enabledCloudwatchLogsExports", []):
        name = f"/aws/rds/instance/{record.inputs['identifier']}/{export}"
        if cloud.needed(record, t.LOG_GROUP, name=name) is None:
            message = f"{record.name}: RDS would make the log group {name} itself, kept for ever"
            raise Refused(message)


def _can_be_deleted(_: Cloud, record: Record) -> None:
    if record.get("deletionProtection"):
        message = f"InvalidParameterCombination: {record.name} has deletion protection"
        raise Refused(message)
    if not record.get("skipFinalSnapshot") and not record.get("finalSnapshotIdentifier"):
        message = f"{record.name}: needs a name for the final snapshot, or to skip it"
        raise Refused(message)


def _spans_zones(_: Cloud, record: Record) -> None:
    zones = {other.get("availabilityZoneId") for _, other in record.refers}
    if len(zones) < ZONES_OF_GROUP:
        message = f"DBSubnetGroupDoesNotCoverEnoughAZs: {record.name}: {zones}"
        raise Refused(message)


def _named(what: str) -> Any:
    def outputs(cloud: Cloud, record: Record) -> dict[str, Any]:
        name = record.inputs["name"]
        return {"id": name, "arn": f"arn:aws:rds:{record.region}:{cloud.account}:{what}:{name}"}

    return outputs


SNAPSHOT = "aws:rds/snapshotCopy:SnapshotCopy"


def _is_encrypted(_: Cloud, record: Record) -> None:
    if not record.inputs.get("kmsKeyId"):
        message = (
            f"{record.name}: the copy keeps the key of its original, and so would the database"
        )
        raise Refused(message)


KINDS = (
    Kind(
        SNAPSHOT,
        lambda c, r: {
            "id": r.inputs["targetDbSnapshotIdentifier"],
            "dbSnapshotArn": f"arn:aws:rds:{r.region}:{c.account}:snapshot:"
            + r.inputs["targetDbSnapshotIdentifier"],
            "encrypted": True,
            "engine": "postgres",
        },
        refs=(Ref("kmsKeyId", (t.KEY,), by="arn"),),
        unique=(("targetDbSnapshotIdentifier",),),
        create_rules=(_is_encrypted,),
    ),
    Kind(
        t.DATABASE,
        _instance,
        refs=(
            Ref("dbSubnetGroupName", (t.SUBNET_GROUP,), by="name"),
            Ref("parameterGroupName", (t.PARAMETER_GROUP,), by="name"),
            Ref("vpcSecurityGroupIds[]", GROUPS),
            Ref("kmsKeyId", (t.KEY,), by="arn"),
            Ref("masterUserSecretKmsKeyId", (t.KEY,), by="arn"),
            Ref("performanceInsightsKmsKeyId", (t.KEY,), by="arn"),
            Ref("monitoringRoleArn", (t.ROLE,), by="arn"),
            # The copy may go once the database is made.
            Ref("snapshotIdentifier", (SNAPSHOT,), by="targetDbSnapshotIdentifier", loose=True),
        ),
        unique=(("identifier",),),
        one_vpc=True,
        create_rules=(
            _family_fits,
            _logs_have_groups,
            must_trust("monitoringRoleArn", "monitoring.rds.amazonaws.com"),
            must_allow("monitoringRoleArn", "logs:PutLogEvents"),
        ),
        delete_rules=(_can_be_deleted,),
    ),
    Kind(
        t.SUBNET_GROUP,
        _named("subgrp"),
        refs=(Ref("subnetIds[]", (t.SUBNET,)),),
        unique=(("name",),),
        one_vpc=True,
        create_rules=(_spans_zones,),
    ),
    Kind(t.PARAMETER_GROUP, _named("pg"), unique=(("name",),)),
)
