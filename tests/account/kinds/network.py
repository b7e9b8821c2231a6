"""EC2: the network itself."""

from __future__ import annotations

from typing import Any

from account.aws import Aws, absent, as_list
from account.kind import Inputs, Kind


def tagged(new: Inputs, what: str) -> list[dict[str, Any]]:
    """Return tags for the call that makes something of EC2."""
    return [{"ResourceType": what, "Tags": as_list(new["tagsAll"])}]


def retag(aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
    """Put the tags of something of EC2, and take away those that are no longer said."""
    gone = sorted(old.get("tagsAll", {}).keys() - new["tagsAll"].keys())
    if gone:
        aws.client("ec2").delete_tags(Resources=[id_], Tags=[{"Key": key} for key in gone])
    aws.client("ec2").create_tags(Resources=[id_], Tags=as_list(new["tagsAll"]))


class Vpc(Kind):
    """A network."""

    token = "aws:ec2/vpc:Vpc"  # noqa: S105 - a type

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        made = aws.client("ec2").create_vpc(
            CidrBlock=new["cidrBlock"], TagSpecifications=tagged(new, "vpc")
        )
        return made["Vpc"]["VpcId"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put DNS and tags: AWS takes one attribute a call."""
        ec2 = aws.client("ec2")
        support = {"Value": new.get("enableDnsSupport", True)}
        ec2.modify_vpc_attribute(VpcId=id_, EnableDnsSupport=support)
        names = {"Value": new.get("enableDnsHostnames", False)}
        ec2.modify_vpc_attribute(VpcId=id_, EnableDnsHostnames=names)
        retag(aws, id_, old, new)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it, and what AWS made with it."""
        del known
        ec2 = aws.client("ec2")
        with absent("InvalidVpcID.NotFound"):
            (found,) = ec2.describe_vpcs(VpcIds=[id_])["Vpcs"]
            of_it = [{"Name": "vpc-id", "Values": [id_]}]
            acls = ec2.describe_network_acls(Filters=of_it)["NetworkAcls"]
            named = [*of_it, {"Name": "group-name", "Values": ["default"]}]
            (group,) = ec2.describe_security_groups(Filters=named)["SecurityGroups"]
            return {
                "arn": aws.arn("ec2", f"vpc/{id_}"),
                "cidrBlock": found["CidrBlock"],
                "defaultNetworkAclId": next(a["NetworkAclId"] for a in acls if a["IsDefault"]),
                "defaultSecurityGroupId": group["GroupId"],
                "ownerId": aws.account,
            }
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("ec2").delete_vpc(VpcId=id_)


KINDS: tuple[Kind, ...] = (Vpc(),)
