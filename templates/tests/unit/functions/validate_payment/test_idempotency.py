"""API-2: keys of idempotency, and requests that come again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.unit.functions.events import API_KEY, PAYMENT, Event, content

if TYPE_CHECKING:
    from tests.unit.functions.validate_payment.conftest import Service


@pytest.mark.parametrize("key", [None, "7c9e6679-7425-40de-944b-e07fc1f90ae7", '"quoted"'])
def test_a_repeated_request_gets_the_first_answer(service: Service, key: str | None) -> None:
    """FN-1: with a key or without, the same body is decided once, members in any order."""
    first = service.post(PAYMENT, key=key)
    kept = dict(service.store.objects)
    service.ledger.merchants.clear()
    second = service.post(dict(reversed(PAYMENT.items())), key=key)
    assert first["body"] == second["body"]
    assert second["headers"]["Idempotency-Replayed"] == "true"
    assert service.store.objects == kept


@pytest.mark.parametrize(
    ("key", "change", "kind"),
    [
        ("key-1", {"amount_minor": 2000}, "idempotency-key-reused"),
        ("key-1", {"payment_id": "pay_0002_spring"}, "idempotency-key-reused"),
        ("key-2", {"amount_minor": 2000}, "payment-id-reused"),
        (None, {"amount_minor": 2000}, "payment-id-reused"),
    ],
)
def test_another_body_is_a_conflict(
    service: Service, key: str | None, change: Event, kind: str
) -> None:
    """FN-1: neither a key nor a payment's id stands for two payments."""
    service.post(PAYMENT, key="key-1")
    answer = service.post({**PAYMENT, **change}, key=key)
    assert answer["statusCode"] == 409
    assert content(answer)["type"].endswith(kind)
    assert len(service.store.objects) == 1


def test_keys_of_other_merchants_are_their_own(service: Service) -> None:
    """FN-1: another merchant cannot be told, nor blocked by, one's keys."""
    service.ledger.merchants["mer_library1"] = "active"
    assert service.ledger.callers is not None
    service.ledger.callers["api", "other"] = ["mer_library1"]
    service.post(PAYMENT, key="key-1")
    other = {**PAYMENT, "merchant_id": "mer_library1"}
    context = {"requestContext": {"identity": {"apiKeyId": "other"}}}
    answer = service.post(other, key="key-1", **context)
    assert content(answer)["decision"] == "accepted"
    assert "Idempotency-Replayed" not in answer["headers"]
    assert len(service.ledger.keys) == 2


def test_keys_that_the_release_before_kept_are_known(service: Service) -> None:
    """FN-1: it kept them under the id of the caller's API key."""
    first = service.post(PAYMENT, key="key-1")
    ((_, digest),) = service.ledger.keys
    service.ledger.keys = {(API_KEY, digest): service.ledger.keys.popitem()[1]}
    assert service.post(PAYMENT, key="key-1")["body"] == first["body"]
    other = {**PAYMENT, "payment_id": "pay_0002_spring"}
    assert service.post(other, key="key-1")["statusCode"] == 409


@pytest.mark.parametrize("key", ["", '""', "two words", "x" * 129, "4111-1111-1111-1111", "ké"])
def test_refuses_a_malformed_key(service: Service, key: str) -> None:
    """API-2: a key is refused that is none, or that looks like a card number."""
    answer = service.post(PAYMENT, key=key)
    assert answer["statusCode"] == 400
    assert content(answer)["type"].endswith("malformed-idempotency-key")
    assert "1111" not in json.dumps(answer)


def test_a_random_uuid_is_not_taken_for_a_card_number(service: Service) -> None:
    """FN-1: its digits may be one; a random UUID has letters between them."""
    answer = service.post(PAYMENT, key="4c111111-1111-4111-a0b1-111111111117")
    assert answer["statusCode"] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Idempotency-Key": ["key-1", "key-2"]},
        {"Idempotency-Key": ["key-1", "key-1"]},
        {"Idempotency-Key": ["key-1"], "idempotency-key": ["key-2"]},
    ],
)
def test_refuses_two_keys(service: Service, headers: dict[str, list[str]]) -> None:
    """API-2: nobody can say which of them the request is to be known by."""
    sent = {"Content-Type": ["application/json"], **headers}
    answer = service.post(PAYMENT, multiValueHeaders=sent)
    assert answer["statusCode"] == 400
    assert content(answer)["type"].endswith("repeated-idempotency-key")
    assert service.ledger.payments == {}
    sent["Idempotency-Key"] = ["key-1"]
    sent.pop("idempotency-key", None)
    assert service.post(PAYMENT, multiValueHeaders=sent)["statusCode"] == 200


def test_a_further_key_stands_for_the_payment_too(service: Service) -> None:
    """API-2: it gets the payment's answer, and from then on no other request may have it."""
    first = service.post(PAYMENT, key="key-1")
    again = service.post(PAYMENT, key="key-2")
    assert again["body"] == first["body"]
    assert len(service.ledger.keys) == 2
    other = {**PAYMENT, "payment_id": "pay_0002_spring"}
    answer = service.post(other, key="key-2")
    assert answer["statusCode"] == 409
    assert content(answer)["type"].endswith("idempotency-key-reused")
