"""EC2: where packets go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from cloud import tokens as t
from cloud.aws import Aws, absent, given
from cloud.kind import Inputs, Kind
from cloud.kinds.ec2 import Ec2Object, retag, tagged
from cloud.record import Record, Ref, Unique
from cloud.rules import network as rule

if TYPE_CHECKING:
    from cloud.store import Cloud

DESTINATIONS = {
    "cidrBlock": "DestinationCidrBlock",
    "ipv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}
TARGETS = {
    "egressOnlyGatewayId": "EgressOnlyInternetGatewayId",
    "gatewayId": "GatewayId",
    "natGatewayId": "NatGatewayId",
    "networkInterfaceId": "NetworkInterfaceId",
    "transitGatewayId": "TransitGatewayId",
    "vpcEndpointId": "VpcEndpointId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
}


def _renamed(route: Inputs, names: dict[str, str]) -> dict[str, str]:
    return {api: route[name] for name, api in names.items() if route.get(name)}


def _put(aws: Aws, table: str, there: dict[str, Any] | None, route: dict[str, str]) -> None:
    """Make a route, or lead the one that is there to another target."""
    if there is None:
        aws.client("ec2").create_route(RouteTableId=table, **route)
    elif any(there.get(name) != value for name, value in route.items()):
        aws.client("ec2").replace_route(RouteTableId=table, **route)


def _own(table: dict[str, Any]) -> list[dict[str, Any]]:
    """Return routes that are neither the network's own nor those of a gateway endpoint."""
    return [
        route
        for route in table["Routes"]
        if route.get("GatewayId") != "local" and not route.get("GatewayId", "").startswith("vpce-")
    ]


def _destination(route: dict[str, Any]) -> dict[str, str]:
    return {name: route[name] for name in DESTINATIONS.values() if route.get(name)}


