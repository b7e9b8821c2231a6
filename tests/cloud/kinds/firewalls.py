"""WAF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from cloud import tokens as t
from cloud.aws import absent, as_list, given
from cloud.kind import Inputs, Kind, Setting
from cloud.record import Record, Ref, Unique
from cloud.rules import load_balancer as rule
from cloud.tags import dropped

if TYPE_CHECKING:
    from cloud.aws import Aws
    from cloud.store import Cloud

GONE = "WAFNonexistentItemException"


def spelled(value: Any, shape: Any) -> Any:
    """Return arguments as the API's own description spells them; what it does not know is refused.

    Capitals alone tell them apart (`cloudwatchMetricsEnabled`, `arn`), so the description is asked for each name.
    """
    if shape.type_name == "structure":
        known = {name.lower(): name for name in shape.members}
        unknown = [name for name in value if name.lower() not in known]
        assert not unknown, f"{shape.name} knows no {unknown}"
        return {
            known[name.lower()]: spelled(item, shape.members[known[name.lower()]])
            for name, item in value.items()
        }
    if shape.type_name == "list":
        return [spelled(item, shape.member) for item in value]
    return value


def _shape(aws: Aws, operation: str) -> Any:
    return aws.client("wafv2").meta.service_model.operation_model(operation).input_shape


class WebAcl(Kind):
    """A firewall and its rules."""

    token = "aws:wafv2/webAcl:WebAcl"  # noqa: S105 - a type
    lacks = "moto inspects nothing, says a capacity of 3, keeps the last rules when all go, and deletes one in use"
    plain: ClassVar = (
        "defaultAction",
        "visibilityConfig",
        "captchaConfig",
        "challengeConfig",
        "dataProtectionConfig",
        "rules",
    )
    unique = (Unique(("name", "scope"), "WAFDuplicateItemException"),)
    rules = (rule.priorities_differ,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its id, and the ARN that ends in it."""
        id_ = record.uuid()
        path = f"regional/webacl/{record.inputs['name']}/{id_}"
        return {
            "id": id_,
            "arn": f"arn:aws:wafv2:{record.region}:{cloud.account}:{path}",
            "capacity": 1,
            "lockToken": record.hex(32, "lock"),
        }

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        made = aws.client("wafv2").create_web_acl(
            Name=new["name"],
            Scope=new["scope"],
            **self._said(aws, new),
            **given(Tags=as_list(new["tagsAll"]) or None),
        )
        return made["Summary"]["Id"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put all that changes; it was made whole."""
        if not old:
            return
        client, place = aws.client("wafv2"), self._place(id_, new)
        found = client.get_web_acl(**place)
        client.update_web_acl(**place, LockToken=found["LockToken"], **self._said(aws, new))
        arn, gone = found["WebACL"]["ARN"], dropped(old, new)
        if gone:
            client.untag_resource(ResourceARN=arn, TagKeys=gone)
        if new["tagsAll"]:
            client.tag_resource(ResourceARN=arn, Tags=as_list(new["tagsAll"]))

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        with absent(GONE):
            found = aws.client("wafv2").get_web_acl(**self._place(id_, known))
            acl = found["WebACL"]
            return {
                "arn": acl["ARN"],
                "capacity": acl["Capacity"],
                "lockToken": found["LockToken"],
            }
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        client, place = aws.client("wafv2"), self._place(id_, known)
        client.delete_web_acl(**place, LockToken=client.get_web_acl(**place)["LockToken"])

    def _place(self, id_: str, known: Inputs) -> dict[str, str]:
        return {"Name": known["name"], "Scope": known["scope"], "Id": id_}

    def _said(self, aws: Aws, new: Inputs) -> dict[str, Any]:
        shape = _shape(aws, "CreateWebACL")
        said = {name: new[name] for name in self.plain if new.get(name) is not None}
        bodies = {
            body["key"]: {"Content": body["content"], "ContentType": body["contentType"]}
            for body in new.get("customResponseBodies", [])
        }
        return {
            **spelled({"rules": [], **said}, shape),
            **given(
                Description=new.get("description"),
                CustomResponseBodies=bodies or None,
                TokenDomains=new.get("tokenDomains"),
            ),
        }


class WebAclAssociation(Kind):
    """What a firewall stands in front of."""

    token = "aws:wafv2/webAclAssociation:WebAclAssociation"  # noqa: S105 - a type
    lacks = "moto takes a resource that does not exist, or has a firewall already"
    refs = (
        Ref("webAclArn", (t.WEB_ACL,), by="arn", in_use="WAFAssociatedItemException"),
        Ref("resourceArn", (t.LOAD_BALANCER, t.STAGE), by="arn"),
    )
    unique = (Unique(("resourceArn",)),)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return both ARNs."""
        del cloud
        return {"id": f"{record.inputs['webAclArn']},{record.inputs['resourceArn']}"}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        aws.client("wafv2").associate_web_acl(
            WebACLArn=new["webAclArn"], ResourceArn=new["resourceArn"]
        )
        return f"{new['webAclArn']},{new['resourceArn']}"

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Nothing: every argument makes it anew."""

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del id_
        found = aws.client("wafv2").get_web_acl_for_resource(ResourceArn=known["resourceArn"])
        acl = found.get("WebACL")
        return {} if acl and acl["ARN"] == known["webAclArn"] else None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Undo it."""
        del id_
        aws.client("wafv2").disassociate_web_acl(ResourceArn=known["resourceArn"])


class WebAclLoggingConfiguration(Setting):
    """Where a firewall writes what it saw."""

    token = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"  # noqa: S105 - a type
    lacks = "moto does not look at the destination: its name, its policy, whether it exists"
    refs = (
        Ref("resourceArn", (t.WEB_ACL,), by="arn"),
        Ref("logDestinationConfigs[]", (t.LOG_GROUP, t.BUCKET), by="arn"),
    )
    unique = (Unique(("resourceArn",)),)
    rules = (rule.waf_group_name,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return the firewall's."""
        del cloud
        return {"id": record.inputs["resourceArn"]}

    def owner(self, new: Inputs) -> str:
        """Return the firewall."""
        return new["resourceArn"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put it whole."""
        del id_, old
        names = ("resourceArn", "logDestinationConfigs", "redactedFields", "loggingFilter")
        said = {name: new[name] for name in names if new.get(name) is not None}
        shape = _shape(aws, "PutLoggingConfiguration").members["LoggingConfiguration"]
        aws.client("wafv2").put_logging_configuration(LoggingConfiguration=spelled(said, shape))

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        with absent(GONE):
            aws.client("wafv2").get_logging_configuration(ResourceArn=id_)
            return {}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("wafv2").delete_logging_configuration(ResourceArn=id_)


KINDS: tuple[Kind, ...] = (WebAcl(), WebAclAssociation(), WebAclLoggingConfiguration())
