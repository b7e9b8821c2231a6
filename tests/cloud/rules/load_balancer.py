"""Load balancer, target groups, listeners, certificates; and the firewall of both entry points."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from cloud import policy
from cloud import tokens as t
from cloud.record import Record, Refused
from cloud.rules.network import has_gateway

if TYPE_CHECKING:
    from cloud.store import Cloud

DELIVERS = "logdelivery.elasticloadbalancing.amazonaws.com"
ZONES_OF_BALANCER = 2
CONDITION_VALUES = 5


def zones_differ(_: Cloud, record: Record) -> None:
    """One subnet a zone, in two zones at least."""
    zones = [o.get("availabilityZoneId") for r, o in record.refers if r.path == "subnets[]"]
    if len(set(zones)) < max(len(zones), ZONES_OF_BALANCER):
        message = f"InvalidConfigurationRequest: {record.name}: subnets in zones {zones}"
        raise Refused(message)


def stays_in_its_network(cloud: Cloud, present: Record, changed: Record) -> None:
    """A balancer takes groups and subnets of the network that it has (pulumi-aws 1382, terraform-provider-aws 18317)."""
    places = (("securityGroups", t.GROUPS), ("subnets", (t.SUBNET,)))
    for argument, tokens in places:
        for id_ in changed.inputs.get(argument, []):
            found = [each for token in tokens for each in cloud.all(token, id=id_)]
            if any(each.get("vpcId") != present.get("vpcId") for each in found):
                message = (
                    f"InvalidConfigurationRequest: {changed.name}: {argument} are in another "
                    f"network than the load balancer"
                )
                raise Refused(message)


def faces_outwards(cloud: Cloud, record: Record) -> None:
    """What faces the internet needs its network to have a gateway."""
    if not record.inputs.get("internal"):
        has_gateway(cloud, record)


def may_write_logs(cloud: Cloud, record: Record) -> None:
    """The service writes a test object when access logs are switched on."""
    logs = record.inputs.get("accessLogs", {})
    if not logs.get("enabled"):
        return
    name = logs["bucket"]
    prefix = f"{logs['prefix']}/" if logs.get("prefix") else ""
    target = f"arn:aws:s3:::{name}/{prefix}AWSLogs/{cloud.account}/ELBAccessLogTestFile"
    attached = cloud.needed(record, t.BUCKET_POLICY, bucket=name)
    allowed = attached is not None and any(
        statement.allows("s3:PutObject", target) and ("Service", DELIVERS) in statement.principals
        for statement in policy.statements(attached.inputs["policy"])
    )
    if not allowed:
        message = f"InvalidConfigurationRequest: Access Denied for bucket: {name}"
        raise Refused(message)
    encryption = cloud.one(t.BUCKET_ENCRYPTION, bucket=name)
    rules = encryption.inputs["rules"] if encryption else []
    if any(
        rule["applyServerSideEncryptionByDefault"]["sseAlgorithm"] != "AES256" for rule in rules
    ):
        message = f"InvalidConfigurationRequest: bucket {name}: only SSE-S3 works for access logs"
        raise Refused(message)


def no_protection(_: Cloud, record: Record) -> None:
    """A protected balancer stays."""
    if record.get("enableDeletionProtection"):
        message = f"OperationNotPermitted: {record.name} has deletion protection"
        raise Refused(message)


def lambda_has_no_port(_: Cloud, record: Record) -> None:
    """Targets that are functions have neither port nor network; a check ends before the next begins."""
    given = [name for name in ("port", "protocol", "vpcId") if name in record.inputs]
    if record.inputs.get("targetType") == "lambda" and given:
        message = f"ValidationError: {record.name}: a target group of type lambda takes no {given}"
        raise Refused(message)
    check = record.inputs.get("healthCheck", {})
    if check.get("enabled") and check.get("timeout", 30) >= check.get("interval", 35):
        message = f"ValidationError: {record.name}: the health check's timeout reaches its interval"
        raise Refused(message)


def may_be_called(cloud: Cloud, record: Record) -> None:
    """AWS looks for the permission to call a function when it becomes a target."""
    arn, name = record.inputs["targetId"], record.inputs["targetId"].split(":")[-1]
    for permission in cloud.all(t.PERMISSION):
        if (
            permission.inputs["function"] in (arn, name)
            and permission.inputs["principal"] == "elasticloadbalancing.amazonaws.com"
            and fnmatchcase(
                record.inputs["targetGroupArn"], permission.inputs.get("sourceArn", "*")
            )
        ):
            record.needs.append(permission)
            return
    message = f"AccessDenied: {record.name}: elasticloadbalancing may not invoke {name}"
    raise Refused(message)


def https_is_whole(_: Cloud, record: Record) -> None:
    """HTTPS needs a certificate, and nothing else takes one."""
    if (record.inputs.get("protocol") == "HTTPS") != ("certificateArn" in record.inputs):
        message = f"ValidationError: {record.name}: HTTPS and a certificate go together"
        raise Refused(message)


def verifies_by_a_store(_: Cloud, record: Record) -> None:
    """Who verifies callers says by which authorities, on HTTPS; nobody else names any."""
    asked = record.inputs.get("mutualAuthentication", {"mode": "off"})
    verifies = asked["mode"] == "verify"
    if verifies != ("trustStoreArn" in asked):
        message = f"ValidationError: {record.name}: the mode verify and a trust store go together"
        raise Refused(message)
    if verifies and record.inputs.get("protocol") != "HTTPS":
        message = f"ValidationError: {record.name}: only HTTPS asks for certificates"
        raise Refused(message)


def bundle_is_there(cloud: Cloud, record: Record) -> None:
    """AWS reads the bundle when the store is made or changed: that version of it, which holds certificates."""
    bucket, key = (record.inputs[f"caCertificatesBundleS3{part}"] for part in ("Bucket", "Key"))
    bundle = cloud.needed(record, t.BUCKET_OBJECT, bucket=bucket, key=key)
    version = record.inputs.get("caCertificatesBundleS3ObjectVersion")
    if bundle is None or version not in {None, bundle.get("versionId")}:
        message = f"CaCertificatesBundleNotFound: {record.name}: {bucket}/{key} {version}"
        raise Refused(message)
    content = bundle.inputs.get("content", "")
    if "-----BEGIN CERTIFICATE-----" not in content or "PRIVATE KEY" in content:
        message = f"InvalidCaCertificatesBundle: {record.name}"
        raise Refused(message)


def conditions_fit(_: Cloud, record: Record) -> None:
    """A rule has one to five values."""
    values = [
        value
        for condition in record.inputs["conditions"]
        for part in condition.values()
        for value in part.get("values", [])
    ]
    if not 1 <= len(values) <= CONDITION_VALUES:
        message = f"TooManyConditions: {record.name} has {len(values)} values"
        raise Refused(message)


def is_pem(_: Cloud, record: Record) -> None:
    """Certificates are texts in PEM, where they are not requested."""
    if "validationMethod" in record.inputs:
        return
    for name, label in (("privateKey", "PRIVATE KEY"), ("certificateBody", "CERTIFICATE")):
        text = record.inputs.get(name, "")
        if f"{label}-----" not in text or not text.startswith("-----BEGIN "):
            message = f"ValidationException: {record.name}.{name} is not in PEM format"
            raise Refused(message)


def priorities_differ(_: Cloud, record: Record) -> None:
    """Each rule of a firewall has a priority of its own."""
    found = [rule["priority"] for rule in record.inputs.get("rules", [])]
    if len(found) != len(set(found)):
        message = f"WAFInvalidParameterException: {record.name}: a priority twice: {found}"
        raise Refused(message)


def waf_group_name(_: Cloud, record: Record) -> None:
    """A firewall's log group begins with a certain word."""
    for ref, group in record.refers:
        if ref.path == "logDestinationConfigs[]" and not group.id.startswith("aws-waf-logs-"):
            message = f"WAFInvalidParameterException: {record.name}: {group.id} must begin with aws-waf-logs-"
            raise Refused(message)
