"""What became of the payments: the table, the outbox and the bucket, beside what clients were told."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from account.world import World

_PATIENCE = 90.0
_WAITING = "SELECT count(*) FROM payments.outbox WHERE delivered_at IS NULL"


@dataclass(frozen=True)
class Ledger:
    """A stack's payments."""

    world: World
    bucket: str
    database: str = "payments"

    def check(self, told: Mapping[tuple[str, str], set[str]]) -> int:
        """See that each payment is decided once, as its client was told, and recorded once; count them."""
        self._settle()
        rows = self._sql(
            "SELECT merchant_id, payment_id, decision, answer FROM payments.payments"
            " JOIN payments.decisions USING (payment_uid)"
        )
        ((count,),) = self._sql("SELECT count(*) FROM payments.payments")
        assert count == len(rows), f"{count} payments have {len(rows)} decisions"
        stored = {(merchant, payment): answer for merchant, payment, _, answer in rows}
        assert len(stored) == len(rows), "a payment is stored twice"
        lost, unknown = told.keys() - stored.keys(), stored.keys() - told.keys()
        assert not lost, f"lost: {lost}"
        assert not unknown, f"nobody was told of {unknown}"
        for payment, answers in told.items():
            decisions = {json.dumps(json.loads(answer)) for answer in answers}
            assert decisions == {json.dumps(json.loads(stored[payment]))}, payment
        records = self._records()
        recorded = {(each["merchant_id"], each["payment_id"]): each for each in records}
        assert len(recorded) == len(records) == len(rows), (
            f"{len(records)} records of {len(recorded)} payments, and {len(rows)} are stored"
        )
        for merchant, payment, decision, _ in rows:
            assert recorded[merchant, payment]["decision"] == decision, payment
        return len(rows)

    def _settle(self) -> None:
        """Let the relay deliver what waits, as its schedule does."""
        end = time.monotonic() + _PATIENCE
        while self._sql(_WAITING) != [[0]]:
            assert time.monotonic() < end, "the outbox does not become empty"
            self._sql(
                "UPDATE payments.outbox SET next_attempt_at = now() WHERE delivered_at IS NULL"
            )
            time.sleep(0.5)

    def _sql(self, statement: str) -> list[list[Any]]:
        return self.world.lambdas.server.superuser(statement, self.database)

    def _records(self) -> list[dict[str, Any]]:
        s3 = self.world.aws.client("s3")
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]

        def read(key: str) -> dict[str, Any]:
            return json.loads(s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())

        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(read, keys))
