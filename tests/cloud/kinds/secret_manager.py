"""Secrets Manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud import tokens as t
from cloud.aws import absent, as_list, given
from cloud.kind import Inputs, Kind
from cloud.record import Record, Ref, Unique
from cloud.rules import secret_manager as rule
from cloud.tags import dropped

if TYPE_CHECKING:
    from cloud.aws import Aws
    from cloud.store import Cloud


class Secret(Kind):
    """A secret, without its value."""

    token = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type
    unsaid = frozenset({"recoveryWindowInDays"})
    refs = (Ref("kmsKeyId", (t.KEY,), by="arn"),)
    unique = (Unique(("name",), "ResourceExistsException"),)
    policies = (("policy", "resource"),)
    rules = (rule.name_is_free,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its ARN, which ends in six characters of AWS's own."""
        place = f"{record.region}:{cloud.account}"
        arn = f"arn:aws:secretsmanager:{place}:secret:{record.inputs['name']}-{record.hex(6)}"
        return {"id": arn, "arn": arn}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        made = aws.client("secretsmanager").create_secret(
            Name=new["name"],
            Tags=as_list(new["tagsAll"]),
            **given(Description=new.get("description"), KmsKeyId=new.get("kmsKeyId")),
        )
        return made["ARN"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put description, key, policy and tags."""
        client = aws.client("secretsmanager")
        if old:
            client.update_secret(
                SecretId=id_,
                Description=new.get("description", ""),
                **given(KmsKeyId=new.get("kmsKeyId")),
            )
        if new.get("policy"):
            client.put_resource_policy(SecretId=id_, ResourcePolicy=new["policy"])
        elif old.get("policy"):
            client.delete_resource_policy(SecretId=id_)
        gone = dropped(old, new)
        if gone:
            client.untag_resource(SecretId=id_, TagKeys=gone)
        if old and new["tagsAll"]:
            client.tag_resource(SecretId=id_, Tags=as_list(new["tagsAll"]))

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """One that waits for its end is gone, for all that Pulumi wants of it."""
        del known
        with absent("ResourceNotFoundException"):
            found = aws.client("secretsmanager").describe_secret(SecretId=id_)
            return None if found.get("DeletedDate") else {"arn": found["ARN"]}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Set the day of its end, or delete it at once when no days are to pass."""
        days = known.get("recoveryWindowInDays", rule.WINDOW)
        window = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
        aws.client("secretsmanager").delete_secret(SecretId=id_, **window)


KINDS: tuple[Kind, ...] = (Secret(),)
