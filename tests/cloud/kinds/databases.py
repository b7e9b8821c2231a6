"""RDS."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from cloud import tokens as t
from cloud.aws import absent, as_list, given
from cloud.kind import Inputs, Kind
from cloud.record import Record, Ref, Unique
from cloud.rules import database as rule
from cloud.rules.security import must_allow, must_trust
from cloud.tags import dropped

if TYPE_CHECKING:
    from cloud.aws import Aws
    from cloud.store import Cloud

# Arguments that creation, restoring and modification take alike.
EVERYWHERE = {
    "autoMinorVersionUpgrade": "AutoMinorVersionUpgrade",
    "caCertIdentifier": "CACertificateIdentifier",
    "copyTagsToSnapshot": "CopyTagsToSnapshot",
    "dbSubnetGroupName": "DBSubnetGroupName",
    "dedicatedLogVolume": "DedicatedLogVolume",
    "deletionProtection": "DeletionProtection",
    "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
    "instanceClass": "DBInstanceClass",
    "iops": "Iops",
    "multiAz": "MultiAZ",
    "parameterGroupName": "DBParameterGroupName",
    "publiclyAccessible": "PubliclyAccessible",
    "storageThroughput": "StorageThroughput",
    "storageType": "StorageType",
    "vpcSecurityGroupIds": "VpcSecurityGroupIds",
}
# What a restored instance gets by a modification.
NOT_RESTORED = {
    "allocatedStorage": "AllocatedStorage",
    "backupRetentionPeriod": "BackupRetentionPeriod",
    "backupWindow": "PreferredBackupWindow",
    "databaseInsightsMode": "DatabaseInsightsMode",
    "engineVersion": "EngineVersion",
    "maintenanceWindow": "PreferredMaintenanceWindow",
    "maxAllocatedStorage": "MaxAllocatedStorage",
    "monitoringInterval": "MonitoringInterval",
    "monitoringRoleArn": "MonitoringRoleArn",
    "performanceInsightsEnabled": "EnablePerformanceInsights",
    "performanceInsightsKmsKeyId": "PerformanceInsightsKMSKeyId",
    "performanceInsightsRetentionPeriod": "PerformanceInsightsRetentionPeriod",
}
# What is decided for good.
AT_FIRST = {
    "availabilityZone": "AvailabilityZone",
    "dbName": "DBName",
    "engine": "Engine",
    "engineLifecycleSupport": "EngineLifecycleSupport",
    "kmsKeyId": "KmsKeyId",
    "port": "Port",
    "storageEncrypted": "StorageEncrypted",
    "username": "MasterUsername",
}
RESTORED = {
    name: AT_FIRST[name]
    for name in ("availabilityZone", "engine", "engineLifecycleSupport", "port")
}
# What the snapshot decides.
OF_SNAPSHOT = {"dbName", "kmsKeyId", "storageEncrypted", "username"}
# What the real provider says in place of an argument that is no longer said; the others stay as they are.
USUAL = {
    "AutoMinorVersionUpgrade": True,
    "CopyTagsToSnapshot": False,
    "DedicatedLogVolume": False,
    "DeletionProtection": False,
    "EnableIAMDatabaseAuthentication": False,
    "EnablePerformanceInsights": False,
    "MonitoringInterval": 0,
    "PubliclyAccessible": False,
}
LOGS = "enabledCloudwatchLogsExports"


def _taken(new: Inputs, *names: dict[str, str]) -> dict[str, Any]:
    return {
        api: new[name] for each in names for name, api in each.items() if new.get(name) is not None
    }


def _retag(aws: Aws, arn: str, old: Inputs, new: Inputs) -> None:
    gone = dropped(old, new)
    if gone:
        aws.client("rds").remove_tags_from_resource(ResourceName=arn, TagKeys=gone)
    if new["tagsAll"]:
        tags = as_list(new["tagsAll"])
        aws.client("rds").add_tags_to_resource(ResourceName=arn, Tags=tags)


class Instance(Kind):
    """A database."""

    token = "aws:rds/instance:Instance"  # noqa: S105 - a type
    unsaid = frozenset({"skipFinalSnapshot", "finalSnapshotIdentifier", "deleteAutomatedBackups"})
    lacks = (
        "moto runs no database, ignores insights and extended support, gives all instances one resource id, "
        "and the same login in each managed secret: the mapping puts the owner's name and a password"
    )
    refs = (
        Ref(
            "dbSubnetGroupName",
            (t.SUBNET_GROUP,),
            by="name",
            in_use="InvalidDBSubnetGroupStateFault",
        ),
        Ref(
            "parameterGroupName",
            (t.PARAMETER_GROUP,),
            by="name",
            in_use="InvalidDBParameterGroupState",
        ),
        Ref("vpcSecurityGroupIds[]", t.GROUPS, in_use="DependencyViolation"),
        Ref("kmsKeyId", (t.KEY,), by="arn"),
        Ref("masterUserSecretKmsKeyId", (t.KEY,), by="arn"),
        Ref("performanceInsightsKmsKeyId", (t.KEY,), by="arn"),
        Ref("monitoringRoleArn", (t.ROLE,), by="arn"),
        # The copy may go once the database is made.
        Ref("snapshotIdentifier", (t.SNAPSHOT,), by="targetDbSnapshotIdentifier", loose=True),
    )
    unique = (Unique(("identifier",), "DBInstanceAlreadyExists"),)
    one_vpc = True
    rules = (
        rule.family_fits,
        rule.logs_have_groups,
        must_trust("monitoringRoleArn", "monitoring.rds.amazonaws.com"),
        must_allow("monitoringRoleArn", "logs:PutLogEvents"),
    )
    creation_rules = (rule.version_is_made,)
    change_rules = (rule.storage_only_grows, rule.version_only_rises)
    delete_rules = (rule.can_be_deleted,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return the id that never changes, the address, and the secret that comes with it."""
        return rule.instance(cloud, record)

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it, or restore it from a snapshot."""
        common = {
            "DBInstanceIdentifier": new["identifier"],
            "Tags": as_list(new["tagsAll"]),
            **_taken(new, EVERYWHERE, {LOGS: "EnableCloudwatchLogsExports"}),
        }
        snapshot = new.get("snapshotIdentifier")
        if snapshot:
            made = aws.client("rds").restore_db_instance_from_db_snapshot(
                DBSnapshotIdentifier=snapshot, **common, **_taken(new, RESTORED)
            )
        else:
            made = aws.client("rds").create_db_instance(
                **common,
                **_taken(new, NOT_RESTORED, AT_FIRST),
                **given(
                    ManageMasterUserPassword=new.get("manageMasterUserPassword"),
                    MasterUserPassword=new.get("password"),
                    MasterUserSecretKmsKeyId=new.get("masterUserSecretKmsKeyId"),
                ),
            )
        return made["DBInstance"]["DbiResourceId"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put what is to be changed, the managed secret, and tags."""
        del id_
        there = self._find(aws, new)
        assert there is not None, f"there is no {new['identifier']}"
        restored = bool(new.get("snapshotIdentifier"))
        if restored:
            # They are the snapshot's, whatever is said.
            for name in OF_SNAPSHOT:
                new.get(name)
        # What one call made has all that was said; a restored one gets the rest here.
        change = self._change(there, {} if restored else old or new, new)
        if change:
            aws.client("rds").modify_db_instance(
                DBInstanceIdentifier=new["identifier"],
                ApplyImmediately=new.get("applyImmediately", False),
                **change,
            )
        self._name_owner(aws, new)
        if old:
            _retag(aws, there["DBInstanceArn"], old, new)

    def _change(self, there: dict[str, Any], old: Inputs, new: Inputs) -> dict[str, Any]:
        before = _taken(old, EVERYWHERE, NOT_RESTORED)
        wished = _taken(new, EVERYWHERE, NOT_RESTORED)
        wished |= {name: USUAL[name] for name in before.keys() - wished.keys() if name in USUAL}
        change = {name: value for name, value in wished.items() if before.get(name) != value}
        wanted, present = set(new.get(LOGS, [])), set(there.get("EnabledCloudwatchLogsExports", []))
        if wanted != present:
            change["CloudwatchLogsExportConfiguration"] = {
                "EnableLogTypes": sorted(wanted - present),
                "DisableLogTypes": sorted(present - wanted),
            }
        managed = bool(new.get("manageMasterUserPassword"))
        # Said only when it changes: each time makes another secret.
        if managed != ("MasterUserSecret" in there):
            change["ManageMasterUserPassword"] = managed
            change.update(
                given(MasterUserSecretKmsKeyId=new.get("masterUserSecretKmsKeyId"))
                if managed
                else given(MasterUserPassword=new.get("password"))
            )
        # These two are about the modification itself: when, and whether to another major version.
        new.get("applyImmediately")
        allowed = new.get("allowMajorVersionUpgrade")
        if "EngineVersion" in change:
            change.update(given(AllowMajorVersionUpgrade=allowed))
        return change

    def _name_owner(self, aws: Aws, new: Inputs) -> None:
        found = self._find(aws, new) or {}
        if "MasterUserSecret" not in found:
            return
        client, arn = aws.client("secretsmanager"), found["MasterUserSecret"]["SecretArn"]
        login = json.loads(client.get_secret_value(SecretId=arn)["SecretString"])
        if login["username"] != found["MasterUsername"]:
            login = {"username": found["MasterUsername"], "password": secrets.token_urlsafe(24)}
            client.put_secret_value(SecretId=arn, SecretString=json.dumps(login))

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it by its name, since no call takes the id."""
        found = self._find(aws, known)
        if found is None or found["DbiResourceId"] != id_:
            return None
        endpoint, secret = found["Endpoint"], found.get("MasterUserSecret")
        return {
            "address": endpoint["Address"],
            "arn": found["DBInstanceArn"],
            "caCertIdentifier": found["CACertificateIdentifier"],
            "endpoint": f"{endpoint['Address']}:{endpoint['Port']}",
            "engineVersionActual": found["EngineVersion"],
            "masterUserSecrets": [
                {
                    "kmsKeyId": secret["KmsKeyId"],
                    "secretArn": secret["SecretArn"],
                    "secretStatus": secret["SecretStatus"],
                }
            ]
            if secret
            else [],
            "port": endpoint["Port"],
            "resourceId": id_,
            "status": found["DBInstanceStatus"],
        }

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it; the managed secret goes with it."""
        del id_
        skip = known.get("skipFinalSnapshot", False)
        snapshot = known.get("finalSnapshotIdentifier")
        assert skip or snapshot, "finalSnapshotIdentifier is needed when skipFinalSnapshot is false"
        aws.client("rds").delete_db_instance(
            DBInstanceIdentifier=known["identifier"],
            SkipFinalSnapshot=skip,
            DeleteAutomatedBackups=known.get("deleteAutomatedBackups", True),
            **given(FinalDBSnapshotIdentifier=None if skip else snapshot),
        )

    def _find(self, aws: Aws, known: Inputs) -> dict[str, Any] | None:
        """Return what AWS says of it, once its secret is made."""
        name = known["identifier"]
        with absent("DBInstanceNotFound"):
            while True:
                found = aws.client("rds").describe_db_instances(DBInstanceIdentifier=name)
                (row,) = found["DBInstances"]
                if row.get("MasterUserSecret", {}).get("SecretStatus") != "creating":
                    return row
        return None


