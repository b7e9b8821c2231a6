"""EC2: security groups and their rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from cloud import tokens as t
from cloud.aws import Aws, absent, given
from cloud.kind import Inputs, Kind
from cloud.kinds.ec2 import Ec2Object, adopted, retag, tagged
from cloud.record import Record, Ref, Unique
from cloud.rules import network as rule

if TYPE_CHECKING:
    from cloud.store import Cloud

ALL = "-1"


def _rules(aws: Aws, group: str) -> list[dict[str, Any]]:
    of_it = [{"Name": "group-id", "Values": [group]}]
    return aws.client("ec2").describe_security_group_rules(Filters=of_it)["SecurityGroupRules"]


def _revoke(aws: Aws, rule: dict[str, Any]) -> None:
    ec2 = aws.client("ec2")
    call = (
        ec2.revoke_security_group_egress if rule["IsEgress"] else ec2.revoke_security_group_ingress
    )
    call(GroupId=rule["GroupId"], SecurityGroupRuleIds=[rule["SecurityGroupRuleId"]])


class Group(Ec2Object):
    """A group whose rules are resources of their own."""

    what = "security-group"
    found_by = ("describe_security_groups", "GroupIds", "SecurityGroups")
    properties: ClassVar = {"name": "GroupName", "description": "Description", "vpcId": "VpcId"}


class SecurityGroup(Group):
    """A group of one's own."""

    token = "aws:ec2/securityGroup:SecurityGroup"  # noqa: S105 - a type
    # Rules are no arguments here, so it makes no difference whether they are taken out before the end.
    unsaid = frozenset({"revokeRulesOnDelete"})
    prefix = "sg"
    refs = (Ref("vpcId", (t.VPC,), in_use="DependencyViolation"),)
    unique = (Unique(("name", "vpcId"), "InvalidGroup.Duplicate"),)

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        made = aws.client("ec2").create_security_group(
            GroupName=new["name"],
            Description=new.get("description", "Managed by Pulumi"),
            VpcId=new["vpcId"],
            TagSpecifications=tagged(new, "security-group"),
        )
        return made["GroupId"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Take away the rule that AWS gives to each new group, as the real provider does; put tags."""
        for each in _rules(aws, id_):
            to = each.get("CidrIpv4") or each.get("CidrIpv6")
            everything = each["IpProtocol"] == ALL and to in ("0.0.0.0/0", "::/0")
            # A rule that is a resource has tags.
            if each["IsEgress"] and everything and not each.get("Tags"):
                _revoke(aws, each)
        retag(aws, id_, old, new)

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("ec2").delete_security_group(GroupId=id_)


class DefaultSecurityGroup(Group):
    """The group that came with the network: adopted without its rules, and left there at the end."""

    token = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"  # noqa: S105 - a type
    unsaid = frozenset({"revokeRulesOnDelete"})
    prefix = "sg"
    refs = (Ref("vpcId", (t.VPC,)),)
    unique = (Unique(("vpcId",)),)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return the id that it had before: AWS made it with the network."""
        ((_, vpc),) = record.refers
        return adopted(self, cloud, record, vpc, vpc.get("defaultSecurityGroupId"))

    def make(self, aws: Aws, new: Inputs) -> str:
        """Adopt it."""
        sought = [
            {"Name": "vpc-id", "Values": [new["vpcId"]]},
            {"Name": "group-name", "Values": ["default"]},
        ]
        (found,) = aws.client("ec2").describe_security_groups(Filters=sought)["SecurityGroups"]
        return found["GroupId"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Take all rules away; put tags."""
        for each in _rules(aws, id_):
            _revoke(aws, each)
        retag(aws, id_, old, new)

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Forget it."""


class Rule(Kind):
    """One rule of a group."""

    egress: ClassVar[bool]
    lacks = (
        "moto changes ports, block and description of a rule, but ignores another group or prefix list; "
        "it lists a rule for a group without its description"
    )
    refs = (
        Ref("securityGroupId", t.GROUPS),
        Ref("referencedSecurityGroupId", t.GROUPS, in_use="DependencyViolation"),
        Ref("prefixListId", (t.VPC_ENDPOINT,), by="prefixListId"),
    )
    unique = (
        Unique(
            ("securityGroupId", "ipProtocol", "fromPort", "toPort", *rule.SOURCES),
            "InvalidPermission.Duplicate",
        ),
    )
    one_vpc = True
    rules = (rule.rule_has_one_source,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return an id of its own."""
        id_ = f"sgr-0{record.hex(16)}"
        arn = f"arn:aws:ec2:{record.region}:{cloud.account}:security-group-rule/{id_}"
        return {"id": id_, "arn": arn, "securityGroupRuleId": id_}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        ec2 = aws.client("ec2")
        call = (
            ec2.authorize_security_group_egress
            if self.egress
            else ec2.authorize_security_group_ingress
        )
        said = given(Description=new.get("description"))
        sources = {
            "IpRanges": _source("CidrIp", new.get("cidrIpv4"), said),
            "Ipv6Ranges": _source("CidrIpv6", new.get("cidrIpv6"), said),
            "PrefixListIds": _source("PrefixListId", new.get("prefixListId"), said),
            "UserIdGroupPairs": _source("GroupId", new.get("referencedSecurityGroupId"), said),
        }
        permission = {
            "IpProtocol": new["ipProtocol"],
            **given(FromPort=new.get("fromPort"), ToPort=new.get("toPort")),
            **{name: value for name, value in sources.items() if value},
        }
        made = call(
            GroupId=new["securityGroupId"],
            IpPermissions=[permission],
            TagSpecifications=tagged(new, "security-group-rule"),
        )
        return made["SecurityGroupRules"][0]["SecurityGroupRuleId"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put what it says, all at once, when it is not what it was; put tags."""
        wanted = {
            "IpProtocol": new["ipProtocol"],
            "FromPort": new.get("fromPort", -1),
            "ToPort": new.get("toPort", -1),
            **given(
                Description=new.get("description"),
                CidrIpv4=new.get("cidrIpv4"),
                CidrIpv6=new.get("cidrIpv6"),
                PrefixListId=new.get("prefixListId"),
                ReferencedGroupId=new.get("referencedSecurityGroupId"),
            ),
        }
        if old:
            aws.client("ec2").modify_security_group_rules(
                GroupId=new["securityGroupId"],
                SecurityGroupRules=[{"SecurityGroupRuleId": id_, "SecurityGroupRule": wanted}],
            )
        retag(aws, id_, old, new)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        found = _rule(aws, id_)
        if found is None or found["GroupId"] != known["securityGroupId"]:
            return None
        return {"arn": aws.arn("ec2", f"security-group-rule/{id_}"), "securityGroupRuleId": id_}

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Revoke it."""
        del known
        found = _rule(aws, id_)
        assert found is not None
        _revoke(aws, found)


def _source(kind: str, value: str | None, said: dict[str, str]) -> list[dict[str, str]]:
    return [{kind: value, **said}] if value else []


def _rule(aws: Aws, id_: str) -> dict[str, Any] | None:
    with absent("InvalidSecurityGroupRuleId.NotFound"):
        ec2 = aws.client("ec2")
        return ec2.describe_security_group_rules(SecurityGroupRuleIds=[id_])["SecurityGroupRules"][
            0
        ]
    return None


class SecurityGroupIngressRule(Rule):
    """What may come in."""

    token = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"  # noqa: S105 - a type
    egress = False


class SecurityGroupEgressRule(Rule):
    """What may go out."""

    token = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"  # noqa: S105 - a type
    egress = True


KINDS: tuple[Kind, ...] = (
    SecurityGroup(),
    DefaultSecurityGroup(),
    SecurityGroupIngressRule(),
    SecurityGroupEgressRule(),
)
