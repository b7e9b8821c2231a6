"""FN-1, S3-1: what the payment validation answers and records."""

from __future__ import annotations

import base64
import json

import pytest
from pg8000.exceptions import DatabaseError, InterfaceError  # pyright: ignore[reportMissingTypeStubs] - it brings none

from tests.unit.functions.events import (
    API_KEY,
    PAYMENT,
    REQUEST_ID,
    TRACE,
    Event,
    api_event,
    balancer_event,
    codes,
    content,
)
from tests.unit.functions.standins import ClientError
from tests.unit.functions.start import AUDIT, DATABASE, IN_LAMBDA, TRACING, modules_read
from tests.unit.functions.validate_payment import handler
from tests.unit.functions.validate_payment.conftest import Service

ACCEPTED: Event = {
    "payment_id": "pay_0001_spring",
    "decision": "accepted",
    "reasons": [],
    "amount_minor": 1999,
    "amount": "19.99",
    "currency": "USD",
}


def _lines(capsys: pytest.CaptureFixture[str]) -> list[Event]:
    lines = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    return [line for line in lines if "_aws" not in line]


def test_accepts_a_payment_and_records_it(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    """FN-1, S3-1: an accepted payment is answered, recorded and logged under its id."""
    answer = service.post(PAYMENT)
    assert answer["statusCode"] == 200
    assert content(answer) == ACCEPTED
    assert answer["headers"]["X-Request-Id"] == REQUEST_ID
    assert "Idempotency-Replayed" not in answer["headers"]

    (key,) = service.store.objects
    (record,) = service.store.records
    assert key.startswith("payments/2026/12/01/pay_0001_spring/")
    assert record["decision"] == "accepted"
    assert record["request_ids"]["api_request_id"] == "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
    assert record["api_key_id"] == "a1b2c3d4e5"
    assert service.ledger.outbox[1] == {"key": key, "record": service.store.objects[key].decode()}

    (line,) = _lines(capsys)
    assert line["payment_id"] == "pay_0001_spring"
    assert line["request_id"] == REQUEST_ID
    assert line["correlation_id"] == line["api_trace_id"] == TRACE


def test_decides_in_one_transaction(service: Service) -> None:
    """S3-1: nothing is decided before the lock, and the record is written with the decision."""
    service.post(PAYMENT)
    starts = [statement.split("(", maxsplit=1)[0] for statement in service.ledger.statements]
    assert starts[0].startswith("START TRANSACTION;")
    # Strangers do not get as far as a merchant's lock.
    assert "FROM callers" in service.ledger.statements[1]
    assert starts[2] == "SELECT pg_advisory_xact_lock"
    assert "INSERT INTO outbox" in service.ledger.statements[4]
    # What is delivered, only the relay may mark.
    assert starts[5:] == ["COMMIT"]


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        ({"amount_minor": 49}, ["amount_below_minimum"]),
        ({"amount_minor": 50}, []),
        ({"amount_minor": 1_000_000}, []),
        ({"amount_minor": 1_000_001}, ["amount_above_limit"]),
        ({"currency": "XTS"}, ["currency_not_allowed"]),
        ({"merchant_id": "mer_asleep1"}, ["merchant_not_active"]),
        ({"amount_minor": 999_999_999_999}, ["amount_above_limit"]),
        (
            {"merchant_id": "mer_asleep1", "currency": "ZZZ"},
            ["merchant_not_active", "currency_not_allowed"],
        ),
        # It has a caller, and is not in the reference data.
        ({"merchant_id": "mer_missing1"}, ["merchant_unknown"]),
    ],
)
def test_gives_every_reason(service: Service, change: Event, reasons: list[str]) -> None:
    """FN-1: a rejected payment names all broken rules, in the answer and on record."""
    service.ledger.merchants["mer_asleep1"] = "suspended"
    assert service.ledger.callers is not None
    service.ledger.callers["api", API_KEY] += ["mer_asleep1", "mer_missing1"]
    answer = service.post({**PAYMENT, **change})
    decision = "rejected" if reasons else "accepted"
    assert answer["statusCode"] == 200
    assert content(answer)["decision"] == decision
    assert content(answer)["reasons"] == reasons
    (record,) = service.store.records
    assert (record["decision"], record["reasons"]) == (decision, reasons)


