"""NET-1 to NET-8: zones, routes, groups and ACLs, walked as packets would."""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING

import pytest

from tests.environment_class import CLASS, ONE_EXIT
from tests.integration.topology import ANYWHERE, INTERNET, Topology

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import FunctionConfigurationResponseTypeDef

    from tests.integration.cloud import Cloud
    from tests.integration.outputs import Outputs

    Functions = dict[str, FunctionConfigurationResponseTypeDef]


def test_vpc_spans_the_zones_with_dns(cloud: Cloud, outputs: Outputs, topology: Topology) -> None:
    """NET-1: three zones, or two of development, DNS support and host names."""
    vpc = outputs.vpc_id
    support = cloud.ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsSupport")
    names = cloud.ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsHostnames")
    assert support["EnableDnsSupport"]["Value"] is True
    assert names["EnableDnsHostnames"]["Value"] is True
    zones = {subnet.zone for subnet in topology.subnets}
    assert len(zones) in ({2, 3} if CLASS == "development" else {3})


def test_each_zone_has_a_public_and_a_private_subnet(topology: Topology) -> None:
    """NET-2: one of each kind a zone, inside the VPC and disjoint."""
    zones = sorted({subnet.zone for subnet in topology.subnets})
    assert sorted(subnet.zone for subnet in topology.public) == zones
    assert sorted(subnet.zone for subnet in topology.private) == zones
    for subnet in topology.subnets:
        assert subnet.cidr.subnet_of(topology.cidr), subnet.id
        assert not subnet.gives_public_addresses, subnet.id
    for one, other in combinations(topology.subnets, 2):
        assert not one.cidr.overlaps(other.cidr), (one.id, other.id)


def test_public_subnets_leave_through_the_internet_gateway(
    cloud: Cloud, outputs: Outputs, topology: Topology
) -> None:
    """NET-3: the gateway is this VPC's own, and the public default routes reach it."""
    gateways = cloud.ec2.describe_internet_gateways(
        Filters=[{"Name": "attachment.vpc-id", "Values": [outputs.vpc_id]}]
    )["InternetGateways"]
    assert len(gateways) == 1
    for subnet in topology.public:
        route = subnet.default_route
        assert route is not None
        assert route.get("GatewayId") == gateways[0]["InternetGatewayId"]
        assert route["State"] == "active", f"{subnet.id}: {route}"


def test_each_zone_has_its_nat_gateway(cloud: Cloud, outputs: Outputs, topology: Topology) -> None:
    """NET-4, NET-5: a private subnet leaves through its zone's NAT gateway, or the only one, by its own address."""
    gateways = {
        gateway["NatGatewayId"]: gateway
        for gateway in cloud.ec2.describe_nat_gateways(
            Filters=[
                {"Name": "vpc-id", "Values": [outputs.vpc_id]},
                {"Name": "state", "Values": ["available"]},
            ]
        )["NatGateways"]
    }
    assert len(gateways) == (1 if ONE_EXIT else len(topology.private))
    public_zone = {subnet.id: subnet.zone for subnet in topology.public}
    for subnet in topology.private:
        route = subnet.default_route
        assert route is not None, f"{subnet.id} has no way out"
        gateway = gateways[route.get("NatGatewayId", "none")]
        is_home = public_zone.get(gateway["SubnetId"]) == subnet.zone
        assert is_home or ONE_EXIT, subnet.id
    addresses = [
        address["AllocationId"]
        for gateway in gateways.values()
        for address in gateway["NatGatewayAddresses"]
    ]
    assert len(set(addresses)) == len(addresses) == len(gateways)


