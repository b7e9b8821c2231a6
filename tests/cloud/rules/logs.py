"""Log groups, their keys, and the deliveries that fill them."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from cloud import policy
from cloud.record import Record, Refused

if TYPE_CHECKING:
    from cloud.store import Cloud

RETENTIONS = {0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192}
RESOURCE_POLICY_CHARACTERS = 5_120
CONTEXT = "kms:EncryptionContext:aws:logs:arn"


def key_may_encrypt(_: Cloud, record: Record) -> None:
    """CloudWatch Logs tries the key when a group is made."""
    service = f"logs.{record.region}.amazonaws.com"
    for ref, key in record.refers:
        if ref.path != "kmsKeyId":
            continue
        for statement in policy.statements(key.inputs["policy"]):
            patterns = [
                pattern
                for operator, keys in statement.conditions.items()
                for pattern in ([keys[CONTEXT]] if CONTEXT in keys else [])
                if operator.startswith("Arn")
            ]
            if ("Service", service) not in statement.principals:
                continue
            if statement.allows("kms:GenerateDataKey") and all(
                fnmatchcase(record.get("arn"), pattern) for pattern in patterns
            ):
                return
        message = (
            f"{record.name}: the key {key.name} is not allowed to be used with {record.get('arn')}"
        )
        raise Refused(message)


def retention_exists(_: Cloud, record: Record) -> None:
    """CloudWatch Logs keeps for certain numbers of days."""
    if record.inputs.get("retentionInDays", 0) not in RETENTIONS:
        message = f"InvalidParameter: {record.name}: no retention of {record.inputs['retentionInDays']} days"
        raise Refused(message)


def policy_fits(_: Cloud, record: Record) -> None:
    """The policy of an account has a limit."""
    text = record.inputs["policyDocument"]
    if len(text) > RESOURCE_POLICY_CHARACTERS or not json.loads(text):
        message = f"LimitExceeded: {record.name}: has {len(text)} characters"
        raise Refused(message)
