"""Topics and queues: what a plain deployment does not show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cloud import tokens as t
from cloud.aws import as_map

if TYPE_CHECKING:
    from account.hands import Hands

POLICY = "aws:sns/topicPolicy:TopicPolicy"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1"


def test_a_topic_is_changed_in_place_and_back(hands: Hands) -> None:
    sns = hands.aws.client("sns")
    topic = hands.make(t.TOPIC, name="a", kmsMasterKeyId=KEY, tags={"Name": "a"})
    changed = hands.change(
        topic, displayName="Alarms", signatureVersion=2, tags={"Owner": "payments"}
    )
    found = sns.get_topic_attributes(TopicArn=topic.id)["Attributes"]
    assert (found["DisplayName"], found["KmsMasterKeyId"]) == ("Alarms", KEY)
    tags = sns.list_tags_for_resource(ResourceArn=topic.id)["Tags"]
    assert as_map(tags) == {"Owner": "payments", "project": "paystage"}
    changed = hands.change(changed, displayName=None, kmsMasterKeyId=None)
    found = sns.get_topic_attributes(TopicArn=topic.id)["Attributes"]
    assert not found.get("DisplayName")
    assert not found.get("KmsMasterKeyId")
    hands.delete(changed)
    assert hands.read(changed) is None


def test_a_topic_has_the_policy_that_everyone_has_once_its_own_is_gone(hands: Hands) -> None:
    sns = hands.aws.client("sns")
    topic = hands.make(t.TOPIC, name="a")
    own = {"Version": "2012-10-17", "Statement": [{"Sid": "Own", "Effect": "Allow"}]}
    policy = hands.make(POLICY, arn=topic.id, policy=json.dumps(own))
    assert policy["owner"] == hands.aws.account

    def sid() -> str:
        found = sns.get_topic_attributes(TopicArn=topic.id)["Attributes"]["Policy"]
        return json.loads(found)["Statement"][0]["Sid"]

    assert sid() == "Own"
    hands.delete(policy)
    assert sid() == "__default_statement_ID"


def test_a_subscription_goes_by_itself_or_with_its_topic(hands: Hands) -> None:
    topic = hands.make(t.TOPIC, name="a")
    one = hands.make(
        SUBSCRIPTION,
        topic=topic.id,
        protocol="email",
        endpoint="a@example.com",
        confirmationTimeoutInMinutes=1,
    )
    assert one.id == one["arn"]
    assert one["ownerId"] == hands.aws.account
    hands.delete(one)
    assert hands.read(one) is None
    hands.delete(one)


def test_a_queue_is_changed_in_place_and_back(hands: Hands) -> None:
    sqs = hands.aws.client("sqs")
    queue = hands.make(
        t.QUEUE, name="q", kmsMasterKeyId=KEY, messageRetentionSeconds=1_209_600, tags={"Name": "q"}
    )
    changed = hands.change(
        queue, delaySeconds=5, messageRetentionSeconds=None, tags={"Owner": "payments"}
    )
    found = sqs.get_queue_attributes(QueueUrl=queue.id, AttributeNames=["All"])["Attributes"]
    assert (found["DelaySeconds"], found["MessageRetentionPeriod"]) == ("5", "345600")
    assert found["KmsMasterKeyId"] == KEY
    assert sqs.list_queue_tags(QueueUrl=queue.id)["Tags"] == {
        "Owner": "payments",
        "project": "paystage",
    }
    sqs.send_message(QueueUrl=queue.id, MessageBody="a", DelaySeconds=0)
    hands.delete(changed)
    assert hands.read(changed) is None
    hands.delete(changed)
