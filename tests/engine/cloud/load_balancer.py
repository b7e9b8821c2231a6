"""Load balancer, target groups, listeners, certificates; and the firewall in front of both ways in."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from engine.cloud import policy
from engine.cloud import tokens as t
from engine.cloud.kind import Kind, Record, Ref, Refused
from engine.cloud.network import GROUPS, has_gateway

if TYPE_CHECKING:
    from engine.cloud.store import Cloud

DELIVERS = "logdelivery.elasticloadbalancing.amazonaws.com"
ZONES_OF_BALANCER = 2
CONDITION_VALUES = 5


def _elb(kind: str) -> Any:
    def outputs(cloud: Cloud, record: Record) -> dict[str, Any]:
        suffix = f"{kind}/{record.inputs['name']}/{record.hex(16)}"
        arn = f"arn:aws:elasticloadbalancing:{record.region}:{cloud.account}:{suffix}"
        return {"id": arn, "arn": arn, "arnSuffix": suffix.removeprefix("loadbalancer/")}

    return outputs


def _balancer(cloud: Cloud, record: Record) -> dict[str, Any]:
    host = f"{record.inputs['name']}-{int(record.hex(8), 16)}.{record.region}.elb.amazonaws.com"
    return {
        **_elb("loadbalancer/app")(cloud, record),
        "dnsName": host,
        "zoneId": "Z35SXDOTRQ7X7K",
        "vpcId": cloud.vpc_of(record),
    }


def _part(kind: str, of: str) -> Any:
    def outputs(_: Cloud, record: Record) -> dict[str, Any]:
        above = (
            record.inputs[of]
            .replace(":loadbalancer/", ":listener/")
            .replace(":listener/", f":{kind}/")
        )
        arn = f"{above}/{record.hex(16)}"
        return {"id": arn, "arn": arn}

    return outputs


def _zones_differ(_: Cloud, record: Record) -> None:
    zones = [o.get("availabilityZoneId") for r, o in record.refers if r.path == "subnets[]"]
    if len(set(zones)) < max(len(zones), ZONES_OF_BALANCER):
        message = f"InvalidConfigurationRequest: {record.name}: subnets in zones {zones}"
        raise Refused(message)


def _faces_outwards(cloud: Cloud, record: Record) -> None:
    if not record.inputs.get("internal"):
        has_gateway(cloud, record)


def _may_write_logs(cloud: Cloud, record: Record) -> None:
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


def _no_protection(_: Cloud, record: Record) -> None:
    if record.get("enableDeletionProtection"):
        message = f"OperationNotPermitted: {record.name} has deletion protection"
        raise Refused(message)


def _lambda_has_no_port(_: Cloud, record: Record) -> None:
    given = [name for name in ("port", "protocol", "vpcId") if name in record.inputs]
    if record.inputs.get("targetType") == "lambda" and given:
        message = f"ValidationError: {record.name}: a target group of type lambda takes no {given}"
        raise Refused(message)
    check = record.inputs.get("healthCheck", {})
    if check.get("enabled") and check.get("timeout", 30) >= check.get("interval", 35):
        message = f"ValidationError: {record.name}: the health check's timeout reaches its interval"
        raise Refused(message)


def _may_be_called(cloud: Cloud, record: Record) -> None:
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


def _is_alone(cloud: Cloud, record: Record) -> None:
    others = cloud.all("aws:lb/targetGroupAttachment:TargetGroupAttachment")
    if any(
        o.urn != record.urn and o.get("targetGroupArn") == record.get("targetGroupArn")
        for o in others
    ):
        message = f"TooManyTargets: {record.name}: a target group takes one function"
        raise Refused(message)


def _https_is_whole(_: Cloud, record: Record) -> None:
    if (record.inputs.get("protocol") == "HTTPS") != ("certificateArn" in record.inputs):
        message = f"ValidationError: {record.name}: HTTPS and a certificate go together"
        raise Refused(message)


def _conditions_fit(_: Cloud, record: Record) -> None:
    values = [
        value
        for condition in record.inputs["conditions"]
        for part in condition.values()
        for value in part.get("values", [])
    ]
    if not 1 <= len(values) <= CONDITION_VALUES:
        message = f"TooManyConditions: {record.name} has {len(values)} values"
        raise Refused(message)


def _certificate(cloud: Cloud, record: Record) -> dict[str, Any]:
    digits = record.hex(32)
    id_ = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    arn = f"arn:aws:acm:{record.region}:{cloud.account}:certificate/{id_}"
    return {"id": arn, "arn": arn, "status": "ISSUED", "type": "IMPORTED"}


def _is_pem(_: Cloud, record: Record) -> None:
    for name, label in (("privateKey", "PRIVATE KEY"), ("certificateBody", "CERTIFICATE")):
        text = record.inputs.get(name, "")
        if f"{label}-----" not in text or not text.startswith("-----BEGIN "):
            message = f"ValidationException: {record.name}.{name} is not in PEM format"
            raise Refused(message)


def _web_acl(cloud: Cloud, record: Record) -> dict[str, Any]:
    digits = record.hex(32)
    id_ = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    name = record.inputs["name"]
    return {
        "id": id_,
        "arn": f"arn:aws:wafv2:{record.region}:{cloud.account}:regional/webacl/{name}/{id_}",
        "capacity": 1,
        "lockToken": record.hex(32, "lock"),
    }


def _priorities_differ(_: Cloud, record: Record) -> None:
    found = [rule["priority"] for rule in record.inputs.get("rules", [])]
    if len(found) != len(set(found)):
        message = f"WAFInvalidParameterException: {record.name}: a priority twice: {found}"
        raise Refused(message)


def _waf_group_name(_: Cloud, record: Record) -> None:
    for ref, group in record.refers:
        if ref.path == "logDestinationConfigs[]" and not group.id.startswith("aws-waf-logs-"):
            message = f"WAFInvalidParameterException: {record.name}: {group.id} must begin with aws-waf-logs-"
            raise Refused(message)


TARGETS = (
    Ref("targetGroupArn", (t.TARGET_GROUP,), by="arn"),
    Ref("forward.targetGroups[].arn", (t.TARGET_GROUP,), by="arn"),
)

KINDS = (
    Kind(
        t.LOAD_BALANCER,
        _balancer,
        refs=(
            Ref("subnets[]", (t.SUBNET,)),
            Ref("securityGroups[]", GROUPS),
            Ref("accessLogs.bucket", (t.BUCKET,), by="bucket"),
            Ref("connectionLogs.bucket", (t.BUCKET,), by="bucket"),
        ),
        unique=(("name",),),
        one_vpc=True,
        create_rules=(_zones_differ, _faces_outwards, _may_write_logs),
        delete_rules=(_no_protection,),
    ),
    Kind(
        t.TARGET_GROUP,
        _elb("targetgroup"),
        unique=(("name",),),
        create_rules=(_lambda_has_no_port,),
    ),
    Kind(
        "aws:lb/targetGroupAttachment:TargetGroupAttachment",
        lambda _, r: {"id": f"{r.inputs['targetGroupArn']}-{r.hex(20)}"},
        refs=(
            Ref("targetGroupArn", (t.TARGET_GROUP,), by="arn"),
            Ref("targetId", (t.FUNCTION,), by="arn"),
        ),
        create_rules=(_may_be_called, _is_alone),
    ),
    Kind(
        t.LISTENER,
        _part("listener", "loadBalancerArn"),
        refs=(
            Ref("loadBalancerArn", (t.LOAD_BALANCER,), by="arn"),
            Ref("certificateArn", (t.CERTIFICATE,), by="arn"),
            *(Ref(f"defaultActions[].{r.path}", r.tokens, by=r.by) for r in TARGETS),
        ),
        unique=(("port", "loadBalancerArn"),),
        create_rules=(_https_is_whole,),
    ),
    Kind(
        t.LISTENER_RULE,
        _part("listener-rule", "listenerArn"),
        refs=(
            Ref("listenerArn", (t.LISTENER,), by="arn"),
            *(Ref(f"actions[].{r.path}", r.tokens, by=r.by) for r in TARGETS),
        ),
        unique=(("priority", "listenerArn"),),
        create_rules=(_conditions_fit,),
    ),
    Kind(t.CERTIFICATE, _certificate, create_rules=(_is_pem,)),
    Kind(t.WEB_ACL, _web_acl, unique=(("name", "scope"),), create_rules=(_priorities_differ,)),
    Kind(
        "aws:wafv2/webAclAssociation:WebAclAssociation",
        lambda _, r: {"id": f"{r.inputs['webAclArn']},{r.inputs['resourceArn']}"},
        refs=(
            Ref("webAclArn", (t.WEB_ACL,), by="arn"),
            Ref("resourceArn", (t.LOAD_BALANCER, t.STAGE), by="arn"),
        ),
        unique=(("resourceArn",),),
    ),
    Kind(
        "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
        lambda _, r: {"id": r.inputs["resourceArn"]},
        refs=(
            Ref("resourceArn", (t.WEB_ACL,), by="arn"),
            Ref("logDestinationConfigs[]", (t.LOG_GROUP, t.BUCKET), by="arn"),
        ),
        unique=(("resourceArn",),),
        create_rules=(_waf_group_name,),
    ),
)