# As many as one call takes.
BATCH = 20


class ParameterGroup(Kind):
    """The settings of a database."""

    token = "aws:rds/parameterGroup:ParameterGroup"  # noqa: S105 - a type
    lacks = "moto cannot reset a parameter: one that is no longer said keeps its last value"
    unique = (Unique(("name",), "DBParameterGroupAlreadyExists"),)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its name."""
        return rule.named(cloud, record, "pg")

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        made = aws.client("rds").create_db_parameter_group(
            DBParameterGroupName=new["name"],
            DBParameterGroupFamily=new["family"],
            Description=new.get("description", "Managed by Pulumi"),
            Tags=as_list(new["tagsAll"]),
        )
        return made["DBParameterGroup"]["DBParameterGroupName"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put parameters and tags."""
        parameters = [
            {
                "ParameterName": each["name"],
                "ParameterValue": each["value"],
                "ApplyMethod": each.get("applyMethod", "immediate"),
            }
            for each in new.get("parameters", [])
        ]
        for start in range(0, len(parameters), BATCH):
            aws.client("rds").modify_db_parameter_group(
                DBParameterGroupName=id_, Parameters=parameters[start : start + BATCH]
            )
        if old:
            _retag(aws, aws.arn("rds", f"pg:{id_}"), old, new)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        with absent("DBParameterGroupNotFound"):
            found = aws.client("rds").describe_db_parameter_groups(DBParameterGroupName=id_)
            groups = found["DBParameterGroups"]
            return {"arn": groups[0]["DBParameterGroupArn"]} if groups else None
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("rds").delete_db_parameter_group(DBParameterGroupName=id_)


