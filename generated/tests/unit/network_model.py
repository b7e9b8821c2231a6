"""The network as packets see it: routes, network ACLs and groups, evaluated as AWS does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network

from tests.unit.resources import Recording, Resource
from tests.unit.values import as_map, as_text

ANYWHERE = "0.0.0.0/0"
# What AWS calls TCP and UDP, by name and by number; -1 is every protocol.
PROTOCOLS = {"tcp": {"tcp", "6", "-1", "all"}, "udp": {"udp", "17", "-1", "all"}}

SUBNET = "ec2/subnet:Subnet"
ROUTE_TABLE = "ec2/routeTable:RouteTable"
ASSOCIATION = "ec2/routeTableAssociation:RouteTableAssociation"
INTERNET_GATEWAY = "ec2/internetGateway:InternetGateway"
NAT_GATEWAY = "ec2/natGateway:NatGateway"
NETWORK_ACL = "ec2/networkAcl:NetworkAcl"
SECURITY_GROUP = "ec2/securityGroup:SecurityGroup"
INGRESS_RULE = "vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS_RULE = "vpc/securityGroupEgressRule:SecurityGroupEgressRule"
RULE_SOURCES = ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id")


@lru_cache(maxsize=4096)
def network(cidr: str) -> IPv4Network:
    """Parse a CIDR, which must be canonical."""
    return IPv4Network(cidr)


@lru_cache(maxsize=4096)
def _range(cidr: str) -> tuple[int, int]:
    parsed = network(cidr)
    return int(parsed.network_address), int(parsed.broadcast_address)


def contains(cidr: str, address: int) -> bool:
    """Tell whether an address, as a number, lies in a CIDR."""
    first, last = _range(cidr)
    return first <= address <= last


def route_table(recording: Recording, subnet: Resource) -> Resource:
    """Give the one route table that a subnet is associated with."""
    found = recording.attached(ASSOCIATION, "subnet_id", subnet)
    assert len(found) == 1, f"{subnet} has {len(found)} route tables"
    return recording.target(found[0].get("route_table_id"), ROUTE_TABLE)


def default_route(table: Resource) -> Mapping[str, object]:
    """Give the one route to everywhere."""
    found = [route for route in table.maps("routes") if route.get("cidr_block") == ANYWHERE]
    assert len(found) == 1, f"{table} has {len(found)} default routes"
    return found[0]


def public_subnets(recording: Recording) -> list[Resource]:
    """Give the subnets whose default route is an internet gateway."""
    return [
        subnet
        for subnet in recording.of(SUBNET)
        if default_route(route_table(recording, subnet)).get("gateway_id")
    ]


def private_subnets(recording: Recording) -> list[Resource]:
    """Give the subnets whose default route is a NAT gateway."""
    return [
        subnet
        for subnet in recording.of(SUBNET)
        if default_route(route_table(recording, subnet)).get("nat_gateway_id")
    ]


def acl(recording: Recording, subnet: Resource) -> Resource:
    """Give the one network ACL of a subnet."""
    found = recording.attached(NETWORK_ACL, "subnet_ids", subnet)
    assert len(found) == 1, f"{subnet} has {len(found)} network ACLs"
    return found[0]


@dataclass(frozen=True, kw_only=True)
class AclRule:
    """One rule of a network ACL."""

    number: int
    allows: bool
    protocol: str
    cidr: str
    first_port: int
    last_port: int

    def matches(self, protocol: str, address: int, port: int) -> bool:
        """Tell whether the rule speaks of this packet."""
        if self.protocol not in PROTOCOLS[protocol] or not contains(self.cidr, address):
            return False
        return self.protocol in {"-1", "all"} or self.first_port <= port <= self.last_port


def acl_rules(table: Resource, direction: str) -> list[AclRule]:
    """Give the rules of one direction in the order in which AWS reads them."""
    rules = [
        AclRule(
            number=_integer(rule, "rule_no"),
            allows=rule.get("action") == "allow",
            protocol=as_text(rule.get("protocol")).lower(),
            cidr=as_text(rule.get("cidr_block")),
            first_port=_integer(rule, "from_port"),
            last_port=_integer(rule, "to_port"),
        )
        for rule in table.maps(direction)
    ]
    return sorted(rules, key=lambda rule: rule.number)


def _integer(rule: Mapping[str, object], key: str) -> int:
    value = rule.get(key)
    assert isinstance(value, int), f"{key} of {dict(rule)} is no integer"
    return value


def lets_through(rules: list[AclRule], protocol: str, address: int, port: int) -> bool:
    """Tell whether a packet passes: the first rule that matches decides."""
    return next((rule.allows for rule in rules if rule.matches(protocol, address, port)), False)


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What one rule of a security group lets through."""

    protocol: str
    first_port: float
    last_port: float
    # A CIDR, or the URN of the group on the other side.
    peer: str


def openings(recording: Recording, kind: str, group: Resource) -> set[Opening]:
    """Give what a group lets through in one direction."""
    found: set[Opening] = set()
    for rule in recording.attached(kind, "security_group_id", group):
        peers = {key: rule.text(key) for key in RULE_SOURCES if rule.has(key)}
        assert len(peers) == 1, f"{rule} names {len(peers)} peers"
        peer = next(iter(peers.values()))
        other = recording.referred(peer)
        found.add(
            Opening(
                protocol=rule.text("ip_protocol"),
                first_port=rule.number("from_port"),
                last_port=rule.number("to_port"),
                peer=peer if other is None else other.urn,
            )
        )
    return found


def tcp(port: int, peer: str | Resource) -> Opening:
    """Describe one TCP port towards a CIDR or a group."""
    urn = peer if isinstance(peer, str) else peer.urn
    return Opening(protocol="tcp", first_port=port, last_port=port, peer=urn)


def groups_of(recording: Recording, resource: Resource, path: str) -> list[Resource]:
    """Give the security groups that a resource is in."""
    return [recording.target(group, SECURITY_GROUP) for group in resource.texts(path)]


def client_cidrs(recording: Recording) -> set[str]:
    """Give the networks whose clients may reach the load balancer."""
    balancer = recording.one("lb/loadBalancer:LoadBalancer")
    return {
        as_text(as_map(rule.inputs).get("cidr_ipv4"))
        for group in groups_of(recording, balancer, "security_groups")
        for rule in recording.attached(INGRESS_RULE, "security_group_id", group)
    }
