"""The network as it is wired: subnets, routes and ACLs, and where a packet gets through."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import (
        FilterTypeDef,
        NetworkAclTypeDef,
        RouteTypeDef,
        SecurityGroupRuleTypeDef,
    )

    from tests.integration.cloud import Cloud

ANYWHERE = "0.0.0.0/0"
# One of the addresses that documentation may use: it stands for the internet.
INTERNET = IPv4Address("198.51.100.7")
# Both ends and the middle of the ports that clients take; 3389 is kept shut on purpose.
EPHEMERAL = (1024, 3388, 3390, 32768, 49152, 65535)
_TCP = {"6", "-1"}


@dataclass(frozen=True, kw_only=True)
class Subnet:
    """One subnet and what decides about its packets."""

    id: str
    zone: str
    cidr: IPv4Network
    gives_public_addresses: bool
    routes: list[RouteTypeDef]
    acl: NetworkAclTypeDef

    @property
    def default_route(self) -> RouteTypeDef | None:
        """The route to everywhere."""
        found = [route for route in self.routes if route.get("DestinationCidrBlock") == ANYWHERE]
        return found[0] if found else None

    @property
    def is_public(self) -> bool:
        """Whether its default route is an internet gateway."""
        route = self.default_route
        return route is not None and route.get("GatewayId", "").startswith("igw-")

    @property
    def address(self) -> IPv4Address:
        """Some address that something in the subnet could have."""
        return self.cidr[10]

    def lets(self, *, out: bool, port: int, peer: IPv4Address) -> bool:
        """Whether the ACL lets a TCP packet to this port pass, to or from the peer."""
        for entry in sorted(self.acl["Entries"], key=lambda entry: entry["RuleNumber"]):
            if entry["Egress"] is not out or "CidrBlock" not in entry:
                continue
            ports = entry.get("PortRange")
            if (
                entry["Protocol"] in _TCP
                and peer in IPv4Network(entry["CidrBlock"])
                and (ports is None or ports["From"] <= port <= ports["To"])
            ):
                return entry["RuleAction"] == "allow"
        return False

    def serves(self, peer: IPv4Address, port: int) -> bool:
        """Whether a connection from the peer gets in, and its answers out."""
        return self.lets(out=False, port=port, peer=peer) and all(
            self.lets(out=True, port=reply, peer=peer) for reply in EPHEMERAL
        )

    def reaches(self, peer: IPv4Address, port: int) -> bool:
        """Whether a connection to the peer gets out, and its answers in."""
        return self.lets(out=True, port=port, peer=peer) and all(
            self.lets(out=False, port=reply, peer=peer) for reply in EPHEMERAL
        )


@dataclass(frozen=True)
class Topology:
    """One VPC, asked once."""

    cloud: Cloud
    vpc_id: str

    @cached_property
    def cidr(self) -> IPv4Network:
        """Address space of the VPC."""
        (vpc,) = self.cloud.ec2.describe_vpcs(VpcIds=[self.vpc_id])["Vpcs"]
        return IPv4Network(vpc["CidrBlock"])

    @cached_property
    def subnets(self) -> list[Subnet]:
        """All subnets."""
        ec2 = self.cloud.ec2
        inside: list[FilterTypeDef] = [{"Name": "vpc-id", "Values": [self.vpc_id]}]
        routes = {
            association["SubnetId"]: table["Routes"]
            for table in ec2.describe_route_tables(Filters=inside)["RouteTables"]
            for association in table["Associations"]
            if "SubnetId" in association
        }
        acls = {
            association["SubnetId"]: acl
            for acl in ec2.describe_network_acls(Filters=inside)["NetworkAcls"]
            for association in acl["Associations"]
        }
        return [
            Subnet(
                id=subnet["SubnetId"],
                zone=subnet["AvailabilityZone"],
                cidr=IPv4Network(subnet["CidrBlock"]),
                gives_public_addresses=subnet["MapPublicIpOnLaunch"],
                routes=routes.get(subnet["SubnetId"], []),
                acl=acls[subnet["SubnetId"]],
            )
            for subnet in ec2.describe_subnets(Filters=inside)["Subnets"]
        ]

    @property
    def public(self) -> list[Subnet]:
        """Subnets with a way in from the internet."""
        return [subnet for subnet in self.subnets if subnet.is_public]

    @property
    def private(self) -> list[Subnet]:
        """Subnets without one."""
        return [subnet for subnet in self.subnets if not subnet.is_public]

    @staticmethod
    def some_address(cidr: str) -> IPv4Address:
        """Return an address of a range."""
        return IPv4Network(cidr)[0]

    def rules(self, group_id: str, *, out: bool) -> list[SecurityGroupRuleTypeDef]:
        """Rules of one security group in one direction."""
        rules = self.cloud.ec2.describe_security_group_rules(
            Filters=[{"Name": "group-id", "Values": [group_id]}]
        )["SecurityGroupRules"]
        return [rule for rule in rules if rule["IsEgress"] is out]
