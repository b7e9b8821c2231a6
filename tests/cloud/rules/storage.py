"""Buckets, queues and topics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloud import policy
from cloud.record import Record, Refused

if TYPE_CHECKING:
    from cloud.store import Cloud

# Where `Cloud` remembers that a bucket holds something.
OBJECTS = "objects"


def is_empty(_: Cloud, record: Record) -> None:
    """A bucket with objects stays."""
    if record.memory.get(OBJECTS) and not record.get("forceDestroy"):
        message = f"BucketNotEmpty: {record.name} holds objects and has no force_destroy"
        raise Refused(message)


def names_own_bucket(_: Cloud, record: Record) -> None:
    """A bucket's policy speaks of that bucket."""
    arn = f"arn:aws:s3:::{record.inputs['bucket']}"
    for statement in policy.statements(record.inputs["policy"]):
        for resource in statement.resources:
            if resource != arn and not resource.startswith(f"{arn}/"):
                message = f"MalformedPolicy: {record.name} has an invalid resource {resource}"
                raise Refused(message)