class RouteTable(Ec2Object):
    """A table with all its routes: what it does not say is taken out."""

    token = "aws:ec2/routeTable:RouteTable"  # noqa: S105 - a type
    what = "route-table"
    found_by = ("describe_route_tables", "RouteTableIds", "RouteTables")
    prefix = "rtb"
    refs = (
        Ref("vpcId", (t.VPC,), in_use="DependencyViolation"),
        Ref("routes[].gatewayId", (t.INTERNET_GATEWAY,)),
        Ref("routes[].natGatewayId", (t.NAT_GATEWAY,)),
    )
    one_vpc = True
    rules = (rule.routes_are_whole,)

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        made = aws.client("ec2").create_route_table(
            VpcId=new["vpcId"], TagSpecifications=tagged(new, "route-table")
        )
        return made["RouteTable"]["RouteTableId"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put routes and tags. Without any routes in the arguments, they are somebody else's."""
        retag(aws, id_, old, new)
        if "routes" not in new and "routes" not in old:
            return
        there = _own(self.present(aws, id_))
        wanted = [
            {**_renamed(route, DESTINATIONS), **_renamed(route, TARGETS)}
            for route in new.get("routes", [])
        ]
        kept = [_destination(route) for route in wanted]
        for route in there:
            if _destination(route) not in kept:
                aws.client("ec2").delete_route(RouteTableId=id_, **_destination(route))
        for route in wanted:
            same = [each for each in there if _destination(each) == _destination(route)]
            _put(aws, id_, same[0] if same else None, route)

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("ec2").delete_route_table(RouteTableId=id_)


class Route(Kind):
    """One route of a table."""

    token = "aws:ec2/route:Route"  # noqa: S105 - a type
    destinations: ClassVar = {
        "destinationCidrBlock": "DestinationCidrBlock",
        "destinationIpv6CidrBlock": "DestinationIpv6CidrBlock",
        "destinationPrefixListId": "DestinationPrefixListId",
    }
    refs = (
        Ref("routeTableId", (t.ROUTE_TABLE,)),
        Ref("gatewayId", (t.INTERNET_GATEWAY,)),
        Ref("natGatewayId", (t.NAT_GATEWAY,)),
    )
    unique = (Unique(("destinationCidrBlock", "routeTableId"), "RouteAlreadyExists"),)
    one_vpc = True

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return an id that follows from table and destination."""
        del cloud
        (place,) = _renamed(record.inputs, self.destinations).values()
        return {"id": f"r-{record.inputs['routeTableId']}-{place}", "state": "active"}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        destination = _renamed(new, self.destinations)
        route = {**destination, **_renamed(new, TARGETS)}
        aws.client("ec2").create_route(RouteTableId=new["routeTableId"], **route)
        (place,) = destination.values()
        return f"r-{new['routeTableId']}-{place}"

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Lead it to its target."""
        del id_, old
        route = {**_renamed(new, self.destinations), **_renamed(new, TARGETS)}
        _put(aws, new["routeTableId"], self._find(aws, new), route)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del id_
        found = self._find(aws, known)
        return found and {"state": found.get("State", ""), "origin": found.get("Origin", "")}

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del id_
        destination = _renamed(known, self.destinations)
        aws.client("ec2").delete_route(RouteTableId=known["routeTableId"], **destination)

    def _find(self, aws: Aws, known: Inputs) -> dict[str, Any] | None:
        table = RouteTable().find(aws, known["routeTableId"])
        place = _renamed(known, self.destinations)
        found = [each for each in _own(table or {"Routes": []}) if _destination(each) == place]
        return found[0] if found else None


class RouteTableAssociation(Kind):
    """The table of a subnet or of a gateway."""

    token = "aws:ec2/routeTableAssociation:RouteTableAssociation"  # noqa: S105 - a type
    refs = (
        Ref("subnetId", (t.SUBNET,)),
        Ref("routeTableId", (t.ROUTE_TABLE,), in_use="DependencyViolation"),
    )
    unique = (Unique(("subnetId",), "Resource.AlreadyAssociated"),)
    one_vpc = True

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return an id."""
        del cloud
        return {"id": f"rtbassoc-0{record.hex(16)}"}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        made = aws.client("ec2").associate_route_table(
            RouteTableId=new["routeTableId"],
            **given(SubnetId=new.get("subnetId"), GatewayId=new.get("gatewayId")),
        )
        return made["AssociationId"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Nothing: another table makes it anew, because AWS gives it another id."""

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        sought = [{"Name": "association.route-table-association-id", "Values": [id_]}]
        return (
            {} if aws.client("ec2").describe_route_tables(Filters=sought)["RouteTables"] else None
        )

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Undo it."""
        del known
        aws.client("ec2").disassociate_route_table(AssociationId=id_)


class VpcEndpoint(Ec2Object):
    """A way to a service of AWS that stays inside of the network."""

    token = "aws:ec2/vpcEndpoint:VpcEndpoint"  # noqa: S105 - a type
    what = "vpc-endpoint"
    found_by = ("describe_vpc_endpoints", "VpcEndpointIds", "VpcEndpoints")
    properties: ClassVar = {"state": "State", "networkInterfaceIds": "NetworkInterfaceIds"}
    lacks = "a table that comes to an endpoint later gets its route from the mapping, since moto enters none"
    # Arguments that are lists of ids, with their names in the calls.
    lists: ClassVar = {
        "routeTableIds": "RouteTableIds",
        "subnetIds": "SubnetIds",
        "securityGroupIds": "SecurityGroupIds",
    }
    prefix = "vpce"
    refs = (
        Ref("vpcId", (t.VPC,), in_use="DependencyViolation"),
        Ref("routeTableIds[]", (t.ROUTE_TABLE,)),
        Ref("subnetIds[]", (t.SUBNET,), in_use="DependencyViolation"),
        Ref("securityGroupIds[]", t.GROUPS, in_use="DependencyViolation"),
    )
    one_vpc = True
    policies = (("policy", "resource"),)
    rules = (rule.service_exists,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return the list of its service's addresses too."""
        service = record.inputs["serviceName"].rsplit(".", 1)[-1]
        made = {"prefixListId": f"pl-{service}000001", "state": "available"}
        return {**super().ids(cloud, record), **made}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it with its policy, because without one everything may pass."""
        made = aws.client("ec2").create_vpc_endpoint(
            VpcId=new["vpcId"],
            ServiceName=new["serviceName"],
            VpcEndpointType=new.get("vpcEndpointType", "Gateway"),
            TagSpecifications=tagged(new, "vpc-endpoint"),
            **given(
                PolicyDocument=new.get("policy"), PrivateDnsEnabled=new.get("privateDnsEnabled")
            ),
            **{api: new[name] for name, api in self.lists.items() if new.get(name)},
        )
        return made["VpcEndpoint"]["VpcEndpointId"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put the policy, who may use it, and tags."""
        there = self.present(aws, id_)
        change: dict[str, Any] = given(PolicyDocument=new.get("policy"))
        if "policy" not in new and "policy" in old:
            change["ResetPolicy"] = True
        for name, api in self.lists.items():
            wanted = set(new.get(name, []))
            present = {group["GroupId"] for group in there.get("Groups", [])}
            if api != "SecurityGroupIds":
                present = set(there.get(api, []))
            if wanted - present:
                change[f"Add{api}"] = sorted(wanted - present)
            if present - wanted:
                change[f"Remove{api}"] = sorted(present - wanted)
        if change:
            aws.client("ec2").modify_vpc_endpoint(VpcEndpointId=id_, **change)
        self._lead(aws, id_, change)
        retag(aws, id_, old, new)

    def _lead(self, aws: Aws, id_: str, change: dict[str, Any]) -> None:
        """Put the routes that come and go with a table, which moto does at the first alone."""
        ec2, service = aws.client("ec2"), self.present(aws, id_)["ServiceName"]
        route = {"DestinationPrefixListId": _prefix_list(aws, service)}
        for table in change.get("AddRouteTableIds", []):
            ec2.create_route(RouteTableId=table, GatewayId=id_, **route)
        for table in change.get("RemoveRouteTableIds", []):
            with absent("InvalidRoute.NotFound"):
                ec2.delete_route(RouteTableId=table, **route)

    def computed(self, aws: Aws, found: dict[str, Any]) -> dict[str, Any]:
        """Return the list of its service's addresses, which rules of groups may name."""
        if found["VpcEndpointType"] != "Gateway":
            return {}
        return {"prefixListId": _prefix_list(aws, found["ServiceName"])}

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        failed = aws.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[id_])["Unsuccessful"]
        assert not failed, f"{id_}: {failed}"


def _prefix_list(aws: Aws, service: str) -> str:
    sought = [{"Name": "prefix-list-name", "Values": [service]}]
    (found,) = aws.client("ec2").describe_managed_prefix_lists(Filters=sought)["PrefixLists"]
    return found["PrefixListId"]


KINDS: tuple[Kind, ...] = (RouteTable(), Route(), RouteTableAssociation(), VpcEndpoint())
