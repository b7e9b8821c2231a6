"""S3-1: records reach the bucket once, and are never overwritten."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from payments.outbox import Outbox, Record
from payments.trail import AuditTrail, AuditUnavailableError, record_key
from tests.unit.functions.standins import ClientError, Store

RECORD = Record(id=1, key="payments/2026/12/01/pay_0001_spring/digest.json", text='{"a":1}')


def _outbox(store: Store, clock: list[float]) -> Outbox:
    return Outbox(connect=lambda: store.trail, clock=lambda: clock[0])


def test_a_record_is_stored() -> None:
    """S3-1: as it was written with its decision."""
    store = Store()
    assert _outbox(store, [0.0]).deliver(RECORD, deadline=time.monotonic() + 5)
    assert store.objects == {RECORD.key: b'{"a":1}'}


def test_a_record_that_is_there_is_left_as_it_is() -> None:
    """S3-1: whose it is, only the relay may look."""
    store = Store(objects={RECORD.key: b"first"})
    assert not _outbox(store, [0.0]).deliver(RECORD, deadline=time.monotonic() + 5)
    assert store.objects == {RECORD.key: b"first"}


def test_without_time_s3_is_not_even_connected_to() -> None:
    """FN-1: the first connection takes a good part of a second, and the caller waits for the decision."""
    connected: list[str] = []
    store = Store()

    def connect() -> AuditTrail:
        connected.append("S3")
        return store.trail

    outbox = Outbox(connect=connect)
    assert not outbox.deliver(RECORD, deadline=time.monotonic() + 1)
    assert connected == []
    assert outbox.deliver(RECORD, deadline=time.monotonic() + 5)
    assert not outbox.deliver(RECORD, deadline=time.monotonic() + 5)
    assert connected == ["S3"]
    assert store.objects == {RECORD.key: b'{"a":1}'}


def test_what_lies_there_is_compared_whole() -> None:
    """S3-1: byte for byte, and an S3 that does not answer is no difference."""
    store = Store(objects={"key": b'{"a":1}'}, failures=[ClientError("SlowDown")])
    deadline = time.monotonic() + 9
    with pytest.raises(AuditUnavailableError, match=r"^SlowDown$"):
        store.trail.confirm("key", '{"a":1}', deadline=deadline)
    assert store.trail.confirm("key", '{"a":1}', deadline=deadline)
    assert not store.trail.confirm("key", '{"a": 1}', deadline=deadline)
    assert store.objects == {"key": b'{"a":1}'}


@pytest.mark.parametrize("code", ["AccessDenied", "NoSuchKey"])
def test_what_is_missing_is_written(code: str) -> None:
    """S3-1: whether or not the relay may know that nothing is there."""
    store = Store(failures=[ClientError(code)])
    assert store.trail.confirm("key", '{"a":1}', deadline=time.monotonic() + 9)
    assert store.objects == {"key": b'{"a":1}'}


def test_what_may_not_be_read_is_no_delivery() -> None:
    """S3-1: it is there, and nobody knows what it is."""
    store = Store(objects={"key": b'{"a":1}'}, failing={"key": "AccessDenied"})
    with pytest.raises(AuditUnavailableError, match=r"^AccessDenied$"):
        store.trail.confirm("key", '{"a":1}', deadline=time.monotonic() + 9)


def test_two_writers_at_once_leave_one_record() -> None:
    """S3-1: when S3 reports a conflict, the write is tried again."""
    store = Store(failures=[ClientError("ConditionalRequestConflict")])
    assert _outbox(store, [0.0]).deliver(RECORD, deadline=time.monotonic() + 5)
    assert len(store.objects) == 1


def test_after_a_failure_the_relay_has_half_a_minute() -> None:
    """S3-1: payments do not wait for an S3 that is away."""
    store, clock = Store(failures=[ClientError("SlowDown")]), [100.0]
    outbox = _outbox(store, clock)
    deadline = time.monotonic() + 5
    assert not outbox.deliver(RECORD, deadline=deadline)
    clock[0] = 129.9
    assert not outbox.deliver(RECORD, deadline=deadline)
    assert store.objects == {}
    clock[0] = 130.0
    assert outbox.deliver(RECORD, deadline=deadline)


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        (["AccessDenied"], "AccessDenied"),
        (["ConditionalRequestConflict"] * 2, "ConditionalRequestConflict"),
    ],
)
def test_a_refusal_is_recognised_by_its_code(codes: list[str], told: str) -> None:
    """S3-1: nothing else of S3's message is repeated."""
    store = Store(failures=[ClientError(code) for code in codes])
    with pytest.raises(AuditUnavailableError, match=f"^{told}$"):
        store.trail.write("key", "text", deadline=time.monotonic() + 9)


@pytest.mark.parametrize(("code", "reached"), [("403", True), ("404", False), ("503", False)])
def test_a_bucket_that_answers_is_reached(code: str, *, reached: bool) -> None:
    """LB-3: also when it may not be looked into."""
    trail = Store(failures=[ClientError(code)]).trail
    if reached:
        trail.reach(deadline=time.monotonic() + 9)
    else:
        with pytest.raises(AuditUnavailableError, match=code):
            trail.reach(deadline=time.monotonic() + 9)


def test_nothing_is_begun_that_could_not_end_in_time() -> None:
    """S3-1: the decision is told, and its record left to the relay, which is no failure of S3."""
    store = Store()
    outbox = _outbox(store, [0.0])
    assert not outbox.deliver(RECORD, deadline=time.monotonic() + 2.9)
    assert store.objects == {}
    assert outbox.deliver(RECORD, deadline=time.monotonic() + 5)
    with pytest.raises(AuditUnavailableError, match="DeadlineExceeded"):
        store.trail.write("other", "text", deadline=time.monotonic() + 2.9)
    with pytest.raises(AuditUnavailableError, match="DeadlineExceeded"):
        store.trail.reach(deadline=time.monotonic() + 2.9)
    assert set(store.objects) == {RECORD.key}


def test_keys_are_dated_in_utc() -> None:
    """S3-3: whatever the database's zone."""
    moment = datetime(2026, 12, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert moment.astimezone(UTC).day == 30
    assert record_key("pay_0001", "d", moment) == "payments/2026/11/30/pay_0001/d.json"
