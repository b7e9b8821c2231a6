"""Everything that stands in the account, as AWS's own lists say; nothing of names, tags or the program.

A census is taken before and after: what came, what went, and what is no longer as it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from cloud.aws import code_of

if TYPE_CHECKING:
    from cloud.aws import Aws

# By kind, by id: what AWS says of it.
Census = Mapping[str, Mapping[str, Any]]
Rows = Iterable[tuple[str, Any]]
Take = Callable[["Aws"], Rows]

# What changes by itself, or with every request.
RESTLESS = {
    "ResponseMetadata",
    "LastModified",
    "LatestRestorableTime",
    "LastUpdated",
    "lastUpdatedDate",
    "StateUpdatedTimestamp",
    "AlarmConfigurationUpdatedTimestamp",
    "StateReason",
    "RevisionId",
    "storedBytes",
}


@dataclass(frozen=True)
class Change:
    """What became of one kind."""

    came: frozenset[str]
    went: frozenset[str]
    # With the facts that differ, at the top level of what AWS says.
    changed: Mapping[str, frozenset[str]]


def census(aws: Aws) -> Census:
    """Return what stands there."""
    return {kind: {id_: _still(row) for id_, row in take(aws)} for kind, take in LISTS.items()}


def counts(taken: Census) -> dict[str, int]:
    """Return how many there are of each kind."""
    return {kind: len(rows) for kind, rows in taken.items() if rows}


def difference(before: Census, after: Census) -> dict[str, Change]:
    """Return by kind what came, what went, and what changed."""
    found: dict[str, Change] = {}
    for kind, rows in after.items():
        old = before[kind]
        change = Change(
            came=frozenset(rows.keys() - old.keys()),
            went=frozenset(old.keys() - rows.keys()),
            changed={
                id_: _differing(old[id_], rows[id_])
                for id_ in rows.keys() & old.keys()
                if rows[id_] != old[id_]
            },
        )
        if change.came or change.went or change.changed:
            found[kind] = change
    return found


def _differing(old: Any, new: Any) -> frozenset[str]:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return frozenset({""})
    return frozenset(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def _still(value: Any) -> Any:
    """Leave out what changes by itself."""
    if isinstance(value, dict):
        return {key: _still(item) for key, item in value.items() if key not in RESTLESS}
    if isinstance(value, list):
        return [_still(item) for item in value]
    return value


def _listed(service: str, operation: str, rows: str, id_: str, **arguments: Any) -> Take:
    """Return a list that one operation gives, page by page."""

    def take(aws: Aws) -> Rows:
        client = aws.client(service)
        if client.can_paginate(operation):
            pages = client.get_paginator(operation).paginate(**arguments)
        else:
            pages = [getattr(client, operation)(**arguments)]
        for page in pages:
            for row in page.get(rows, []):
                yield (row[id_], row) if id_ else (row, {})

    return take


def _key_rows(aws: Aws, *, pending: bool) -> Rows:
    kms = aws.client("kms")
    for page in kms.get_paginator("list_keys").paginate():
        for key in page["Keys"]:
            found = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
            if (
                found["KeyManager"] != "CUSTOMER"
                or (found["KeyState"] == "PendingDeletion") != pending
            ):
                continue
            policy = kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]
            rotation = {} if pending else kms.get_key_rotation_status(KeyId=key["KeyId"])
            yield key["KeyId"], {**found, "policy": json.loads(policy), "rotation": rotation}


def _keys(aws: Aws) -> Rows:
    return _key_rows(aws, pending=False)


def _pending_keys(aws: Aws) -> Rows:
    return _key_rows(aws, pending=True)


def _aliases(aws: Aws) -> Rows:
    for page in aws.client("kms").get_paginator("list_aliases").paginate():
        for alias in page["Aliases"]:
            if not alias["AliasName"].startswith("alias/aws/"):
                yield alias["AliasName"], alias


def _apis(aws: Aws) -> list[str]:
    return [api["id"] for api in aws.client("apigateway").get_rest_apis(limit=500)["items"]]


def _of_each_api(operation: str, id_: str) -> Take:
    def take(aws: Aws) -> Rows:
        for api in _apis(aws):
            answer = getattr(aws.client("apigateway"), operation)(restApiId=api)
            for row in answer.get("items", answer.get("item", [])):
                yield f"{api}/{row[id_]}", row

    return take


def _methods(aws: Aws) -> Rows:
    client = aws.client("apigateway")
    for api in _apis(aws):
        for resource in client.get_resources(restApiId=api, limit=500)["items"]:
            for method in resource.get("resourceMethods", {}):
                found = client.get_method(
                    restApiId=api, resourceId=resource["id"], httpMethod=method
                )
                yield f"{api} {resource['path']} {method}", found


def _listeners(aws: Aws) -> Rows:
    client = aws.client("elbv2")
    for balancer in client.describe_load_balancers()["LoadBalancers"]:
        arn = balancer["LoadBalancerArn"]
        for listener in client.describe_listeners(LoadBalancerArn=arn)["Listeners"]:
            yield listener["ListenerArn"], listener
            for rule in client.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]:
                yield rule["RuleArn"], rule


def _role_policies(aws: Aws) -> Rows:
    iam = aws.client("iam")
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            for name in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]:
                found = iam.get_role_policy(RoleName=role["RoleName"], PolicyName=name)
                yield f"{role['RoleName']}/{name}", found["PolicyDocument"]


def _permissions(aws: Aws) -> Rows:
    client = aws.client("lambda")
    for page in client.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            name = function["FunctionName"]
            try:
                policy = client.get_policy(FunctionName=name)["Policy"]
            except client.exceptions.ResourceNotFoundException:
                continue
            for statement in json.loads(policy)["Statement"]:
                yield f"{name}/{statement['Sid']}", statement


def _buckets(aws: Aws) -> Rows:
    s3 = aws.client("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        name = bucket["Name"]
        yield name, {each: _setting(s3, each, name) for each in BUCKET_SETTINGS}


def _setting(s3: Any, operation: str, bucket: str) -> Any:
    try:
        return getattr(s3, operation)(Bucket=bucket)
    except ClientError as error:
        return code_of(error)


def _network_acls(aws: Aws) -> Rows:
    """Without those of networks that are gone: moto keeps what came with one, AWS does not."""
    ec2 = aws.client("ec2")
    networks = {vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]}
    for acl in ec2.describe_network_acls()["NetworkAcls"]:
        if acl["VpcId"] in networks:
            yield acl["NetworkAclId"], acl


def _web_acls(aws: Aws) -> Rows:
    client = aws.client("wafv2")
    for acl in client.list_web_acls(Scope="REGIONAL")["WebACLs"]:
        found = client.get_web_acl(Name=acl["Name"], Scope="REGIONAL", Id=acl["Id"])["WebACL"]
        yield acl["ARN"], found


BUCKET_SETTINGS = (
    "get_bucket_encryption",
    "get_bucket_lifecycle_configuration",
    "get_bucket_logging",
    "get_bucket_ownership_controls",
    "get_bucket_policy",
    "get_bucket_tagging",
    "get_bucket_versioning",
    "get_public_access_block",
)

LISTS: Mapping[str, Take] = {
    "ACM certificates": _listed(
        "acm", "list_certificates", "CertificateSummaryList", "CertificateArn"
    ),
    "API keys": _listed("apigateway", "get_api_keys", "items", "id"),
    "API methods": _methods,
    "API deployments": _of_each_api("get_deployments", "id"),
    "API resources": _of_each_api("get_resources", "path"),
    "API stages": _of_each_api("get_stages", "stageName"),
    "APIs": _listed("apigateway", "get_rest_apis", "items", "id"),
    "CloudWatch alarms": _listed("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    "CloudWatch dashboards": _listed(
        "cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"
    ),
    "DB instances": _listed("rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier"),
    "DB parameter groups": _listed(
        "rds", "describe_db_parameter_groups", "DBParameterGroups", "DBParameterGroupName"
    ),
    "DB snapshots": _listed("rds", "describe_db_snapshots", "DBSnapshots", "DBSnapshotIdentifier"),
    "DB subnet groups": _listed(
        "rds", "describe_db_subnet_groups", "DBSubnetGroups", "DBSubnetGroupName"
    ),
    "EventBridge rules": _listed("events", "list_rules", "Rules", "Name"),
    "Elastic IPs": _listed("ec2", "describe_addresses", "Addresses", "AllocationId"),
    "IAM role policies": _role_policies,
    "IAM roles": _listed("iam", "list_roles", "Roles", "RoleName"),
    "KMS aliases": _aliases,
    "KMS keys": _keys,
    "KMS keys pending deletion": _pending_keys,
    "Lambda functions": _listed("lambda", "list_functions", "Functions", "FunctionName"),
    "Lambda layers": _listed("lambda", "list_layers", "Layers", "LayerName"),
    "Lambda permissions": _permissions,
    "NAT gateways": _listed(
        "ec2",
        "describe_nat_gateways",
        "NatGateways",
        "NatGatewayId",
        Filters=[{"Name": "state", "Values": ["pending", "available"]}],
    ),
    "S3 buckets": _buckets,
    "SNS subscriptions": _listed("sns", "list_subscriptions", "Subscriptions", "SubscriptionArn"),
    "SNS topics": _listed("sns", "list_topics", "Topics", "TopicArn"),
    "SQS queues": _listed("sqs", "list_queues", "QueueUrls", ""),
    "VPC endpoints": _listed(
        "ec2",
        "describe_vpc_endpoints",
        "VpcEndpoints",
        "VpcEndpointId",
        Filters=[{"Name": "vpc-endpoint-state", "Values": ["pending", "available"]}],
    ),
    "VPCs": _listed("ec2", "describe_vpcs", "Vpcs", "VpcId"),
    "flow logs": _listed("ec2", "describe_flow_logs", "FlowLogs", "FlowLogId"),
    "internet gateways": _listed(
        "ec2", "describe_internet_gateways", "InternetGateways", "InternetGatewayId"
    ),
    "listeners and rules": _listeners,
    "load balancers": _listed(
        "elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerArn"
    ),
    "log deliveries": _listed("logs", "describe_deliveries", "deliveries", "id"),
    "log delivery destinations": _listed(
        "logs", "describe_delivery_destinations", "deliveryDestinations", "name"
    ),
    "log delivery sources": _listed("logs", "describe_delivery_sources", "deliverySources", "name"),
    "log groups": _listed("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "network ACLs": _network_acls,
    "network interfaces": _listed(
        "ec2", "describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"
    ),
    "route tables": _listed("ec2", "describe_route_tables", "RouteTables", "RouteTableId"),
    "secrets": _listed("secretsmanager", "list_secrets", "SecretList", "Name"),
    "security groups": _listed("ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
    "security group rules": _listed(
        "ec2", "describe_security_group_rules", "SecurityGroupRules", "SecurityGroupRuleId"
    ),
    "subnets": _listed("ec2", "describe_subnets", "Subnets", "SubnetId"),
    "target groups": _listed("elbv2", "describe_target_groups", "TargetGroups", "TargetGroupArn"),
    "usage plans": _listed("apigateway", "get_usage_plans", "items", "id"),
    "web ACLs": _web_acls,
}
