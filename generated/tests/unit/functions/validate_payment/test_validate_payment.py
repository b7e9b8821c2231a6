"""FN-1, S3-1: what the payment validation answers and records."""

from __future__ import annotations

import base64
import importlib
import json
import sys

import pytest

from tests.unit.functions.validate_payment.service import (
    CONTEXT,
    MODULES,
    PAYMENT,
    TRACE,
    Event,
    Service,
    api_event,
    balancer_event,
    codes,
    content,
)


def test_accepts_a_payment_and_records_it(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    """FN-1, S3-1: an accepted payment is answered, recorded and logged under its id."""
    answer = service.post(PAYMENT)
    assert answer["statusCode"] == 200
    assert content(answer) == {
        "payment_id": "pay_0001_spring",
        "decision": "accepted",
        "reasons": [],
        "amount_minor": 1999,
        "amount": "19.99",
        "currency": "USD",
    }
    assert answer["headers"]["X-Request-Id"] == CONTEXT.aws_request_id

    (key,) = service.store.objects
    (record,) = service.store.records
    date = record["decided_at"][:10].replace("-", "/")
    assert key.startswith(f"payments/{date}/pay_0001_spring/")
    assert record["decision"] == "accepted"
    assert record["request_ids"]["api_request_id"] == "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
    assert record["api_key_id"] == "a1b2c3d4e5"

    (line,) = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert line["payment_id"] == "pay_0001_spring"
    assert line["request_id"] == CONTEXT.aws_request_id
    assert line["api_trace_id"] == TRACE


def test_keeps_no_token(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    """FN-1: the token, which can be charged, is neither logged nor stored nor sent back."""
    answer = service.post(PAYMENT)
    everything = json.dumps(answer) + capsys.readouterr().out + str(service.store.objects)
    assert PAYMENT["payment_method_token"] not in everything


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        ({"amount_minor": 49}, ["amount_below_minimum"]),
        ({"amount_minor": 50}, []),
        ({"amount_minor": 1_000_000}, []),
        ({"amount_minor": 1_000_001}, ["amount_above_limit"]),
        ({"currency": "JPY", "amount_minor": 49}, ["amount_below_minimum"]),
        ({"currency": "JPY", "amount_minor": 1_500_000}, []),
        ({"currency": "KWD", "amount_minor": 3_050_001}, ["amount_above_limit"]),
        ({"currency": "XTS"}, ["currency_not_allowed"]),
        ({"merchant_id": "bookshop"}, ["merchant_id_invalid"]),
        ({"payment_method_token": "tok_short"}, ["payment_method_invalid"]),
        (
            {"merchant_id": "x", "payment_method_token": "y", "currency": "ZZZ"},
            ["merchant_id_invalid", "payment_method_invalid", "currency_not_allowed"],
        ),
    ],
)
def test_gives_every_reason(service: Service, change: Event, reasons: list[str]) -> None:
    """FN-1: each rule at its boundary; a rejected payment names all broken rules, on record."""
    answer = service.post({**PAYMENT, **change})
    decision = "rejected" if reasons else "accepted"
    assert answer["statusCode"] == 200
    assert content(answer)["decision"] == decision
    assert content(answer)["reasons"] == reasons
    (record,) = service.store.records
    assert (record["decision"], record["reasons"]) == (decision, reasons)