def test_a_busy_merchant_is_slowed_down(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    """FN-1: what is above the velocity is told when to come again, and nothing of it is kept."""
    service.ledger.accepted = 599
    assert content(service.post(PAYMENT))["decision"] == "accepted"
    second = {**PAYMENT, "payment_id": "pay_0002_spring"}
    answer = service.post(second, key="key-2")
    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (429, "18")
    assert content(answer)["type"].endswith("velocity-exceeded")
    assert (len(service.ledger.payments), len(service.ledger.outbox)) == (1, 1)
    assert service.ledger.keys == {}
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["VelocityExceeded"] for line in lines if "VelocityExceeded" in line] == [[1.0]]
    # What breaks a rule is rejected all the same, and what was decided is repeated.
    rejected = service.post({**PAYMENT, "payment_id": "pay_0003_spring", "amount_minor": 1})
    assert content(rejected)["reasons"] == ["amount_below_minimum"]
    assert content(service.post(PAYMENT)) == ACCEPTED
    service.ledger.accepted = 599
    assert content(service.post(second, key="key-2"))["decision"] == "accepted"


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"amount_minor": 19.99}, "#/amount_minor", "invalid"),
        ({"amount_minor": 19.0}, "#/amount_minor", "invalid"),
        ({"amount_minor": "1999"}, "#/amount_minor", "invalid"),
        ({"amount_minor": True}, "#/amount_minor", "invalid"),
        ({"amount_minor": 0}, "#/amount_minor", "invalid"),
        ({"amount_minor": -5}, "#/amount_minor", "invalid"),
        ({"amount_minor": 1_000_000_000_000}, "#/amount_minor", "invalid"),
        ({"amount_minor": 10_000_000_000, "currency": "JPY"}, "#/amount_minor", "invalid"),
        ({"merchant_id": "bookshop"}, "#/merchant_id", "invalid"),
        ({"merchant_id": "' OR true; --"}, "#/merchant_id", "invalid"),
        ({"payment_method_token": "tok_short"}, "#/payment_method_token", "invalid"),
        ({"metadata": {"": "x"}}, "#/metadata", "invalid"),
        ({"metadata": {"n" * 41: "x"}}, "#/metadata", "invalid"),
        ({"currency": "usd"}, "#/currency", "invalid"),
        ({"currency": None}, "#/currency", "invalid"),
        ({"payment_id": "short"}, "#/payment_id", "invalid"),
        ({"payment_id": "../../../etc"}, "#/payment_id", "invalid"),
        ({"payment_id": "pay_0001\n"}, "#/payment_id", "invalid"),
        ({"merchant_id": 7}, "#/merchant_id", "invalid"),
        ({"merchant_id": "mer_\u0000zero1"}, "#/merchant_id", "invalid"),
        ({"payment_method_token": "t" * 101}, "#/payment_method_token", "invalid"),
        ({"description": ""}, "#/description", "invalid"),
        ({"customer_id": "42"}, "#/customer_id", "invalid"),
        ({"metadata": {"a": 1}}, "#/metadata", "invalid"),
        ({"metadata": {str(n): "" for n in range(21)}}, "#/metadata", "invalid"),
        ({"card": "1"}, "#", "unknown_member"),
    ],
)
def test_refuses_what_is_no_payment(
    service: Service, change: Event, pointer: str, code: str
) -> None:
    """API-2: a malformed member is named by its pointer, and nothing is recorded."""
    answer = service.post({**PAYMENT, **change})
    assert answer["statusCode"] == 400
    assert codes(answer) == {pointer: code}
    assert service.ledger.statements == []


def test_reports_all_that_is_missing_at_once(service: Service) -> None:
    """API-2: one answer names every missing member."""
    answer = service.post({})
    assert codes(answer) == {f"#/{name}": "missing" for name in PAYMENT}


