"""FN-4, SEC-1, MON-5: secrets and queues as they are deployed, and who may use which."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.integration import spec

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeNameType

    from tests.integration.actors import Actor
    from tests.integration.cloud import Cloud
    from tests.integration.outputs import Outputs

ATTRIBUTES: list[QueueAttributeNameType] = ["All"]


def _key(cloud: Cloud, outputs: Outputs) -> str:
    found = cloud.kms.describe_key(KeyId=outputs.key("data"))
    return found["KeyMetadata"]["Arn"]


def _attributes(cloud: Cloud, outputs: Outputs, role: str) -> dict[str, str]:
    url = cloud.sqs.get_queue_url(QueueName=outputs.name("queue", role))["QueueUrl"]
    found = cloud.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=ATTRIBUTES)
    return {str(name): value for name, value in found["Attributes"].items()}


def test_secrets_are_under_our_key_and_read_by_those_who_use_them(
    cloud: Cloud, outputs: Outputs, actors: list[Actor]
) -> None:
    """FN-4, SEC-1: a function reads the values that the spec says, and puts none."""
    key = _key(cloud, outputs)
    for name in spec.SECRETS:
        secret = cloud.secretsmanager.describe_secret(SecretId=outputs.name("secret", name))
        assert secret["KmsKeyId"] == key, name
        for actor in actors:
            uses = name in spec.FUNCTIONS[actor.key].secrets
            may = actor.may("secretsmanager:GetSecretValue", secret["ARN"])
            assert may is uses, (actor.key, name)
            assert not actor.may("secretsmanager:PutSecretValue", secret["ARN"]), actor.key


def test_queues_are_encrypted_and_keep_what_fails(cloud: Cloud, outputs: Outputs) -> None:
    """SEC-1, MON-5: our key, TLS only, and dead letters that SQS keeps as long as it can."""
    key = _key(cloud, outputs)
    for name in spec.QUEUES:
        queue = _attributes(cloud, outputs, name)
        dead_letters = _attributes(cloud, outputs, f"{name}-dead-letters")
        for one in (queue, dead_letters):
            assert one["KmsMasterKeyId"] == key, name
            (statement,) = (
                each for each in json.loads(one["Policy"])["Statement"] if each["Effect"] == "Deny"
            )
            assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}, name
        target = json.loads(queue["RedrivePolicy"])["deadLetterTargetArn"]
        assert target == dead_letters["QueueArn"], name
        assert dead_letters["MessageRetentionPeriod"] == "1209600", name


def test_functions_use_their_queues_only(
    cloud: Cloud, outputs: Outputs, actors: list[Actor]
) -> None:
    """FN-4: who sends and who receives, as the spec says; nobody purges or deletes."""
    for name in spec.QUEUES:
        arn = _attributes(cloud, outputs, name)["QueueArn"]
        for actor in actors:
            told = spec.FUNCTIONS[actor.key]
            assert actor.may("sqs:SendMessage", arn) is (name in told.sends), (actor.key, name)
            receives = name in told.receives or name == told.consumes
            assert actor.may("sqs:ReceiveMessage", arn) is receives, (actor.key, name)
            for action in ("PurgeQueue", "DeleteQueue", "SetQueueAttributes"):
                assert not actor.may(f"sqs:{action}", arn), (actor.key, action)


def test_messages_reach_the_function_that_consumes_them(
    cloud: Cloud, outputs: Outputs, actors: list[Actor]
) -> None:
    """FN-1: one mapping for each, which is on, and by which only what failed comes again."""
    for actor in actors:
        consumes = spec.FUNCTIONS[actor.key].consumes
        found = cloud.lambda_.list_event_source_mappings(FunctionName=actor.arn)
        mappings = found["EventSourceMappings"]
        assert len(mappings) == (1 if consumes else 0), actor.key
        for mapping in mappings:
            queue = _attributes(cloud, outputs, consumes)
            assert mapping.get("EventSourceArn") == queue["QueueArn"], actor.key
            assert mapping.get("State") in {"Enabled", "Enabling", "Creating"}, actor.key
            assert mapping.get("FunctionResponseTypes") == ["ReportBatchItemFailures"], actor.key
