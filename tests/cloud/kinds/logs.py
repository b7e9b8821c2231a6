"""CloudWatch Logs: groups, who may write to them, and deliveries from other services."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from cloud import tokens as t
from cloud.aws import Aws, absent, given
from cloud.kind import Inputs, Kept, Kind
from cloud.record import Record, Ref, Unique
from cloud.rules import logs as rule
from cloud.tags import dropped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud.store import Cloud


def _retag(aws: Aws, arn: str, old: Inputs, new: Inputs) -> None:
    gone = dropped(old, new)
    if gone:
        aws.client("logs").untag_resource(resourceArn=arn, tagKeys=gone)
    if new["tagsAll"]:
        aws.client("logs").tag_resource(resourceArn=arn, tags=dict(new["tagsAll"]))


def named(cloud: Cloud, record: Record, what: str) -> dict[str, Any]:
    """Return a name as an id, and the ARN that ends in it."""
    name = record.inputs["name"]
    return {"id": name, "arn": f"arn:aws:logs:{record.region}:{cloud.account}:{what}:{name}"}


class LogGroup(Kind):
    """A group."""

    token = "aws:cloudwatch/logGroup:LogGroup"  # noqa: S105 - a type
    lacks = "no AssociateKmsKey: a group keeps the key that it was made with, and another one fails"
    refs = (Ref("kmsKeyId", (t.KEY,), by="arn"),)
    unique = (Unique(("name",), "ResourceAlreadyExistsException"),)
    rules = (rule.key_may_encrypt, rule.retention_exists)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its name."""
        return named(cloud, record, "log-group")

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it with its key, because what is written before is not encrypted with it."""
        aws.client("logs").create_log_group(
            logGroupName=new["name"],
            tags=dict(new["tagsAll"]),
            **given(kmsKeyId=new.get("kmsKeyId")),
        )
        return new["name"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put retention, key and tags."""
        logs = aws.client("logs")
        if new.get("retentionInDays"):
            logs.put_retention_policy(logGroupName=id_, retentionInDays=new["retentionInDays"])
        else:
            logs.delete_retention_policy(logGroupName=id_)
        if not old:
            return
        key = new.get("kmsKeyId")
        if key != old.get("kmsKeyId"):
            if key is None:
                logs.disassociate_kms_key(logGroupName=id_)
            else:
                logs.associate_kms_key(logGroupName=id_, kmsKeyId=key)
        _retag(aws, aws.arn("logs", f"log-group:{id_}"), old, new)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        pages = aws.client("logs").get_paginator("describe_log_groups")
        for page in pages.paginate(logGroupNamePrefix=id_):
            for group in page["logGroups"]:
                if group["logGroupName"] == id_:
                    # The provider gives it without the end that stands for the streams inside.
                    return {"arn": group["arn"].removesuffix(":*")}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("logs").delete_log_group(logGroupName=id_)


