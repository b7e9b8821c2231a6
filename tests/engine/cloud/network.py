"""VPC, subnets, gateways, routes, network ACLs, security groups, endpoints."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from engine.cloud import tokens as t
from engine.cloud.kind import Kind, Record, Ref, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.cloud.store import Cloud

# The default deny counts against AWS's limit of 20 rules a direction.
ACL_RULES = 19
GROUPS = (t.SECURITY_GROUP, t.DEFAULT_SECURITY_GROUP)
ZONES = {f"use1-az{number}": f"us-east-1{letter}" for number, letter in enumerate("abcdef", 1)}
SERVICES = ("s3", "dynamodb")


def _object(
    prefix: str, arn: str, **more: Callable[[Record], Any]
) -> Callable[..., dict[str, Any]]:
    """Outputs of an EC2 object whose id is a prefix and hexadecimal digits."""

    def outputs(cloud: Cloud, record: Record) -> dict[str, Any]:
        id_ = f"{prefix}-0{record.hex(16)}"
        return {
            "id": id_,
            "arn": f"arn:aws:ec2:{record.region}:{cloud.account}:{arn}/{id_}",
            "ownerId": cloud.account,
            **{name: make(record) for name, make in more.items()},
        }

    return outputs


def _vpc(cloud: Cloud, record: Record) -> dict[str, Any]:
    computed = {
        name: f"{prefix}-0{record.hex(16, name)}"
        for name, prefix in (
            ("defaultNetworkAclId", "acl"),
            ("defaultRouteTableId", "rtb"),
            ("defaultSecurityGroupId", "sg"),
            ("dhcpOptionsId", "dopt"),
        )
    }
    computed["mainRouteTableId"] = computed["defaultRouteTableId"]
    return {**_object("vpc", "vpc")(cloud, record), **computed}


def _subnet_fits(cloud: Cloud, record: Record) -> None:
    vpc = cloud.one(t.VPC, id=record.inputs["vpcId"])
    assert vpc is not None
    block = ipaddress.ip_network(record.inputs["cidrBlock"])
    if not block.subnet_of(ipaddress.ip_network(vpc.inputs["cidrBlock"])):  # type: ignore[arg-type]
        message = f"InvalidSubnet.Range: {record.name}: {block} is not inside the network's block"
        raise Refused(message)
    for other in cloud.all(t.SUBNET, vpcId=vpc.id):
        if other.urn != record.urn and block.overlaps(
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


def _no_mapped_addresses(cloud: Cloud, record: Record) -> None:
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


def _acl_rules_fit(_: Cloud, record: Record) -> None:
    for direction in ("ingress", "egress"):
        numbers = [rule["ruleNo"] for rule in record.inputs.get(direction, [])]
        if len(numbers) > ACL_RULES or len(numbers) != len(set(numbers)):
            message = f"NetworkAclLimitExceeded: {record.name}.{direction}: too many rules, or a number twice"
            raise Refused(message)


def _subnets_have_one(name: str) -> Callable[[Cloud, Record], None]:
    def rule(cloud: Cloud, record: Record) -> None:
        mine = set(record.inputs.get(name, []))
        for other in cloud.all(record.token):
            if other.urn != record.urn and mine & set(other.inputs.get(name, [])):
                message = f"{record.name}: {other.name} already has one of its subnets"
                raise Refused(message)

    return rule


def _routes_are_whole(_: Cloud, record: Record) -> None:
    destinations = [route.get("cidrBlock") for route in record.inputs.get("routes", [])]
    targets = [
        [key for key in route if key.endswith("Id") and route[key]]
        for route in record.inputs.get("routes", [])
    ]
    if len(destinations) != len(set(destinations)) or any(len(found) != 1 for found in targets):
        message = f"{record.name}: each route needs one destination of its own and one target"
        raise Refused(message)


def _rule_is_whole(cloud: Cloud, record: Record) -> None:
    sources = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
    if sum(name in record.inputs for name in sources) != 1:
        message = f"InvalidParameterValue: {record.name}: needs exactly one of {sources}"
        raise Refused(message)
    same = ("securityGroupId", "ipProtocol", "fromPort", "toPort", *sources)
    for other in cloud.all(record.token):
        if other.urn != record.urn and all(other.get(n) == record.inputs.get(n) for n in same):
            message = f"InvalidPermission.Duplicate: {record.name} says the same as {other.name}"
            raise Refused(message)


def _service_exists(_: Cloud, record: Record) -> None:
    names = [f"com.amazonaws.{record.region}.{service}" for service in SERVICES]
    if record.inputs.get("serviceName") not in names:
        message = f"InvalidServiceName: {record.name}: {record.inputs.get('serviceName')}"
        raise Refused(message)


def _adopted(prefix: str, arn: str, id_argument: str) -> Callable[..., dict[str, Any]]:
    """Outputs of what AWS made with the network: its id was there before."""

    def outputs(cloud: Cloud, record: Record) -> dict[str, Any]:
        ((_, vpc),) = record.refers
        id_ = vpc.get(id_argument)
        assert id_.startswith(prefix)
        return {
            "id": id_,
            "arn": f"arn:aws:ec2:{record.region}:{cloud.account}:{arn}/{id_}",
            "ownerId": cloud.account,
            "vpcId": vpc.id,
        }

    return outputs


def _association(_: Cloud, record: Record) -> dict[str, Any]:
    return {"id": f"rtbassoc-0{record.hex(16)}"}


def _flow_log(cloud: Cloud, record: Record) -> dict[str, Any]:
    id_ = f"fl-0{record.hex(16)}"
    return {"id": id_, "arn": f"arn:aws:ec2:{record.region}:{cloud.account}:vpc-flow-log/{id_}"}


def _address(record: Record) -> str:
    return ".".join(str(int(record.hex(6)[i : i + 2], 16)) for i in (0, 2, 4)) + ".7"


KINDS = (
    Kind(t.VPC, _vpc),
    Kind(
        t.SUBNET,
        _object(
            "subnet",
            "subnet",
            availabilityZone=lambda r: ZONES.get(r.inputs.get("availabilityZoneId", "")),
        ),
        refs=(Ref("vpcId", (t.VPC,)),),
        create_rules=(_subnet_fits,),
    ),
    Kind(
        t.INTERNET_GATEWAY,
        _object("igw", "internet-gateway"),
        refs=(Ref("vpcId", (t.VPC,)),),
        unique=(("vpcId",),),
        delete_rules=(_no_mapped_addresses,),
    ),
    Kind(
        t.EIP,
        _object(
            "eipalloc",
            "elastic-ip",
            allocationId=lambda r: f"eipalloc-0{r.hex(16)}",
            publicIp=_address,
        ),
    ),
    Kind(
        t.NAT_GATEWAY,
        lambda c, r: {
            **_object("nat", "natgateway")(c, r),
            "networkInterfaceId": f"eni-0{r.hex(16, 'eni')}",
            "publicIp": next(o.get("publicIp") for _, o in r.refers if o.token == t.EIP),
        },
        refs=(Ref("subnetId", (t.SUBNET,)), Ref("allocationId", (t.EIP,), by="allocationId")),
        unique=(("allocationId",),),
        create_rules=(has_gateway,),
    ),
    Kind(
        t.ROUTE_TABLE,
        _object("rtb", "route-table"),
        refs=(
            Ref("vpcId", (t.VPC,)),
            Ref("routes[].gatewayId", (t.INTERNET_GATEWAY,)),
            Ref("routes[].natGatewayId", (t.NAT_GATEWAY,)),
        ),
        one_vpc=True,
        create_rules=(_routes_are_whole,),
    ),
    Kind(
        "aws:ec2/route:Route",
        lambda _, r: {"id": f"r-{r.inputs['routeTableId']}{r.hex(10)}", "state": "active"},
        refs=(
            Ref("routeTableId", (t.ROUTE_TABLE,)),
            Ref("gatewayId", (t.INTERNET_GATEWAY,)),
            Ref("natGatewayId", (t.NAT_GATEWAY,)),
        ),
        unique=(("routeTableId", "destinationCidrBlock"),),
        one_vpc=True,
    ),
    Kind(
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        _association,
        refs=(Ref("subnetId", (t.SUBNET,)), Ref("routeTableId", (t.ROUTE_TABLE,))),
        unique=(("subnetId",),),
        one_vpc=True,
    ),
    Kind(
        "aws:ec2/networkAcl:NetworkAcl",
        _object("acl", "network-acl"),
        refs=(Ref("vpcId", (t.VPC,)), Ref("subnetIds[]", (t.SUBNET,))),
        one_vpc=True,
        create_rules=(_acl_rules_fit, _subnets_have_one("subnetIds")),
    ),
    Kind(
        "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl",
        _adopted("acl", "network-acl", "defaultNetworkAclId"),
        refs=(Ref("defaultNetworkAclId", (t.VPC,), by="defaultNetworkAclId"),),
        unique=(("defaultNetworkAclId",),),
    ),
    Kind(
        t.DEFAULT_SECURITY_GROUP,
        _adopted("sg", "security-group", "defaultSecurityGroupId"),
        refs=(Ref("vpcId", (t.VPC,)),),
        unique=(("vpcId",),),
    ),
    Kind(
        t.SECURITY_GROUP,
        _object("sg", "security-group"),
        refs=(Ref("vpcId", (t.VPC,)),),
        unique=(("name", "vpcId"),),
    ),
    *(
        Kind(
            f"aws:vpc/securityGroup{way}Rule:SecurityGroup{way}Rule",
            _object(
                "sgr", "security-group-rule", securityGroupRuleId=lambda r: f"sgr-0{r.hex(16)}"
            ),
            refs=(
                Ref("securityGroupId", GROUPS),
                Ref("referencedSecurityGroupId", GROUPS),
                Ref("prefixListId", ("aws:ec2/vpcEndpoint:VpcEndpoint",), by="prefixListId"),
            ),
            one_vpc=True,
            create_rules=(_rule_is_whole,),
        )
        for way in ("Ingress", "Egress")
    ),
    Kind(
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        _object(
            "vpce",
            "vpc-endpoint",
            prefixListId=lambda r: f"pl-{r.inputs['serviceName'].rsplit('.', 1)[-1]}000001",
            state=lambda _: "available",
        ),
        refs=(
            Ref("vpcId", (t.VPC,)),
            Ref("routeTableIds[]", (t.ROUTE_TABLE,)),
            Ref("subnetIds[]", (t.SUBNET,)),
            Ref("securityGroupIds[]", GROUPS),
        ),
        one_vpc=True,
        policies=(("policy", "resource"),),
        create_rules=(_service_exists,),
    ),
    Kind(
        "aws:ec2/flowLog:FlowLog",
        _flow_log,
        refs=(
            Ref("vpcId", (t.VPC,)),
            Ref("iamRoleArn", (t.ROLE,), by="arn"),
            Ref("logDestination", (t.LOG_GROUP, t.BUCKET), by="arn"),
        ),
        # FlowLogAlreadyExists, whatever else is different.
        unique=(("vpcId", "logDestination"),),
    ),
)
