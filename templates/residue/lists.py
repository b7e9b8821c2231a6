"""What AWS lists by itself: a row a kind, with what it means that one is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NAME_TAKEN = "its name is taken"
LEFT = "was not destroyed"
STANDING_ENDPOINTS = ["pendingAcceptance", "pending", "available", "rejected", "failed", "deleting"]


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A kind of resource that one operation lists."""

    kind: str
    service: str
    operation: str
    # Where the answer has the list; in each row the id, and the name (left out: its tag `Name`).
    rows: str
    id: str
    name: str = ""
    why: str = LEFT
    # Another reason for those whose names begin so.
    late: Mapping[str, str] = field(default_factory=dict[str, str])
    blocks: str = ""
    bills: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])


LISTS = (
    Listed(
        kind="KMS alias",
        service="kms",
        operation="list_aliases",
        rows="Aliases",
        id="AliasName",
        name="AliasName",
        blocks=NAME_TAKEN,
    ),
    Listed(
        kind="S3 bucket",
        service="s3",
        operation="list_buckets",
        rows="Buckets",
        id="Name",
        name="Name",
        why="was not empty, or not destroyed",
        blocks=NAME_TAKEN,
        bills="what it holds",
    ),
    Listed(
        kind="backup vault",
        service="backup",
        operation="list_backup_vaults",
        rows="BackupVaultList",
        id="BackupVaultName",
        name="BackupVaultName",
        why="holds backups, or was not destroyed",
        blocks=NAME_TAKEN,
        bills="the backups that it holds",
    ),
    Listed(
        kind="log group",
        service="logs",
        operation="describe_log_groups",
        rows="logGroups",
        id="logGroupName",
        name="logGroupName",
        why="made again by a service that wrote late, or not destroyed",
        late={
            "/aws/rds/": "RDS sent the last lines late and made it again, or it was not destroyed"
        },
        blocks=NAME_TAKEN,
        bills="what it holds, permanently where it has no retention",
    ),
    Listed(
        kind="log delivery source",
        service="logs",
        operation="describe_delivery_sources",
        rows="deliverySources",
        id="arn",
        name="name",
        blocks=NAME_TAKEN,
    ),
    Listed(
        kind="log delivery destination",
        service="logs",
        operation="describe_delivery_destinations",
        rows="deliveryDestinations",
        id="arn",
        name="name",
        blocks=NAME_TAKEN,
    ),
    Listed(
        kind="DB instance",
        service="rds",
        operation="describe_db_instances",
        rows="DBInstances",
        id="DBInstanceArn",
        name="DBInstanceIdentifier",
        why="is being deleted, was restored by hand, or was not destroyed",
        blocks=NAME_TAKEN,
        bills="about 95 USD a month, or as its class says",
    ),
    Listed(
        kind="DB subnet group",
        service="rds",
        operation="describe_db_subnet_groups",
        rows="DBSubnetGroups",
        id="DBSubnetGroupName",
        name="DBSubnetGroupName",
        why="an instance that was restored by hand keeps it, or it was not destroyed",
        blocks=NAME_TAKEN,
    ),
    Listed(
        kind="DB parameter group",
        service="rds",
        operation="describe_db_parameter_groups",
        rows="DBParameterGroups",
        id="DBParameterGroupName",
        name="DBParameterGroupName",
        blocks=NAME_TAKEN,
    ),
    Listed(
        kind="Lambda function",
        service="lambda",
        operation="list_functions",
        rows="Functions",
        id="FunctionArn",
        name="FunctionName",
        blocks=NAME_TAKEN,
    ),
    Listed(
        kind="Lambda layer",
        service="lambda",
        operation="list_layers",
        rows="Layers",
        id="LayerArn",
        name="LayerName",
    ),
    Listed(
        kind="queue",
        service="sqs",
        operation="list_queues",
        rows="QueueUrls",
        id="",
        name="",
        why="AWS lists a deleted queue for a minute, or it was not destroyed",
        blocks=NAME_TAKEN,
    ),
    Listed(
        kind="topic",
        service="sns",
        operation="list_topics",
        rows="Topics",
        id="TopicArn",
        name="TopicArn",
    ),
    Listed(
        kind="alarm",
        service="cloudwatch",
        operation="describe_alarms",
        rows="MetricAlarms",
        id="AlarmArn",
        name="AlarmName",
        bills="0.10 USD a month",
    ),
    Listed(
        kind="dashboard",
        service="cloudwatch",
        operation="list_dashboards",
        rows="DashboardEntries",
        id="DashboardArn",
        name="DashboardName",
        bills="3 USD a month beyond the first three",
    ),
    Listed(
        kind="schedule",
        service="events",
        operation="list_rules",
        rows="Rules",
        id="Arn",
        name="Name",
    ),
    Listed(
        kind="role",
        service="iam",
        operation="list_roles",
        rows="Roles",
        id="Arn",
        name="RoleName",
        blocks=NAME_TAKEN,
    ),
    Listed(
        kind="REST API",
        service="apigateway",
        operation="get_rest_apis",
        rows="items",
        id="id",
        name="name",
    ),
    Listed(
        kind="usage plan",
        service="apigateway",
        operation="get_usage_plans",
        rows="items",
        id="id",
        name="name",
    ),
    Listed(
        kind="API key",
        service="apigateway",
        operation="get_api_keys",
        rows="items",
        id="id",
        name="name",
        why="was not destroyed, and still opens what it is bound to",
    ),
    Listed(
        kind="load balancer",
        service="elbv2",
        operation="describe_load_balancers",
        rows="LoadBalancers",
        id="LoadBalancerArn",
        name="LoadBalancerName",
        blocks=NAME_TAKEN,
        bills="about 16 USD a month, and its addresses",
    ),
    Listed(
        kind="target group",
        service="elbv2",
        operation="describe_target_groups",
        rows="TargetGroups",
        id="TargetGroupArn",
        name="TargetGroupName",
        blocks=NAME_TAKEN,
    ),
    Listed(
        kind="firewall",
        service="wafv2",
        operation="list_web_acls",
        rows="WebACLs",
        id="ARN",
        name="Name",
        blocks=NAME_TAKEN,
        bills="5 USD a month, and 1 a rule",
        arguments={"Scope": "REGIONAL", "Limit": 100},
    ),
    Listed(
        kind="X-Ray group",
        service="xray",
        operation="get_groups",
        rows="Groups",
        id="GroupARN",
        name="GroupName",
        blocks=NAME_TAKEN,
    ),
    Listed(
        kind="Elastic IP address",
        service="ec2",
        operation="describe_addresses",
        rows="Addresses",
        id="AllocationId",
        why="what used it was not destroyed in time",
        blocks="counts against the quota of five",
        bills="3.65 USD a month",
    ),
    Listed(
        kind="VPC",
        service="ec2",
        operation="describe_vpcs",
        rows="Vpcs",
        id="VpcId",
        why="something in it held it back",
        blocks="counts against the quota of five",
    ),
    Listed(
        kind="subnet",
        service="ec2",
        operation="describe_subnets",
        rows="Subnets",
        id="SubnetId",
        why="an interface in it held it back",
    ),
    Listed(
        kind="security group",
        service="ec2",
        operation="describe_security_groups",
        rows="SecurityGroups",
        id="GroupId",
        why="an interface in it, or a rule of another, held it back",
    ),
    Listed(
        kind="route table",
        service="ec2",
        operation="describe_route_tables",
        rows="RouteTables",
        id="RouteTableId",
    ),
    Listed(
        kind="network ACL",
        service="ec2",
        operation="describe_network_acls",
        rows="NetworkAcls",
        id="NetworkAclId",
    ),
    Listed(
        kind="internet gateway",
        service="ec2",
        operation="describe_internet_gateways",
        rows="InternetGateways",
        id="InternetGatewayId",
        why="a public address in its VPC held it back",
        blocks="counts against the quota of five",
    ),
    Listed(
        kind="VPC endpoint",
        service="ec2",
        operation="describe_vpc_endpoints",
        rows="VpcEndpoints",
        id="VpcEndpointId",
        # Deleted ones are listed for a while.
        arguments={"Filters": [{"Name": "vpc-endpoint-state", "Values": STANDING_ENDPOINTS}]},
    ),
    Listed(
        kind="flow log",
        service="ec2",
        operation="describe_flow_logs",
        rows="FlowLogs",
        id="FlowLogId",
        bills="what it writes",
    ),
)
