"""Small wrong programs under the genuine engine: the provider's checks can be seen to fail.

Without these, a green run of the generated program would say nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws
import pytest
from pulumi import automation as auto

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.stack import Engine

ANYWHERE = "0.0.0.0/0"


def network(options: pulumi.ResourceOptions, name: str = "vpc") -> aws.ec2.Vpc:
    """A network to be wrong in."""
    return aws.ec2.Vpc(name, cidr_block="10.0.0.0/16", opts=options)


def route_to_unknown_gateway(options: pulumi.ResourceOptions) -> None:
    aws.ec2.RouteTable(
        "routes",
        vpc_id=network(options).id,
        routes=[{"cidr_block": ANYWHERE, "gateway_id": "igw-0123456789abcdef0"}],
        opts=options,
    )


def group_of_other_network(options: pulumi.ResourceOptions) -> None:
    group = aws.ec2.SecurityGroup("group", name="group", vpc_id=network(options).id, opts=options)
    other = aws.ec2.SecurityGroup(
        "other", name="other", vpc_id=network(options, "elsewhere").id, opts=options
    )
    aws.vpc.SecurityGroupIngressRule(
        "rule",
        security_group_id=group.id,
        referenced_security_group_id=other.id,
        ip_protocol="tcp",
        opts=options,
    )


def unknown_nested_argument(options: pulumi.ResourceOptions) -> None:
    wrong: Any = {"cidr_blok": ANYWHERE}
    aws.ec2.RouteTable("routes", vpc_id="vpc-1", routes=[wrong], opts=options)


def missing_nested_argument(options: pulumi.ResourceOptions) -> None:
    wrong: Any = {"rule_no": 100, "action": "allow", "protocol": "tcp", "from_port": 443}
    aws.ec2.NetworkAcl("acl", vpc_id="vpc-1", ingress=[wrong], opts=options)


def text_for_a_number(options: pulumi.ResourceOptions) -> None:
    wrong: Any = "512"
    aws.cloudwatch.LogGroup("logs", name="logs", retention_in_days=wrong, opts=options)


def name_too_long(options: pulumi.ResourceOptions) -> None:
    aws.lb.TargetGroup("targets", name="tg-" + "a" * 30, target_type="lambda", opts=options)


def same_name_twice(options: pulumi.ResourceOptions) -> None:
    for name in ("first", "second"):
        aws.s3.Bucket(name, bucket="one-bucket-only", opts=options)


def undeclared_invoke(options: pulumi.ResourceOptions) -> None:
    pulumi.export("zones", aws.get_availability_zones_output(opts=_of(options)).names)


def key_that_may_not_be_used(options: pulumi.ResourceOptions) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    key = aws.kms.Key(
        "key",
        policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        opts=options,
    )
    aws.cloudwatch.LogGroup("logs", name="logs", kms_key_id=key.arn, opts=options)


def _of(options: pulumi.ResourceOptions) -> pulumi.InvokeOptions:
    return pulumi.InvokeOptions(provider=options.provider)


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (route_to_unknown_gateway, r"routes\[0\]\.gatewayId: there is no InternetGateway"),
        (group_of_other_network, r"rule joins different networks"),
        (unknown_nested_argument, r"routes\[0\]\.cidr_?blok.* is no argument of this type"),
        (missing_nested_argument, r"ingress\[0\]\.toPort.* is required"),
        (text_for_a_number, r"retentionInDays.* must be of type int, not '512'"),
        (name_too_long, r"is longer than 32"),
        (
            same_name_twice,
            r"BucketAlreadyOwnedByYou: \w+: \w+ already has {'bucket': 'one-bucket-only'}",
        ),
        (undeclared_invoke, r"getAvailabilityZones is not asked of AWS"),
        (key_that_may_not_be_used, r"the key key is not allowed to be used"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_wrong_program_is_refused(
    fresh_engine: Engine,
    tmp_path: Path,
    program: Callable[[pulumi.ResourceOptions], None],
    message: str,
) -> None:
    """Each fails for its own reason, and with the place in the message."""

    def whole_program() -> None:
        provider = aws.Provider("aws", region="us-east-1")
        program(pulumi.ResourceOptions(provider=provider))

    folder = tmp_path / "program"
    folder.mkdir()
    stack = fresh_engine.stack_of(whole_program, folder)
    with pytest.raises(auto.errors.CommandError, match=message):
        stack.up()
