"""Topics of functions: encrypted, over TLS only, and what is not delivered is told."""

from __future__ import annotations

from tests.unit.kinds import ALARM, TOPIC, TOPIC_POLICY
from tests.unit.resources import Recording, Resource


def _topics(recording: Recording) -> list[Resource]:
    return [item for item in recording.of(TOPIC) if item.component == "topics"]


def test_topics_are_encrypted_and_reached_over_tls(recording: Recording) -> None:
    """SEC-1, SEC-2: under the key that functions may use; the policy lets nobody in, and refuses clear text."""
    assert _topics(recording)
    for topic in _topics(recording):
        assert recording.key_of(topic.get("kms_master_key_id"), "data"), topic
        (policy,) = recording.attached(TOPIC_POLICY, "arn", topic)
        (rule,) = policy.statements()
        assert rule.denies, policy
        assert (rule.actions, rule.resources) == (["sns:Publish"], [topic.arn]), policy
        assert rule.principals == {"AWS": ["*"]}, policy
        assert dict(rule.conditions) == {"Bool": {"aws:SecureTransport": ["false"]}}, policy


def test_what_is_not_delivered_is_told(recording: Recording) -> None:
    """MON-5: the first message that a queue does not get."""
    for topic in _topics(recording):
        (alarm,) = (
            item
            for item in recording.of(ALARM)
            if item.get("dimensions") == {"TopicName": topic.text("name")}
        )
        assert alarm.text("namespace") == "AWS/SNS", alarm
        assert alarm.text("metric_name") == "NumberOfNotificationsFailed", alarm
        assert alarm.text("statistic") == "Sum", alarm
        assert alarm.text("comparison_operator") == "GreaterThanThreshold", alarm
        assert alarm.number("threshold") == 0, alarm
        assert alarm.number("evaluation_periods") == 1, alarm
        assert alarm.number("period") <= 300, alarm
