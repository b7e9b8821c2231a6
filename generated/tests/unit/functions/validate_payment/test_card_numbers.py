"""FN-1: no card number is accepted, answered, logged or stored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.unit.functions.validate_payment.service import CARDS, PAYMENT, Service, api_event, codes

if TYPE_CHECKING:
    from types import ModuleType


@pytest.mark.parametrize("card", CARDS)
def test_card_numbers_are_recognised(cards: ModuleType, card: str) -> None:
    """FN-1: by length and check digit, however they are written."""
    assert cards.looks_like_card(card)
    assert "1111" not in cards.redact(f"paid with {card} today").replace("2271234", "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4111111111111112",
        "41111111111",
        "pay_0001_spring",
        "tok_a1B2c3D4e5F6g7H8",
        "2026-12-01T10:00:00.123Z",
        "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        "19.99 and 20.00",
    ],
)
def test_other_text_is_left_alone(cards: ModuleType, text: str) -> None:
    """FN-1: what fails the check digit or the length is no card number."""
    assert not cards.looks_like_card(text)
    assert cards.redact(text) == text


def test_redacting_keeps_the_rest_of_a_line(cards: ModuleType) -> None:
    """FN-1: only the number goes."""
    text = cards.redact("order 4111111111111111 of 1234567890123")
    assert text == f"order {cards.REMOVED} of 1234567890123"


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize(
    "member",
    [
        "payment_id",
        "merchant_id",
        "currency",
        "payment_method_token",
        "customer_id",
        "description",
        "metadata",
        "name",
        "unknown",
        "path",
        "header",
        "request id",
        "broken",
    ],
)
def test_card_numbers_come_out_nowhere(
    service: Service, capsys: pytest.CaptureFixture[str], member: str, card: str
) -> None:
    """FN-1, S3-1: wherever a card number enters, no answer, line, record or key repeats it."""
    event = api_event(json.dumps(PAYMENT))
    if member == "metadata":
        event["body"] = json.dumps({**PAYMENT, "metadata": {"note": f"card {card}"}})
    elif member == "name":
        event["body"] = json.dumps({**PAYMENT, "metadata": {card: "note"}})
    elif member == "path":
        event["path"] = f"/payments/{card}"
    elif member == "header":
        event["headers"]["X-Amzn-Trace-Id"] = f"Root={card}"
        event["headers"]["User-Agent"] = card
    elif member == "request id":
        event["requestContext"]["requestId"] = card
    elif member == "broken":
        event["body"] = f'{{"payment_id": "{card}"'
    else:
        event["body"] = json.dumps({**PAYMENT, member: card})
    answer = service.handle(event)
    inside_body = member not in {"path", "header", "request id", "broken"}
    if inside_body:
        assert answer["statusCode"] == 422
        assert "card_number" in codes(answer).values()
        assert service.store.objects == {}
    output = capsys.readouterr()
    everything = json.dumps([answer, output.out, output.err, list(service.store.objects)])
    everything += json.dumps(service.store.records)
    assert card not in everything
    assert json.dumps(card).strip('"') not in everything


@pytest.mark.parametrize("number", [4111111111111111, 378282246310005, 4111111111111111.0])
def test_card_numbers_are_refused_as_numbers_too(service: Service, number: float) -> None:
    """FN-1: without quotes a card number is still one."""
    answer = service.post({**PAYMENT, "amount_minor": number})
    assert answer["statusCode"] == 422
    assert str(number) not in json.dumps(answer)
