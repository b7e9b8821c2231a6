"""Connections, walked through routes, security groups and ACLs as AWS would take them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from tests.integration.topology import Subnet, Topology

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import RouteTypeDef, SecurityGroupRuleTypeDef

_TCP = {"tcp", "6", "-1"}


@dataclass(frozen=True, kw_only=True)
class Host:
    """Something with an interface in a subnet."""

    subnet: Subnet
    groups: frozenset[str]
    # Whether the interface has a public address.
    is_public: bool = False

    @property
    def address(self) -> IPv4Address:
        """An address that it could have."""
        return self.subnet.address


class RefusedError(Exception):
    """A connection does not come about; the message says what stops it."""


@dataclass(frozen=True)
class Packets:
    """Connections inside one VPC, into it and out of it."""

    topology: Topology

    @cached_property
    def _rules(self) -> dict[str, list[SecurityGroupRuleTypeDef]]:
        pages = self.topology.cloud.ec2.get_paginator("describe_security_group_rules").paginate()
        rules: dict[str, list[SecurityGroupRuleTypeDef]] = {}
        for page in pages:
            for rule in page["SecurityGroupRules"]:
                rules.setdefault(rule["GroupId"], []).append(rule)
        return rules

    @cached_property
    def _gateways(self) -> dict[str, Subnet]:
        """The subnets of the NAT gateways that work."""
        found = self.topology.cloud.ec2.describe_nat_gateways(
            Filters=[
                {"Name": "vpc-id", "Values": [self.topology.vpc_id]},
                {"Name": "state", "Values": ["available"]},
            ]
        )["NatGateways"]
        subnets = {subnet.id: subnet for subnet in self.topology.subnets}
        return {gateway["NatGatewayId"]: subnets[gateway["SubnetId"]] for gateway in found}

    def refusal(self, source: Host | IPv4Address, target: Host | IPv4Address, port: int) -> str:
        """Return what stops a TCP connection; nothing when it comes about."""
        try:
            if isinstance(source, Host) and isinstance(target, Host):
                self._inside(source, target, port)
            elif isinstance(source, Host) and isinstance(target, IPv4Address):
                self._out(source, target, port)
            elif isinstance(source, IPv4Address) and isinstance(target, Host):
                self._into(source, target, port)
        except RefusedError as refused:
            return str(refused)
        return ""

    def _inside(self, source: Host, target: Host, port: int) -> None:
        self._group(source, target, port, out=True)
        if _route(source.subnet, target.address).get("GatewayId") != "local":
            _refuse(f"{source.subnet.id} has no route inside the VPC")
        # Inside one subnet no ACL is asked.
        if source.subnet.id != target.subnet.id:
            if not source.subnet.reaches(target.address, port):
                _refuse(f"the ACL of {source.subnet.id}")
            if not target.subnet.serves(source.address, port):
                _refuse(f"the ACL of {target.subnet.id}")
        self._group(target, source, port, out=False)

    def _out(self, source: Host, target: IPv4Address, port: int) -> None:
        self._group(source, target, port, out=True)
        route = _route(source.subnet, target)
        if not source.subnet.reaches(target, port):
            _refuse(f"the ACL of {source.subnet.id}")
        if route.get("GatewayId", "").startswith("igw-"):
            if not source.is_public:
                _refuse("no public address")
            return
        gateway = self._gateways.get(route.get("NatGatewayId", ""))
        if gateway is None:
            _refuse(f"no way out of {source.subnet.id}")
            return
        # The packet's other address stays the internet's on its way to the gateway.
        if not gateway.serves(source.address, port) or not gateway.reaches(target, port):
            _refuse(f"the ACL of {gateway.id}")
        if not _route(gateway, target).get("GatewayId", "").startswith("igw-"):
            _refuse(f"the NAT gateway in {gateway.id} has no way out")

    def _into(self, source: IPv4Address, target: Host, port: int) -> None:
        if not target.is_public:
            _refuse("no public address")
        if not _route(target.subnet, source).get("GatewayId", "").startswith("igw-"):
            _refuse(f"no way back out of {target.subnet.id}")
        if not target.subnet.serves(source, port):
            _refuse(f"the ACL of {target.subnet.id}")
        self._group(target, source, port, out=False)

    def _group(self, host: Host, peer: Host | IPv4Address, port: int, *, out: bool) -> None:
        """See whether the host's groups let a connection out to the peer, or in from it."""
        rules = [rule for group in host.groups for rule in self._rules.get(group, [])]
        if not any(rule["IsEgress"] is out and _covers(rule, peer, port) for rule in rules):
            _refuse(f"no {'egress' if out else 'ingress'} rule of {', '.join(sorted(host.groups))}")


def _refuse(what: str) -> None:
    raise RefusedError(what)


def _covers(rule: SecurityGroupRuleTypeDef, peer: Host | IPv4Address, port: int) -> bool:
    if rule["IpProtocol"] not in _TCP:
        return False
    if rule["IpProtocol"] != "-1" and not rule["FromPort"] <= port <= rule["ToPort"]:
        return False
    group = rule.get("ReferencedGroupInfo", {}).get("GroupId")
    if isinstance(peer, Host) and group in peer.groups:
        return True
    address = peer.address if isinstance(peer, Host) else peer
    return "CidrIpv4" in rule and address in IPv4Network(rule["CidrIpv4"])


def _route(subnet: Subnet, target: IPv4Address) -> RouteTypeDef:
    """Return the narrowest route that works."""
    routes = [
        (IPv4Network(route["DestinationCidrBlock"]), route)
        for route in subnet.routes
        if "DestinationCidrBlock" in route and route.get("State", "active") == "active"
    ]
    found = [(network.prefixlen, route) for network, route in routes if target in network]
    if not found:
        message = f"{subnet.id} has no route"
        raise RefusedError(message)
    return max(found, key=lambda one: one[0])[1]
