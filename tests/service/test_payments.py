"""Payments through the functions, on a real PostgreSQL: decided once, told truly, recorded."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from payments import database as database_module
from payments.callers import Caller
from payments.database import Database, DatabaseUnavailableError
from payments.events import Channel
from payments.ledger import Asked, Decided, Reuse, deciding
from payments.payment import parse_payment
from payments.problems import ProblemError
from payments.rules import Rules
from payments.settings import DatabaseSettings
from service.stage import KEYS, PAYMENT, RULES, Stage, content, forget, key_context

if TYPE_CHECKING:
    from collections.abc import Mapping


def another(number: int, **changes: object) -> dict[str, Any]:
    """Return another payment."""
    return {**PAYMENT, "payment_id": f"pay_{number:08}", **changes}


def database(stage: Stage, user: str = "payments_app", *, read_only: bool = False) -> Database:
    """Return a database with a connection of its own, as another execution environment has it."""
    settings = DatabaseSettings(
        host="localhost",
        port=stage.server.port,
        name=stage.database,
        region="us-east-1",
        authorities=stage.server.authority,
    )
    return Database(settings=settings, user=user, password=lambda: "unasked", read_only=read_only)


def asked_for(payment: Mapping[str, Any], key: str | None = None) -> Asked:
    """Return a request with the key of the payment's merchant."""
    merchant = payment["merchant_id"]
    return Asked(
        payment=parse_payment(payment),
        caller=Caller(channel=Channel.API, credential=KEYS.get(merchant, merchant)),
        idempotency_key=key,
        request_ids={},
    )


def decide(
    database: Database, payment: Mapping[str, object], key: str | None = None, **rules: object
) -> Decided | Reuse:
    """Decide a payment on this database's own connection."""
    parsed = Rules.parse(json.dumps({**RULES, **rules}))
    work = deciding(asked_for(payment, key), parsed, "staging")
    return database.run(work, deadline=time.monotonic() + 20, repeatable=True)


def test_a_payment_is_decided_stored_recorded_and_found(stage: Stage) -> None:
    answer = stage.post()
    assert content(answer)["decision"] == "accepted", answer
    ((key, record),) = stage.records().items()
    assert key.startswith(
        f"payments/{record['decided_at'][:10].replace('-', '/')}/pay_0001_spring/"
    )
    assert (record["decision"], record["amount_minor"]) == ("accepted", 1999)
    told = content(stage.status("pay_0001_spring"))
    assert told == {
        **content(answer),
        "merchant_id": "mer_bookshop1",
        "decided_at": record["decided_at"],
    }
    assert stage.sql("SELECT count(*) FROM payments.payments") == [[1]]
    stage.sql("UPDATE payments.outbox SET next_attempt_at = now()")
    assert (stage.relay()["delivered"], len(stage.records())) == (1, 1)
    assert stage.sql("SELECT count(*) FROM payments.outbox WHERE delivered_at IS NULL") == [[0]]


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        ({"merchant_id": "mer_asleep01"}, ["merchant_not_active"]),
        (
            {"amount_minor": 9, "merchant_id": "mer_asleep01"},
            ["merchant_not_active", "amount_below_minimum"],
        ),
        ({"currency": "BTC"}, ["currency_not_allowed"]),
        ({"currency": "IDR", "amount_minor": 999_999_999_999}, ["currency_not_allowed"]),
    ],
)
def test_rejections_are_stored_too(
    stage: Stage, change: dict[str, Any], reasons: list[str]
) -> None:
    answer = stage.post({**PAYMENT, **change})
    assert content(answer)["reasons"] == reasons
    context = key_context(str(change.get("merchant_id", "mer_bookshop1")))
    assert content(stage.status("pay_0001_spring", context=context))["reasons"] == reasons
    assert [record["reasons"] for record in stage.records().values()] == [reasons]


def test_a_repetition_gets_the_same_answer_after_everything_changed(stage: Stage) -> None:
    first = stage.post(key="key-1")
    stage.migrate(merchants={"mer_bookshop1": "closed"})
    forget()
    second = stage.post(key="key-1")
    assert (second["body"], second["headers"]["Idempotency-Replayed"]) == (first["body"], "true")
    third = stage.post(another(2), key="key-2")
    assert content(third)["reasons"] == ["merchant_not_active"]


