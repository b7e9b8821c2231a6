"""Secrets of functions: our key, no value, and an alarm on a value that is old."""

from __future__ import annotations

from tests.environment_class import DISPOSABLE
from tests.unit.kinds import ALARM, FUNCTION, SECRET
from tests.unit.resources import Recording


def test_secrets_are_encrypted_and_can_go(recording: Recording) -> None:
    """SEC-1: under the key that functions may use. DEST-1: deleted at once, KEEP-1: not for 30 days."""
    assert recording.of(SECRET)
    keys = {recording.key_of(item.get("kms_key_arn"), "data") for item in recording.of(FUNCTION)}
    for secret in recording.of(SECRET):
        assert recording.key_of(secret.get("kms_key_id"), "data") in keys, secret
        assert secret.get("recovery_window_in_days") == (0 if DISPOSABLE else 30), secret
        assert secret.text("description"), secret
        # Who may read it, roles say.
        assert not secret.has("policy"), secret


def test_people_put_the_values(recording: Recording) -> None:
    """FN-2: what the program registers holds no value, so that the state has none."""
    kinds = {resource.token for resource in recording.resources}
    assert not any(kind.startswith("aws:secretsmanager/secretVersion") for kind in kinds)
    for secret in recording.of(SECRET):
        expected = {"name", "description", "kms_key_id", "recovery_window_in_days", "tags"}
        assert set(secret.inputs) <= expected, secret


def test_old_values_are_told(recording: Recording) -> None:
    """MON-5: where a function measures ages, each secret has an alarm on its own."""
    measures = [
        item for item in recording.of(FUNCTION) if item.has("environment.variables.SECRETS")
    ]
    for function in measures[:1]:
        for secret in recording.of(SECRET):
            (alarm,) = (
                item
                for item in recording.of(ALARM)
                if item.get("dimensions") == {"secret": secret.name, "service": function.name}
            )
            assert alarm.text("metric_name") == "SecretAge", alarm
            assert alarm.text("statistic") == "Maximum", alarm
            assert alarm.text("comparison_operator") == "GreaterThanThreshold", alarm
            assert alarm.number("evaluation_periods") == 1, alarm
            # The function runs once a day or more often.
            assert alarm.number("period") == 86_400, alarm
            assert 1 <= alarm.number("threshold") <= 1_000, alarm