class LogResourcePolicy(Kind):
    """Which services may write to groups."""

    token = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"  # noqa: S105 - a type
    unique = (Unique(("policyName",)),)
    policies = (("policyDocument", "resource"),)
    rules = (rule.policy_fits,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its name."""
        del cloud
        return {"id": record.inputs["policyName"]}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Put it."""
        self._put(aws, new)
        return new["policyName"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put it again."""
        del id_
        if old:
            self._put(aws, new)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        pages = aws.client("logs").get_paginator("describe_resource_policies")
        for page in pages.paginate():
            if any(policy["policyName"] == id_ for policy in page["resourcePolicies"]):
                return {}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("logs").delete_resource_policy(policyName=id_)

    def _put(self, aws: Aws, new: Inputs) -> None:
        aws.client("logs").put_resource_policy(
            policyName=new["policyName"], policyDocument=new["policyDocument"]
        )


class LogDeliveryDestination(Kind):
    """Where deliveries end."""

    token = "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination"  # noqa: S105 - a type
    refs = (
        Ref(
            "deliveryDestinationConfiguration.destinationResourceArn",
            (t.LOG_GROUP, t.BUCKET),
            by="arn",
        ),
    )
    unique = (Unique(("name",)),)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its name, and the service that it is of."""
        place = record.inputs["deliveryDestinationConfiguration"]["destinationResourceArn"]
        sort = "S3" if place.startswith("arn:aws:s3:") else "CWL"
        return {**named(cloud, record, "delivery-destination"), "deliveryDestinationType": sort}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Put it with its tags, which AWS takes only now."""
        self._put(aws, new, given(tags=dict(new["tagsAll"]) or None))
        return new["name"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put it again."""
        if old:
            self._put(aws, new, {})
            _retag(aws, aws.arn("logs", f"delivery-destination:{id_}"), old, new)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        with absent("ResourceNotFoundException"):
            answer = aws.client("logs").get_delivery_destination(name=id_)
            found = answer["deliveryDestination"]
            return {
                "arn": found["arn"],
                "deliveryDestinationType": found["deliveryDestinationType"],
            }
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("logs").delete_delivery_destination(name=id_)

    def _put(self, aws: Aws, new: Inputs, tags: Mapping[str, Any]) -> None:
        aws.client("logs").put_delivery_destination(
            name=new["name"],
            deliveryDestinationConfiguration=dict(new["deliveryDestinationConfiguration"]),
            **given(outputFormat=new.get("outputFormat")),
            **tags,
        )


class LogDeliverySource(Kept):
    """What is delivered."""

    token = "aws:cloudwatch/logDeliverySource:LogDeliverySource"  # noqa: S105 - a type
    lacks = "moto's list of services that deliver has no load balancer: no source, and no delivery from it"
    # For the stack only the load balancer.
    refs = (Ref("resourceArn", (t.LOAD_BALANCER, t.WEB_ACL, t.REST_API), by="arn"),)
    unique = (Unique(("name",)), Unique(("resourceArn", "logType"), "ConflictException"))

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its name, and the service of what it is on."""
        service = record.inputs["resourceArn"].split(":")[2]
        return {**named(cloud, record, "delivery-source"), "service": service}

    def identity(self, aws: Aws, new: Inputs) -> str:
        """Return its name."""
        del aws
        return new["name"]

    def properties(self, aws: Aws, new: Inputs) -> dict[str, Any]:
        """Return its ARN, and the service of what it is on."""
        return {
            "arn": aws.arn("logs", f"delivery-source:{new['name']}"),
            "service": new["resourceArn"].split(":")[2],
        }


def _of_ends(said: Inputs) -> str:
    ends = f"{said['deliverySourceName']} {said['deliveryDestinationArn']}"
    return hashlib.sha256(ends.encode()).hexdigest()[:16]


class LogDelivery(Kept):
    """From a source to a destination."""

    token = "aws:cloudwatch/logDelivery:LogDelivery"  # noqa: S105 - a type
    lacks = "needs a source, which moto does not have for a load balancer"
    refs = (
        Ref("deliverySourceName", (t.DELIVERY_SOURCE,), by="name", in_use="ConflictException"),
        Ref(
            "deliveryDestinationArn",
            (t.DELIVERY_DESTINATION,),
            by="arn",
            in_use="ConflictException",
        ),
    )
    unique = (Unique(("deliverySourceName", "deliveryDestinationArn"), "ConflictException"),)
    exclusive = True

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return an id that follows from both ends."""
        id_ = _of_ends(record.inputs)
        return {"id": id_, "arn": f"arn:aws:logs:{record.region}:{cloud.account}:delivery:{id_}"}

    def identity(self, aws: Aws, new: Inputs) -> str:
        """Return the same."""
        del aws
        return _of_ends(new)

    def properties(self, aws: Aws, new: Inputs) -> dict[str, Any]:
        """Return its ARN."""
        return {"arn": aws.arn("logs", f"delivery:{self.identity(aws, new)}")}


KINDS: tuple[Kind, ...] = (
    LogGroup(),
    LogResourcePolicy(),
    LogDeliveryDestination(),
    LogDeliverySource(),
    LogDelivery(),
)