def test_keys_and_ids_stand_for_one_body(stage: Stage) -> None:
    stage.post(key="key-1")
    for payment, key, kind in (
        (another(2), "key-1", "idempotency-key-reused"),
        ({**PAYMENT, "amount_minor": 1}, "key-2", "payment-id-reused"),
        ({**PAYMENT, "amount_minor": 1}, None, "payment-id-reused"),
    ):
        answer = stage.post(payment, key=key)
        assert answer["statusCode"] == 409
        assert content(answer)["type"].endswith(kind)
    # The same payment under another key is the same payment, and the key is taken from now on.
    assert content(stage.post(key="key-2"))["decision"] == "accepted"
    assert stage.post(another(2), key="key-2")["statusCode"] == 409
    assert stage.sql("SELECT count(*) FROM payments.payments") == [[1]]
    assert stage.sql("SELECT count(*) FROM payments.idempotency_keys") == [[2]]
    # So is one that had expired.
    stage.sql("UPDATE payments.idempotency_keys SET expires_at = now() - interval '2 hours'")
    assert content(stage.post(key="key-2"))["decision"] == "accepted"
    assert content(stage.post(another(2), key="key-2"))["type"].endswith("key-reused")


def test_of_two_requests_under_a_new_key_one_has_it(stage: Stage) -> None:
    """Payments that are decided meet under one key: it stands for one of them, ever."""
    asked = [another(number) for number in range(8)]
    for payment in asked:
        decide(database(stage), payment)
    with ThreadPoolExecutor(8) as pool:
        decided = list(pool.map(lambda payment: decide(database(stage), payment, "key-1"), asked))
    assert sorted(str(one) for one in decided if isinstance(one, Reuse)) == ["Reuse.KEY"] * 7


def test_an_expired_key_can_be_used_again(stage: Stage) -> None:
    stage.post(key="key-1")
    stage.sql("UPDATE payments.idempotency_keys SET expires_at = now() - interval '2 hours'")
    assert content(stage.post(another(2), key="key-1"))["payment_id"] == "pay_00000002"
    # What a payment was decided does not expire.
    assert stage.post({**PAYMENT, "amount_minor": 1})["statusCode"] == 409
    stage.sql("UPDATE payments.idempotency_keys SET expires_at = now() - interval '2 hours'")
    stage.relay()
    assert stage.sql("SELECT count(*) FROM payments.idempotency_keys") == [[0]]


@pytest.mark.parametrize("key", [None, "key-1"])
def test_concurrent_repetitions_are_one_payment(stage: Stage, key: str | None) -> None:
    with ThreadPoolExecutor(8) as pool:
        decided = list(pool.map(lambda _: decide(database(stage), PAYMENT, key), range(24)))
    answers = {json.dumps(one.answer) for one in decided if isinstance(one, Decided)}
    assert (len(answers), len(decided)) == (1, 24)
    assert sum(isinstance(one, Decided) and one.record is not None for one in decided) == 1
    assert stage.sql("SELECT count(*) FROM payments.payments") == [[1]]
    assert stage.sql("SELECT count(*) FROM payments.outbox") == [[1]]


def test_of_concurrent_bodies_under_one_key_one_wins(stage: Stage) -> None:
    with ThreadPoolExecutor(12) as pool:
        decided = list(
            pool.map(lambda number: decide(database(stage), another(number), "key-1"), range(12))
        )
    assert (
        sorted(map(str, (one for one in decided if isinstance(one, Reuse)))) == ["Reuse.KEY"] * 11
    )
    assert stage.sql("SELECT count(*) FROM payments.payments") == [[1]]


def refusal(
    stage: Stage, payment: Mapping[str, Any], key: str | None = None
) -> ProblemError | None:
    """Decide a payment where two in a minute are allowed; what was said instead of a decision."""
    try:
        decide(database(stage), payment, key, velocity=[2, 60])
    except ProblemError as refused:
        return refused
    return None


def test_velocity_is_exact_under_concurrency(stage: Stage) -> None:
    connections = threading.local()

    def one(number: int) -> str:
        if not hasattr(connections, "database"):
            connections.database = database(stage)
        try:
            decided = decide(connections.database, another(number), velocity=[10, 60])
        except ProblemError as refused:
            return refused.kind
        assert isinstance(decided, Decided)
        return decided.decision

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(40)))
    assert (answers.count("accepted"), answers.count("velocity-exceeded")) == (10, 30)
    assert stage.sql("SELECT count(*) FROM payments.payments") == [[10]]
    assert stage.sql("SELECT count(*) FROM payments.outbox") == [[10]]


