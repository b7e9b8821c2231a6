"""The descriptions of resource types in the cloud of the tests speak of arguments that exist."""

from __future__ import annotations

import typing

import pytest
from pulumi import _types

from cloud import KINDS, Kind
from cloud import tokens as t
from engine import catalogue, sdk, wire

INVOCATION = "aws:lambda/invocation:Invocation"


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_kind_speaks_of_real_arguments(kind: Kind) -> None:
    """A misspelt path would never match anything, and so never refuse anything."""
    assert catalogue.knows(kind.token)
    arguments = sdk.arguments_of(kind.token)
    for ref in kind.refs:
        assert_leads_somewhere(arguments, ref.path.split("."))
        assert set(ref.tokens) <= KINDS.keys()
    unique = (name for each in kind.unique for name in each.names)
    for name in [*unique, *dict(kind.policies)]:
        assert name in arguments.types


def assert_leads_somewhere(arguments: sdk.Arguments, parts: list[str]) -> None:
    """Each part of the path is an argument; a part with brackets is a list."""
    name = parts[0].removesuffix("[]")
    assert name in arguments.types, name
    (hint, *_) = sdk.alternatives(arguments.types[name])
    assert parts[0].endswith("[]") == (typing.get_origin(hint) is not None), (name, hint)
    if len(parts) > 1:
        if typing.get_origin(hint) is not None:
            (hint, *_) = sdk.alternatives(typing.get_args(hint)[0])
        assert _types.is_input_type(hint), hint
        assert_leads_somewhere(sdk.arguments_of_class(hint), parts[1:])


@pytest.mark.parametrize("token", catalogue.tokens())
def test_every_replacing_argument_is_known_by_its_name_on_the_wire(token: str) -> None:
    for name in sdk.arguments_of(token).types:
        assert catalogue.is_replaced_by(token, name, {}, {}) in (True, False)


def destination(arn: object) -> dict[str, typing.Any]:
    """Arguments of a destination of logs."""
    return {"deliveryDestinationConfiguration": {"destinationResourceArn": arn}}


@pytest.mark.parametrize(
    ("token", "old", "new", "is_replaced"),
    [
        (t.GROUP_IN, {"cidrIpv4": "10.0.0.0/16"}, {"cidrIpv4": "10.0.0.0/24"}, False),
        (t.GROUP_IN, {"cidrIpv4": "10.0.0.0/16"}, {"referencedSecurityGroupId": "sg-1"}, True),
        (
            t.DELIVERY_DESTINATION,
            destination("arn:aws:s3:::a"),
            destination("arn:aws:s3:::b"),
            False,
        ),
        (
            t.DELIVERY_DESTINATION,
            destination("arn:aws:s3:::a"),
            destination("arn:aws:logs:::b"),
            True,
        ),
        (
            t.DELIVERY_DESTINATION,
            destination("arn:aws:s3:::a"),
            destination(wire.UNKNOWN_VALUE),
            True,
        ),
        (INVOCATION, {"input": "1"}, {"input": "2"}, True),
        (INVOCATION, {"input": "1"}, {"input": "2", "lifecycleScope": "CRUD"}, False),
        (t.VPC_ENDPOINT, {}, {"privateDnsEnabled": True, "vpcEndpointType": "Interface"}, False),
        (t.VPC_ENDPOINT, {"privateDnsEnabled": True}, {"privateDnsEnabled": False}, True),
        (t.VPC, {}, {"instanceTenancy": "dedicated"}, True),
        (t.VPC, {"instanceTenancy": "dedicated"}, {"instanceTenancy": "default"}, False),
        (t.LOAD_BALANCER, {"subnets": ["a"]}, {"subnets": ["b"]}, False),
        (t.TARGET_GROUP, {"port": 1}, {"port": 2}, True),
        (t.TARGET_GROUP, {"port": 1}, {"port": 2, "targetType": "lambda"}, False),
        (
            t.TRUST_STORE,
            {"caCertificatesBundleS3Key": "a"},
            {"caCertificatesBundleS3Key": "b"},
            False,
        ),
        (t.BUCKET_OBJECT, {"key": "a"}, {"key": "b"}, True),
        (t.DATABASE, {"engineVersion": "14"}, {"engineVersion": "15"}, False),
        (t.DATABASE, {"username": "a"}, {"username": "b"}, True),
    ],
)
def test_a_change_replaces_in_the_case_of_the_catalogue(
    token: str, old: dict[str, typing.Any], new: dict[str, typing.Any], *, is_replaced: bool
) -> None:
    (name, *_) = [name for name in old | new if old.get(name) != new.get(name)]
    assert catalogue.is_replaced_by(token, name, old, new) is is_replaced


@pytest.mark.parametrize(
    ("token", "given", "is_first"),
    [
        (t.PARAMETER_GROUP, "name", True),
        (t.PARAMETER_GROUP, "family", False),
        (t.DATABASE, "identifier", True),
        (t.INTEGRATION, "uri", True),
        # Unique as well, and yet the new one is made first.
        (t.STAGE, "stageName", False),
        (t.LAYER, "layerName", False),
        (t.CERTIFICATE, "domainName", False),
        (t.DELIVERY_DESTINATION, "name", False),
    ],
)
def test_the_provider_deletes_first_what_it_would_name(
    token: str, given: str, *, is_first: bool
) -> None:
    """The name need not change, and may."""
    assert catalogue.is_deleted_first(token, {given: "a"}) is is_first
