"""NET-5 to NET-8, DB-1, FN-5, LB-1: who reaches whom, and who must not."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

import pytest

from tests.integration.packets import Host, Packets
from tests.integration.topology import INTERNET, Topology

if TYPE_CHECKING:
    from mypy_boto3_elbv2.type_defs import LoadBalancerTypeDef
    from mypy_boto3_lambda.type_defs import FunctionConfigurationResponseTypeDef

    from tests.integration.cloud import Cloud
    from tests.integration.outputs import Outputs

    Functions = dict[str, FunctionConfigurationResponseTypeDef]
    Places = dict[str, list[Host | IPv4Address]]

POSTGRESQL = 5432


@pytest.fixture(name="balancer_itself", scope="module")
def _balancer_itself(cloud: Cloud, outputs: Outputs) -> LoadBalancerTypeDef:
    (balancer,) = cloud.elbv2.describe_load_balancers(LoadBalancerArns=[outputs.load_balancer_arn])[
        "LoadBalancers"
    ]
    return balancer


@pytest.fixture(name="admitted", scope="module")
def _admitted(balancer_itself: LoadBalancerTypeDef, topology: Topology) -> list[IPv4Network]:
    """Networks whose clients the load balancer's groups let in."""
    return [
        IPv4Network(rule["CidrIpv4"])
        for group in balancer_itself["SecurityGroups"]
        for rule in topology.rules(group, out=False)
        if "CidrIpv4" in rule
    ]


@pytest.fixture(name="places", scope="module")
def _places(  # noqa: PLR0913, PLR0917 - all of the stack that has an address
    cloud: Cloud,
    outputs: Outputs,
    topology: Topology,
    functions: Functions,
    balancer_itself: LoadBalancerTypeDef,
    admitted: list[IPv4Network],
) -> Places:
    """Everything that could begin a connection or take one, in every zone."""
    subnets = {subnet.id: subnet for subnet in topology.subnets}
    (database,) = cloud.rds.describe_db_instances(DBInstanceIdentifier=outputs.database_identifier)[
        "DBInstances"
    ]
    return {
        "functions": [
            Host(
                subnet=subnets[subnet], groups=frozenset(function["VpcConfig"]["SecurityGroupIds"])
            )
            for function in functions.values()
            for subnet in function["VpcConfig"]["SubnetIds"]
        ],
        "database": [
            Host(
                subnet=subnets[subnet["SubnetIdentifier"]],
                groups=frozenset(
                    group["VpcSecurityGroupId"] for group in database["VpcSecurityGroups"]
                ),
                is_public=database["PubliclyAccessible"],
            )
            for subnet in database["DBSubnetGroup"]["Subnets"]
        ],
        "balancer": [
            Host(
                subnet=subnets[zone["SubnetId"]],
                groups=frozenset(balancer_itself["SecurityGroups"]),
                is_public=balancer_itself["Scheme"] == "internet-facing",
            )
            for zone in balancer_itself["AvailabilityZones"]
        ],
        "clients": [network[0] for network in admitted],
        "internet": [INTERNET],
    }


def _refusals(packets: Packets, places: Places, source: str, target: str, port: int) -> list[str]:
    assert places[source], source
    assert places[target], target
    return [packets.refusal(one, other, port) for one in places[source] for other in places[target]]


@pytest.mark.parametrize(
    ("source", "target", "port"),
    [
        ("clients", "balancer", 443),
        ("clients", "balancer", 80),
        ("functions", "database", POSTGRESQL),
        ("functions", "internet", 443),
    ],
)
def test_connections_come_about(
    topology: Topology, places: Places, source: str, target: str, port: int
) -> None:
    """NET-5, NET-6, NET-7, FN-5, LB-1: from every zone to every zone, and the answers back."""
    refusals = _refusals(Packets(topology), places, source, target, port)
    assert {refusal for refusal in refusals if refusal} == set()


@pytest.mark.parametrize(
    ("source", "target", "port"),
    [
        ("internet", "database", POSTGRESQL),
        ("internet", "functions", 443),
        ("internet", "balancer", 22),
        ("internet", "balancer", POSTGRESQL),
        ("internet", "balancer", 8080),
        ("clients", "balancer", 22),
        ("clients", "database", POSTGRESQL),
        ("clients", "functions", 443),
        ("balancer", "database", POSTGRESQL),
        ("balancer", "functions", 443),
        ("balancer", "internet", 443),
        ("database", "functions", 443),
        ("database", "functions", POSTGRESQL),
        ("database", "internet", 443),
        ("database", "balancer", 443),
        ("functions", "functions", 443),
        ("functions", "balancer", POSTGRESQL),
        ("functions", "database", 22),
        ("functions", "database", 443),
        ("functions", "internet", 22),
        ("functions", "internet", 25),
        ("functions", "internet", 80),
        ("functions", "internet", POSTGRESQL),
    ],
)
def test_connections_are_refused(
    topology: Topology, places: Places, source: str, target: str, port: int
) -> None:
    """NET-6, NET-7, NET-8, DB-1: nothing else comes about, from no zone."""
    refusals = _refusals(Packets(topology), places, source, target, port)
    assert all(refusals), f"{source} reach {target} at {port}"


@pytest.mark.parametrize("port", [80, 443])
def test_strangers_do_not_reach_the_load_balancer(
    topology: Topology, places: Places, admitted: list[IPv4Network], port: int
) -> None:
    """NET-6: who is of no admitted network; where the spec admits everybody, its rule says so."""
    refusals = _refusals(Packets(topology), places, "internet", "balancer", port)
    assert all(refusals) is not any(INTERNET in network for network in admitted)
