"""The VPC, its subnets, routes, network ACLs, security groups and flow logs."""

from __future__ import annotations

from ipaddress import IPv4Address
from itertools import combinations

from tests.environment_class import CLASS, ONE_EXIT
from tests.unit.network_model import (
    ANYWHERE,
    EGRESS_RULE,
    INGRESS_RULE,
    INTERNET_GATEWAY,
    NAT_GATEWAY,
    NETWORK_ACL,
    ROUTE_TABLE,
    SECURITY_GROUP,
    SUBNET,
    acl,
    acl_rules,
    client_cidrs,
    contains,
    default_route,
    groups_of,
    lets_through,
    network,
    openings,
    private_subnets,
    public_subnets,
    route_table,
    tcp,
)
from tests.unit.resources import Recording, Resource

VPC = "ec2/vpc:Vpc"
FUNCTION = "lambda/function:Function"
DATABASE = "rds/instance:Instance"
BALANCER = "lb/loadBalancer:LoadBalancer"
LISTENER = "lb/listener:Listener"
POSTGRESQL = 5432
HTTP = 80
HTTPS = 443
REMOTE_DESKTOP = 3389
# Both ends of every range that a rule might have, and ports that nobody needs.
PORTS = (
    *(0, 22, 25, 53, 79, HTTP, 81, 442, HTTPS, 444, 1023, 1024, 1433, 3306, 3388),
    *(REMOTE_DESKTOP, 3390, 5431, POSTGRESQL, 5433, 8080, 32768, 49152, 60999, 65534, 65535),
)


def test_vpc_spans_the_zones(recording: Recording) -> None:
    """NET-1: one VPC over three availability zones, or two of development, picked by id, in a private range."""
    vpc = recording.one(VPC)
    assert network(vpc.text("cidr_block")).is_private
    zones = {subnet.text("availability_zone_id") for subnet in recording.of(SUBNET)}
    # Names of zones mean other zones in another account, ids do not.
    assert len(zones) in ({2, 3} if CLASS == "development" else {3})
    assert all(zone.startswith("use1-az") for zone in zones)


def test_vpc_resolves_names(recording: Recording) -> None:
    """NET-1: DNS support and host names are on."""
    vpc = recording.one(VPC)
    assert vpc.is_true("enable_dns_support")
    assert vpc.is_true("enable_dns_hostnames")


def test_everything_lies_in_the_one_vpc(recording: Recording) -> None:
    """NET-1: whatever belongs to a VPC belongs to this one."""
    kinds = (
        *(SUBNET, INTERNET_GATEWAY, ROUTE_TABLE, NETWORK_ACL, SECURITY_GROUP),
        *("ec2/defaultSecurityGroup:DefaultSecurityGroup", "ec2/flowLog:FlowLog"),
        "ec2/vpcEndpoint:VpcEndpoint",
    )
    for kind in kinds:
        assert recording.of(kind), f"no {kind}"
        for resource in recording.of(kind):
            assert recording.referred(resource.get("vpc_id")) is recording.one(VPC), resource


def test_a_public_and_a_private_subnet_in_each_zone(recording: Recording) -> None:
    """NET-2: each zone has one public and one private subnet."""
    zones = {subnet.text("availability_zone_id") for subnet in recording.of(SUBNET)}
    for subnets in (public_subnets(recording), private_subnets(recording)):
        assert len(subnets) == len(zones)
        assert {subnet.text("availability_zone_id") for subnet in subnets} == zones


def test_subnets_are_disjoint_parts_of_the_vpc(recording: Recording) -> None:
    """NET-2: the subnets' CIDRs lie inside the VPC's and do not overlap."""
    whole = network(recording.one(VPC).text("cidr_block"))
    parts = [network(subnet.text("cidr_block")) for subnet in recording.of(SUBNET)]
    assert all(part.subnet_of(whole) for part in parts)
    assert not any(one.overlaps(other) for one, other in combinations(parts, 2))
    # Subnets of a tier are alike, so that no zone runs out of addresses before the others.
    for tier in (public_subnets(recording), private_subnets(recording)):
        assert len({network(subnet.text("cidr_block")).prefixlen for subnet in tier}) == 1


def test_no_subnet_hands_out_public_addresses(recording: Recording) -> None:
    """NET-8: nothing gets a public address by being launched, in public subnets neither."""
    assert all(subnet.is_false("map_public_ip_on_launch") for subnet in recording.of(SUBNET))


