"""Lambda functions, layers, permissions and invocations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.cloud import tokens as t
from engine.cloud.kind import Kind, Record, Ref, Refused
from engine.cloud.network import GROUPS
from engine.cloud.security import must_have_right, must_trust

if TYPE_CHECKING:
    from engine.cloud.store import Cloud

INTERFACE_ACTIONS = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DeleteNetworkInterface",
)


def _function(cloud: Cloud, record: Record) -> dict[str, Any]:
    name = record.inputs["name"]
    arn = f"arn:aws:lambda:{record.region}:{cloud.account}:function:{name}"
    invoke = (
        f"arn:aws:apigateway:{record.region}:lambda:path/2015-03-31/functions/{arn}/invocations"
    )
    return {
        "id": name,
        "arn": arn,
        "invokeArn": invoke,
        "qualifiedArn": f"{arn}:$LATEST",
        "qualifiedInvokeArn": invoke,
        "version": "$LATEST",
        "lastModified": "2026-12-01T00:00:00.000+0000",
    }


def _role_is_enough(cloud: Cloud, record: Record) -> None:
    """AWS tries these rights of the role when a function is made."""
    role = next(other for ref, other in record.refers if ref.path == "role")
    needed: list[tuple[str, str]] = []
    if "vpcConfig" in record.inputs:
        needed += [(action, "*") for action in INTERFACE_ACTIONS]
    if "deadLetterConfig" in record.inputs:
        needed.append(("sqs:SendMessage", record.inputs["deadLetterConfig"]["targetArn"]))
    for action, resource in needed:
        must_have_right(cloud, record, role, action, resource)


def _log_group_exists(cloud: Cloud, record: Record) -> None:
    name = record.inputs.get("loggingConfig", {}).get(
        "logGroup", f"/aws/lambda/{record.inputs['name']}"
    )
    if cloud.needed(record, t.LOG_GROUP, name=name) is None:
        message = f"{record.name}: Lambda would make the log group {name} itself, kept for ever"
        raise Refused(message)


def _layer(cloud: Cloud, record: Record) -> dict[str, Any]:
    layer = f"arn:aws:lambda:{record.region}:{cloud.account}:layer:{record.inputs['layerName']}"
    version = str(1 + len([r for r in cloud.deleted if r.get("layerArn") == layer]))
    return {
        "id": f"{layer}:{version}",
        "arn": f"{layer}:{version}",
        "layerArn": layer,
        "version": version,
    }


def _source_is_named(_: Cloud, record: Record) -> None:
    if not record.inputs["principal"].endswith(".amazonaws.com"):
        return
    if not record.inputs.get("sourceArn", "").startswith("arn:aws:"):
        message = (
            f"{record.name}: lets any account's {record.inputs['principal']} call the function"
        )
        raise Refused(message)


def _way_is_complete(cloud: Cloud, record: Record) -> None:
    """A function that migrates fails when it cannot reach the database and, through a NAT gateway, the secret."""
    function = next(other for ref, other in record.refers if ref.path == "functionName")
    for subnet in function.inputs.get("vpcConfig", {}).get("subnetIds", ()):
        if cloud.needed(record, ASSOCIATION, subnetId=subnet) is None:
            message = f"{record.name}: the subnet {subnet} has no way to AWS"
            raise Refused(message)
        acls = [acl for acl in cloud.records if subnet in (acl.inputs.get("subnetIds") or ())]
        record.needs += [acl for acl in acls if acl.token == NETWORK_ACL]
    for group in function.inputs.get("vpcConfig", {}).get("securityGroupIds", ()):
        for port in (443, 5432):
            if cloud.needed(record, t.GROUP_OUT, securityGroupId=group, fromPort=port) is None:
                message = f"{record.name}: the group {group} has no way out to {port}"
                raise Refused(message)
        if not cloud.needed(record, t.GROUP_IN, referencedSecurityGroupId=group, fromPort=5432):
            message = f"{record.name}: nobody lets the group {group} in to 5432"
            raise Refused(message)


# A function is named by its name or by its ARN; both must be of one that exists.
FUNCTION_BY_NAME = Ref("functionName", (t.FUNCTION,), by="name|arn")

ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
NETWORK_ACL = "aws:ec2/networkAcl:NetworkAcl"
EVENT_RULE = "aws:cloudwatch/eventRule:EventRule"

KINDS = (
    Kind(
        t.FUNCTION,
        _function,
        refs=(
            Ref("role", (t.ROLE,), by="arn"),
            Ref("kmsKeyArn", (t.KEY,), by="arn"),
            Ref("layers[]", (t.LAYER,), by="arn"),
            Ref("loggingConfig.logGroup", (t.LOG_GROUP,), by="name"),
            Ref("deadLetterConfig.targetArn", (t.QUEUE, t.TOPIC), by="arn"),
            Ref("vpcConfig.subnetIds[]", (t.SUBNET,)),
            Ref("vpcConfig.securityGroupIds[]", GROUPS),
            # The group that comes with every network: `Vpc` has its id among its outputs.
            Ref("replacementSecurityGroupIds[]", (t.VPC,), by="defaultSecurityGroupId"),
        ),
        unique=(("name",),),
        one_vpc=True,
        create_rules=(
            must_trust("role", "lambda.amazonaws.com"),
            _role_is_enough,
            _log_group_exists,
        ),
    ),
    Kind(t.LAYER, _layer),
    Kind(
        t.PERMISSION,
        lambda _, r: {"id": r.inputs.get("statementId", f"permission-{r.hex(8)}")},
        refs=(Ref("function", (t.FUNCTION,), by="name|arn"),),
        unique=(("statementId", "function"),),
        create_rules=(_source_is_named,),
    ),
    Kind(
        "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
        lambda _, r: {"id": r.inputs["functionName"]},
        refs=(FUNCTION_BY_NAME,),
        unique=(("functionName", "qualifier"),),
    ),
    Kind(
        "aws:lambda/invocation:Invocation",
        lambda _, r: {"id": f"{r.inputs['functionName']}_$LATEST_{r.hex(32)}", "result": "{}"},
        refs=(FUNCTION_BY_NAME,),
        create_rules=(_way_is_complete,),
    ),
    Kind(
        EVENT_RULE,
        lambda c, r: {
            "id": r.inputs["name"],
            "arn": f"arn:aws:events:{r.region}:{c.account}:rule/{r.inputs['name']}",
        },
        unique=(("name",),),
    ),
    Kind(
        "aws:cloudwatch/eventTarget:EventTarget",
        lambda _, r: {"id": f"{r.inputs['rule']}-{r.hex(16)}", "targetId": r.hex(16)},
        refs=(
            # A rule that still has targets cannot be deleted.
            Ref("rule", (EVENT_RULE,), by="name"),
            Ref("arn", (t.FUNCTION,), by="arn"),
        ),
    ),
)
