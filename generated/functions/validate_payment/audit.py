"""One record per decision in the audit bucket, written before the decision is answered."""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, cast

from rules import Payment

_ALREADY_THERE = "PreconditionFailed"
_WRITTEN_AT_ONCE = "ConditionalRequestConflict"


class AuditUnavailableError(Exception):
    """The record could not be written, so the decision must not be given."""


class ObjectStore(Protocol):
    """The one call of S3 that the trail makes."""

    def put_object(self, **parameters: str | bytes) -> object:
        """Store one object."""
        ...


@dataclass(frozen=True, kw_only=True)
class AuditTrail:
    """Writes records that nothing overwrites; the bucket encrypts them under its own key."""

    bucket: str
    store: ObjectStore
    # What the store raises: its own errors and those of the way to it.
    errors: tuple[type[Exception], ...]

    @classmethod
    def connect(cls, bucket: str) -> AuditTrail:
        """Use the AWS SDK that the Lambda runtime brings."""
        boto3 = importlib.import_module("boto3")
        config = importlib.import_module("botocore.config")
        exceptions = importlib.import_module("botocore.exceptions")
        # Well inside the function's timeout, so that the caller gets an answer.
        settings = config.Config(
            connect_timeout=1,
            read_timeout=2,
            retries={"total_max_attempts": 2, "mode": "standard"},
        )
        return cls(
            bucket=bucket,
            store=cast("ObjectStore", boto3.client("s3", config=settings)),
            errors=(exceptions.ClientError, exceptions.BotoCoreError),
        )

    def write(self, key: str, record: Mapping[str, object]) -> bool:
        """Write one record; False when the same request is on record already."""
        body = json.dumps(record, separators=(",", ":"), sort_keys=True).encode()
        for last in (False, True):
            try:
                self.store.put_object(
                    Bucket=self.bucket,
                    Key=key,
                    Body=body,
                    ContentType="application/json",
                    IfNoneMatch="*",
                )
            except self.errors as error:
                code = _code(error)
                if code == _ALREADY_THERE:
                    return False
                # Two writers met: the next try finds the other's record or writes its own.
                if code == _WRITTEN_AT_ONCE and not last:
                    continue
                raise AuditUnavailableError(code or type(error).__name__) from None
            return True
        raise AuditUnavailableError(_WRITTEN_AT_ONCE)


def record_key(payment: Payment, now: datetime, members: Mapping[str, object]) -> str:
    """Key by date and payment id; the digest tells apart two requests under one payment id.

    A repeated request finds its own record, and another request cannot touch it.
    """
    canonical = json.dumps(members, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return f"payments/{now.astimezone(UTC):%Y/%m/%d}/{payment.payment_id}/{digest}.json"


def _code(error: Exception) -> str:
    response: object = getattr(error, "response", None)
    if not isinstance(response, Mapping):
        return ""
    details = cast("Mapping[str, object]", response).get("Error")
    if not isinstance(details, Mapping):
        return ""
    return str(cast("Mapping[str, object]", details).get("Code", ""))
