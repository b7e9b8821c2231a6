"""Lambda functions, layers, permissions and invocations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cloud import tokens as t
from cloud.record import Record, Refused
from cloud.rules.security import must_have_right

if TYPE_CHECKING:
    from cloud.store import Cloud

# Lambda quotas: resource-based policy.
POLICY_BYTES = 20_480
INTERFACE_ACTIONS = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DeleteNetworkInterface",
)


def role_is_enough(cloud: Cloud, record: Record) -> None:
    """AWS tries these rights of the role when a function is made."""
    role = next(other for ref, other in record.refers if ref.path == "role")
    needed: list[tuple[str, str]] = []
    if "vpcConfig" in record.inputs:
        needed += [(action, "*") for action in INTERFACE_ACTIONS]
    if "deadLetterConfig" in record.inputs:
        needed.append(("sqs:SendMessage", record.inputs["deadLetterConfig"]["targetArn"]))
    for action, resource in needed:
        must_have_right(cloud, record, role, action, resource)


def log_group_exists(cloud: Cloud, record: Record) -> None:
    """Lambda makes a missing log group itself."""
    name = record.inputs.get("loggingConfig", {}).get(
        "logGroup", f"/aws/lambda/{record.inputs['name']}"
    )
    if cloud.needed(record, t.LOG_GROUP, name=name) is None:
        message = f"{record.name}: Lambda would make the log group {name} itself, kept for ever"
        raise Refused(message)


def source_is_named(_: Cloud, record: Record) -> None:
    """A service calls for whoever told it to, unless the permission names the source."""
    if not record.inputs["principal"].endswith(".amazonaws.com"):
        return
    if not record.inputs.get("sourceArn", "").startswith("arn:aws:"):
        message = (
            f"{record.name}: lets any account's {record.inputs['principal']} call the function"
        )
        raise Refused(message)


def way_is_complete(cloud: Cloud, record: Record) -> None:
    """A function that migrates fails when it cannot reach the database and, through a NAT gateway, the secret."""
    function = next(other for ref, other in record.refers if ref.path == "functionName")
    for subnet in function.inputs.get("vpcConfig", {}).get("subnetIds", ()):
        if cloud.needed(record, t.ROUTE_TABLE_ASSOCIATION, subnetId=subnet) is None:
            message = f"{record.name}: the subnet {subnet} has no way to AWS"
            raise Refused(message)
        acls = [acl for acl in cloud.records if subnet in (acl.inputs.get("subnetIds") or ())]
        record.needs += [acl for acl in acls if acl.token == t.NETWORK_ACL]
    for group in function.inputs.get("vpcConfig", {}).get("securityGroupIds", ()):
        for port in (443, 5432):
            if cloud.needed(record, t.GROUP_OUT, securityGroupId=group, fromPort=port) is None:
                message = f"{record.name}: the group {group} has no way out to {port}"
                raise Refused(message)
        if not cloud.needed(record, t.GROUP_IN, referencedSecurityGroupId=group, fromPort=5432):
            message = f"{record.name}: nobody lets the group {group} in to 5432"
            raise Refused(message)


def policy_has_room(cloud: Cloud, record: Record) -> None:
    """All permissions of a function are one document, which has a limit."""
    name = record.inputs["function"].rpartition(":")[2]
    others = [
        other
        for other in cloud.all(t.PERMISSION)
        if other.seed != record.seed and other.inputs["function"].rpartition(":")[2] == name
    ]
    function = next(other for _, other in record.refers if other.token == t.FUNCTION)
    statements = [_statement(each, function.get("arn")) for each in (*others, record)]
    document = {"Version": "2012-10-17", "Id": "default", "Statement": statements}
    size = len(json.dumps(document, separators=(",", ":")))
    if size > POLICY_BYTES:
        message = (
            f"PolicyLengthExceededException: {record.name}: the policy would have {size} bytes"
        )
        raise Refused(message)


def _statement(permission: Record, function: str) -> dict[str, Any]:
    """A permission as Lambda writes it into the function's policy."""
    said = permission.inputs
    service = said["principal"].endswith(".amazonaws.com")
    made: dict[str, Any] = {
        "Sid": said["statementId"],
        "Effect": "Allow",
        "Principal": {"Service" if service else "AWS": said["principal"]},
        "Action": said["action"],
        "Resource": function,
    }
    conditions: dict[str, Any] = {}
    if said.get("sourceAccount"):
        conditions["StringEquals"] = {"AWS:SourceAccount": said["sourceAccount"]}
    if said.get("sourceArn"):
        conditions["ArnLike"] = {"AWS:SourceArn": said["sourceArn"]}
    return {**made, **({"Condition": conditions} if conditions else {})}