def test_public_subnets_route_to_the_internet_gateway(recording: Recording) -> None:
    """NET-3: one public route table leads to the internet gateway and nowhere else."""
    gateway = recording.one(INTERNET_GATEWAY)
    tables = {route_table(recording, subnet).urn for subnet in public_subnets(recording)}
    assert len(tables) == 1
    table = recording.by_urn[tables.pop()]
    assert len(table.maps("routes")) == 1
    assert recording.referred(default_route(table).get("gateway_id")) is gateway


def test_nat_gateways_have_addresses_of_their_own(recording: Recording) -> None:
    """NET-4: each public subnet, or one of development's, has one NAT gateway, each with its own Elastic IP."""
    gateways = recording.of(NAT_GATEWAY)
    homes = [recording.target(gateway.get("subnet_id"), SUBNET).urn for gateway in gateways]
    public = {subnet.urn for subnet in public_subnets(recording)}
    assert len(homes) == len(set(homes)) == (1 if ONE_EXIT else len(public))
    assert set(homes) <= public
    addresses = [
        recording.target(gateway.get("allocation_id"), "ec2/eip:Eip") for gateway in gateways
    ]
    assert len({address.urn for address in addresses}) == len(gateways)
    assert all(address.text("domain") == "vpc" for address in recording.of("ec2/eip:Eip"))
    assert len(recording.of("ec2/eip:Eip")) == len(gateways)
    assert all(gateway.get("connectivity_type") in {None, "public"} for gateway in gateways)


def test_private_subnets_leave_through_their_own_zone(recording: Recording) -> None:
    """NET-5: each private subnet has its own table, with its zone's NAT gateway, or the only one, as the way out."""
    private = private_subnets(recording)
    tables = [route_table(recording, subnet) for subnet in private]
    assert len({table.urn for table in tables}) == len(private)
    for subnet, table in zip(private, tables, strict=True):
        assert len(table.maps("routes")) == 1, table
        gateway = recording.target(default_route(table).get("nat_gateway_id"), NAT_GATEWAY)
        home = recording.target(gateway.get("subnet_id"), SUBNET)
        is_home = home.text("availability_zone_id") == subnet.text("availability_zone_id")
        assert is_home or ONE_EXIT, subnet


def _groups(recording: Recording) -> tuple[Resource, Resource, Resource]:
    """Give the groups of database, functions and load balancer."""
    database = groups_of(recording, recording.one(DATABASE), "vpc_security_group_ids")
    functions = {
        group.urn: group
        for function in recording.of(FUNCTION)
        for group in groups_of(recording, function, "vpc_config.security_group_ids")
    }
    balancer = groups_of(recording, recording.one(BALANCER), "security_groups")
    found = [*database, *functions.values(), *balancer]
    assert len(found) == len({group.urn for group in found}) == 3, "one group for each tier"
    return found[0], found[1], found[2]


def test_database_takes_postgresql_from_functions_only(recording: Recording) -> None:
    """NET-6: the database's group lets in 5432 from the functions' group, and nothing out."""
    database, functions, _ = _groups(recording)
    assert openings(recording, INGRESS_RULE, database) == {tcp(POSTGRESQL, functions)}
    assert openings(recording, EGRESS_RULE, database) == set()


def test_functions_take_nothing_and_reach_database_and_https(recording: Recording) -> None:
    """NET-6, FN-5: nothing connects to a function; functions reach the database and HTTPS."""
    database, functions, _ = _groups(recording)
    assert openings(recording, INGRESS_RULE, functions) == set()
    assert openings(recording, EGRESS_RULE, functions) == {
        tcp(POSTGRESQL, database),
        tcp(HTTPS, ANYWHERE),
    }


def test_load_balancer_takes_its_listeners_ports_from_allowed_networks(
    recording: Recording,
) -> None:
    """NET-6: the balancer lets in its listeners' ports; it invokes functions without a network."""
    _, _, balancer = _groups(recording)
    ports = [int(listener.number("port")) for listener in recording.of(LISTENER)]
    clients = client_cidrs(recording)
    assert clients
    assert openings(recording, INGRESS_RULE, balancer) == {
        tcp(port, cidr) for port in ports for cidr in clients
    }
    assert openings(recording, EGRESS_RULE, balancer) == set()


