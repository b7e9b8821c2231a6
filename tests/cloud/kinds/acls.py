"""EC2: what passes at the border of a subnet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from cloud import tokens as t
from cloud.kinds.ec2 import Ec2Object, adopted, retag, tagged
from cloud.record import Record, Ref, Unique
from cloud.rules import network as rule

if TYPE_CHECKING:
    from cloud.aws import Aws
    from cloud.kind import Inputs, Kind
    from cloud.store import Cloud

# The calls take numbers.
PROTOCOLS = {"-1": "-1", "all": "-1", "icmp": "1", "tcp": "6", "udp": "17"}
WITH_PORTS = ("6", "17")
ICMP = "1"
# The last rule, which denies and cannot be taken away.
LAST = 32767


class Acl(Ec2Object):
    """A list of rules in both directions."""

    what = "network-acl"
    found_by = ("describe_network_acls", "NetworkAclIds", "NetworkAcls")
    properties: ClassVar = {"vpcId": "VpcId"}

    def put_rules(self, aws: Aws, id_: str, new: Inputs) -> None:
        """Put all rules that the arguments say, and no other."""
        ec2 = aws.client("ec2")
        there = {
            (entry["Egress"], entry["RuleNumber"]): entry
            for entry in self.present(aws, id_)["Entries"]
            if entry["RuleNumber"] != LAST
        }
        wanted = {
            (egress, rule["ruleNo"]): _entry(rule)
            for egress, name in ((False, "ingress"), (True, "egress"))
            for rule in new.get(name, [])
        }
        for egress, number in there.keys() - wanted.keys():
            ec2.delete_network_acl_entry(NetworkAclId=id_, Egress=egress, RuleNumber=number)
        for (egress, number), entry in wanted.items():
            place = {"NetworkAclId": id_, "Egress": egress, "RuleNumber": number}
            present = there.get((egress, number))
            if present is None:
                ec2.create_network_acl_entry(**place, **entry)
            elif any(present.get(name) != value for name, value in entry.items()):
                ec2.replace_network_acl_entry(**place, **entry)

    def subnets(self, aws: Aws, found: dict[str, Any]) -> dict[str, str]:
        """Return the associations by subnet, which are ids that change with each call."""
        del aws
        return {each["SubnetId"]: each["NetworkAclAssociationId"] for each in found["Associations"]}


def _entry(rule: Inputs) -> dict[str, Any]:
    protocol = PROTOCOLS.get(str(rule["protocol"]), str(rule["protocol"]))
    entry: dict[str, Any] = {"Protocol": protocol, "RuleAction": rule["action"].lower()}
    if rule.get("cidrBlock"):
        entry["CidrBlock"] = rule["cidrBlock"]
    if rule.get("ipv6CidrBlock"):
        entry["Ipv6CidrBlock"] = rule["ipv6CidrBlock"]
    ports = {"From": rule["fromPort"], "To": rule["toPort"]}
    if protocol in WITH_PORTS:
        entry["PortRange"] = ports
    if protocol == ICMP:
        entry["IcmpTypeCode"] = {
            "Type": rule.get("icmpType", -1),
            "Code": rule.get("icmpCode", -1),
        }
    return entry


class NetworkAcl(Acl):
    """A list of one's own, for some subnets."""

    token = "aws:ec2/networkAcl:NetworkAcl"  # noqa: S105 - a type
    lacks = "moto's lists have no last rule (32767, deny): what no rule lets through is denied all the same"
    prefix = "acl"
    refs = (
        Ref("vpcId", (t.VPC,), in_use="DependencyViolation"),
        Ref("subnetIds[]", (t.SUBNET,)),
    )
    one_vpc = True
    rules = (rule.acl_rules_fit, rule.subnets_have_one("subnetIds"))

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it, without a rule: it denies all."""
        made = aws.client("ec2").create_network_acl(
            VpcId=new["vpcId"], TagSpecifications=tagged(new, "network-acl")
        )
        return made["NetworkAcl"]["NetworkAclId"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put rules, then subnets, then tags."""
        self.put_rules(aws, id_, new)
        there = self.subnets(aws, self.present(aws, id_))
        wanted = new.get("subnetIds", []) if "subnetIds" in new or "subnetIds" in old else there
        for subnet in wanted:
            if subnet not in there:
                self._move(aws, subnet, id_)
        self._give_back(aws, id_, [subnet for subnet in there if subnet not in wanted])
        retag(aws, id_, old, new)

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Give its subnets back to the network's own list, and delete it."""
        del known
        self._give_back(aws, id_, list(self.subnets(aws, self.present(aws, id_))))
        aws.client("ec2").delete_network_acl(NetworkAclId=id_)

    def _move(self, aws: Aws, subnet: str, to: str) -> None:
        ec2 = aws.client("ec2")
        sought = [{"Name": "association.subnet-id", "Values": [subnet]}]
        (found,) = ec2.describe_network_acls(Filters=sought)["NetworkAcls"]
        association = self.subnets(aws, found)[subnet]
        ec2.replace_network_acl_association(AssociationId=association, NetworkAclId=to)

    def _give_back(self, aws: Aws, id_: str, subnets: list[str]) -> None:
        vpc = self.present(aws, id_)["VpcId"]
        sought = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "default", "Values": ["true"]}]
        (own,) = aws.client("ec2").describe_network_acls(Filters=sought)["NetworkAcls"]
        for subnet in subnets:
            self._move(aws, subnet, own["NetworkAclId"])


class DefaultNetworkAcl(Acl):
    """The list that came with the network: adopted, and left there at the end."""

    token = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"  # noqa: S105 - a type
    prefix = "acl"
    refs = (Ref("defaultNetworkAclId", (t.VPC,), by="defaultNetworkAclId"),)
    unique = (Unique(("defaultNetworkAclId",)),)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return the id that it had before: AWS made it with the network."""
        ((_, vpc),) = [found for found in record.refers if found[1].token == t.VPC]
        return adopted(self, cloud, record, vpc, vpc.get("defaultNetworkAclId"))

    def make(self, aws: Aws, new: Inputs) -> str:
        """Adopt it."""
        self.present(aws, new["defaultNetworkAclId"])
        return new["defaultNetworkAclId"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put rules and tags; without rules it denies all."""
        self.put_rules(aws, id_, new)
        retag(aws, id_, old, new)

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Forget it."""


KINDS: tuple[Kind, ...] = (NetworkAcl(), DefaultNetworkAcl())
