"""The network: what a plain deployment does not show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud import tokens as t
from cloud.aws import as_map

if TYPE_CHECKING:
    from account.hands import Hands, Thing

ACL = "aws:ec2/networkAcl:NetworkAcl"
DEFAULT_ACL = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
WEB = {"ruleNo": 100, "action": "allow", "protocol": "tcp", "cidrBlock": "0.0.0.0/0"}
WEB_ONLY = [{**WEB, "fromPort": 443, "toPort": 443}]


def vpc(hands: Hands) -> Thing:
    return hands.make(t.VPC, cidrBlock="10.0.0.0/16", tags={"Name": "vpc"})


def subnet(hands: Hands, network: Thing, slot: int) -> Thing:
    return hands.make(
        t.SUBNET,
        vpcId=network.id,
        cidrBlock=f"10.0.{slot}.0/24",
        availabilityZoneId=f"use1-az{slot}",
    )


def test_tags_that_are_no_longer_said_go(hands: Hands) -> None:
    network = vpc(hands)
    hands.change(network, tags={"Owner": "payments"})
    (found,) = hands.aws.client("ec2").describe_vpcs(VpcIds=[network.id])["Vpcs"]
    assert as_map(found["Tags"]) == {"Owner": "payments", "project": "paystage"}


def test_what_is_gone_is_not_deleted_again(hands: Hands) -> None:
    network = vpc(hands)
    address = hands.make(t.EIP, domain="vpc")
    group = hands.make(t.SECURITY_GROUP, name="g", vpcId=network.id)
    table = hands.make(t.ROUTE_TABLE, vpcId=network.id)
    acl = hands.make(ACL, vpcId=network.id)
    for thing in (acl, table, group, address, network):
        assert hands.read(thing) is not None
        hands.delete(thing)
        assert hands.read(thing) is None
        hands.delete(thing)


def routes(hands: Hands, table: Thing) -> dict[str, str]:
    ec2 = hands.aws.client("ec2")
    (found,) = ec2.describe_route_tables(RouteTableIds=[table.id])["RouteTables"]
    return {
        route.get("DestinationCidrBlock") or route["DestinationPrefixListId"]: route.get(
            "NatGatewayId"
        )
        or route["GatewayId"]
        for route in found["Routes"]
    }


def test_a_table_has_the_routes_that_it_says_beside_those_of_others(hands: Hands) -> None:
    network = vpc(hands)
    zone = subnet(hands, network, 1)
    gateway = hands.make(t.INTERNET_GATEWAY, vpcId=network.id)
    out = {"cidrBlock": "0.0.0.0/0", "gatewayId": gateway.id}
    table = hands.make(t.ROUTE_TABLE, vpcId=network.id, routes=[out])
    endpoint = hands.make(
        ENDPOINT,
        vpcId=network.id,
        serviceName="com.amazonaws.us-east-1.s3",
        vpcEndpointType="Gateway",
        routeTableIds=[table.id],
    )
    others = {"10.0.0.0/16": "local", endpoint["prefixListId"]: endpoint.id}
    assert routes(hands, table) == {**others, "0.0.0.0/0": gateway.id}

    address = hands.make(t.EIP, domain="vpc")
    nat = hands.make(t.NAT_GATEWAY, subnetId=zone.id, allocationId=address.id)
    assert nat["publicIp"] == address["publicIp"]
    changed = [{"cidrBlock": "0.0.0.0/0", "natGatewayId": nat.id}]
    table = hands.change(table, routes=changed)
    assert routes(hands, table) == {**others, "0.0.0.0/0": nat.id}
    table = hands.change(table, routes=None)
    assert routes(hands, table) == others

    hands.delete(nat)
    assert hands.read(nat) is None
    assert not hands.aws.client("ec2").describe_network_interfaces()["NetworkInterfaces"]


def test_an_endpoint_follows_its_tables(hands: Hands) -> None:
    network = vpc(hands)
    one, two = (hands.make(t.ROUTE_TABLE, vpcId=network.id) for _ in range(2))
    endpoint = hands.make(
        ENDPOINT,
        vpcId=network.id,
        serviceName="com.amazonaws.us-east-1.s3",
        vpcEndpointType="Gateway",
        routeTableIds=[one.id],
    )
    endpoint = hands.change(endpoint, routeTableIds=[two.id], policy='{"Statement": []}')
    assert endpoint.id not in routes(hands, one).values()
    assert endpoint.id in routes(hands, two).values()
    hands.delete(endpoint)
    assert hands.read(endpoint) is None
    assert endpoint.id not in routes(hands, two).values()


def entries(hands: Hands, acl: Thing) -> list[tuple[bool, int, str, Any]]:
    ec2 = hands.aws.client("ec2")
    (found,) = ec2.describe_network_acls(NetworkAclIds=[acl.id])["NetworkAcls"]
    return sorted(
        (each["Egress"], each["RuleNumber"], each["CidrBlock"], each.get("PortRange"))
        for each in found["Entries"]
        if each["RuleNumber"] < 32767
    )


def test_rules_and_subnets_of_an_acl_follow_the_arguments(hands: Hands) -> None:
    network = vpc(hands)
    one, two = subnet(hands, network, 1), subnet(hands, network, 2)
    acl = hands.make(ACL, vpcId=network.id, subnetIds=[one.id], ingress=WEB_ONLY, egress=WEB_ONLY)
    web = {"From": 443, "To": 443}
    assert entries(hands, acl) == [(False, 100, "0.0.0.0/0", web), (True, 100, "0.0.0.0/0", web)]

    narrow = [{**WEB, "cidrBlock": "10.0.0.0/8", "fromPort": 443, "toPort": 443}]
    acl = hands.change(acl, subnetIds=[two.id], ingress=narrow, egress=None)
    assert entries(hands, acl) == [(False, 100, "10.0.0.0/8", web)]
    ec2 = hands.aws.client("ec2")
    of_one = [{"Name": "association.subnet-id", "Values": [one.id]}]
    assert ec2.describe_network_acls(Filters=of_one)["NetworkAcls"][0]["IsDefault"]
    of_two = [{"Name": "association.subnet-id", "Values": [two.id]}]
    assert ec2.describe_network_acls(Filters=of_two)["NetworkAcls"][0]["NetworkAclId"] == acl.id
    hands.delete(acl)
    assert ec2.describe_network_acls(Filters=of_two)["NetworkAcls"][0]["IsDefault"]


def test_what_came_with_the_network_is_emptied_and_left_there(hands: Hands) -> None:
    network = vpc(hands)
    acl = hands.make(DEFAULT_ACL, defaultNetworkAclId=network["defaultNetworkAclId"])
    group = hands.make(t.DEFAULT_SECURITY_GROUP, vpcId=network.id)
    assert entries(hands, acl) == []
    assert permissions(hands, group.id) == []
    for thing in (acl, group):
        hands.delete(thing)
        assert hands.read(thing) is not None


def permissions(hands: Hands, group: str) -> list[dict[str, Any]]:
    (found,) = hands.aws.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]
    return [*found["IpPermissions"], *found["IpPermissionsEgress"]]


def test_a_group_allows_what_its_rules_say_and_nothing_else(hands: Hands) -> None:
    network = vpc(hands)
    group = hands.make(t.SECURITY_GROUP, name="g", description="d", vpcId=network.id)
    assert permissions(hands, group.id) == []
    rule = hands.make(
        t.GROUP_OUT,
        securityGroupId=group.id,
        ipProtocol="tcp",
        fromPort=443,
        toPort=443,
        cidrIpv4="0.0.0.0/0",
        description="web",
    )
    everything = hands.make(
        t.GROUP_OUT, securityGroupId=group.id, ipProtocol="-1", cidrIpv4="0.0.0.0/0"
    )
    inner = hands.make(
        t.GROUP_IN,
        securityGroupId=group.id,
        ipProtocol="tcp",
        fromPort=1,
        toPort=2,
        referencedSecurityGroupId=group.id,
    )
    # Only the rule that AWS gives by itself is taken away.
    hands.change(group, tags={"Name": "g"})
    assert len(permissions(hands, group.id)) == 3
    hands.change(rule, cidrIpv4="10.0.0.0/8", toPort=444)
    (found,) = [each for each in permissions(hands, group.id) if each.get("ToPort") == 444]
    assert found["IpRanges"] == [{"CidrIp": "10.0.0.0/8", "Description": "web"}]
    for thing in (rule, everything, inner):
        hands.delete(thing)
        assert hands.read(thing) is None
    assert permissions(hands, group.id) == []


def test_a_creation_that_broke_off_is_settled_by_the_next_update(hands: Hands) -> None:
    network = vpc(hands)
    zone = subnet(hands, network, 1)
    arguments = {"vpcId": network.id, "subnetIds": [zone.id], "ingress": WEB_ONLY}
    # What the state has after a creation of which only the first call was heard.
    made = hands.make(ACL, vpcId=network.id)
    made.inputs = arguments
    made = hands.change(made)
    assert len(entries(hands, made)) == 1
    gateway = hands.make(t.INTERNET_GATEWAY)
    gateway.inputs = {"vpcId": network.id}
    assert hands.change(gateway)["vpcId"] == network.id
