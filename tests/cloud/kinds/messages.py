"""SNS and SQS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cloud import tokens as t
from cloud.aws import Aws, absent, as_list
from cloud.kind import Inputs, Kind, Setting
from cloud.record import Record, Ref, Unique
from cloud.tags import dropped

if TYPE_CHECKING:
    from cloud.store import Cloud

# Attributes of a topic by the arguments' names, and what they are when nobody says.
OF_TOPIC = {
    "displayName": ("DisplayName", ""),
    "kmsMasterKeyId": ("KmsMasterKeyId", ""),
    "signatureVersion": ("SignatureVersion", "1"),
    "tracingConfig": ("TracingConfig", "PassThrough"),
}
OF_QUEUE = {
    "delaySeconds": ("DelaySeconds", "0"),
    "kmsDataKeyReusePeriodSeconds": ("KmsDataKeyReusePeriodSeconds", "300"),
    "kmsMasterKeyId": ("KmsMasterKeyId", ""),
    "maxMessageSize": ("MaximumMessageSize", "262144"),
    "messageRetentionSeconds": ("MessageRetentionPeriod", "345600"),
    "policy": ("Policy", ""),
    "receiveWaitTimeSeconds": ("ReceiveMessageWaitTimeSeconds", "0"),
    "redriveAllowPolicy": ("RedriveAllowPolicy", ""),
    "redrivePolicy": ("RedrivePolicy", ""),
    "visibilityTimeoutSeconds": ("VisibilityTimeout", "30"),
}


def _said(new: Inputs, of: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {theirs: str(new[ours]) for ours, (theirs, _) in of.items() if ours in new}


class Topic(Kind):
    """A topic."""

    token = "aws:sns/topic:Topic"  # noqa: S105 - a type
    lacks = "takes signature version and tracing, and does not tell them"
    refs = (Ref("kmsMasterKeyId", (t.KEY,), by="arn"),)
    unique = (Unique(("name",)),)
    policies = (("policy", "resource"),)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its ARN."""
        arn = f"arn:aws:sns:{record.region}:{cloud.account}:{record.inputs['name']}"
        return {"id": arn, "arn": arn, "owner": cloud.account}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it with all that it has."""
        made = aws.client("sns").create_topic(
            Name=new["name"], Attributes=_said(new, OF_TOPIC), Tags=as_list(new["tagsAll"])
        )
        return made["TopicArn"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put attributes, one a call, and tags; a creation has said them."""
        if not old:
            return
        sns, said = aws.client("sns"), _said(new, OF_TOPIC)
        for ours, (theirs, unset) in OF_TOPIC.items():
            if theirs in said or ours in old:
                value = said.get(theirs, unset)
                sns.set_topic_attributes(TopicArn=id_, AttributeName=theirs, AttributeValue=value)
        gone = dropped(old, new)
        if gone:
            sns.untag_resource(ResourceArn=id_, TagKeys=gone)
        sns.tag_resource(ResourceArn=id_, Tags=as_list(new["tagsAll"]))

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        with absent("NotFound"):
            found = aws.client("sns").get_topic_attributes(TopicArn=id_)["Attributes"]
            return {"arn": found["TopicArn"], "owner": found["Owner"]}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("sns").delete_topic(TopicArn=id_)


class TopicPolicy(Setting):
    """Who may publish to a topic."""

    token = "aws:sns/topicPolicy:TopicPolicy"  # noqa: S105 - a type
    refs = (Ref("arn", (t.TOPIC,), by="arn"),)
    unique = (Unique(("arn",)),)
    policies = (("policy", "resource"),)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return the topic's."""
        return {"id": record.inputs["arn"], "owner": cloud.account}

    def owner(self, new: Inputs) -> str:
        """Return the topic."""
        return new["arn"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put it."""
        del old
        self._put(aws, id_, new["policy"])

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """A topic always has one."""
        del known
        with absent("NotFound"):
            found = aws.client("sns").get_topic_attributes(TopicArn=id_)["Attributes"]
            return {"owner": found["Owner"]}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Put what a topic has that nobody has given one, as the real provider does."""
        del known
        statement = {
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": [
                "SNS:AddPermission",
                "SNS:DeleteTopic",
                "SNS:GetTopicAttributes",
                "SNS:ListSubscriptionsByTopic",
                "SNS:Publish",
                "SNS:RemovePermission",
                "SNS:SetTopicAttributes",
                "SNS:Subscribe",
            ],
            "Resource": id_,
            "Condition": {"StringEquals": {"AWS:SourceOwner": aws.account}},
        }
        document = {
            "Version": "2008-10-17",
            "Id": "__default_policy_ID",
            "Statement": [statement],
        }
        self._put(aws, id_, json.dumps(document))

    def _put(self, aws: Aws, topic: str, policy: str) -> None:
        aws.client("sns").set_topic_attributes(
            TopicArn=topic, AttributeName="Policy", AttributeValue=policy
        )


