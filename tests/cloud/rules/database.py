"""RDS: the instance, its groups, and the secret that comes with it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from cloud import engines
from cloud import tokens as t
from cloud.record import Record, Refused

if TYPE_CHECKING:
    from cloud.store import Cloud

ZONES_OF_GROUP = 2
# RDS user guide, "Working with storage": further changes after six hours, or when the last one is optimized.
HOURS_BETWEEN = 6.0
# botocore, CreateDBInstance: without it, RDS goes on under extended support, and bills it.
WITHOUT_EXTENDED_SUPPORT = "open-source-rds-extended-support-disabled"
# Until when, in what an instance remembers.
STORAGE_IS_FREE = "storage is free"
# The zones in which an instance and its standby stand, in what it remembers; until somebody has looked, all of its group.
ZONES = "zones"


def instance(cloud: Cloud, record: Record) -> dict[str, Any]:
    """Ids of an instance: one that never changes, its address, and the secret that comes with it."""
    inputs = record.inputs
    identifier, port = inputs["identifier"], inputs.get("port", 5432)
    resource_id = f"db-{record.hex(26).upper()}"
    # What follows the identifier is the account's in the region: a new instance of the name has the address of the old one.
    place = hashlib.sha256(f"{cloud.account}/{record.region}".encode()).hexdigest()[:12]
    host = f"{identifier}.{place}.{record.region}.rds.amazonaws.com"
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
        "engineVersionActual": engines.actual(str(inputs["engineVersion"])),
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


def named(cloud: Cloud, record: Record, what: str) -> dict[str, Any]:
    """A name as an id, and the ARN that ends in it."""
    name = record.inputs["name"]
    return {"id": name, "arn": f"arn:aws:rds:{record.region}:{cloud.account}:{what}:{name}"}


def family_fits(_: Cloud, record: Record) -> None:
    """A parameter group's family is that of the engine's major version."""
    major = str(record.inputs["engineVersion"]).split(".")[0]
    for _ref, other in record.refers:
        family = other.inputs.get("family")
        if other.token == t.PARAMETER_GROUP and family != f"{record.inputs['engine']}{major}":
            message = (
                f"InvalidParameterCombination: {record.name}: {family} is not for version {major}"
            )
            raise Refused(message)


def logs_have_groups(cloud: Cloud, record: Record) -> None:
    """RDS makes a missing log group itself."""
    for export in record.inputs.get("enabledCloudwatchLogsExports", []):
        name = f"/aws/rds/instance/{record.inputs['identifier']}/{export}"
        if cloud.needed(record, t.LOG_GROUP, name=name) is None:
            message = f"{record.name}: RDS would make the log group {name} itself, kept for ever"
            raise Refused(message)


def can_be_deleted(_: Cloud, record: Record) -> None:
    """A protected database stays, and so does one whose last snapshot has no name."""
    if record.get("deletionProtection"):
        message = f"InvalidParameterCombination: {record.name} has deletion protection"
        raise Refused(message)
    if not record.get("skipFinalSnapshot") and not record.get("finalSnapshotIdentifier"):
        message = f"{record.name}: needs a name for the final snapshot, or to skip it"
        raise Refused(message)


def spans_zones(_: Cloud, record: Record) -> None:
    """A group has subnets in two zones at least."""
    zones = {other.get("availabilityZoneId") for _, other in record.refers}
    if len(zones) < ZONES_OF_GROUP:
        message = f"DBSubnetGroupDoesNotCoverEnoughAZs: {record.name}: {zones}"
        raise Refused(message)


def is_encrypted(_: Cloud, record: Record) -> None:
    """A copy under no key of its own keeps the one of its original."""
    if not record.inputs.get("kmsKeyId"):
        message = (
            f"{record.name}: the copy keeps the key of its original, and so would the database"
        )
        raise Refused(message)


def storage_only_grows(cloud: Cloud, present: Record, changed: Record) -> None:
    """Storage never shrinks, and grows once in six hours."""
    before, after = (each.inputs.get("allocatedStorage", 0) for each in (present, changed))
    if after == before:
        return
    if after < before:
        message = f"InvalidParameterCombination: {changed.name}: {after} GiB are less than {before}"
        raise Refused(message)
    optimized = present.memory.get(STORAGE_IS_FREE, 0.0)
    if cloud.hours < optimized:
        message = (
            f"InvalidParameterCombination: {changed.name}: the storage was changed a moment ago, "
            f"and can be again in {optimized - cloud.hours:.1f} hours"
        )
        raise Refused(message)
    changed.memory[STORAGE_IS_FREE] = cloud.hours + HOURS_BETWEEN


def version_is_made(cloud: Cloud, record: Record) -> None:
    """RDS makes no instance of a version that it does not know, or whose support is over. What is restored it upgrades."""
    version = str(record.inputs["engineVersion"])
    extended = record.inputs.get("engineLifecycleSupport") != WITHOUT_EXTENDED_SUPPORT
    if record.inputs.get("snapshotIdentifier"):
        return
    if not engines.is_made(version, cloud.today, extended=extended):
        message = f"InvalidParameterCombination: {record.name}: Cannot find version {version} for postgres"
        raise Refused(message)


def version_only_rises(_: Cloud, present: Record, changed: Record) -> None:
    """No version goes back, and another major one has to be allowed."""
    asked, wanted = (str(each.inputs["engineVersion"]) for each in (present, changed))
    # The provider sends what differs from the state.
    if asked == wanted:
        return
    runs = engines.actual(asked)
    refusal = engines.refusal(runs, wanted)
    if refusal:
        message = f"InvalidParameterCombination: {changed.name}: {refusal}"
        raise Refused(message)
    is_major = engines.major(runs) != engines.major(wanted)
    if is_major and not changed.inputs.get("allowMajorVersionUpgrade"):
        message = (
            f"InvalidParameterCombination: {changed.name}: the AllowMajorVersionUpgrade flag must be "
            f"present when upgrading to a new major version"
        )
        raise Refused(message)


def stays_in_its_network(cloud: Cloud, present: Record, changed: Record) -> None:
    """A group takes subnets of the network that it has."""
    for subnet in changed.inputs["subnetIds"]:
        found = cloud.one(t.SUBNET, id=subnet)
        if found is not None and found.get("vpcId") != present.get("vpcId"):
            message = (
                f"InvalidParameterValue: {changed.name}: the new subnets are not in the network "
                f"of the group"
            )
            raise Refused(message)


def no_subnet_leaves(cloud: Cloud, present: Record, changed: Record) -> None:
    """A group keeps the subnets in which an instance stands: which, AWS decides, and a test may say."""
    gone = set(present.inputs["subnetIds"]) - set(changed.inputs["subnetIds"])
    for instance_ in cloud.all(t.DATABASE, dbSubnetGroupName=present.inputs["name"]):
        zones = instance_.memory.get(ZONES)
        held = [
            subnet
            for subnet in sorted(gone)
            if zones is None
            or any(
                each.get("availabilityZoneId") in zones for each in cloud.all(t.SUBNET, id=subnet)
            )
        ]
        if held:
            message = f"SubnetAlreadyInUse: {changed.name}: {instance_.name} stands in {held}"
            raise Refused(message)