def test_a_velocity_refusal_is_over_when_it_says(stage: Stage) -> None:
    """FN-1: it is no decision: the same request is accepted afterwards, and nothing of it was kept."""
    assert refusal(stage, another(1)) is None
    stage.sql("UPDATE payments.decisions SET decided_at = decided_at - interval '40 seconds'")
    assert refusal(stage, another(2)) is None
    refused = refusal(stage, another(3), "key-3")
    assert refused is not None
    assert (refused.kind, refused.reply.status) == ("velocity-exceeded", 429)
    seconds = int(refused.reply.headers["Retry-After"])
    # The first payment leaves the span then, and makes room for one.
    assert 15 <= seconds <= 20
    assert stage.sql("SELECT count(*) FROM payments.payments") == [[2]]
    assert stage.sql("SELECT count(*) FROM payments.idempotency_keys") == [[0]]
    stage.sql(
        "UPDATE payments.decisions"
        " SET decided_at = decided_at - make_interval(secs => CAST(:seconds AS integer))",
        seconds=seconds,
    )
    assert refusal(stage, another(3), "key-3") is None
    assert refusal(stage, another(4)) is not None
    # What breaks a rule is rejected once and for all, and what was decided is repeated.
    assert refusal(stage, another(5, amount_minor=1)) is None
    assert refusal(stage, another(3), "key-3") is None


def test_a_commit_without_an_answer_is_looked_up(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection dies after the server took the commit, before its answer arrived."""
    real = database_module.open_connection
    cut: list[str] = []

    def opening(*where: Any, **how: Any) -> Any:
        connection = real(*where, **how)
        run = connection.run

        def deaf(sql: str, **parameters: object) -> Any:
            rows = run(sql, **parameters)
            if sql == "COMMIT" and not cut:
                cut.append(sql)
                message = "network error"
                raise ConnectionResetError(message)
            return rows

        connection.run = deaf  # pyright: ignore[reportAttributeAccessIssue]
        return connection

    monkeypatch.setattr(database_module, "open_connection", opening)
    answer = stage.post(key="key-1")
    assert cut == ["COMMIT"]
    assert content(answer)["decision"] == "accepted"
    assert stage.sql("SELECT count(*) FROM payments.payments") == [[1]]
    # Found, not made by this try: the relay delivers its record.
    stage.sql("UPDATE payments.outbox SET next_attempt_at = now()")
    assert stage.relay()["delivered"] == 1


def test_connections_that_the_server_ended_are_replaced(stage: Stage) -> None:
    stage.post()
    stage.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'payments_app'"
    )
    assert content(stage.post(another(2)))["decision"] == "accepted"


def test_a_read_only_server_is_left_for_another(stage: Stage) -> None:
    """After a failover the old connection may lead to what is a standby now."""
    stage.post()
    alter = f"ALTER DATABASE {stage.database}"
    stage.server.superuser(f"{alter} SET default_transaction_read_only = on")
    forget()
    start = time.monotonic()
    mender = threading.Timer(
        0.5, stage.server.superuser, [f"{alter} RESET default_transaction_read_only"]
    )
    mender.start()
    answer = stage.post(another(2))
    mender.join()
    assert content(answer)["decision"] == "accepted"
    assert time.monotonic() - start >= 0.4


def test_a_merchant_in_somebody_elses_hands_is_waited_for(stage: Stage) -> None:
    """A lock that is not given back ends in 503 in time, and the payment was not decided."""
    lock = "SELECT pg_advisory_xact_lock(hashtextextended('mer_bookshop1', 0))"
    holder, other = database(stage), database(stage)
    asked = asked_for(PAYMENT)
    work = deciding(asked, Rules.parse(json.dumps(RULES)), "staging")

    def hold(connection: Any) -> None:
        connection.run(lock)
        with pytest.raises(DatabaseUnavailableError, match="55P03"):
            other.run(work, deadline=time.monotonic() + 1, repeatable=True)

    holder.run(hold, deadline=time.monotonic() + 30)
    assert stage.sql("SELECT count(*) FROM payments.payments") == [[0]]
    assert content(stage.post())["decision"] == "accepted"
