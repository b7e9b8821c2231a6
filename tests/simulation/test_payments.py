"""Payments through both entry points, with the real functions, a real PostgreSQL and moto behind them."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from simulation.client import Client
from simulation.load_balancer import HEALTHY

if TYPE_CHECKING:
    from simulation.local import Local
    from simulation.site import Simulation

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


@pytest.mark.parametrize("channel", ["api", "balancer"])
def test_a_payment_is_decided_recorded_and_found(
    channel: str, local: Local, payment: Payment, request: pytest.FixtureRequest
) -> None:
    client: Client = request.getfixturevalue(channel)
    decided = client.post("/payments/validate", payment)
    assert (decided.status, decided.content["decision"]) == (200, "accepted")
    found = client.get("/payments/status", Payment_Id=payment["payment_id"])
    assert (found.status, found.content["decision"]) == (200, "accepted")
    assert record(local, payment)["decision"] == "accepted"


@pytest.mark.parametrize(("issuer", "status"), [("CN=authority of the tests", 200), ("CN=a", 403)])
def test_the_certificate_s_issuer_counts(
    issuer: str, status: int, local: Local, balancer: Client, payment: Payment
) -> None:
    as_before = "UPDATE payments.callers SET issuers = NULL"
    named = "UPDATE payments.callers SET issuers = ARRAY[:issuer] WHERE channel = 'load-balancer'"
    local.sql(named, issuer=issuer)
    try:
        assert balancer.post("/payments/validate", payment).status == status
    finally:
        local.sql(as_before)


@pytest.mark.parametrize("channel", ["api", "balancer"])
def test_a_repetition_gets_the_first_answer(
    channel: str, payment: Payment, request: pytest.FixtureRequest
) -> None:
    client: Client = request.getfixturevalue(channel)
    key = f"key-{channel}-{payment['payment_id']}"
    first = client.post("/payments/validate", payment, Idempotency_Key=key)
    again = client.post("/payments/validate", payment, Idempotency_Key=key)
    assert (first.status, again.status, again.body) == (200, 200, first.body)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    other = client.post(
        "/payments/validate", {**payment, "amount_minor": 2000}, Idempotency_Key=key
    )
    assert other.status == 409


def test_many_at_once_get_one_answer(
    local: Local, simulation: Simulation, payment: Payment
) -> None:
    """Through both entry points, from several processes of the function."""
    key = local.site.api_keys["partner"].value
    answers: list[tuple[int, bytes]] = []

    identity = local.caller("mer_acme0001")

    def send(url: str) -> None:
        headers, authority = {"X-Api-Key": key}, local.authority.pem
        with Client(url, headers=headers, authority=authority, identity=identity) as client:
            answer = client.post("/payments/validate", payment)
            answers.append((answer.status, answer.body))

    urls = [simulation.api_url, simulation.balancer_url] * 3
    threads = [threading.Thread(target=send, args=(url,), daemon=True) for url in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == len(urls)
    assert len(set(answers)) == 1
    assert simulation.runtime.running("validate-payment") > 1
    rows = local.sql(
        "SELECT count(*) FROM payments.payments WHERE payment_id = :id", id=payment["payment_id"]
    )
    assert rows == [[1]]


def test_targets_are_healthy(simulation: Simulation) -> None:
    states = simulation.health.states()
    assert set(states) == {
        "tg-validate-staging-main",
        "tg-payment-staging-main",
        "tg-health-staging-main",
    }
    assert until(lambda: set(simulation.health.states().values()) == {HEALTHY}), (
        simulation.health.states()
    )


def test_functions_have_the_variables_of_the_graph(local: Local) -> None:
    variables = local.site.functions["validate-payment"].environment
    assert variables["AUDIT_BUCKET"] == f"s3-audit-staging-main-{local.plan.account}"
    assert variables["DATABASE_USER"] == "payments_app"
    assert json.loads(variables["PAYMENT_RULES"])["velocity"] == [600, 60]
    assert "DATABASE_SECRET_ARN" not in variables
    migrate = local.site.functions["migrate"].environment
    assert migrate["DATABASE_SECRET_ARN"].startswith("arn:aws:secretsmanager:us-east-1:")
