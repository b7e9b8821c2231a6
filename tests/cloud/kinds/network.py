"""EC2: the network itself, and the gateways in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from cloud import tokens as t
from cloud.aws import Aws, given
from cloud.kinds.ec2 import Ec2Object, retag, tagged
from cloud.record import Record, Ref, Unique
from cloud.rules import network as rule

if TYPE_CHECKING:
    from cloud.kind import Inputs, Kind
    from cloud.store import Cloud


class Vpc(Ec2Object):
    """A network."""

    token = "aws:ec2/vpc:Vpc"  # noqa: S105 - a type
    what = "vpc"
    found_by = ("describe_vpcs", "VpcIds", "Vpcs")
    properties: ClassVar = {"cidrBlock": "CidrBlock", "dhcpOptionsId": "DhcpOptionsId"}
    lacks = "moto keeps the default network ACL of a network that is deleted"
    prefix = "vpc"
    # What AWS makes with it.
    comes_with: ClassVar = {
        "defaultNetworkAclId": "acl",
        "defaultRouteTableId": "rtb",
        "defaultSecurityGroupId": "sg",
        "dhcpOptionsId": "dopt",
    }

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return those of what AWS makes with it too."""
        made = {n: f"{prefix}-0{record.hex(16, n)}" for n, prefix in self.comes_with.items()}
        main = {"mainRouteTableId": made["defaultRouteTableId"]}
        return {**super().ids(cloud, record), **made, **main}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        made = aws.client("ec2").create_vpc(
            CidrBlock=new["cidrBlock"],
            TagSpecifications=tagged(new, "vpc"),
            **given(InstanceTenancy=new.get("instanceTenancy")),
        )
        return made["Vpc"]["VpcId"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put DNS and tags: AWS takes one attribute a call."""
        ec2 = aws.client("ec2")
        support = {"Value": new.get("enableDnsSupport", True)}
        ec2.modify_vpc_attribute(VpcId=id_, EnableDnsSupport=support)
        names = {"Value": new.get("enableDnsHostnames", False)}
        ec2.modify_vpc_attribute(VpcId=id_, EnableDnsHostnames=names)
        metrics = {"Value": new.get("enableNetworkAddressUsageMetrics", False)}
        ec2.modify_vpc_attribute(VpcId=id_, EnableNetworkAddressUsageMetrics=metrics)
        retag(aws, id_, old, new)

    def computed(self, aws: Aws, found: dict[str, Any]) -> dict[str, Any]:
        """Return what AWS made with it."""
        ec2 = aws.client("ec2")
        of_it = [{"Name": "vpc-id", "Values": [found["VpcId"]]}]
        acls = ec2.describe_network_acls(Filters=of_it)["NetworkAcls"]
        main = [*of_it, {"Name": "association.main", "Values": ["true"]}]
        (table,) = ec2.describe_route_tables(Filters=main)["RouteTables"]
        named = [*of_it, {"Name": "group-name", "Values": ["default"]}]
        (group,) = ec2.describe_security_groups(Filters=named)["SecurityGroups"]
        return {
            "defaultNetworkAclId": next(a["NetworkAclId"] for a in acls if a["IsDefault"]),
            "defaultRouteTableId": table["RouteTableId"],
            "defaultSecurityGroupId": group["GroupId"],
            "mainRouteTableId": table["RouteTableId"],
        }

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("ec2").delete_vpc(VpcId=id_)


class Subnet(Ec2Object):
    """A part of a network, in one zone."""

    token = "aws:ec2/subnet:Subnet"  # noqa: S105 - a type
    what = "subnet"
    lacks = "moto ignores the sort of host names"
    found_by = ("describe_subnets", "SubnetIds", "Subnets")
    properties: ClassVar = {
        "availabilityZone": "AvailabilityZone",
        "availabilityZoneId": "AvailabilityZoneId",
    }
    prefix = "subnet"
    refs = (Ref("vpcId", (t.VPC,), in_use="DependencyViolation"),)
    rules = (rule.subnet_fits,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its zone by both names."""
        zone = record.inputs.get("availabilityZoneId", "")
        named = {"availabilityZone": rule.ZONES.get(zone), "availabilityZoneId": zone}
        return {**super().ids(cloud, record), **named}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        made = aws.client("ec2").create_subnet(
            VpcId=new["vpcId"],
            CidrBlock=new["cidrBlock"],
            TagSpecifications=tagged(new, "subnet"),
            **given(
                AvailabilityZone=new.get("availabilityZone"),
                AvailabilityZoneId=new.get("availabilityZoneId"),
            ),
        )
        return made["Subnet"]["SubnetId"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put what becomes of addresses and names of what starts in it, and tags."""
        ec2 = aws.client("ec2")
        public = {"Value": new.get("mapPublicIpOnLaunch", False)}
        ec2.modify_subnet_attribute(SubnetId=id_, MapPublicIpOnLaunch=public)
        records = {"Value": new.get("enableResourceNameDnsARecordOnLaunch", False)}
        ec2.modify_subnet_attribute(SubnetId=id_, EnableResourceNameDnsARecordOnLaunch=records)
        kind = new.get("privateDnsHostnameTypeOnLaunch")
        if kind:
            ec2.modify_subnet_attribute(SubnetId=id_, PrivateDnsHostnameTypeOnLaunch=kind)
        retag(aws, id_, old, new)

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("ec2").delete_subnet(SubnetId=id_)


class InternetGateway(Ec2Object):
    """The way of a network to the internet."""

    token = "aws:ec2/internetGateway:InternetGateway"  # noqa: S105 - a type
    what = "internet-gateway"
    found_by = ("describe_internet_gateways", "InternetGatewayIds", "InternetGateways")
    prefix = "igw"
    refs = (Ref("vpcId", (t.VPC,), in_use="DependencyViolation"),)
    unique = (Unique(("vpcId",), "InvalidParameterValue"),)
    change_rules = (rule.moves_when_unmapped,)
    delete_rules = (rule.no_mapped_addresses,)

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        made = aws.client("ec2").create_internet_gateway(
            TagSpecifications=tagged(new, "internet-gateway")
        )
        return made["InternetGateway"]["InternetGatewayId"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Attach it to the network that the arguments say, and to no other; put tags."""
        ec2 = aws.client("ec2")
        attached = [each["VpcId"] for each in self.present(aws, id_)["Attachments"]]
        wanted = [new["vpcId"]] if new.get("vpcId") else []
        for vpc in attached:
            if vpc not in wanted:
                ec2.detach_internet_gateway(InternetGatewayId=id_, VpcId=vpc)
        for vpc in wanted:
            if vpc not in attached:
                ec2.attach_internet_gateway(InternetGatewayId=id_, VpcId=vpc)
        retag(aws, id_, old, new)

    def computed(self, aws: Aws, found: dict[str, Any]) -> dict[str, Any]:
        """Return the network."""
        del aws
        return {"vpcId": next((each["VpcId"] for each in found["Attachments"]), "")}

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Detach and delete it."""
        del known
        ec2 = aws.client("ec2")
        for each in self.present(aws, id_)["Attachments"]:
            ec2.detach_internet_gateway(InternetGatewayId=id_, VpcId=each["VpcId"])
        ec2.delete_internet_gateway(InternetGatewayId=id_)


class Eip(Ec2Object):
    """A public address of one's own."""

    token = "aws:ec2/eip:Eip"  # noqa: S105 - a type
    what = "elastic-ip"
    found_by = ("describe_addresses", "AllocationIds", "Addresses")
    usual = ("arn",)
    properties: ClassVar = {
        "allocationId": "AllocationId",
        "associationId": "AssociationId",
        "domain": "Domain",
        "privateIp": "PrivateIpAddress",
        "publicIp": "PublicIp",
    }
    prefix = "eipalloc"

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return an address."""
        made = super().ids(cloud, record)
        parts = [str(int(record.hex(6)[i : i + 2], 16)) for i in (0, 2, 4)]
        return {**made, "allocationId": made["id"], "publicIp": f"{'.'.join(parts)}.7"}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Take one."""
        made = aws.client("ec2").allocate_address(
            Domain=new.get("domain", "vpc"), TagSpecifications=tagged(new, "elastic-ip")
        )
        return made["AllocationId"]

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Give it back."""
        del known
        aws.client("ec2").release_address(AllocationId=id_)


class NatGateway(Ec2Object):
    """The way of private subnets to the internet."""

    token = "aws:ec2/natGateway:NatGateway"  # noqa: S105 - a type
    what = "natgateway"
    found_by = ("describe_nat_gateways", "NatGatewayIds", "NatGateways")
    usual = ()
    lacks = "moto leaves the interface of a deleted gateway, which AWS deletes: the mapping does"
    prefix = "nat"
    refs = (
        Ref("subnetId", (t.SUBNET,), in_use="DependencyViolation"),
        Ref("allocationId", (t.EIP,), by="allocationId", in_use="InvalidIPAddress.InUse"),
    )
    unique = (Unique(("allocationId",), "Resource.AlreadyAssociated"),)
    rules = (rule.has_gateway,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its interface, and the address that it was given."""
        address = next(other.get("publicIp") for _, other in record.refers if other.token == t.EIP)
        interface = f"eni-0{record.hex(16, 'eni')}"
        made = {"networkInterfaceId": interface, "publicIp": address}
        return {**super().ids(cloud, record), **made}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        made = aws.client("ec2").create_nat_gateway(
            SubnetId=new["subnetId"],
            ConnectivityType=new.get("connectivityType", "public"),
            TagSpecifications=tagged(new, "natgateway"),
            **given(AllocationId=new.get("allocationId")),
        )
        return made["NatGateway"]["NatGatewayId"]

    def computed(self, aws: Aws, found: dict[str, Any]) -> dict[str, Any]:
        """Return its addresses."""
        del aws
        address = found["NatGatewayAddresses"][0]
        return {
            "associationId": address.get("AssociationId", ""),
            "networkInterfaceId": address["NetworkInterfaceId"],
            "privateIp": address["PrivateIp"],
            "publicIp": address.get("PublicIp", ""),
        }

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        ec2 = aws.client("ec2")
        addresses = self.present(aws, id_)["NatGatewayAddresses"]
        ec2.delete_nat_gateway(NatGatewayId=id_)
        for address in addresses:
            if address.get("AssociationId"):
                ec2.disassociate_address(AssociationId=address["AssociationId"])
            ec2.delete_network_interface(NetworkInterfaceId=address["NetworkInterfaceId"])


class FlowLog(Ec2Object):
    """A record of what flows in a network."""

    token = "aws:ec2/flowLog:FlowLog"  # noqa: S105 - a type
    what = "vpc-flow-log"
    found_by = ("describe_flow_logs", "FlowLogIds", "FlowLogs")
    usual = ("arn",)
    lacks = "moto looks for a log group by its name alone: of one by its ARN it says that delivery fails"
    prefix = "fl"
    refs = (
        Ref("vpcId", (t.VPC,)),
        Ref("iamRoleArn", (t.ROLE,), by="arn"),
        Ref("logDestination", (t.LOG_GROUP, t.BUCKET), by="arn"),
    )
    # Whatever else is different.
    unique = (Unique(("vpcId", "logDestination"), "FlowLogAlreadyExists"),)

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it; the answer tells of failures in its body."""
        over = {
            kind: new[name]
            for name, kind in (
                ("vpcId", "VPC"),
                ("subnetId", "Subnet"),
                ("eniId", "NetworkInterface"),
            )
            if new.get(name)
        }
        ((kind, resource),) = over.items()
        made = aws.client("ec2").create_flow_logs(
            ResourceIds=[resource],
            ResourceType=kind,
            LogDestinationType=new.get("logDestinationType", "cloud-watch-logs"),
            TagSpecifications=tagged(new, "vpc-flow-log"),
            **given(
                TrafficType=new.get("trafficType"),
                LogDestination=new.get("logDestination"),
                LogFormat=new.get("logFormat"),
                DeliverLogsPermissionArn=new.get("iamRoleArn"),
                MaxAggregationInterval=new.get("maxAggregationInterval"),
            ),
        )
        assert not made.get("Unsuccessful"), made["Unsuccessful"]
        return made["FlowLogIds"][0]

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("ec2").delete_flow_logs(FlowLogIds=[id_])


KINDS: tuple[Kind, ...] = (Vpc(), Subnet(), InternetGateway(), Eip(), NatGateway(), FlowLog())
