"""The rules by which calls are judged, and what they say of the team's policies."""

from __future__ import annotations

import pytest

from deployer.evaluate import Context, UnknownOperatorError, allows, matches, policies

ACCOUNT = "123456789012"
HERE = {"aws:PrincipalAccount": ACCOUNT, "aws:RequestedRegion": "us-east-1"}
VPC = f"arn:aws:ec2:us-east-1:{ACCOUNT}:vpc/vpc-1"
SUBNET = f"arn:aws:ec2:us-east-1:{ACCOUNT}:subnet/subnet-1"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/role-health-staging-main"


def of(**tags: str) -> Context:
    return {**HERE, **{f"aws:ResourceTag/{key}": value for key, value in tags.items()}}


def asking(**tags: str) -> Context:
    return {**HERE, **{f"aws:RequestTag/{key}": value for key, value in tags.items()}}


def policy(
    condition: dict[str, dict[str, object]], effect: str = "Allow"
) -> list[dict[str, object]]:
    statement = {
        "Effect": effect,
        "Action": "s3:Get*",
        "Resource": "arn:aws:s3:::b/*",
        "Condition": condition,
    }
    return [{"Version": "2012-10-17", "Statement": statement}]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("a*c", "abbc", True),
        ("a*c", "abbd", False),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("a.c", "abc", False),
        ("*", "", True),
        ("x[1]", "x[1]", True),
    ],
)
def test_patterns(pattern: str, text: str, expected: bool) -> None:  # noqa: FBT001
    assert matches(pattern, text) is expected


@pytest.mark.parametrize(
    ("condition", "context", "expected"),
    [
        ({}, {}, True),
        ({"StringEquals": {"k": ["a", "b"]}}, {"k": "b"}, True),
        ({"StringEquals": {"k": "a"}}, {"k": "A"}, False),
        ({"StringEquals": {"k": "a"}}, {}, False),
        ({"StringEquals": {"K": "a"}}, {"k": "a"}, True),
        ({"StringLike": {"k": "*-main"}}, {"k": "x-main"}, True),
        ({"StringLike": {"k": "*-main"}}, {"k": "x-main2"}, False),
        ({"StringLikeIfExists": {"k": "*-main"}}, {}, True),
        ({"StringLikeIfExists": {"k": "*-main"}}, {"k": "x"}, False),
        ({"StringNotEquals": {"k": ["a", "b"]}}, {"k": "b"}, False),
        ({"StringNotEquals": {"k": ["a", "b"]}}, {"k": "c"}, True),
        ({"StringNotLike": {"k": "a*"}}, {}, True),
        ({"ArnLike": {"k": "arn:aws:iam::*:role/x"}}, {"k": "arn:aws:iam::1:role/x"}, True),
        ({"Null": {"k": "true"}}, {}, True),
        ({"Null": {"k": "true"}}, {"k": "a"}, False),
        ({"Null": {"k": "false"}}, {"k": "a"}, True),
        ({"Bool": {"k": "true"}}, {"k": "True"}, True),
        ({"ForAnyValue:StringEquals": {"k": "a"}}, {"k": ["b", "a"]}, True),
        ({"ForAnyValue:StringEquals": {"k": "a"}}, {}, False),
        ({"ForAllValues:StringEquals": {"k": "a"}}, {"k": ["b", "a"]}, False),
        ({"ForAllValues:StringEquals": {"k": "a"}}, {}, True),
        ({"StringEquals": {"k": "a", "l": "b"}}, {"k": "a", "l": "c"}, False),
        ({"StringEquals": {"k": "a"}, "Null": {"l": "true"}}, {"k": "a"}, True),
        ({"StringEquals": {"k": "${m}"}}, {"k": "a", "m": "a"}, True),
        ({"StringEquals": {"k": "${m}"}}, {"k": "a"}, False),
    ],
)
def test_conditions(
    condition: dict[str, dict[str, object]],
    context: Context,
    expected: bool,  # noqa: FBT001
) -> None:
    assert allows(policy(condition), "s3:GetObject", "arn:aws:s3:::b/c", context) is expected


def test_an_operator_that_is_not_known_is_no_guess() -> None:
    with pytest.raises(UnknownOperatorError):
        allows(policy({"DateLessThan": {"k": "a"}}), "s3:GetObject", "arn:aws:s3:::b/c", {})


def test_a_denial_wins_and_silence_denies() -> None:
    both = policy({}) + policy({"StringEquals": {"k": "a"}}, "Deny")
    call = ("s3:getobject", "arn:aws:s3:::b/c")
    assert allows(both, *call, {})
    assert not allows(both, *call, {"k": "a"})
    assert not allows(both, "s3:PutObject", "arn:aws:s3:::b/c", {})
    assert not allows(both, "s3:GetObject", "arn:aws:s3:::other/c", {})