RAW = "RawMessageDelivery"


def _raw(new: Inputs) -> str:
    return str(bool(new.get("rawMessageDelivery"))).lower()


class TopicSubscription(Kind):
    """Who is told."""

    token = "aws:sns/topicSubscription:TopicSubscription"  # noqa: S105 - a type
    # How long the provider waits for an endpoint that confirms by itself.
    unsaid = frozenset({"confirmationTimeoutInMinutes"})
    lacks = "is confirmed at once, and nobody gets mail"
    refs = (Ref("topic", (t.TOPIC,), by="arn"),)
    # A second one is the first one again, and whoever deletes either deletes both.
    unique = (Unique(("endpoint", "protocol", "topic")),)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return an ARN below the topic's; a person has to confirm."""
        arn = f"{record.inputs['topic']}:{record.uuid()}"
        return {"id": arn, "arn": arn, "ownerId": cloud.account, "pendingConfirmation": True}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        made = aws.client("sns").subscribe(
            TopicArn=new["topic"],
            Protocol=new["protocol"],
            Endpoint=new["endpoint"],
            ReturnSubscriptionArn=True,
            Attributes={RAW: _raw(new)},
        )
        return made["SubscriptionArn"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put whether messages come as they are; a creation has said it."""
        if old and _raw(old) != _raw(new):
            aws.client("sns").set_subscription_attributes(
                SubscriptionArn=id_, AttributeName=RAW, AttributeValue=_raw(new)
            )

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        with absent("NotFound"):
            answer = aws.client("sns").get_subscription_attributes(SubscriptionArn=id_)
            found = answer["Attributes"]
            return {
                "arn": found["SubscriptionArn"],
                "confirmationWasAuthenticated": found["ConfirmationWasAuthenticated"] == "true",
                "ownerId": found["Owner"],
                "pendingConfirmation": found["PendingConfirmation"] == "true",
            }
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("sns").unsubscribe(SubscriptionArn=id_)


class Queue(Kind):
    """A queue."""

    token = "aws:sqs/queue:Queue"  # noqa: S105 - a type
    refs = (Ref("kmsMasterKeyId", (t.KEY,), by="arn"),)
    unique = (Unique(("name",), "QueueNameExists"),)
    policies = (("policy", "resource"),)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its address."""
        name = record.inputs["name"]
        url = f"https://sqs.{record.region}.amazonaws.com/{cloud.account}/{name}"
        arn = f"arn:aws:sqs:{record.region}:{cloud.account}:{name}"
        return {"id": url, "url": url, "arn": arn}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it with all that it has."""
        made = aws.client("sqs").create_queue(
            QueueName=new["name"], Attributes=_said(new, OF_QUEUE), tags=dict(new["tagsAll"])
        )
        return made["QueueUrl"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put attributes and tags; a creation has said them."""
        if not old:
            return
        sqs = aws.client("sqs")
        unset = {theirs: value for ours, (theirs, value) in OF_QUEUE.items() if ours in old}
        attributes = {**unset, **_said(new, OF_QUEUE)}
        if attributes:
            sqs.set_queue_attributes(QueueUrl=id_, Attributes=attributes)
        gone = dropped(old, new)
        if gone:
            sqs.untag_queue(QueueUrl=id_, TagKeys=gone)
        sqs.tag_queue(QueueUrl=id_, Tags=dict(new["tagsAll"]))

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        with absent("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"):
            answer = aws.client("sqs").get_queue_attributes(
                QueueUrl=id_, AttributeNames=["QueueArn"]
            )
            return {"arn": answer["Attributes"]["QueueArn"], "url": id_}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it with what is in it."""
        del known
        aws.client("sqs").delete_queue(QueueUrl=id_)


KINDS: tuple[Kind, ...] = (Topic(), TopicPolicy(), TopicSubscription(), Queue())
