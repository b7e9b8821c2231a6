"""Payments through both doors, with the real functions, a real PostgreSQL and moto behind them."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from front.balancer_door import HEALTHY
from front.client import Client

if TYPE_CHECKING:
    from front.local import Local
    from front.site import Doors

Payment = dict[str, Any]


def until(condition: Any, seconds: float = 15.0) -> Any:
    """Wait for something to be true, and give it."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found or time.monotonic() > end:
            return found
        time.sleep(0.02)


def record(local: Local, payment: Payment) -> Payment:
    """Return the audit record of a payment."""
    s3 = local.client("s3")

    def keys() -> list[str]:
        listed = s3.list_objects_v2(Bucket=local.bucket).get("Contents", [])
        return [one["Key"] for one in listed if f"/{payment['payment_id']}/" in one["Key"]]

    (key,) = until(keys)
    return json.loads(s3.get_object(Bucket=local.bucket, Key=key)["Body"].read())


@pytest.mark.parametrize("door", ["api", "balancer"])
def test_a_payment_is_decided_recorded_and_told(
    door: str, local: Local, payment: Payment, request: pytest.FixtureRequest
) -> None:
    client: Client = request.getfixturevalue(door)
    decided = client.post("/payments/validate", payment)
    assert (decided.status, decided.content["decision"]) == (200, "accepted")
    told = client.get(f"/payments/{payment['payment_id']}")
    assert (told.status, told.content["decision"]) == (200, "accepted")
    assert record(local, payment)["decision"] == "accepted"


@pytest.mark.parametrize("door", ["api", "balancer"])
def test_a_repetition_gets_the_first_answer(
    door: str, payment: Payment, request: pytest.FixtureRequest
) -> None:
    client: Client = request.getfixturevalue(door)
    key = f"key-{door}-{payment['payment_id']}"
    first = client.post("/payments/validate", payment, Idempotency_Key=key)
    again = client.post("/payments/validate", payment, Idempotency_Key=key)
    assert (first.status, again.status, again.body) == (200, 200, first.body)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    other = client.post(
        "/payments/validate", {**payment, "amount_minor": 2000}, Idempotency_Key=key
    )
    assert other.status == 409


def test_many_at_once_get_one_answer(local: Local, doors: Doors, payment: Payment) -> None:
    """Through both doors, from several processes of the function."""
    key = local.site.api_keys["partner"].value
    answers: list[tuple[int, bytes]] = []

    def send(url: str) -> None:
        with Client(url, headers={"X-Api-Key": key}) as client:
            answer = client.post("/payments/validate", payment)
            answers.append((answer.status, answer.body))

    urls = [doors.api_url, doors.balancer_url] * 3
    threads = [threading.Thread(target=send, args=(url,)) for url in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == len(urls)
    assert len(set(answers)) == 1
    assert doors.runtime.running("validate-payment") > 1
    rows = local.sql(
        "SELECT count(*) FROM payments.payments WHERE payment_id = :id", id=payment["payment_id"]
    )
    assert rows == [[1]]


def test_targets_are_healthy(doors: Doors) -> None:
    states = doors.health.states()
    assert set(states) == {
        "tg-validate-staging-main",
        "tg-payment-staging-main",
        "tg-health-staging-main",
    }
    assert until(lambda: set(doors.health.states().values()) == {HEALTHY}), doors.health.states()


def test_functions_have_the_variables_of_the_graph(local: Local) -> None:
    variables = local.site.functions["validate-payment"].environment
    assert variables["AUDIT_BUCKET"] == f"s3-audit-staging-main-{local.plan.account}"
    assert variables["DATABASE_USER"] == "payments_app"
    assert json.loads(variables["PAYMENT_RULES"])["velocity"] == [600, 60]
    assert "DATABASE_SECRET_ARN" not in variables
    migrate = local.site.functions["migrate"].environment
    assert migrate["DATABASE_SECRET_ARN"].startswith("arn:aws:secretsmanager:us-east-1:")