def test_private_subnets_reach_buckets_without_nat(
    cloud: Cloud, outputs: Outputs, topology: Topology
) -> None:
    """NET-5: every private route table carries the gateway endpoint of S3."""
    endpoints = cloud.ec2.describe_vpc_endpoints(
        Filters=[
            {"Name": "vpc-id", "Values": [outputs.vpc_id]},
            {"Name": "service-name", "Values": [f"com.amazonaws.{outputs.region}.s3"]},
        ]
    )["VpcEndpoints"]
    tables = {table for endpoint in endpoints for table in endpoint["RouteTableIds"]}
    found = cloud.ec2.describe_route_tables(RouteTableIds=sorted(tables))["RouteTables"]
    served = {
        association["SubnetId"]
        for table in found
        for association in table["Associations"]
        if "SubnetId" in association
    }
    assert served == {subnet.id for subnet in topology.private}


def test_the_defaults_of_the_vpc_are_empty(cloud: Cloud, outputs: Outputs) -> None:
    """NET-6, NET-7: whatever lands in the default group or ACL reaches nothing."""
    groups = cloud.ec2.describe_security_groups(
        Filters=[
            {"Name": "vpc-id", "Values": [outputs.vpc_id]},
            {"Name": "group-name", "Values": ["default"]},
        ]
    )["SecurityGroups"]
    assert [(group["IpPermissions"], group["IpPermissionsEgress"]) for group in groups] == [
        ([], [])
    ]
    acls = cloud.ec2.describe_network_acls(
        Filters=[
            {"Name": "vpc-id", "Values": [outputs.vpc_id]},
            {"Name": "default", "Values": ["true"]},
        ]
    )["NetworkAcls"]
    for acl in acls:
        assert all(entry["RuleAction"] == "deny" for entry in acl["Entries"])
        assert acl["Associations"] == []


def test_only_the_load_balancer_takes_addresses(
    cloud: Cloud, outputs: Outputs, topology: Topology
) -> None:
    """NET-6: no group but the load balancer's has an ingress rule with an address range."""
    (balancer,) = cloud.elbv2.describe_load_balancers(LoadBalancerArns=[outputs.load_balancer_arn])[
        "LoadBalancers"
    ]
    groups = cloud.ec2.describe_security_groups(
        Filters=[{"Name": "vpc-id", "Values": [outputs.vpc_id]}]
    )["SecurityGroups"]
    for group in groups:
        by_address = [
            rule for rule in topology.rules(group["GroupId"], out=False) if "CidrIpv4" in rule
        ]
        if group["GroupId"] in balancer["SecurityGroups"]:
            assert {rule["ToPort"] for rule in by_address} <= {80, 443}
            assert {rule["FromPort"] for rule in by_address} <= {80, 443}
            # It invokes functions, which is no connection of its own.
            assert topology.rules(group["GroupId"], out=True) == []
        else:
            assert by_address == [], group["GroupName"]


def test_the_tiers_reference_each_other(
    cloud: Cloud, outputs: Outputs, topology: Topology, functions: Functions
) -> None:
    """NET-6: the database takes PostgreSQL from the functions' group only and sends nothing."""
    (database,) = cloud.rds.describe_db_instances(DBInstanceIdentifier=outputs.database_identifier)[
        "DBInstances"
    ]
    (database_group,) = [group["VpcSecurityGroupId"] for group in database["VpcSecurityGroups"]]
    function_groups = {
        group
        for function in functions.values()
        for group in function["VpcConfig"]["SecurityGroupIds"]
    }
    (function_group,) = function_groups
    (ingress,) = topology.rules(database_group, out=False)
    assert ingress["ReferencedGroupInfo"]["GroupId"] == function_group
    assert (ingress["IpProtocol"], ingress["FromPort"], ingress["ToPort"]) == ("tcp", 5432, 5432)
    assert topology.rules(database_group, out=True) == []

    assert topology.rules(function_group, out=False) == []
    egress = {
        rule["FromPort"]: rule.get("ReferencedGroupInfo", {}).get("GroupId", rule.get("CidrIpv4"))
        for rule in topology.rules(function_group, out=True)
    }
    assert egress == {5432: database_group, 443: ANYWHERE}