class SubnetGroup(Kind):
    """Where databases may stand."""

    token = "aws:rds/subnetGroup:SubnetGroup"  # noqa: S105 - a type
    lacks = "moto loses a group that is modified: the mapping makes it again"
    refs = (Ref("subnetIds[]", (t.SUBNET,)),)
    unique = (Unique(("name",), "DBSubnetGroupAlreadyExists"),)
    one_vpc = True
    rules = (rule.spans_zones,)
    change_rules = (rule.stays_in_its_network, rule.no_subnet_leaves)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its name, and the network that it lies in."""
        vpc = next(found for _, other in record.refers if (found := cloud.vpc_of(other)))
        return {**rule.named(cloud, record, "subgrp"), "vpcId": vpc}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it; moto would put it over one of the same name."""
        there = self.look(aws, new["name"], new)
        assert there is None, f"DBSubnetGroupAlreadyExists: {new['name']}"
        aws.client("rds").create_db_subnet_group(**self._said(new), Tags=as_list(new["tagsAll"]))
        return new["name"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put subnets and description; put tags."""
        if not old:
            return
        client = aws.client("rds")
        said = self._said(new)
        if any(old.get(name) != new.get(name) for name in ("subnetIds", "description")):
            client.modify_db_subnet_group(**said)
            if self.look(aws, id_, new) is None:
                client.create_db_subnet_group(**said, Tags=as_list(new["tagsAll"]))
        _retag(aws, aws.arn("rds", f"subgrp:{id_}"), old, new)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        with absent("DBSubnetGroupNotFoundFault", "DBSubnetGroupNotFound"):
            found = aws.client("rds").describe_db_subnet_groups(DBSubnetGroupName=id_)
            (group,) = found["DBSubnetGroups"]
            return {"arn": group["DBSubnetGroupArn"], "vpcId": group["VpcId"]}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("rds").delete_db_subnet_group(DBSubnetGroupName=id_)

    def _said(self, new: Inputs) -> dict[str, Any]:
        return {
            "DBSubnetGroupName": new["name"],
            "DBSubnetGroupDescription": new.get("description", "Managed by Pulumi"),
            "SubnetIds": new["subnetIds"],
        }


class SnapshotCopy(Kind):
    """A snapshot under another key."""

    token = "aws:rds/snapshotCopy:SnapshotCopy"  # noqa: S105 - a type
    refs = (Ref("kmsKeyId", (t.KEY,), by="arn"),)
    unique = (Unique(("targetDbSnapshotIdentifier",), "DBSnapshotAlreadyExists"),)
    rules = (rule.is_encrypted,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its name."""
        name = record.inputs["targetDbSnapshotIdentifier"]
        arn = f"arn:aws:rds:{record.region}:{cloud.account}:snapshot:{name}"
        return {"id": name, "dbSnapshotArn": arn, "encrypted": True, "engine": "postgres"}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        made = aws.client("rds").copy_db_snapshot(
            SourceDBSnapshotIdentifier=new["sourceDbSnapshotIdentifier"],
            TargetDBSnapshotIdentifier=new["targetDbSnapshotIdentifier"],
            Tags=as_list(new["tagsAll"]),
            **given(KmsKeyId=new.get("kmsKeyId"), CopyTags=new.get("copyTags")),
        )
        return made["DBSnapshot"]["DBSnapshotIdentifier"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put tags."""
        if old:
            _retag(aws, aws.arn("rds", f"snapshot:{id_}"), old, new)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        with absent("DBSnapshotNotFound"):
            found = aws.client("rds").describe_db_snapshots(DBSnapshotIdentifier=id_)
            (snapshot,) = found["DBSnapshots"]
            return {
                "allocatedStorage": snapshot["AllocatedStorage"],
                "dbSnapshotArn": snapshot["DBSnapshotArn"],
                "encrypted": snapshot["Encrypted"],
                "engine": snapshot["Engine"],
                "engineVersion": snapshot["EngineVersion"],
                "snapshotType": snapshot["SnapshotType"],
            }
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("rds").delete_db_snapshot(DBSnapshotIdentifier=id_)


KINDS: tuple[Kind, ...] = (Instance(), ParameterGroup(), SubnetGroup(), SnapshotCopy())
