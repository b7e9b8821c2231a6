"""Which packets get through: security groups and network ACLs as EC2 has them at that moment."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from account.living.seen import Seen

_TCP = {"tcp", "6", "-1"}
# Both ends of what clients take to be answered on.
_EPHEMERAL = (1024, 32768, 65535)
_GONE = ("InvalidGroup.NotFound", "InvalidSubnetID.NotFound")


class Network:
    """Judges connections. VPC User Guide: a group's rules are all looked at, an ACL's in the order of their numbers, both ways."""

    def __init__(self, seen: Seen) -> None:
        """Ask EC2."""
        self._seen = seen

    def refuses_client(self, balancer: str, client: IPv4Address, port: int) -> str:
        """Return what keeps a client from the nodes of a load balancer; nothing when all let it in and answer."""
        found = self._seen.ask(
            "elbv2", "describe_load_balancers", "LoadBalancerNotFound", LoadBalancerArns=[balancer]
        )
        if found is None:
            return "no load balancer"
        (one,) = found["LoadBalancers"]
        if not self._group_lets(one["SecurityGroups"], client, frozenset(), port, out=False):
            return f"no ingress rule of {one['SecurityGroups']}"
        for zone in one["AvailabilityZones"]:
            entries = self._entries(zone["SubnetId"])
            if not _lets(entries, client, port, out=False) or not all(
                _lets(entries, client, reply, out=True) for reply in _EPHEMERAL
            ):
                return f"the ACL of {zone['SubnetId']}"
        return ""

    def refuses_database(
        self, vpc: Mapping[str, Any], database: Iterable[str], subnets: Iterable[str], port: int
    ) -> str:
        """Return what keeps a function from a database in these groups and subnets."""
        own, theirs = frozenset(vpc["SecurityGroupIds"]), frozenset(database)
        sources = [self._address(subnet) for subnet in vpc["SubnetIds"]]
        targets = [self._address(subnet) for subnet in subnets]
        if None in sources or None in targets:
            return "a subnet is gone"
        inside = IPv4Address(0)
        if not self._group_lets(own, inside, theirs, port, out=True):
            return f"no egress rule of {sorted(own)}"
        if not self._group_lets(theirs, inside, own, port, out=False):
            return f"no ingress rule of {sorted(theirs)}"
        return self._refuses_between(vpc["SubnetIds"], subnets, port)

    def _refuses_between(self, sources: Iterable[str], targets: Iterable[str], port: int) -> str:
        for source in sources:
            for target in targets:
                if source == target:
                    # Inside a subnet no ACL is asked.
                    continue
                here, there = self._entries(source), self._entries(target)
                to, back = self._address(target), self._address(source)
                assert to is not None
                assert back is not None
                lets = (
                    _lets(here, to, port, out=True)
                    and _lets(there, back, port, out=False)
                    and all(
                        _lets(there, back, reply, out=True) and _lets(here, to, reply, out=False)
                        for reply in _EPHEMERAL
                    )
                )
                if not lets:
                    return f"the ACLs between {source} and {target}"
        return ""

    def _group_lets(
        self,
        groups: Iterable[str],
        peer: IPv4Address,
        peers: frozenset[str],
        port: int,
        *,
        out: bool,
    ) -> bool:
        """Whether a rule of these groups speaks of the peer's address, or of one of its groups."""
        return any(
            rule["IsEgress"] is out and _covers(rule, peer, peers, port)
            for group in groups
            for rule in self._rules(group)
        )

    def _rules(self, group: str) -> list[Mapping[str, Any]]:
        found = self._seen.ask(
            "ec2",
            "describe_security_group_rules",
            *_GONE,
            Filters=[{"Name": "group-id", "Values": [group]}],
        )
        return (found or {}).get("SecurityGroupRules", [])

    def _entries(self, subnet: str) -> list[Mapping[str, Any]]:
        found = self._seen.ask(
            "ec2",
            "describe_network_acls",
            Filters=[{"Name": "association.subnet-id", "Values": [subnet]}],
        )["NetworkAcls"]
        return sorted(found[0]["Entries"], key=lambda entry: entry["RuleNumber"]) if found else []

    def _address(self, subnet: str) -> IPv4Address | None:
        found = self._seen.ask("ec2", "describe_subnets", *_GONE, SubnetIds=[subnet])
        return IPv4Network(found["Subnets"][0]["CidrBlock"])[10] if found else None


def _covers(rule: Mapping[str, Any], peer: IPv4Address, peers: frozenset[str], port: int) -> bool:
    if rule["IpProtocol"] not in _TCP:
        return False
    if rule["IpProtocol"] != "-1" and not rule["FromPort"] <= port <= rule["ToPort"]:
        return False
    if rule.get("ReferencedGroupInfo", {}).get("GroupId") in peers:
        return True
    return "CidrIpv4" in rule and peer in IPv4Network(rule["CidrIpv4"])


def _lets(entries: Iterable[Mapping[str, Any]], peer: IPv4Address, port: int, *, out: bool) -> bool:
    for entry in entries:
        ports = entry.get("PortRange")
        if (
            entry["Egress"] is out
            and entry["Protocol"] in {"6", "-1"}
            and peer in IPv4Network(entry.get("CidrBlock", "255.255.255.255/32"))
            and (not ports or ports["From"] <= port <= ports["To"])
        ):
            return entry["RuleAction"] == "allow"
    return False