def test_only_the_load_balancer_is_open_to_addresses(recording: Recording) -> None:
    """NET-6: ingress from addresses exists on the balancer's group only; a group has a tier."""
    _, _, balancer = _groups(recording)
    assert len(recording.of(SECURITY_GROUP)) == 3
    for rule in recording.of(INGRESS_RULE):
        group = recording.target(rule.get("security_group_id"), SECURITY_GROUP)
        assert group is balancer or rule.has("referenced_security_group_id"), rule
    for group in recording.of(SECURITY_GROUP):
        # Inline rules would fight with the separate ones.
        assert not group.has("ingress"), group
        assert not group.has("egress"), group


def test_groups_and_rules_say_what_they_are_for(recording: Recording) -> None:
    """NET-6: a description on each security group and each rule."""
    for kind in (SECURITY_GROUP, INGRESS_RULE, EGRESS_RULE):
        for resource in recording.of(kind):
            assert resource.text("description").strip(), resource


def test_default_group_and_acl_hold_no_rules(recording: Recording) -> None:
    """NET-6: what AWS makes with the VPC is taken over and emptied."""
    defaults = [
        recording.one("ec2/defaultSecurityGroup:DefaultSecurityGroup"),
        recording.one("ec2/defaultNetworkAcl:DefaultNetworkAcl"),
    ]
    for default in defaults:
        assert not default.maps("ingress"), default
        assert not default.maps("egress"), default
    default_acl = recording.one(VPC).outputs.get("default_network_acl_id")
    assert defaults[1].get("default_network_acl_id") == default_acl


def _probes(recording: Recording) -> tuple[set[int], set[int], set[int]]:
    """Give addresses of private subnets, of allowed clients, and of the rest of the world."""
    inside = {
        int(address)
        for subnet in private_subnets(recording)
        for address in (
            network(subnet.text("cidr_block"))[5],
            network(subnet.text("cidr_block"))[-2],
        )
    }
    clients: set[int] = set()
    beside: set[int] = {int(IPv4Address("192.0.2.10")), int(IPv4Address("8.8.8.8"))}
    allowed = [network(cidr) for cidr in client_cidrs(recording)]
    vpc = network(recording.one(VPC).text("cidr_block"))
    for cidr in (*allowed, vpc):
        first, last = int(cidr.network_address), int(cidr.broadcast_address)
        if cidr is not vpc:
            clients |= {first, last}
        beside |= {max(first - 1, 0), min(last + 1, 2**32 - 1)}
    outside = {
        address
        for address in beside
        if not any(IPv4Address(address) in cidr for cidr in (*allowed, vpc))
    }
    return inside, clients - inside, outside


def _is_ephemeral(port: int) -> bool:
    # A range over all of them would let remote desktops in.
    return port >= 1024 and port != REMOTE_DESKTOP


def _check(
    table: Resource, direction: str, addresses: set[int], ports: set[int], *, answers: bool
) -> None:
    """Assert that exactly these TCP ports get through, with the ephemeral ones for answers."""
    rules = acl_rules(table, direction)
    for address in addresses:
        for port in PORTS:
            expected = port in ports or (answers and _is_ephemeral(port))
            passes = lets_through(rules, "tcp", address, port)
            where = f"{table} {direction} {IPv4Address(address)} {port}"
            assert passes is expected, f"{where}: {'open' if passes else 'closed'}"
            assert not lets_through(rules, "udp", address, port), f"{where}: open for UDP"


def test_public_acl_lets_exactly_the_needed_traffic_through(recording: Recording) -> None:
    """NET-7: clients reach the listeners, private subnets the NAT gateways; answers pass."""
    inside, clients, outside = _probes(recording)
    listeners = {int(listener.number("port")) for listener in recording.of(LISTENER)}
    for subnet in public_subnets(recording):
        table = acl(recording, subnet)
        _check(table, "ingress", clients, listeners, answers=True)
        for address in inside:
            # The VPC may be among the networks that the spec allows.
            allowed = any(contains(cidr, address) for cidr in client_cidrs(recording))
            _check(table, "ingress", {address}, listeners if allowed else {HTTPS}, answers=True)
        _check(table, "ingress", outside, set(), answers=True)
        _check(table, "egress", inside | clients | outside, {HTTPS}, answers=True)