@pytest.mark.parametrize(
    "body",
    [
        None,
        "",
        "{",
        "[]",
        '"text"',
        "null",
        '{"amount_minor": NaN}',
        '{"currency": "USD", "currency": "EUR"}',
        "[" * 9000,
        '{"amount_minor": ' + "9" * 5000 + "}",
        '"\ud800"',
    ],
    ids=lambda body: repr(body)[:20],
)
def test_refuses_what_is_no_json_object(service: Service, body: str | None) -> None:
    """API-2: a body that two readers could take differently is refused, without a word of it."""
    answer = service.handle(api_event(body))
    assert answer["statusCode"] in {400, 422}
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert service.ledger.statements == []


@pytest.mark.parametrize("character", ["x", "カ", "\U0001f4b3"])
def test_the_longest_body_of_the_schema_is_taken(service: Service, character: str) -> None:
    """API-2: also with every character escaped: one limit for the schema and the function."""
    names = [character * 37 + f"{number:03}" for number in range(20)]
    payment = {
        **PAYMENT,
        "payment_id": "p" * 64,
        "merchant_id": f"mer_{'m' * 32}",
        "payment_method_token": f"tok_{'t' * 64}",
        "customer_id": f"cus_{'c' * 32}",
        "description": character * 140,
        "metadata": dict.fromkeys(names, character * 200),
    }
    body = "".join(
        character if character in '{}[]",: ' or character.isdecimal() else _escaped(character)
        for character in json.dumps(payment, ensure_ascii=False)
    )
    answer = service.handle(api_event(body))
    # It got past the schema: there is no such merchant.
    assert (answer["statusCode"], content(answer)["status"]) == (404, 404)


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"path": "/payments"}, 404),
        ({"path": "/payments/validate/"}, 404),
        ({"httpMethod": "GET"}, 405),
        ({"headers": {"content-type": "text/plain"}, "multiValueHeaders": None}, 415),
        ({"headers": None, "multiValueHeaders": None}, 415),
        ({"body": " " * 65_537}, 413),
        ({"body": "%%%", "isBase64Encoded": True}, 400),
        ({"body": "/w==", "isBase64Encoded": True}, 400),
    ],
)
def test_answers_problem_details(service: Service, changes: Event, status: int) -> None:
    """FN-1: every refusal is a problem of RFC 9457 with the status of the answer."""
    answer = service.handle(api_event("{}", **changes))
    assert answer["statusCode"] == status
    details = content(answer)
    assert details["status"] == status
    assert details["type"].startswith("urn:paystage:problem:")
    assert {"title", "detail"} <= set(details)
    assert answer["headers"]["Cache-Control"] == "no-store"


@pytest.mark.parametrize("lists", [False, True], ids=["single values", "lists of values"])
@pytest.mark.parametrize("encoded", [False, True], ids=["text", "base64"])
def test_understands_the_load_balancer(
    service: Service, capsys: pytest.CaptureFixture[str], *, lists: bool, encoded: bool
) -> None:
    """LB-2, XR-1: the load balancer gives the same decision, in its own form, with its trace id."""
    body = json.dumps(PAYMENT)
    if encoded:
        body = base64.b64encode(body.encode()).decode()
    answer = service.handle(balancer_event(body, lists=lists, isBase64Encoded=encoded))
    assert answer["statusCode"] == 200
    assert answer["statusDescription"] == "200 OK"
    assert ("multiValueHeaders" in answer, "headers" in answer) == (lists, not lists)
    assert content(answer) == ACCEPTED
    assert service.store.records[0]["request_ids"]["load_balancer_trace_id"] == TRACE
    assert _lines(capsys)[0]["load_balancer_trace_id"] == TRACE


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_answers_health_checks_without_touching_anything(service: Service, method: str) -> None:
    """LB-3: a target's health check is shallow."""
    event = balancer_event("", httpMethod=method, path="/health")
    answer = service.handle(event)
    assert (answer["statusCode"], content(answer)) == (200, {"status": "ok"})
    assert service.ledger.statements == []


