"""KMS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud import tokens as t
from cloud.aws import Aws, absent
from cloud.kind import Inputs, Kind
from cloud.record import Record, Ref, Unique

if TYPE_CHECKING:
    from cloud.store import Cloud


class Key(Kind):
    """A key; deleting one only sets the day of its end."""

    token = "aws:kms/key:Key"  # noqa: S105 - a type
    unsaid = frozenset({"deletionWindowInDays"})
    policies = (("policy", "key"),)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return an id, under both names."""
        id_ = record.uuid()
        arn = f"arn:aws:kms:{record.region}:{cloud.account}:key/{id_}"
        return {"id": id_, "keyId": id_, "arn": arn}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it with its policy, because without one everybody of the account may use it."""
        made = aws.client("kms").create_key(
            Description=new.get("description", ""),
            Policy=new["policy"],
            Tags=_tags(new),
        )
        return made["KeyMetadata"]["KeyId"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put description, policy, rotation and tags."""
        kms = aws.client("kms")
        kms.update_key_description(KeyId=id_, Description=new.get("description", ""))
        kms.put_key_policy(KeyId=id_, PolicyName="default", Policy=new["policy"])
        if new.get("enableKeyRotation"):
            days = new.get("rotationPeriodInDays", 365)
            kms.enable_key_rotation(KeyId=id_, RotationPeriodInDays=days)
        else:
            kms.disable_key_rotation(KeyId=id_)
        gone = sorted(old.get("tagsAll", {}).keys() - new["tagsAll"].keys())
        if gone:
            kms.untag_resource(KeyId=id_, TagKeys=gone)
        kms.tag_resource(KeyId=id_, Tags=_tags(new))

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """A key that is to be deleted is gone, for all that Pulumi wants of it."""
        del known
        with absent("NotFoundException"):
            found = aws.client("kms").describe_key(KeyId=id_)["KeyMetadata"]
            if found["KeyState"] != "PendingDeletion":
                return {"arn": found["Arn"], "keyId": found["KeyId"]}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Set the day."""
        days = known.get("deletionWindowInDays", 30)
        aws.client("kms").schedule_key_deletion(KeyId=id_, PendingWindowInDays=days)


class Alias(Kind):
    """A name for a key."""

    token = "aws:kms/alias:Alias"  # noqa: S105 - a type
    refs = (Ref("targetKeyId", (t.KEY,), by="keyId"),)
    unique = (Unique(("name",), "AlreadyExistsException"),)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its name, and the key's ARN."""
        name = record.inputs["name"]
        ((_, key),) = record.refers
        arn = f"arn:aws:kms:{record.region}:{cloud.account}:{name}"
        return {"id": name, "arn": arn, "targetKeyArn": key.get("arn")}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        aws.client("kms").create_alias(AliasName=new["name"], TargetKeyId=new["targetKeyId"])
        return new["name"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Point it at its key."""
        if old:
            aws.client("kms").update_alias(AliasName=id_, TargetKeyId=new["targetKeyId"])

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        for page in aws.client("kms").get_paginator("list_aliases").paginate():
            for alias in page["Aliases"]:
                if alias["AliasName"] == id_:
                    key = aws.arn("kms", f"key/{alias['TargetKeyId']}")
                    return {"arn": alias["AliasArn"], "targetKeyArn": key}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("kms").delete_alias(AliasName=id_)


def _tags(new: Inputs) -> list[dict[str, str]]:
    return [{"TagKey": key, "TagValue": value} for key, value in sorted(new["tagsAll"].items())]


KINDS: tuple[Kind, ...] = (Key(), Alias())
