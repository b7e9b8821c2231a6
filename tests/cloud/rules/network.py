"""VPC, subnets, gateways, routes, network ACLs, security groups, endpoints."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from cloud import tokens as t
from cloud.record import Record, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud.store import Cloud

# The default deny counts against AWS's limit of 20 rules a direction.
ACL_RULES = 19
ZONES = {f"use1-az{number}": f"us-east-1{letter}" for number, letter in enumerate("abcdef", 1)}
SERVICES = ("s3", "dynamodb")
SOURCES = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")


def subnet_fits(cloud: Cloud, record: Record) -> None:
    """A subnet lies in its network's block, overlaps no other, and stands in a zone."""
    vpc = cloud.one(t.VPC, id=record.inputs["vpcId"])
    assert vpc is not None
    block = ipaddress.ip_network(record.inputs["cidrBlock"])
    if not block.subnet_of(ipaddress.ip_network(vpc.inputs["cidrBlock"])):  # type: ignore[arg-type]
        message = f"InvalidSubnet.Range: {record.name}: {block} is not inside the network's block"
        raise Refused(message)
    for other in cloud.all(t.SUBNET, vpcId=vpc.id):
        if other.seed != record.seed and block.overlaps(
            ipaddress.ip_network(other.inputs["cidrBlock"])
        ):
            message = f"InvalidSubnet.Conflict: {record.name}: {block} overlaps {other.name}"
            raise Refused(message)
    zone = record.inputs.get("availabilityZoneId")
    if zone is not None and zone not in ZONES:
        message = f"InvalidParameterValue: {record.name}: there is no zone {zone}"
        raise Refused(message)


def has_gateway(cloud: Cloud, record: Record) -> None:
    """A rule: public addresses are mapped through the network's internet gateway."""
    gateways = cloud.all(t.INTERNET_GATEWAY, vpcId=cloud.vpc_of(record))
    record.needs += gateways
    if not gateways:
        message = f"Gateway.NotAttached: {record.name}: its network has no internet gateway yet"
        raise Refused(message)


def no_mapped_addresses(cloud: Cloud, record: Record) -> None:
    """A gateway stays as long as public addresses lead through it."""
    for nat in cloud.all(t.NAT_GATEWAY):
        if cloud.vpc_of(nat) == record.inputs.get("vpcId"):
            message = f"DependencyViolation: {record.name}: {nat.name} still maps a public address"
            raise Refused(message)
    for balancer in cloud.all(t.LOAD_BALANCER):
        if cloud.vpc_of(balancer) == record.inputs.get("vpcId") and not balancer.get("internal"):
            message = (
                f"DependencyViolation: {record.name}: {balancer.name} still maps public addresses"
            )
            raise Refused(message)


def moves_when_unmapped(cloud: Cloud, present: Record, changed: Record) -> None:
    """It leaves a network for another one as it is deleted: detached first."""
    if changed.inputs.get("vpcId") != present.inputs.get("vpcId"):
        no_mapped_addresses(cloud, present)


def acl_rules_fit(_: Cloud, record: Record) -> None:
    """Rules have numbers of their own, and are few."""
    for direction in ("ingress", "egress"):
        numbers = [rule["ruleNo"] for rule in record.inputs.get(direction, [])]
        if len(numbers) > ACL_RULES or len(numbers) != len(set(numbers)):
            message = f"NetworkAclLimitExceeded: {record.name}.{direction}: too many rules, or a number twice"
            raise Refused(message)


def subnets_have_one(name: str) -> Callable[[Cloud, Record], None]:
    """A rule: a subnet is named once."""

    def rule(cloud: Cloud, record: Record) -> None:
        mine = set(record.inputs.get(name, []))
        for other in cloud.all(record.token):
            if other.seed != record.seed and mine & set(other.inputs.get(name, [])):
                message = f"{record.name}: {other.name} already has one of its subnets"
                raise Refused(message)

    return rule


def routes_are_whole(_: Cloud, record: Record) -> None:
    """A route has one destination of its own and one target."""
    destinations = [route.get("cidrBlock") for route in record.inputs.get("routes", [])]
    targets = [
        [key for key in route if key.endswith("Id") and route[key]]
        for route in record.inputs.get("routes", [])
    ]
    if len(destinations) != len(set(destinations)) or any(len(found) != 1 for found in targets):
        message = f"{record.name}: each route needs one destination of its own and one target"
        raise Refused(message)


def rule_has_one_source(_: Cloud, record: Record) -> None:
    """A rule is about one source."""
    if sum(name in record.inputs for name in SOURCES) != 1:
        message = f"InvalidParameterValue: {record.name}: needs exactly one of {SOURCES}"
        raise Refused(message)


def service_exists(_: Cloud, record: Record) -> None:
    """Gateway endpoints are for two services."""
    names = [f"com.amazonaws.{record.region}.{service}" for service in SERVICES]
    if record.inputs.get("serviceName") not in names:
        message = f"InvalidServiceName: {record.name}: {record.inputs.get('serviceName')}"
        raise Refused(message)
