"""TAG-1, NAME-1, NAME-2: tags and names, read back through the tagging API."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef

    from tests.integration.cloud import Cloud
    from tests.integration.outputs import Outputs

# kind[-role]-environment-suffix; buckets carry the account's id, a stated exception.
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@pytest.fixture(name="tagged", scope="module")
def _tagged(cloud: Cloud, outputs: Outputs) -> dict[str, dict[str, str]]:
    """Tags by ARN of everything whose Name says that it is of this environment."""
    pages = cloud.tagging.get_paginator("get_resources").paginate(
        TagFilters=[{"Key": "Environment", "Values": [outputs.environment]}]
    )
    found = {
        resource["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in resource["Tags"]}
        for page in pages
        for resource in page["ResourceTagMappingList"]
    }
    return {arn: tags for arn, tags in found.items() if tags.get("Name", "").endswith(outputs.tail)}


def _known_arns(cloud: Cloud, outputs: Outputs) -> dict[str, str]:
    """ARNs of the resources that the stack's outputs lead to."""
    account = f"{outputs.region}:{outputs.account_id}"
    (database,) = cloud.rds.describe_db_instances(DBInstanceIdentifier=outputs.database_identifier)[
        "DBInstances"
    ]
    known = {
        "VPC": f"arn:aws:ec2:{account}:vpc/{outputs.vpc_id}",
        "database": database["DBInstanceArn"],
        "audit bucket": f"arn:aws:s3:::{outputs.audit_bucket}",
        "log bucket": f"arn:aws:s3:::{outputs.log_bucket}",
        "API": f"arn:aws:apigateway:{outputs.region}::/restapis/{outputs.api_id}",
        "stage": (
            f"arn:aws:apigateway:{outputs.region}::"
            f"/restapis/{outputs.api_id}/stages/{outputs.api_stage}"
        ),
        "load balancer": outputs.load_balancer_arn,
        "topic": outputs.topic_arn,
    }
    if outputs.web_acl_arn:
        known["firewall"] = outputs.web_acl_arn
    for key, name in outputs.function_names.items():
        known[f"function {key}"] = f"arn:aws:lambda:{account}:function:{name}"
    inside: list[FilterTypeDef] = [{"Name": "vpc-id", "Values": [outputs.vpc_id]}]
    for subnet in cloud.ec2.describe_subnets(Filters=inside)["Subnets"]:
        known[subnet["SubnetId"]] = subnet["SubnetArn"]
    for group in cloud.ec2.describe_security_groups(Filters=inside)["SecurityGroups"]:
        known[group["GroupId"]] = f"arn:aws:ec2:{account}:security-group/{group['GroupId']}"
    for table in cloud.ec2.describe_route_tables(Filters=inside)["RouteTables"]:
        # The VPC's main table comes with it, unused; no resource of the program stands for it.
        if not any(association.get("Main") for association in table["Associations"]):
            number = table["RouteTableId"]
            known[number] = f"arn:aws:ec2:{account}:route-table/{number}"
    for acl in cloud.ec2.describe_network_acls(Filters=inside)["NetworkAcls"]:
        number = acl["NetworkAclId"]
        known[number] = f"arn:aws:ec2:{account}:network-acl/{number}"
    return known


def test_known_resources_are_tagged(
    cloud: Cloud, outputs: Outputs, tagged: dict[str, dict[str, str]]
) -> None:
    """TAG-1, NAME-1: what the outputs lead to is found again by its tags."""
    known = _known_arns(cloud, outputs)
    assert {what: arn for what, arn in known.items() if arn not in tagged} == {}


def test_everything_carries_both_tags(outputs: Outputs, tagged: dict[str, dict[str, str]]) -> None:
    """TAG-1: the environment and a date of migration, the same one everywhere."""
    assert {tags["Environment"] for tags in tagged.values()} == {outputs.environment}
    without = [arn for arn, tags in tagged.items() if "MigrationDate" not in tags]
    assert without == []
    (migrated,) = {tags["MigrationDate"] for tags in tagged.values()}
    date.fromisoformat(migrated)


def test_names_follow_the_pattern(outputs: Outputs, tagged: dict[str, dict[str, str]]) -> None:
    """NAME-1, NAME-2: type, perhaps a role, environment, suffix."""
    for arn, tags in tagged.items():
        assert NAME.fullmatch(tags["Name"]), arn
        assert tags["Name"].endswith(outputs.tail), arn


def test_physical_names_carry_the_suffix(outputs: Outputs) -> None:
    """NAME-1: so that another suffix can stand beside this one."""
    for name in (
        outputs.database_identifier,
        outputs.dashboard_name,
        outputs.topic_arn,
        *outputs.function_names.values(),
    ):
        assert name.endswith(outputs.tail), name
    for bucket in (outputs.audit_bucket, outputs.log_bucket):
        assert bucket.endswith(f"{outputs.tail}-{outputs.account_id}"), bucket


def test_everything_is_in_the_region(outputs: Outputs, tagged: dict[str, dict[str, str]]) -> None:
    """REG-1: nothing regional lies elsewhere."""
    for arn in tagged:
        assert arn.split(":")[3] in {outputs.region, ""}, arn