@pytest.mark.parametrize("failure", [ClientError("SlowDown"), ClientError("AccessDenied")])
def test_a_decision_stands_when_its_record_cannot_be_delivered(
    service: Service, capsys: pytest.CaptureFixture[str], failure: Exception
) -> None:
    """S3-1: the record waits in the outbox; the next payment does not wait for S3 again."""
    service.store.failures = [failure, AssertionError("S3 was asked again at once")]
    assert content(service.post(PAYMENT)) == ACCEPTED
    assert service.post({**PAYMENT, "payment_id": "pay_0002_spring"})["statusCode"] == 200
    assert service.store.objects == {}
    assert len(service.ledger.outbox) == 2
    assert _lines(capsys)[0]["message"] == "audit record left to the relay"


@pytest.mark.parametrize(
    ("where", "failure", "delivered"),
    [
        ("START", InterfaceError("network error"), 1),
        ("pg_advisory", DatabaseError({"C": "40001"}), 1),
        ("pg_advisory", DatabaseError({"C": "55P03"}), 1),
        ("WITH payment", DatabaseError({"C": "23505", "D": "Key (payment_id)=(pay_1)"}), 1),
        ("WITH payment", DatabaseError({"C": "57P01"}), 1),
        ("COMMIT", DatabaseError({"C": "40001"}), 1),
        # It was carried out: the relay delivers what is found then.
        ("COMMIT", ConnectionResetError(), 0),
        ("COMMIT", TimeoutError(), 0),
    ],
)
def test_survives_what_passes(
    service: Service, where: str, failure: Exception, delivered: int
) -> None:
    """DB-2: a failover or a conflict costs a moment, and nothing is decided twice."""
    service.ledger.failures = [(where, failure)]
    assert content(service.post(PAYMENT)) == ACCEPTED
    assert len(service.ledger.payments) == len(service.ledger.outbox) == 1
    assert len(service.store.objects) == delivered


@pytest.mark.parametrize("code", ["57014", "42501", "53100"])
def test_returns_no_decision_that_it_does_not_know(
    service: Service, capsys: pytest.CaptureFixture[str], code: str
) -> None:
    """DB-2: what does not pass is answered with 503, and an invitation to send it again."""
    service.ledger.failures = [("WITH payment", DatabaseError({"C": code, "M": "secret"}))]
    answer = service.post(PAYMENT)
    assert answer["statusCode"] == 503
    assert answer["headers"]["Retry-After"] == "5"
    assert "accepted" not in answer["body"]
    lines = _lines(capsys)
    assert (lines[0]["code"], [line["level"] for line in lines]) == (code, ["ERROR", "ERROR"])
    assert service.store.objects == {}


def test_measures_decisions_once(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    """MON-3: accepted, rejected with its reason, and the rate; a repetition is none of them."""
    service.post(PAYMENT)
    rejected = {**PAYMENT, "payment_id": "pay_0002_spring", "amount_minor": 1}
    service.post(rejected)
    service.post(rejected)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    metrics = [line for line in lines if "_aws" in line]
    names = ("Accepted", "Rejected", "RejectionRate", "RejectedFor", "Repeated")
    told = [{name: line[name] for name in names if name in line} for line in metrics]
    assert told == [
        {"Accepted": [1.0], "Rejected": [0.0], "RejectionRate": [0.0]},
        {"Accepted": [0.0], "Rejected": [1.0], "RejectionRate": [100.0]},
        {"RejectedFor": [1.0]},
        {"Repeated": [1.0]},
    ]
    assert metrics[2]["reason"] == "amount_below_minimum"
    (embedded,) = metrics[1]["_aws"]["CloudWatchMetrics"]
    assert embedded["Namespace"] == "payments-staging"
    assert embedded["Dimensions"] == [["service"]]
    assert metrics[1]["service"] == "validate-payment"


def test_lambda_reads_ahead_what_the_first_payment_needs() -> None:
    """FN-1: while it starts the function; elsewhere nothing is read that a test does not need."""
    assert modules_read(handler, **IN_LAMBDA) >= DATABASE | AUDIT | TRACING
    assert not (DATABASE | AUDIT | TRACING) & modules_read(handler)


def test_nothing_is_read_for_a_tracer_that_is_not_there() -> None:
    """FN-1, XR-1: the tracing's modules only where there is somebody to report to."""
    untraced = {**IN_LAMBDA, "AWS_XRAY_DAEMON_ADDRESS": ""}
    assert not TRACING & modules_read(handler, **untraced)
