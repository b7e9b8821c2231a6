"""Mappings from queues to functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloud.record import Record, Refused
from cloud.rules.security import must_have_right

if TYPE_CHECKING:
    from cloud.store import Cloud

INVALID = "InvalidParameterValueException"
# Lambda Developer Guide, "Using Lambda with Amazon SQS": what the execution role needs.
RECEIVING = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
# What Lambda and SQS take when nobody says.
TIMEOUT_SECONDS, VISIBILITY_SECONDS, BATCH = 3, 30, 10


def _behind(record: Record, path: str) -> Record:
    return next(other for ref, other in record.refers if ref.path == path)


def role_may_receive(cloud: Cloud, record: Record) -> None:
    """Lambda receives and deletes with the function's role, and tries its rights when a mapping is made."""
    function = _behind(record, "functionName")
    role = next(other for ref, other in function.refers if ref.path == "role")
    for action in RECEIVING:
        must_have_right(cloud, record, role, action, record.inputs["eventSourceArn"])


def messages_stay_hidden(_: Cloud, record: Record) -> None:
    """Lambda refuses a queue whose messages come again before a call has ended."""
    visible = _behind(record, "eventSourceArn").inputs.get(
        "visibilityTimeoutSeconds", VISIBILITY_SECONDS
    )
    timeout = _behind(record, "functionName").inputs.get("timeout", TIMEOUT_SECONDS)
    if visible < timeout:
        message = (
            f"{INVALID}: {record.name}: Queue visibility timeout: {visible} seconds is less than "
            f"Function timeout: {timeout} seconds"
        )
        raise Refused(message)


def batch_has_time(_: Cloud, record: Record) -> None:
    """Of a standard queue, more than ten messages take a window."""
    window = record.inputs.get("maximumBatchingWindowInSeconds", 0)
    if record.inputs.get("batchSize", BATCH) > BATCH and window < 1:
        message = f"{INVALID}: {record.name}: batches of more than {BATCH} messages need a window"
        raise Refused(message)
