"""FN-1: whose payment it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.unit.functions.events import (
    API_KEY,
    PAYMENT,
    SUBJECT,
    Event,
    balancer_event,
    content,
)

if TYPE_CHECKING:
    from tests.unit.functions.validate_payment.conftest import Service

SUBJECT_HEADER = "x-amzn-mtls-clientcert-subject"
ISSUER_HEADER = "x-amzn-mtls-clientcert-issuer"


def _kind(answer: Event) -> tuple[int, str]:
    details = content(answer)
    assert details["status"] == answer["statusCode"]
    return details["status"], details["type"].rpartition(":")[2]


def _by_balancer(**headers: str | list[str]) -> Event:
    event = balancer_event(json.dumps(PAYMENT), lists=True)
    sent = {"content-type": ["application/json"], **headers}
    return {**event, "multiValueHeaders": sent}


@pytest.mark.parametrize(
    "identity",
    [{}, {"apiKeyId": None}, {"apiKeyId": ""}, {"apiKeyId": "z9y8"}, {"apiKeyId": SUBJECT}],
)
def test_a_key_of_nobody_is_refused(service: Service, identity: Event) -> None:
    """API-4: also with a header that only the load balancer may set."""
    context = {"requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "identity": identity}
    sent = {"Content-Type": ["application/json"], SUBJECT_HEADER: [SUBJECT]}
    answer = service.post(PAYMENT, requestContext=context, multiValueHeaders=sent)
    assert _kind(answer) == (403, "caller-unknown")
    assert service.ledger.payments == {}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {SUBJECT_HEADER: [""]},
        {SUBJECT_HEADER: ["CN=library,O=Library"]},
        {SUBJECT_HEADER: [API_KEY]},
        {SUBJECT_HEADER: ["CN=library,O=Library", SUBJECT]},
        {SUBJECT_HEADER: [SUBJECT], "X-Amzn-Mtls-Clientcert-Subject": [SUBJECT]},
    ],
)
def test_a_certificate_of_nobody_is_refused(service: Service, headers: Event) -> None:
    """LB-2: so is one that is there twice, as the balancer sends one."""
    assert _kind(service.handle(_by_balancer(**headers))) == (403, "caller-unknown")
    assert service.ledger.payments == {}


def test_a_certificate_stands_for_its_merchant(service: Service) -> None:
    """LB-2, S3-1: and the record says whose it was."""
    answer = service.handle(_by_balancer(**{SUBJECT_HEADER: [SUBJECT]}))
    assert content(answer)["decision"] == "accepted"
    (record,) = service.store.records
    assert (record["client_subject"], record["api_key_id"]) == (SUBJECT, None)


@pytest.mark.parametrize(
    ("issuers", "status"),
    [
        (["CN=ours"], 200),
        (["CN=new"], 200),
        (["CN=theirs"], 403),
        (["cn=ours"], 403),
        ([""], 403),
        ([], 403),
        (["CN=ours", "CN=theirs"], 403),
    ],
)
def test_a_merchant_may_say_whose_certificates_are_its_own(
    service: Service, issuers: list[str], status: int
) -> None:
    """LB-2: another authority that the balancer verifies by may have issued the same subject."""
    service.ledger.issuers[SUBJECT] = ["CN=ours", "CN=new"]
    sent = {SUBJECT_HEADER: [SUBJECT], ISSUER_HEADER: issuers}
    assert service.handle(_by_balancer(**sent))["statusCode"] == status


@pytest.mark.parametrize("merchant", ["mer_library1", "mer_nobody1"])
def test_merchants_of_others_are_not_found(service: Service, merchant: str) -> None:
    """FN-1: whether there is one or not, before anything of it is locked or read."""
    service.ledger.merchants["mer_library1"] = "active"
    answer = service.post({**PAYMENT, "merchant_id": merchant}, key="key-1")
    assert _kind(answer) == (404, "merchant-not-found")
    assert merchant not in answer["body"]
    assert (service.ledger.payments, service.ledger.keys) == ({}, {})
    assert not any("advisory" in statement for statement in service.ledger.statements)


def test_without_any_callers_a_request_is_to_be_repeated(service: Service) -> None:
    """MIG-1: they are brought in a moment after their table."""
    service.ledger.callers = {}
    answer = service.post(PAYMENT)
    assert _kind(answer) == (503, "callers-not-known-yet")
    assert answer["headers"]["Retry-After"] == "5"


def test_on_the_schema_of_the_release_before_payments_go_on(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    """MIG-1: it knew no callers."""
    service.ledger.callers = None
    assert content(service.post(PAYMENT))["decision"] == "accepted"
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (first["level"], first["message"]) == ("WARNING", "the database knows no callers yet")
