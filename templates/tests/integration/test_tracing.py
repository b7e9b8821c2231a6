"""XR-1, API-3, LB-1: what traces are taken, and the firewall of both entry points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.cloud import Cloud
    from tests.integration.outputs import Outputs


def test_one_group_shows_this_environment(cloud: Cloud, outputs: Outputs) -> None:
    """XR-1: its filter names the API's stage and every function."""
    group = cloud.xray.get_group(GroupName=outputs.name("xray"))["Group"]
    expression = group["FilterExpression"]
    api = cloud.apigateway.get_rest_api(restApiId=outputs.api_id)["name"]
    for service in (f"{api}/{outputs.api_stage}", *outputs.function_names.values()):
        assert f'service("{service}")' in expression, service


def test_requests_of_this_environment_are_sampled(cloud: Cloud, outputs: Outputs) -> None:
    """XR-1: the rule is this environment's own and takes in its stage only."""
    pages = cloud.xray.get_paginator("get_sampling_rules").paginate()
    rules = {
        record["SamplingRule"].get("RuleName"): record["SamplingRule"]
        for page in pages
        for record in page["SamplingRuleRecords"]
    }
    rule = rules[outputs.name("sampling")]
    assert rule["FixedRate"] > 0
    assert rule["ServiceName"].endswith(f"/{outputs.api_stage}")
    assert outputs.tail in rule["ServiceName"]


@pytest.mark.parametrize("entry_point", ["stage", "load balancer"])
def test_the_firewall_protects_both_entry_points(
    cloud: Cloud, outputs: Outputs, entry_point: str
) -> None:
    """LB-1, API-3: one set of rules; where the spec switches it off, none."""
    arn = (
        f"arn:aws:apigateway:{outputs.region}::"
        f"/restapis/{outputs.api_id}/stages/{outputs.api_stage}"
        if entry_point == "stage"
        else outputs.load_balancer_arn
    )
    found = cloud.wafv2.get_web_acl_for_resource(ResourceArn=arn).get("WebACL")
    assert (found["ARN"] if found else None) == outputs.web_acl_arn


def test_the_firewall_limits_each_address(cloud: Cloud, outputs: Outputs) -> None:
    """API-3, LB-1: a rate per address, and managed rules that block."""
    if outputs.web_acl_arn is None:
        # The spec has no firewall: the test above has seen that there is none.
        return
    identifier, name = outputs.web_acl_arn.split("/")[-1], outputs.web_acl_arn.split("/")[-2]
    acl = cloud.wafv2.get_web_acl(Id=identifier, Name=name, Scope="REGIONAL")["WebACL"]
    statements = [rule["Statement"] for rule in acl["Rules"]]
    assert any("RateBasedStatement" in statement for statement in statements)
    managed = [rule for rule in acl["Rules"] if "ManagedRuleGroupStatement" in rule["Statement"]]
    assert managed
    assert all("None" in rule.get("OverrideAction", {}) for rule in managed)
