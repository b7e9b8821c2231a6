"""TAG-1, NAME-1, NAME-2: tags and names, read back through the tagging API."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.integration import spec
from tests.integration.inventory import KINDS, known_arns

if TYPE_CHECKING:
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


@pytest.fixture(name="known", scope="module")
def _known(cloud: Cloud, outputs: Outputs) -> dict[str, list[str]]:
    """ARNs of the resources that the stack's outputs lead to, by kind."""
    return known_arns(cloud, outputs)


@pytest.mark.parametrize("kind", KINDS)
def test_known_resources_are_tagged(
    known: dict[str, list[str]], tagged: dict[str, dict[str, str]], kind: str
) -> None:
    """TAG-1, NAME-1: what the outputs lead to is found again by its tags."""
    assert [arn for arn in known[kind] if arn not in tagged] == []


def test_no_kind_is_forgotten(known: dict[str, list[str]], outputs: Outputs) -> None:
    """TAG-1: there is something of each kind to look at."""
    assert known.keys() == set(KINDS)
    absent = {kind for kind, arns in known.items() if not arns}
    is_there = {
        "firewall": bool(outputs.web_acl_arn),
        "schedule": any(function.is_scheduled for function in spec.FUNCTIONS.values()),
    }
    assert absent == {kind for kind, there in is_there.items() if not there}


def test_the_network_says_so_itself(
    cloud: Cloud, outputs: Outputs, known: dict[str, list[str]]
) -> None:
    """TAG-1: the same tags by EC2's own word, down to the rules of security groups."""
    ids = {
        arn.rpartition("/")[2]: kind
        for kind, arns in known.items()
        for arn in arns
        if arn.startswith("arn:aws:ec2:")
    }
    tags: dict[str, dict[str, str]] = {number: {} for number in ids}
    for page in cloud.ec2.get_paginator("describe_tags").paginate():
        for tag in page["Tags"]:
            tags.get(tag["ResourceId"], {})[tag["Key"]] = tag["Value"]
    for number, found in tags.items():
        assert found.get("Environment") == outputs.environment, (ids[number], number)
        assert found.get("Name", "").endswith(outputs.tail), (ids[number], number)
        assert "MigrationDate" in found, (ids[number], number)


def _reported_by_services(
    cloud: Cloud, outputs: Outputs, known: dict[str, list[str]]
) -> dict[str, dict[str, str]]:
    gateway, api = cloud.apigateway, outputs.api_id
    found = {
        "API": gateway.get_rest_api(restApiId=api)["tags"],
        "stage": gateway.get_stage(restApiId=api, stageName=outputs.api_stage)["tags"],
    }
    for arn in known["API key"]:
        found[arn] = gateway.get_api_key(apiKey=arn.rpartition("/")[2])["tags"]
    for arn in known["usage plan"]:
        found[arn] = gateway.get_usage_plan(usagePlanId=arn.rpartition("/")[2])["tags"]
    balancing = [arn for kind in ("listener", "target group") for arn in known[kind]]
    described = cloud.elbv2.describe_tags(ResourceArns=[*known["load balancer"], *balancing])
    for one in described["TagDescriptions"]:
        found[one["ResourceArn"]] = {tag["Key"]: tag.get("Value", "") for tag in one["Tags"]}
    for arn in known["firewall"]:
        listed = cloud.wafv2.list_tags_for_resource(ResourceARN=arn)["TagInfoForResource"]
        found[arn] = {tag["Key"]: tag["Value"] for tag in listed["TagList"]}
    for arn in known["schedule"]:
        tags = cloud.events.list_tags_for_resource(ResourceARN=arn)["Tags"]
        found[arn] = {tag["Key"]: tag["Value"] for tag in tags}
    return found


def test_entry_points_and_schedules_are_tagged(
    cloud: Cloud, outputs: Outputs, known: dict[str, list[str]]
) -> None:
    """TAG-1: the same tags, as reported by API Gateway, load balancing, WAF and EventBridge."""
    for arn, tags in _reported_by_services(cloud, outputs, known).items():
        assert tags.get("Environment") == outputs.environment, arn
        assert tags.get("Name", "").endswith(outputs.tail), arn
        assert "MigrationDate" in tags, arn


def test_roles_are_tagged(cloud: Cloud, outputs: Outputs) -> None:
    """TAG-1, NAME-1: roles are of no region, so the tagging API does not show them."""
    pages = cloud.iam.get_paginator("list_roles").paginate()
    names = [
        role["RoleName"]
        for page in pages
        for role in page["Roles"]
        if role["RoleName"].endswith(outputs.tail)
    ]
    assert names
    for name in names:
        tags = {tag["Key"]: tag["Value"] for tag in cloud.iam.list_role_tags(RoleName=name)["Tags"]}
        assert tags["Environment"] == outputs.environment, name
        assert tags["Name"] == name
        date.fromisoformat(tags["MigrationDate"])


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
