"""What calls of AWS's APIs ask of IAM, and that the policies notice what they do not hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from deployer.calls import ACCOUNT, asks, refused
from deployer.evaluate import policies

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = [{"Key": "Name", "Value": "vpc-staging-main"}]
ROLE = f"arn:aws:iam::{ACCOUNT}:role/role-health-staging-main"
RULE = f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:listener-rule/app/alb/1/2/3"
HERE = f"us-east-1:{ACCOUNT}"


@dataclass
class Made:
    """A call that was made."""

    service: str
    operation: str
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])


def asked(service: str, operation: str, /, **parameters: Any) -> set[tuple[str, str]]:
    return {(one.action, one.resource) for one in asks(Made(service, operation, parameters))}


def missing(phase: str, service: str, operation: str, /, **parameters: Any) -> set[str]:
    return {one.action for one in refused([Made(service, operation, parameters)], policies(phase))}


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (
            Made("s3", "DeleteObjects", {"Bucket": "b"}),
            {
                ("s3:DeleteObject", "arn:aws:s3:::b/key"),
                ("s3:DeleteObjectVersion", "arn:aws:s3:::b/key"),
            },
        ),
        (
            Made(
                "elbv2", "SetRulePriorities", {"RulePriorities": [{"RuleArn": RULE, "Priority": 1}]}
            ),
            {("elasticloadbalancing:SetRulePriorities", RULE)},
        ),
        (Made("s3", "HeadBucket", {"Bucket": "b"}), {("s3:ListBucket", "arn:aws:s3:::b")}),
        (Made("ec2", "DescribeVpcs", {"VpcIds": ["vpc-1"]}), {("ec2:DescribeVpcs", "*")}),
        (
            Made(
                "ec2",
                "CreateSubnet",
                {
                    "VpcId": "vpc-1a",
                    "TagSpecifications": [{"ResourceType": "subnet", "Tags": NAME}],
                },
            ),
            {
                ("ec2:CreateSubnet", f"arn:aws:ec2:{HERE}:vpc/vpc-1a"),
                ("ec2:CreateSubnet", f"arn:aws:ec2:{HERE}:subnet/new"),
                ("ec2:CreateTags", f"arn:aws:ec2:{HERE}:subnet/new"),
            },
        ),
        (
            Made(
                "apigateway",
                "PutMethod",
                {"restApiId": "a", "resourceId": "b", "httpMethod": "GET"},
            ),
            {
                (
                    "apigateway:PUT",
                    "arn:aws:apigateway:us-east-1::/restapis/a/resources/b/methods/GET",
                )
            },
        ),
        (
            Made(
                "lambda",
                "CreateFunction",
                {"FunctionName": "f", "Role": ROLE, "Layers": [f"arn:aws:lambda:{HERE}:layer:l:1"]},
            ),
            {
                ("lambda:CreateFunction", f"arn:aws:lambda:{HERE}:function:f"),
                ("lambda:GetLayerVersion", f"arn:aws:lambda:{HERE}:layer:l:1"),
                ("iam:PassRole", ROLE),
            },
        ),
        (
            Made(
                "lambda",
                "GetLayerVersion",
                {"LayerName": f"arn:aws:lambda:{HERE}:layer:l", "VersionNumber": 2},
            ),
            {("lambda:GetLayerVersion", f"arn:aws:lambda:{HERE}:layer:l:2")},
        ),
        (
            Made("rds", "DescribeDBInstances"),
            {("rds:DescribeDBInstances", f"arn:aws:rds:{HERE}:db:all")},
        ),
        (
            Made("elbv2", "CreateLoadBalancer", {"Name": "alb"}),
            {
                (
                    "elasticloadbalancing:CreateLoadBalancer",
                    f"arn:aws:elasticloadbalancing:{HERE}:loadbalancer/app/alb/1",
                )
            },
        ),
        (
            Made(
                "wafv2",
                "PutLoggingConfiguration",
                {"LoggingConfiguration": {"ResourceArn": "arn:aws:wafv2:x"}},
            ),
            {("wafv2:PutLoggingConfiguration", "arn:aws:wafv2:x")},
        ),
    ],
    ids=lambda value: value.operation if isinstance(value, Made) else "",
)
def test_what_a_call_asks(call: Made, expected: set[tuple[str, str]]) -> None:
    assert asked(call.service, call.operation, **call.parameters) == expected


def test_what_is_made_without_its_name_is_refused() -> None:
    named = [{"ResourceType": "vpc", "Tags": NAME}]
    assert (
        missing("up", "ec2", "CreateVpc", CidrBlock="10.0.0.0/16", TagSpecifications=named) == set()
    )
    other = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "vpc"}]}]
    assert missing("up", "ec2", "CreateVpc", TagSpecifications=other) == {
        "ec2:CreateVpc",
        "ec2:CreateTags",
    }
    assert missing("up", "ec2", "CreateVpc") == {"ec2:CreateVpc"}
    assert missing("up", "kms", "CreateKey", Tags=[]) == {"kms:CreateKey"}
    assert missing("up", "apigateway", "CreateRestApi", name="api", tags={}) == {"apigateway:POST"}


def test_what_is_of_another_copy_or_another_phase_is_refused() -> None:
    assert missing("up", "s3", "CreateBucket", Bucket=f"s3-audit-staging-main-{ACCOUNT}") == set()
    assert missing("up", "s3", "CreateBucket", Bucket=f"s3-audit-staging-pr42-{ACCOUNT}") == {
        "s3:CreateBucket"
    }
    assert missing("preview", "iam", "PutRolePolicy", RoleName="role-health-staging-main") == {
        "iam:PutRolePolicy"
    }
    assert missing("up", "ec2", "DeleteVpc", VpcId="vpc-1a") == {"ec2:DeleteVpc"}
    assert missing("destroy", "ec2", "DeleteVpc", VpcId="vpc-1a") == set()
    assert missing("destroy", "ec2", "RunInstances", ImageId="ami-1") == {"ec2:RunInstances"}