def test_what_is_made_has_to_get_our_name() -> None:
    up = policies("up")
    assert allows(up, "ec2:CreateVpc", VPC, asking(Name="vpc-staging-main"))
    assert not allows(up, "ec2:CreateVpc", VPC, asking(Name="vpc-staging-pr42"))
    assert not allows(up, "ec2:CreateVpc", VPC, HERE)
    assert allows(up, "kms:CreateKey", "*", asking(Name="kms-data-staging-main"))
    assert not allows(up, "kms:CreateKey", "*", HERE)


def test_what_is_made_lies_in_what_is_ours() -> None:
    up = policies("up")
    name = "subnet-private-use1-az1-staging-main"
    assert allows(up, "ec2:CreateSubnet", SUBNET, asking(Name=name))
    assert allows(up, "ec2:CreateSubnet", VPC, of(Name="vpc-staging-main"))
    assert not allows(up, "ec2:CreateSubnet", VPC, of(Name="vpc-production"))


def test_tags_are_for_what_is_new_or_ours() -> None:
    up = policies("up")
    ours = asking(Name="vpc-staging-main")
    assert allows(up, "ec2:CreateTags", VPC, {**ours, "ec2:CreateAction": "CreateVpc"})
    assert not allows(up, "ec2:CreateTags", VPC, ours)
    assert allows(
        up, "ec2:CreateTags", VPC, {**of(Name="vpc-staging-main"), "aws:RequestTag/a": "b"}
    )
    assert not allows(up, "kms:TagResource", KEY, {**ours, **of(Name="kms-other")})
    assert not allows(up, "kms:ScheduleKeyDeletion", KEY, of(Name="kms-data-staging-main"))


def test_names_and_accounts() -> None:
    up = policies("up")
    bucket = f"arn:aws:s3:::s3-audit-staging-main-{ACCOUNT}"
    assert allows(up, "s3:CreateBucket", bucket, HERE)
    assert not allows(up, "s3:CreateBucket", bucket, {**HERE, "aws:PrincipalAccount": "9" * 12})
    assert not allows(up, "s3:DeleteBucket", bucket, HERE)
    assert allows(policies("destroy"), "s3:DeleteBucket", bucket, HERE)
    database = f"arn:aws:rds:us-east-1:{ACCOUNT}:db:rds-staging-main"
    assert not allows(up, "rds:CreateDBInstance", database.replace("main", "pr42"), HERE)
    assert allows(
        policies("up", suffix="pr42"),
        "rds:CreateDBInstance",
        database.replace("main", "pr42"),
        HERE,
    )


def test_roles_go_to_services_that_use_them() -> None:
    up = policies("up")
    to = {**HERE, "iam:PassedToService": "lambda.amazonaws.com"}
    assert allows(up, "iam:PassRole", ROLE, to)
    assert not allows(
        up, "iam:PassRole", ROLE, {**HERE, "iam:PassedToService": "ec2.amazonaws.com"}
    )
    assert not allows(up, "iam:PassRole", ROLE.replace("role-health", "deployer-change"), to)
    linked = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS"
    context = {**HERE, "iam:AWSServiceName": "rds.amazonaws.com"}
    assert allows(up, "iam:CreateServiceLinkedRole", linked, context)
    assert not allows(up, "iam:CreateServiceLinkedRole", linked, HERE)


def test_a_set_holds_what_its_name_says() -> None:
    removal = ("ec2:DeleteVpc", VPC, of(Name="vpc-staging-main"))
    making = ("ec2:CreateVpc", VPC, asking(Name="vpc-staging-main"))
    looking = ("ec2:DescribeVpcs", "*", HERE)
    expected = {
        "preview": (False, False),
        "up": (True, False),
        "change": (True, True),
        "destroy": (False, True),
    }
    for name, (makes, removes) in expected.items():
        held = policies(name)
        assert allows(held, *looking)
        assert not allows(held, *looking[:2], {**HERE, "aws:RequestedRegion": "eu-west-1"})
        assert allows(held, *making) is makes
        assert allows(held, *removal) is removes


def test_reading_shows_what_lost_its_name_but_no_secret_of_others() -> None:
    preview = policies("preview")
    api = "arn:aws:apigateway:us-east-1::/restapis/a1b2c3"
    key = "arn:aws:apigateway:us-east-1::/apikeys/a1b2c3"
    assert allows(preview, "apigateway:GET", api, HERE)
    assert not allows(preview, "apigateway:GET", api, of(Name="api-other"))
    assert not allows(preview, "apigateway:GET", key, HERE)
    assert allows(preview, "apigateway:GET", key, of(Name="apikey-partner-staging-main"))