def test_acls_let_functions_reach_the_database(topology: Topology) -> None:
    """NET-7: from every private subnet to every other, and the answers back."""
    for here, there in product(topology.private, repeat=2):
        if here.id == there.id:
            # Inside one subnet no ACL is asked.
            continue
        assert here.reaches(there.address, 5432), (here.zone, there.zone)
        assert there.serves(here.address, 5432), (here.zone, there.zone)


def test_acls_let_functions_out_through_nat(topology: Topology) -> None:
    """NET-7: HTTPS from a private subnet through its zone's NAT gateway, and the answers back."""
    public = {subnet.zone: subnet for subnet in topology.public}
    for subnet in topology.private:
        gateway = public[subnet.zone]
        assert subnet.reaches(INTERNET, 443), subnet.id
        # The packet's address stays the internet's on its way to the gateway.
        assert gateway.serves(subnet.address, 443), gateway.id
        assert gateway.reaches(INTERNET, 443), gateway.id


def test_acls_let_clients_reach_the_load_balancer(
    cloud: Cloud, outputs: Outputs, topology: Topology
) -> None:
    """NET-7: the addresses that the load balancer's group admits get through the ACL too."""
    (balancer,) = cloud.elbv2.describe_load_balancers(LoadBalancerArns=[outputs.load_balancer_arn])[
        "LoadBalancers"
    ]
    rules = [
        rule for group in balancer["SecurityGroups"] for rule in topology.rules(group, out=False)
    ]
    for rule, subnet in product(rules, topology.public):
        client = Topology.some_address(rule["CidrIpv4"])
        assert subnet.serves(client, rule["FromPort"]), (subnet.id, rule["CidrIpv4"])


@pytest.mark.parametrize("port", [22, 25, 3389])
def test_acls_keep_administration_out(topology: Topology, port: int) -> None:
    """NET-7: no way in from the internet, although answers to ephemeral ports come in."""
    for subnet in topology.subnets:
        assert not subnet.lets(out=False, port=port, peer=INTERNET), subnet.id


@pytest.mark.parametrize("port", [22, 25, 80, 3389, 5432, 6379])
def test_acls_keep_private_subnets_in(topology: Topology, port: int) -> None:
    """NET-7: nothing but HTTPS leaves a private subnet for the internet."""
    for subnet in topology.private:
        assert not subnet.lets(out=True, port=port, peer=INTERNET), subnet.id


def test_only_balancer_and_nat_stand_in_public_subnets(cloud: Cloud, topology: Topology) -> None:
    """NET-8: every interface in a public subnet belongs to one of the two."""
    interfaces = cloud.ec2.describe_network_interfaces(
        Filters=[{"Name": "subnet-id", "Values": [subnet.id for subnet in topology.public]}]
    )["NetworkInterfaces"]
    assert interfaces, "neither NAT gateways nor the load balancer have an interface"
    for interface in interfaces:
        owner = interface["Description"]
        assert owner.startswith(("Interface for NAT Gateway ", "ELB app/")), owner


def test_functions_and_database_stand_in_private_subnets(
    cloud: Cloud, outputs: Outputs, topology: Topology, functions: Functions
) -> None:
    """NET-8, FN-5, DB-5: both are spread over the private subnets of all zones."""
    private = {subnet.id for subnet in topology.private}
    for key, function in functions.items():
        assert set(function["VpcConfig"]["SubnetIds"]) == private, key
    (database,) = cloud.rds.describe_db_instances(DBInstanceIdentifier=outputs.database_identifier)[
        "DBInstances"
    ]
    subnets = {subnet["SubnetIdentifier"] for subnet in database["DBSubnetGroup"]["Subnets"]}
    assert subnets == private


def test_all_traffic_is_logged(cloud: Cloud, outputs: Outputs) -> None:
    """MON-1: the VPC's flow log is active and takes accepted and rejected traffic."""
    logs = cloud.ec2.describe_flow_logs(
        Filters=[{"Name": "resource-id", "Values": [outputs.vpc_id]}]
    )["FlowLogs"]
    assert [(log["FlowLogStatus"], log["TrafficType"]) for log in logs] == [("ACTIVE", "ALL")]
