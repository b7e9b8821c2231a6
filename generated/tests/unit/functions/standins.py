"""A database and a bucket in memory, which fail on request."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from pg8000.exceptions import DatabaseError  # pyright: ignore[reportMissingTypeStubs] - it brings none

from payments.database import UNDEFINED_TABLE, Connection, Database
from payments.settings import DatabaseSettings
from payments.trail import AuditTrail
from tests.unit.functions.events import API_KEY, SUBJECT

NOW = datetime(2026, 12, 1, 23, 59, 30, tzinfo=UTC)
SETTINGS = DatabaseSettings(
    host="localhost", port=5432, name="payments", region="us-east-1", authorities=Path("none.pem")
)


# When a merchant that has too many payments may have another one.
FULL_SECONDS = 17.2


class ClientError(Exception):
    """Looks like the SDK's error."""

    def __init__(self, code: str) -> None:
        """Fail as S3 would with this code."""
        super().__init__(f"An error occurred ({code})")
        self.response = {"Error": {"Code": code}}


@dataclass
class Store:
    """A bucket that keeps what is put into it, and fails on request."""

    objects: dict[str, bytes] = field(default_factory=dict[str, bytes])
    failures: list[Exception] = field(default_factory=list[Exception])
    # S3's code by key: what every call for it fails with.
    failing: dict[str, str] = field(default_factory=dict[str, str])

    def put_object(self, **parameters: str | bytes) -> object:
        """Store an object, or raise the next failure."""
        assert parameters["Bucket"] == "audit-bucket"
        assert parameters["IfNoneMatch"] == "*", "a record could be overwritten"
        if self.failures:
            raise self.failures.pop(0)
        key = str(parameters["Key"])
        if key in self.objects:
            raise ClientError(code="PreconditionFailed")
        self.objects[key] = cast("bytes", parameters["Body"])
        return {}

    def get_object(self, **parameters: str) -> dict[str, object]:
        """Return an object, or raise the next failure."""
        assert parameters["Bucket"] == "audit-bucket"
        key = parameters["Key"]
        if self.failures:
            raise self.failures.pop(0)
        if key not in self.objects or key in self.failing:
            # As S3 answers those who may not list the bucket.
            raise ClientError(self.failing.get(key, "AccessDenied"))
        return {"Body": io.BytesIO(self.objects[key])}

    def head_bucket(self, **parameters: str) -> object:
        """Answer that the bucket is there, or raise the next failure."""
        assert parameters == {"Bucket": "audit-bucket"}
        if self.failures:
            raise self.failures.pop(0)
        return {}

    @property
    def records(self) -> list[dict[str, Any]]:
        """The stored records, decoded."""
        return [json.loads(body) for body in self.objects.values()]

    @property
    def trail(self) -> AuditTrail:
        """The trail that leads here."""
        return AuditTrail(bucket="audit-bucket", store=self, errors=(ClientError,))


@dataclass
class Ledger:
    """Takes the place of a connection: knows the ledger's statements by their look."""

    merchants: dict[str, str] = field(default_factory=lambda: {"mer_bookshop1": "active"})
    # By channel and credential; None: there is no such table yet.
    callers: dict[tuple[object, object], list[str]] | None = field(
        default_factory=lambda: {
            ("api", API_KEY): ["mer_bookshop1"],
            ("load-balancer", SUBJECT): ["mer_bookshop1"],
        }
    )
    # By credential, where not every issuer's certificates count.
    issuers: dict[object, list[str]] = field(default_factory=dict[object, list[str]])
    keys: dict[tuple[object, object], list[object]] = field(
        default_factory=dict[tuple[object, object], list[object]]
    )
    payments: dict[tuple[object, object], dict[str, Any]] = field(
        default_factory=dict[tuple[object, object], dict[str, Any]]
    )
    outbox: dict[int, dict[str, Any]] = field(default_factory=dict[int, dict[str, Any]])
    statements: list[str] = field(default_factory=list[str])
    accepted: int = 0
    # Raised by the next statement that contains the text.
    failures: list[tuple[str, Exception]] = field(default_factory=list[tuple[str, Exception]])
    closed: bool = False
    _before: Any = None

    def run(self, sql: str, **parameters: object) -> Sequence[Sequence[Any]] | None:
        """Answer as PostgreSQL would."""
        assert not self.closed
        self.statements.append(" ".join(sql.split()))
        if self.failures and self.failures[0][0] in sql:
            raise self.failures.pop(0)[1]
        if sql.startswith("START TRANSACTION"):
            self._before = copy.deepcopy((self.keys, self.payments, self.outbox, self.accepted))
        if sql == "ROLLBACK":
            self.keys, self.payments, self.outbox, self.accepted = self._before
        if "FROM callers" in sql:
            return [find_callers(self.callers, parameters, self.issuers)]
        if "AS full_until" in sql:
            return [self._known(parameters)]
        if "WITH payment" in sql:
            return [self._decide(parameters)]
        if sql.startswith("\nINSERT INTO idempotency_keys"):
            key = [parameters["request_sha256"], parameters["answer"]]
            self.keys[parameters["merchant_id"], parameters["key_sha256"]] = key
            return [[1]]
        assert "UPDATE outbox" not in sql, "only the relay may"
        return []

    def until(self, moment: float) -> None:
        """Wait for nothing anyway."""

    def close(self) -> None:
        """Be of no more use."""
        self.closed = True

    @property
    def database(self) -> Database:
        """A database whose every connection is this one, and whose pauses take no time."""

        def connect(_: Database, __: float) -> Connection:
            self.closed = False
            return self

        return Database(
            settings=SETTINGS,
            user="payments_app",
            password=lambda: "token",
            connect=connect,
            sleep=lambda _: None,
        )

    def _known(self, asked: dict[str, object]) -> list[Any]:
        payment = self.payments.get((asked["merchant_id"], asked["payment_id"]))
        former = self.keys.get((asked["credential"], asked["key_sha256"]))
        full = self.accepted >= cast("int", asked["payments"])
        return [
            self.keys.get((asked["merchant_id"], asked["key_sha256"]), former),
            payment and [payment["request_sha256"], payment["answer"]],
            self.merchants.get(str(asked["merchant_id"])),
            NOW + timedelta(seconds=FULL_SECONDS) if full else None,
            NOW,
        ]

    def _decide(self, row: dict[str, object]) -> list[Any]:
        self.payments[row["merchant_id"], row["payment_id"]] = row
        if row["key_sha256"] is not None:
            self.keys[row["merchant_id"], row["key_sha256"]] = [
                row["request_sha256"],
                row["answer"],
            ]
        self.accepted += row["decision"] == "accepted"
        identity = len(self.outbox) + 1
        self.outbox[identity] = {"key": row["object_key"], "record": row["record"]}
        return [identity, 1]


def find_callers(
    callers: dict[tuple[object, object], list[str]] | None,
    asked: dict[str, object],
    issuers: dict[object, list[str]],
) -> list[Any]:
    """Return whether there are callers, and the merchants of the one that is asked for."""
    if callers is None:
        raise DatabaseError({"C": UNDEFINED_TABLE})
    named = issuers.get(asked["credential"])
    if named is not None and asked["issuer"] not in named:
        return [bool(callers), []]
    return [bool(callers), callers.get((asked["channel"], asked["credential"]), [])]
