"""What a call of AWS's APIs asks of IAM, and what a set of policies says to it.

``refused(calls, policies("up"))`` takes calls as botocore knows them (service, operation, parameters) and gives what would not be
allowed. Ids of AWS's tell the type of a resource, not whose it is: what exists is taken for ours, so that its limits by tag are not
judged here; what is made has to carry its name in the request.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

import botocore.session

from deployer.evaluate import Policy, allows

REGION = "us-east-1"
ACCOUNT = "123456789012"
HERE = {"aws:PrincipalAccount": ACCOUNT, "aws:RequestedRegion": REGION}
PREFIXES = {"elbv2": "elasticloadbalancing"}
# Operations that take a right of another name.
OTHER_NAMES = {
    "lambda:Invoke": ["lambda:InvokeFunction"],
    "s3:DeleteBucketEncryption": ["s3:PutEncryptionConfiguration"],
    "s3:DeleteBucketLifecycle": ["s3:PutLifecycleConfiguration"],
    "s3:DeleteBucketOwnershipControls": ["s3:PutBucketOwnershipControls"],
    "s3:DeleteObjects": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
    "s3:DeletePublicAccessBlock": ["s3:PutBucketPublicAccessBlock"],
    "s3:GetBucketEncryption": ["s3:GetEncryptionConfiguration"],
    "s3:GetBucketLifecycleConfiguration": ["s3:GetLifecycleConfiguration"],
    "s3:GetPublicAccessBlock": ["s3:GetBucketPublicAccessBlock"],
    "s3:HeadBucket": ["s3:ListBucket"],
    "s3:HeadObject": ["s3:GetObject"],
    "s3:ListObjectVersions": ["s3:ListBucketVersions"],
    "s3:PutBucketEncryption": ["s3:PutEncryptionConfiguration"],
    "s3:PutBucketLifecycleConfiguration": ["s3:PutLifecycleConfiguration"],
    "s3:PutPublicAccessBlock": ["s3:PutBucketPublicAccessBlock"],
}
# Of an object alone, beside those that delete one.
OF_OBJECTS = {"s3:GetObject", "s3:GetObjectTagging", "s3:PutObject", "s3:PutObjectTagging"}
# Types of EC2 by the beginning of their ids.
TYPES = {
    "acl": "network-acl",
    "eipalloc": "elastic-ip",
    "eipassoc": "elastic-ip",
    "eni": "network-interface",
    "fl": "vpc-flow-log",
    "igw": "internet-gateway",
    "nat": "natgateway",
    "rtb": "route-table",
    "rtbassoc": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "subnet": "subnet",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}
# Where a name stands, and the ARN that it stands in.
NAMES = {
    ("backup", "BackupVaultName"): "arn:aws:backup:{here}:backup-vault:{name}",
    ("cloudwatch", "AlarmName"): "arn:aws:cloudwatch:{here}:alarm:{name}",
    ("cloudwatch", "AlarmNames"): "arn:aws:cloudwatch:{here}:alarm:{name}",
    ("cloudwatch", "DashboardName"): "arn:aws:cloudwatch::{account}:dashboard/{name}",
    ("cloudwatch", "DashboardNames"): "arn:aws:cloudwatch::{account}:dashboard/{name}",
    ("elasticloadbalancing", "Name"): "arn:aws:elasticloadbalancing:{here}:{type}/{name}/1",
    ("events", "Name"): "arn:aws:events:{here}:rule/{name}",
    ("events", "Rule"): "arn:aws:events:{here}:rule/{name}",
    ("iam", "RoleName"): "arn:aws:iam::{account}:role/{name}",
    ("kms", "AliasName"): "arn:aws:kms:{here}:{name}",
    ("kms", "KeyId"): "arn:aws:kms:{here}:key/{name}",
    ("kms", "TargetKeyId"): "arn:aws:kms:{here}:key/{name}",
    ("lambda", "FunctionName"): "arn:aws:lambda:{here}:function:{name}",
    ("lambda", "LayerName"): "arn:aws:lambda:{here}:layer:{name}",
    ("lambda", "UUID"): "arn:aws:lambda:{here}:event-source-mapping:{name}",
    ("logs", "id"): "arn:aws:logs:{here}:delivery:{name}",
    ("logs", "logGroupName"): "arn:aws:logs:{here}:log-group:{name}:log-stream:",
    ("logs", "name"): "arn:aws:logs:{here}:{type}:{name}",
    ("rds", "DBInstanceIdentifier"): "arn:aws:rds:{here}:db:{name}",
    ("rds", "DBParameterGroupName"): "arn:aws:rds:{here}:pg:{name}",
    ("rds", "DBSubnetGroupName"): "arn:aws:rds:{here}:subgrp:{name}",
    ("s3", "Bucket"): "arn:aws:s3:::{name}",
    ("secretsmanager", "Name"): "arn:aws:secretsmanager:{here}:secret:{name}-AbCdEf",
    ("sns", "Name"): "arn:aws:sns:{here}:{name}",
    ("sqs", "QueueName"): "arn:aws:sqs:{here}:{name}",
    ("wafv2", "Name"): "arn:aws:wafv2:{here}:regional/webacl/{name}/1",
    ("xray", "GroupName"): "arn:aws:xray:{here}:group/{name}/1",
    ("xray", "RuleName"): "arn:aws:xray:{here}:sampling-rule/{name}",
}
# What a name belongs to, where one parameter serves several types.
NAMED_TYPES = {
    "CreateLoadBalancer": "loadbalancer/app",
    "CreateTargetGroup": "targetgroup",
    "DeleteDeliveryDestination": "delivery-destination",
    "DeleteDeliverySource": "delivery-source",
    "GetDeliveryDestination": "delivery-destination",
    "GetDeliverySource": "delivery-source",
    "PutDeliveryDestination": "delivery-destination",
    "PutDeliverySource": "delivery-source",
}
# What gets an id when it is made, so that only the request tells whose it is.
MADE = {
    "acm:RequestCertificate": "*",
    "acm:ImportCertificate": "arn:aws:acm:{here}:certificate/new",
    "kms:CreateKey": "*",
    "logs:CreateDelivery": "arn:aws:logs:{here}:delivery:new",
}
# What a call is judged on that names nothing.
EVERY = {"rds:DescribeDBInstances": f"arn:aws:rds:{REGION}:{ACCOUNT}:db:all"}
# Parameters that name what a call's right is not judged on: rules by their group, layers by a right of their own.
BESIDE = {"Layers", "SecurityGroupRuleIds"}
# Roles that a call hands on: the parameter, and who gets it.
PASSED = {
    ("backup:CreateBackupSelection", "IamRoleArn"): "backup.amazonaws.com",
    ("ec2:CreateFlowLogs", "DeliverLogsPermissionArn"): "vpc-flow-logs.amazonaws.com",
    ("lambda:CreateFunction", "Role"): "lambda.amazonaws.com",
    ("lambda:UpdateFunctionConfiguration", "Role"): "lambda.amazonaws.com",
    ("rds:CreateDBInstance", "MonitoringRoleArn"): "monitoring.rds.amazonaws.com",
    ("rds:ModifyDBInstance", "MonitoringRoleArn"): "monitoring.rds.amazonaws.com",
}


class Call(Protocol):
    """A request to AWS, by botocore's names."""

    @property
    def service(self) -> str:
        """`ec2`."""
        ...

    @property
    def operation(self) -> str:
        """`CreateVpc`."""
        ...

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What the call hands over."""
        ...


@dataclass(frozen=True)
class Asked:
    """One right that a call takes."""

    action: str
    resource: str
    context: Mapping[str, str] = field(hash=False, compare=False)


def refused(
    calls: Iterable[Call], policies: list[Policy], tail: str = "-staging-main"
) -> set[Asked]:
    """Give what the policies do not allow of these calls."""
    return {
        asked
        for call in calls
        for asked in asks(call, tail)
        if not allows(policies, asked.action, asked.resource, asked.context)
    }


def asks(call: Call, tail: str = "-staging-main") -> Iterator[Asked]:
    """Give what a call asks of IAM; what exists is taken for ours."""
    service = PREFIXES.get(call.service, call.service)
    operation = f"{service}:{call.operation}"
    parameters = call.parameters
    new = {**HERE, **{f"aws:RequestTag/{key}": value for key, value in _tags(parameters)}}
    ours = {**new, "aws:ResourceTag/Name": f"any{tail}"}
    yield from _passed(operation, parameters)
    if service == "apigateway":
        method, path = _route(call)
        made = method == "POST" and path.count("/") == 1
        arn = f"arn:aws:apigateway:{REGION}::{path}"
        yield Asked(f"apigateway:{method}", arn, new if made else ours)
        return
    for layer in parameters.get("Layers", ()):
        yield Asked("lambda:GetLayerVersion", layer, ours)
    resources = list(_resources(service, call))
    made = list(_made(operation, parameters))
    for action in OTHER_NAMES.get(operation, [operation]):
        of_objects = action.startswith("s3:DeleteObject") or action in OF_OBJECTS
        for resource in resources or ([] if made else [EVERY.get(operation, "*")]):
            yield Asked(action, f"{resource}/key" if of_objects else resource, ours)
        for resource in made:
            yield Asked(action, resource, new)
    if service == "ec2":
        making = {**new, "ec2:CreateAction": call.operation}
        yield from (Asked("ec2:CreateTags", resource, making) for resource in made)


def _passed(operation: str, parameters: Mapping[str, Any]) -> Iterator[Asked]:
    for (of, parameter), receiver in PASSED.items():
        if of == operation and (role := parameters.get(parameter)):
            yield Asked("iam:PassRole", role, {**HERE, "iam:PassedToService": receiver})
    if operation == "apigateway:UpdateAccount":
        context = {**HERE, "iam:PassedToService": "apigateway.amazonaws.com"}
        for patch in parameters["patchOperations"]:
            if str(patch.get("value", "")).startswith("arn:aws:iam:"):
                yield Asked("iam:PassRole", patch["value"], context)


def _made(operation: str, parameters: Mapping[str, Any]) -> Iterator[str]:
    """Give what gets an id when it is made, so that only the request tells whose it is."""
    here = f"{REGION}:{ACCOUNT}"
    if operation in MADE and "CertificateArn" not in parameters:
        yield MADE[operation].format(here=here)
    for specification in parameters.get("TagSpecifications", ()):
        yield f"arn:aws:ec2:{here}:{specification['ResourceType']}/new"


def _resources(service: str, call: Call) -> Iterator[str]:
    """Give the ARNs of what a call names. What describes several is judged on all."""
    if call.operation.startswith("Describe") and service in {"ec2", "elasticloadbalancing", "logs"}:
        return
    rules = [each["RuleArn"] for each in call.parameters.get("RulePriorities", ())]
    logging = call.parameters.get("LoggingConfiguration", {})
    parameters = {**call.parameters, **logging, "RuleArns": rules}
    # A mapping is judged by itself, whichever function it leads to.
    beside = BESIDE | ({"FunctionName"} if "UUID" in parameters else set())
    for key, value in parameters.items():
        values = value if isinstance(value, (list, tuple)) else [value]
        for one in values if key not in beside else ():
            if isinstance(one, str) and (arn := _arn(service, call, key, one)):
                version = parameters.get("VersionNumber")
                yield arn if version is None else f"{arn}:{version}"


def _arn(service: str, call: Call, key: str, value: str) -> str | None:
    """Give the ARN that a parameter means, if it means a resource of the call."""
    here = f"{REGION}:{ACCOUNT}"
    id_ = re.fullmatch(r"([a-z]+)-[0-9a-f]+", value)
    if value.startswith(f"arn:aws:{service}:") or (service == "wafv2" and key == "ResourceArn"):
        return value
    if service == "sqs" and key == "QueueUrl":
        return f"arn:aws:sqs:{here}:{value.rpartition('/')[2]}"
    if form := NAMES.get((service, key)):
        kind = NAMED_TYPES.get(call.operation, "")
        return form.format(here=here, account=ACCOUNT, name=value, type=kind)
    if service == "ec2" and id_ and id_[1] in TYPES:
        return f"arn:aws:ec2:{here}:{TYPES[id_[1]]}/{value}"
    return None


def _tags(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the tags of a request, in whichever form its service has them."""
    for key in ("Tags", "tags", "TagSpecifications", "TagSet", "Tagging"):
        value = parameters.get(key)
        if isinstance(value, Mapping) and key in {"Tags", "tags"}:
            yield from value.items()
        elif isinstance(value, Mapping):
            yield from _tags(value)
        for item in value if isinstance(value, (list, tuple)) else ():
            if key == "TagSpecifications":
                yield from _tags(item)
            else:
                yield (
                    item.get("Key") or item["TagKey"],
                    item.get("Value") or item.get("TagValue", ""),
                )


@cache
def _api() -> Any:
    return botocore.session.get_session().get_service_model("apigateway")


def _route(call: Call) -> tuple[str, str]:
    """Give method and path of a call to API Gateway, which its rights are about."""
    model = _api().operation_model(call.operation)
    path: str = model.http["requestUri"].partition("?")[0]
    for name, shape in model.input_shape.members.items():
        place = shape.serialization.get("name", name)
        value = str(call.parameters.get(name, ""))
        path = re.sub(rf"\{{{re.escape(place)}\+?\}}", value, path)
    return model.http["method"], path
