"""The audit bucket: one object per decision, written once and never overwritten."""

from __future__ import annotations

import importlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from payments.login import aws_session

_ALREADY_THERE = "PreconditionFailed"
_WRITTEN_AT_ONCE = "ConditionalRequestConflict"
_TOO_LATE = "DeadlineExceeded"
# Whoever may not list a bucket is refused what is not there (AWS: GetObject, "Permissions"), as are objects whose key
# it may not use.
_UNREADABLE = "AccessDenied"
_NOT_FOUND = frozenset({"NoSuchKey", _UNREADABLE})
_CONNECT_SECONDS, _READ_SECONDS = 1, 2
# What one call of S3 takes at most: it is not begun when less is left.
CALL_SECONDS = _CONNECT_SECONDS + _READ_SECONDS


class AuditUnavailableError(Exception):
    """The record could not be delivered now; the message is S3's code, never more."""


@dataclass(frozen=True, kw_only=True)
class AuditTrail:
    """Writes records that nothing overwrites; the bucket encrypts them under its own key."""

    bucket: str
    store: Any
    # What the store raises: its own errors and those of the way to it.
    errors: tuple[type[Exception], ...]

    @classmethod
    def connect(cls, bucket: str) -> AuditTrail:
        """Use the AWS SDK that the Lambda runtime brings: of it botocore, as boto3 takes its time to start."""
        config = importlib.import_module("botocore.config")
        exceptions = importlib.import_module("botocore.exceptions")
        # Short: the relay delivers what could not be delivered at once.
        settings = config.Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            retries={"total_max_attempts": 1, "mode": "standard"},
        )
        return cls(
            bucket=bucket,
            store=aws_session().create_client("s3", config=settings),
            errors=(exceptions.ClientError, exceptions.BotoCoreError),
        )

    def write(self, key: str, record: str, *, deadline: float) -> bool:
        """Write one record; False when it is there already."""
        for last in (False, True):
            _enough(deadline)
            try:
                self.store.put_object(
                    Bucket=self.bucket,
                    Key=key,
                    Body=record.encode(),
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

    def confirm(self, key: str, record: str, *, deadline: float) -> bool:
        """Whether this record is there, byte for byte; a missing one is written."""
        found = self._read(key, deadline)
        if found is None:
            if self.write(key, record, deadline=deadline):
                return True
            # It was there all the time, or came meanwhile.
            found = self._read(key, deadline)
        if found is None:
            raise AuditUnavailableError(_UNREADABLE)
        return found == record.encode()

    def _read(self, key: str, deadline: float) -> bytes | None:
        _enough(deadline)
        try:
            return self.store.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except self.errors as error:
            code = _code(error)
            if code in _NOT_FOUND:
                return None
            raise AuditUnavailableError(code or type(error).__name__) from None

    def reach(self, *, deadline: float) -> None:
        """Ask S3 for the bucket; that it refuses to say anything of it is an answer too."""
        _enough(deadline)
        try:
            self.store.head_bucket(Bucket=self.bucket)
        except self.errors as error:
            code = _code(error)
            if code not in {"403", "AccessDenied"}:
                raise AuditUnavailableError(code or type(error).__name__) from None


def record_key(payment_id: str, sha256: str, decided_at: datetime) -> str:
    """Key by date and payment id; the digest tells apart two requests under one payment id."""
    return f"payments/{decided_at.astimezone(UTC):%Y/%m/%d}/{payment_id}/{sha256}.json"


def _enough(deadline: float) -> None:
    if time.monotonic() + CALL_SECONDS > deadline:
        raise AuditUnavailableError(_TOO_LATE)


def _code(error: Exception) -> str:
    response: object = getattr(error, "response", None)
    if not isinstance(response, Mapping):
        return ""
    details = cast("Mapping[str, object]", response).get("Error")
    if not isinstance(details, Mapping):
        return ""
    return str(cast("Mapping[str, object]", details).get("Code", ""))