def test_private_acl_lets_exactly_the_needed_traffic_through(recording: Recording) -> None:
    """NET-7: PostgreSQL between private subnets, HTTPS out, and the answers to both."""
    inside, clients, outside = _probes(recording)
    for subnet in private_subnets(recording):
        table = acl(recording, subnet)
        _check(table, "ingress", inside, {POSTGRESQL}, answers=True)
        _check(table, "egress", inside, {POSTGRESQL, HTTPS}, answers=True)
        _check(table, "egress", clients | outside, {HTTPS}, answers=False)
        rules = acl_rules(table, "ingress")
        for address in clients | outside:
            # 5432 is an ephemeral port too: from outside it can only be an answer, as no group
            # opens it.
            for port in PORTS:
                assert lets_through(rules, "tcp", address, port) is _is_ephemeral(port)
                assert not lets_through(rules, "udp", address, port)


def test_postgresql_has_a_rule_of_its_own(recording: Recording) -> None:
    """NET-7: 5432 lies among the ephemeral ports; in the VPC a rule says that it is meant."""
    whole = recording.one(VPC).text("cidr_block")
    inside, _, _ = _probes(recording)
    for subnet in private_subnets(recording):
        for direction in ("ingress", "egress"):
            rules = acl_rules(acl(recording, subnet), direction)
            for address in inside:
                rule = next(rule for rule in rules if rule.matches("tcp", address, POSTGRESQL))
                assert (rule.first_port, rule.last_port) == (POSTGRESQL, POSTGRESQL)
                assert rule.cidr == whole


def test_acl_rules_have_room_and_order(recording: Recording) -> None:
    """NET-7: rules are numbered apart and fit the quota of 20, the default included."""
    for table in recording.of(NETWORK_ACL):
        for direction in ("ingress", "egress"):
            rules = acl_rules(table, direction)
            assert all(0 <= rule.first_port <= rule.last_port <= 65535 for rule in rules)
            numbers = [rule.number for rule in rules]
            assert len(numbers) == len(set(numbers)) < 20
            assert all(1 <= number <= 32766 for number in numbers)
            # A range has a number of its own, and the next one: none moves when another comes.
            assert all(number % 10 == 0 for number in numbers if number < 1000)


def test_public_and_private_tiers_have_acls_of_their_own(recording: Recording) -> None:
    """NET-7: a network ACL for the public and one for the private subnets, none without subnets."""
    public = {acl(recording, subnet).urn for subnet in public_subnets(recording)}
    private = {acl(recording, subnet).urn for subnet in private_subnets(recording)}
    assert len(public) == len(private) == 1
    assert len(public | private) == len(recording.of(NETWORK_ACL)) == 2
    assert not recording.of("ec2/networkAclRule:NetworkAclRule")
    assert not recording.of("ec2/networkAclAssociation:NetworkAclAssociation")


def test_functions_and_database_live_in_private_subnets(recording: Recording) -> None:
    """NET-8, FN-5: functions and database are in all private subnets and in no public one."""
    private = {subnet.urn for subnet in private_subnets(recording)}
    group = recording.target(
        recording.one(DATABASE).get("db_subnet_group_name"), "rds/subnetGroup:SubnetGroup"
    )
    places = [(group, "subnet_ids")]
    places += [(function, "vpc_config.subnet_ids") for function in recording.of(FUNCTION)]
    for resource, path in places:
        homes = [recording.target(subnet, SUBNET).urn for subnet in resource.texts(path)]
        assert set(homes) == private, resource
        assert len(homes) == len(private), resource


def test_only_load_balancer_and_nat_gateways_are_in_public_subnets(recording: Recording) -> None:
    """NET-8: nothing but the load balancer and the NAT gateways refers to a public subnet."""
    public = {subnet.id for subnet in public_subnets(recording)}
    allowed = {
        BALANCER,
        NAT_GATEWAY,
        NETWORK_ACL,
        "ec2/routeTableAssociation:RouteTableAssociation",
    }
    for resource in recording.resources:
        for path in ("subnet_id", "subnet_ids", "subnets", "vpc_config.subnet_ids"):
            if public & set(resource.texts(path)):
                assert resource.token.removeprefix("aws:") in allowed, resource


def test_flow_logs_cover_all_traffic(recording: Recording) -> None:
    """MON-1: flow logs of the VPC, accepted and rejected traffic alike, go to a log group."""
    flow_log = recording.one("ec2/flowLog:FlowLog")
    assert flow_log.text("traffic_type") == "ALL"
    assert flow_log.get("log_destination_type") in {None, "cloud-watch-logs"}
    recording.target(flow_log.get("log_destination"), "cloudwatch/logGroup:LogGroup")