@pytest.mark.parametrize(
    ("currency", "amount"), [("JPY", "1999"), ("USD", "19.99"), ("KWD", "1.999"), ("XTS", None)]
)
def test_counts_in_the_minor_unit_of_the_currency(
    service: Service, currency: str, amount: str | None
) -> None:
    """FN-1: ISO 4217 exponents decide what the integer means."""
    assert content(service.post({**PAYMENT, "currency": currency}))["amount"] == amount


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"amount_minor": 19.99}, "#/amount_minor", "invalid"),
        ({"amount_minor": 19.0}, "#/amount_minor", "invalid"),
        ({"amount_minor": "1999"}, "#/amount_minor", "invalid"),
        ({"amount_minor": True}, "#/amount_minor", "invalid"),
        ({"amount_minor": 0}, "#/amount_minor", "invalid"),
        ({"amount_minor": -5}, "#/amount_minor", "invalid"),
        ({"amount_minor": 100_000_000}, "#/amount_minor", "invalid"),
        ({"currency": "usd"}, "#/currency", "invalid"),
        ({"currency": None}, "#/currency", "invalid"),
        ({"payment_id": "short"}, "#/payment_id", "invalid"),
        ({"payment_id": "../../../etc"}, "#/payment_id", "invalid"),
        ({"payment_id": "pay_0001\n"}, "#/payment_id", "invalid"),
        ({"merchant_id": 7}, "#/merchant_id", "invalid"),
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
    assert service.store.objects == {}


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
    assert service.store.objects == {}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"path": "/payments"}, 404),
        ({"path": "/payments/validate/"}, 404),
        ({"httpMethod": "GET"}, 405),
        ({"headers": {"content-type": "text/plain"}, "multiValueHeaders": None}, 415),
        ({"headers": None, "multiValueHeaders": None}, 415),
        ({"body": " " * 16_385}, 413),
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
    """LB-2, XR-1: the other door gives the same decision, in its dialect, with its trace id."""
    body = json.dumps(PAYMENT)
    if encoded:
        body = base64.b64encode(body.encode()).decode()
    answer = service.handle(balancer_event(body, lists=lists, isBase64Encoded=encoded))
    assert answer["statusCode"] == 200
    assert answer["statusDescription"] == "200 OK"
    assert ("multiValueHeaders" in answer, "headers" in answer) == (lists, not lists)
    assert content(answer)["decision"] == "accepted"
    assert service.store.records[0]["request_ids"]["load_balancer_trace_id"] == TRACE
    assert json.loads(capsys.readouterr().out)["load_balancer_trace_id"] == TRACE


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_answers_health_checks_without_touching_anything(service: Service, method: str) -> None:
    """LB-3: a target's health check is shallow."""
    event = balancer_event("", httpMethod=method, path="/health")
    answer = service.handle(event)
    assert (answer["statusCode"], content(answer)) == (200, {"status": "ok"})
    assert service.store.objects == {}


def test_a_repeated_request_leaves_the_first_record(service: Service) -> None:
    """S3-1: the key is idempotent: a repeated request is recorded once, members in any order."""
    first = service.post(PAYMENT)
    kept = dict(service.store.objects)
    second = service.post(dict(reversed(PAYMENT.items())))
    assert content(first) == content(second)
    assert service.store.objects == kept


def test_another_request_under_the_same_payment_id_is_kept_beside_it(service: Service) -> None:
    """S3-1: no request can hide another one's record."""
    service.post(PAYMENT)
    service.post({**PAYMENT, "amount_minor": 2000})
    assert sorted(record["amount_minor"] for record in service.store.records) == [1999, 2000]


def test_two_writers_at_once_leave_one_record(service: Service) -> None:
    """S3-1: when S3 reports a conflict, the write is tried again."""
    service.store.failures = ["ConditionalRequestConflict"]
    assert service.post(PAYMENT)["statusCode"] == 200
    assert len(service.store.objects) == 1


@pytest.mark.parametrize(
    "failures",
    [["AccessDenied"], ["SlowDown"], ["ConditionalRequestConflict", "ConditionalRequestConflict"]],
)
def test_gives_no_decision_without_a_record(
    service: Service, capsys: pytest.CaptureFixture[str], failures: list[str]
) -> None:
    """S3-1: every decision that was answered is on record."""
    service.store.failures = failures
    answer = service.post(PAYMENT)
    assert answer["statusCode"] == 503
    assert answer["headers"]["Retry-After"] == "5"
    assert "accepted" not in answer["body"]
    lines = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert [line["level"] for line in lines] == ["ERROR", "ERROR"]
    assert service.store.objects == {}


def test_the_code_needs_no_package_of_its_own(modules: None) -> None:
    """FN-1: what the folder imports comes with Python or lies in the folder."""
    del modules
    before = set(sys.modules)
    for name in MODULES:
        importlib.import_module(name)
    loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
    assert loaded <= {*MODULES, *sys.stdlib_module_names}
