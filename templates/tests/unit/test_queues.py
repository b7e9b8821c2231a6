"""Queues between functions: encrypted, over TLS only, with dead letters, consumed without loss."""

from __future__ import annotations

from tests.unit.kinds import ALARM, FUNCTION, MAPPING, QUEUE, SUBSCRIPTION, TOPIC
from tests.unit.resources import Recording, Resource
from tests.unit.values import as_map, as_number, parse_json

# What Lambda collects without a window.
BATCH = 10


def _queues(recording: Recording) -> list[tuple[Resource, Resource]]:
    """Give each queue with the one of its dead letters."""
    found: list[tuple[Resource, Resource]] = []
    for queue in recording.of(QUEUE):
        if queue.component == "queues" and queue.has("redrive_policy"):
            policy = as_map(parse_json(queue.text("redrive_policy")))
            found.append((queue, recording.target(policy.get("deadLetterTargetArn"), QUEUE)))
    return found


def _alarm(recording: Recording, queue: Resource, metric: str) -> Resource:
    (alarm,) = (
        item
        for item in recording.of(ALARM)
        if item.get("metric_name") == metric
        and item.get("dimensions") == {"QueueName": queue.text("name")}
    )
    assert alarm.text("namespace") == "AWS/SQS", alarm
    assert alarm.text("statistic") == "Maximum", alarm
    assert alarm.text("comparison_operator") == "GreaterThanThreshold", alarm
    assert alarm.number("evaluation_periods") == 1, alarm
    assert alarm.number("period") <= 300, alarm
    return alarm


def test_what_fails_too_often_is_kept(recording: Recording) -> None:
    """MON-5: each queue has dead letters of its own, kept as long as SQS can, which nobody else may send to."""
    queues = _queues(recording)
    assert queues
    both = {item.urn for pair in queues for item in pair}
    assert both == {item.urn for item in recording.of(QUEUE) if item.component == "queues"}
    assert len(both) == 2 * len(queues)
    for queue, dead_letters in queues:
        policy = as_map(parse_json(queue.text("redrive_policy")))
        assert 1 <= as_number(policy.get("maxReceiveCount")) <= 1000, queue
        assert dead_letters.number("message_retention_seconds") == 1_209_600, dead_letters
        assert 86_400 <= queue.number("message_retention_seconds") <= 1_209_600, queue
        assert as_map(parse_json(dead_letters.text("redrive_allow_policy"))) == {
            "redrivePermission": "byQueue",
            "sourceQueueArns": [queue.arn],
        }, dead_letters


def test_messages_are_encrypted_and_travel_over_tls(recording: Recording) -> None:
    """SEC-1, SEC-2: under our key; a request without TLS is refused, and nobody gets in by the queue's own policy."""
    for pair in _queues(recording):
        for queue in pair:
            assert recording.key_of(queue.get("kms_master_key_id"), "data")
            (rule,) = (one for one in queue.statements() if one.denies)
            assert (rule.actions, rule.resources) == (["sqs:*"], [queue.arn]), queue
            assert rule.principals == {"AWS": ["*"]}, queue
            assert dict(rule.conditions) == {"Bool": {"aws:SecureTransport": ["false"]}}, queue


def test_messages_stay_hidden_while_they_are_handled(recording: Recording) -> None:
    """FN-1: of a batch only what failed comes again, and never while a call may still handle it."""
    consumed: list[str] = []
    for mapping in recording.of(MAPPING):
        queue = recording.target(mapping.get("event_source_arn"), QUEUE)
        function = recording.target(mapping.get("function_name"), FUNCTION)
        consumed.append(queue.urn)
        assert queue.urn in {found.urn for found, _ in _queues(recording)}, mapping
        assert queue.number("visibility_timeout_seconds") >= function.number("timeout"), queue
        assert mapping.texts("function_response_types") == ["ReportBatchItemFailures"], mapping
        window = mapping.number("maximum_batching_window_in_seconds")
        assert 0 <= window <= 300, mapping
        assert 1 <= mapping.number("batch_size") <= (10_000 if window else BATCH), mapping
        if mapping.has("scaling_config"):
            most = mapping.number("scaling_config.maximum_concurrency")
            reserved = function.get("reserved_concurrent_executions")
            assert 2 <= most <= as_number(reserved or 1000), mapping
        assert not mapping.is_false("enabled"), mapping
    assert len(set(consumed)) == len(consumed)


def test_what_nobody_handles_is_told(recording: Recording) -> None:
    """MON-5: a message that waits too long, and the first dead letter."""
    for queue, dead_letters in _queues(recording):
        age = _alarm(recording, queue, "ApproximateAgeOfOldestMessage")
        assert 60 <= age.number("threshold") <= queue.number("message_retention_seconds"), age
        dead = _alarm(recording, dead_letters, "ApproximateNumberOfMessagesVisible")
        assert dead.number("threshold") == 0, dead


def test_only_its_topic_sends_to_a_queue_by_policy(recording: Recording) -> None:
    """SEC-2: by its own policy a queue lets nobody in but the one topic that it is subscribed to."""
    for pair in _queues(recording):
        for queue in pair:
            subscriptions = [
                item
                for item in recording.of(SUBSCRIPTION)
                if item.get("endpoint") == queue.arn and item.get("protocol") == "sqs"
            ]
            assert len(subscriptions) <= 1, queue
            grants = [rule for rule in queue.statements() if rule.allows]
            assert len(grants) == len(subscriptions), queue
            for rule, subscription in zip(grants, subscriptions, strict=True):
                topic = recording.target(subscription.get("topic"), TOPIC)
                assert topic.component == "topics", queue
                assert subscription.is_true("raw_message_delivery"), subscription
                assert (rule.actions, rule.resources) == (["sqs:SendMessage"], [queue.arn]), queue
                assert rule.is_for("sns.amazonaws.com"), queue
                assert dict(rule.conditions) == {"ArnEquals": {"aws:SourceArn": [topic.arn]}}, queue
