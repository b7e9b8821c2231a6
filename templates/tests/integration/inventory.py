"""ARNs of the stack's resources, found from its outputs and not by their tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef

    from tests.integration.cloud import Cloud
    from tests.integration.outputs import Outputs

KINDS = (
    "API",
    "API key",
    "VPC",
    "address",
    "alarm",
    "audit bucket",
    "database",
    "endpoint",
    "firewall",
    "flow log",
    "function",
    "internet gateway",
    "key",
    "listener",
    "load balancer",
    "log bucket",
    "log group",
    "nat gateway",
    "network ACL",
    "queue",
    "route table",
    "schedule",
    "security group",
    "security group rule",
    "stage",
    "subnet",
    "target group",
    "topic",
    "usage plan",
)


def known_arns(cloud: Cloud, outputs: Outputs) -> dict[str, list[str]]:
    """Return the ARNs by kind."""
    return {
        **_named(cloud, outputs),
        **_of_functions(cloud, outputs),
        **_of_network(cloud, outputs),
        **_of_entry_points(cloud, outputs),
        **_of_monitoring(cloud, outputs),
    }


def _named(cloud: Cloud, outputs: Outputs) -> dict[str, list[str]]:
    (database,) = cloud.rds.describe_db_instances(DBInstanceIdentifier=outputs.database_identifier)[
        "DBInstances"
    ]
    aliases = cloud.kms.get_paginator("list_aliases").paginate()
    account = f"{outputs.region}:{outputs.account_id}"
    return {
        "database": [database["DBInstanceArn"]],
        "audit bucket": [f"arn:aws:s3:::{outputs.audit_bucket}"],
        "log bucket": [f"arn:aws:s3:::{outputs.log_bucket}"],
        "topic": [outputs.topic_arn],
        "firewall": [outputs.web_acl_arn] if outputs.web_acl_arn else [],
        "key": [
            f"arn:aws:kms:{account}:key/{alias['TargetKeyId']}"
            for page in aliases
            for alias in page["Aliases"]
            if alias["AliasName"].endswith(outputs.tail) and "TargetKeyId" in alias
        ],
    }


def _of_functions(cloud: Cloud, outputs: Outputs) -> dict[str, list[str]]:
    functions = [
        cloud.lambda_.get_function_configuration(FunctionName=name)
        for name in outputs.function_names.values()
    ]
    rules = {
        name
        for function in functions
        for name in cloud.events.list_rule_names_by_target(TargetArn=function["FunctionArn"])[
            "RuleNames"
        ]
    }
    return {
        "function": [function["FunctionArn"] for function in functions],
        "queue": [
            cloud.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
                "QueueArn"
            ]
            for page in cloud.sqs.get_paginator("list_queues").paginate()
            for url in page.get("QueueUrls", [])
            if url.endswith(outputs.tail)
        ],
        "schedule": [cloud.events.describe_rule(Name=name)["Arn"] for name in sorted(rules)],
    }


def _of_network(cloud: Cloud, outputs: Outputs) -> dict[str, list[str]]:
    ec2 = cloud.ec2
    inside: list[FilterTypeDef] = [{"Name": "vpc-id", "Values": [outputs.vpc_id]}]
    attached: list[FilterTypeDef] = [
        {"Name": "attachment.vpc-id", "Values": [outputs.vpc_id]},
    ]
    of_it: list[FilterTypeDef] = [{"Name": "resource-id", "Values": [outputs.vpc_id]}]
    groups = [
        group["GroupId"] for group in ec2.describe_security_groups(Filters=inside)["SecurityGroups"]
    ]
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": groups}])
    gateways = [
        gateway
        for gateway in ec2.describe_nat_gateways(Filters=inside)["NatGateways"]
        if gateway["State"] == "available"
    ]
    ids = {
        "vpc": ("VPC", [outputs.vpc_id]),
        "subnet": (
            "subnet",
            [subnet["SubnetId"] for subnet in ec2.describe_subnets(Filters=inside)["Subnets"]],
        ),
        "security-group": ("security group", groups),
        "security-group-rule": (
            "security group rule",
            [rule["SecurityGroupRuleId"] for rule in rules["SecurityGroupRules"]],
        ),
        "route-table": (
            "route table",
            [
                table["RouteTableId"]
                for table in ec2.describe_route_tables(Filters=inside)["RouteTables"]
                # The VPC's main table comes with it, unused; nothing of the program stands for it.
                if not any(association.get("Main") for association in table["Associations"])
            ],
        ),
        "network-acl": (
            "network ACL",
            [
                acl["NetworkAclId"]
                for acl in ec2.describe_network_acls(Filters=inside)["NetworkAcls"]
            ],
        ),
        "natgateway": ("nat gateway", [gateway["NatGatewayId"] for gateway in gateways]),
        "elastic-ip": (
            "address",
            [
                address["AllocationId"]
                for gateway in gateways
                for address in gateway["NatGatewayAddresses"]
            ],
        ),
        "internet-gateway": (
            "internet gateway",
            [
                gateway["InternetGatewayId"]
                for gateway in ec2.describe_internet_gateways(Filters=attached)["InternetGateways"]
            ],
        ),
        "vpc-endpoint": (
            "endpoint",
            [
                endpoint["VpcEndpointId"]
                for endpoint in ec2.describe_vpc_endpoints(Filters=inside)["VpcEndpoints"]
            ],
        ),
        "vpc-flow-log": (
            "flow log",
            [log["FlowLogId"] for log in ec2.describe_flow_logs(Filters=of_it)["FlowLogs"]],
        ),
    }
    start = f"arn:aws:ec2:{outputs.region}:{outputs.account_id}"
    return {
        kind: [f"{start}:{resource}/{number}" for number in numbers]
        for resource, (kind, numbers) in ids.items()
    }


def _of_entry_points(cloud: Cloud, outputs: Outputs) -> dict[str, list[str]]:
    start = f"arn:aws:apigateway:{outputs.region}::"
    plans = [
        plan["id"]
        for plan in cloud.apigateway.get_usage_plans(limit=500)["items"]
        if any(stage["apiId"] == outputs.api_id for stage in plan.get("apiStages", []))
    ]
    keys = [
        key["id"]
        for plan in plans
        for key in cloud.apigateway.get_usage_plan_keys(usagePlanId=plan)["items"]
    ]
    balancer = outputs.load_balancer_arn
    return {
        "API": [f"{start}/restapis/{outputs.api_id}"],
        "stage": [f"{start}/restapis/{outputs.api_id}/stages/{outputs.api_stage}"],
        "usage plan": [f"{start}/usageplans/{plan}" for plan in plans],
        "API key": [f"{start}/apikeys/{key}" for key in keys],
        "load balancer": [balancer],
        "listener": [
            listener["ListenerArn"]
            for listener in cloud.elbv2.describe_listeners(LoadBalancerArn=balancer)["Listeners"]
        ],
        "target group": [
            group["TargetGroupArn"]
            for group in cloud.elbv2.describe_target_groups(LoadBalancerArn=balancer)[
                "TargetGroups"
            ]
        ],
    }


def _of_monitoring(cloud: Cloud, outputs: Outputs) -> dict[str, list[str]]:
    groups = cloud.logs.get_paginator("describe_log_groups").paginate()
    alarms = cloud.cloudwatch.get_paginator("describe_alarms").paginate()
    return {
        "log group": [
            group["arn"].removesuffix(":*")
            for page in groups
            for group in page["logGroups"]
            if outputs.tail in group["logGroupName"]
        ],
        "alarm": [
            alarm["AlarmArn"]
            for page in alarms
            for alarm in page["MetricAlarms"]
            if alarm["AlarmName"].endswith(outputs.tail)
        ],
    }
