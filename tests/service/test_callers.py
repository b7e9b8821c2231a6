"""Whose payment it is: callers act for their own merchants, and can do nothing to those of others."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest

from migrate.handler import MigrationError
from service.former import ALL, without_migrations
from service.stage import (
    KEYS,
    PAYMENT,
    REQUEST_ID,
    RULES,
    SUBJECT,
    Stage,
    content,
    forget,
    key_context,
)
from service.test_payments import another

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ELB = {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/tg/6d0ecf"}}
HEADER = "x-amzn-mtls-clientcert-subject"
ISSUER = "x-amzn-mtls-clientcert-issuer"
OURS = {**PAYMENT, "merchant_id": "mer_bookshop1"}
LIBRARY = {**PAYMENT, "merchant_id": "mer_library1"}


@pytest.fixture(name="shops")
def _shops(stage: Stage) -> Stage:
    """Have two active merchants, each with a key; the bookshop has a certificate as well."""
    stage.migrate(merchants={"mer_bookshop1": "active", "mer_library1": "active"})
    return stage


def by_balancer(*subjects: str, **changes: Any) -> dict[str, Any]:
    """Return what makes an event one of the load balancer, as it sends it with lists of values."""
    headers = {"content-type": ["application/json"]}
    if subjects:
        headers[HEADER] = list(subjects)
    return {"requestContext": ELB, "headers": None, "multiValueHeaders": headers, **changes}


def problem(answer: Mapping[str, Any]) -> tuple[int, str]:
    """Return status and kind of a refusal."""
    details = content(answer)
    assert details["status"] == answer["statusCode"]
    return details["status"], details["type"].rpartition(":")[2]


# Everybody who has not the bookshop's credentials: as the entry points tell it of them.
STRANGERS: dict[str, dict[str, Any]] = {
    "another merchant's key": {"requestContext": key_context("mer_library1")},
    "a key of nobody": {"requestContext": key_context("key-of-nobody")},
    "no key": {"requestContext": {"requestId": REQUEST_ID, "identity": {"apiKeyId": None}}},
    "no identity": {"requestContext": {"requestId": REQUEST_ID}},
    "the balancer without a certificate": by_balancer(),
    "the certificate of another": by_balancer("CN=library,O=Library"),
    "a subject that differs by a letter": by_balancer("CN=bookshop,O=bookshop"),
    "two subjects": by_balancer("CN=library,O=Library", SUBJECT),
    "an empty subject": by_balancer(""),
    "a subject as a key": {"requestContext": key_context(SUBJECT)},
    "a key as a subject": by_balancer(KEYS["mer_bookshop1"]),
    "the balancer's header through the API": {
        "requestContext": {"requestId": REQUEST_ID, "identity": {"apiKeyId": None}},
        "headers": {"Content-Type": "application/json", HEADER: SUBJECT},
    },
    "the API's context through the balancer": by_balancer(
        requestContext={**ELB, "identity": {"apiKeyId": KEYS["mer_bookshop1"]}}
    ),
}


@pytest.mark.parametrize("stranger", STRANGERS.values(), ids=STRANGERS)
def test_a_stranger_can_do_nothing_to_a_merchant(
    shops: Stage, stranger: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither spend its velocity, nor take its ids or keys, nor read its payments."""
    shops.rules = {**RULES, "velocity": [2, 60]}
    assert content(shops.post(another(1), key="key-1"))["decision"] == "accepted"
    kept = shops.sql("SELECT count(*) FROM payments.idempotency_keys")
    for number in range(5):
        answer = shops.post(another(number, amount_minor=50), key=f"key-{number}", **stranger)
        assert problem(answer) in {(404, "merchant-not-found"), (403, "caller-unknown")}
        assert PAYMENT["merchant_id"] not in answer["body"]
    assert shops.sql("SELECT count(*) FROM payments.payments") == [[1]]
    assert shops.sql("SELECT count(*) FROM payments.idempotency_keys") == kept
    assert len(shops.records()) == 1
    # The ids and keys are free, and so is the second place in the span.
    assert content(shops.post(another(2), key="key-2"))["decision"] == "accepted"
    queries: list[dict[str, str]] = [{}, {"merchant_id": "mer_bookshop1"}]
    for query, in_path in itertools.product(queries, (False, True)):
        context = stranger["requestContext"]
        told = shops.status("pay_00000001", context=context, in_path=in_path, **query)
        assert problem(told) in {(404, "payment-not-found"), (403, "caller-unknown")}
        assert "mer_bookshop1" not in told["body"]
        assert "accepted" not in json.dumps(told)
    assert "unexpected error" not in capsys.readouterr().out


def test_the_balancers_callers_are_known_by_their_certificates(shops: Stage) -> None:
    """LB-2: the subject that the balancer verified stands for the merchant."""
    answer = shops.post(OURS, **by_balancer(SUBJECT))
    assert content(answer)["decision"] == "accepted"
    ((_, record),) = shops.records().items()
    assert (record["channel"], record["client_subject"], record["api_key_id"]) == (
        "load-balancer",
        SUBJECT,
        None,
    )
    assert problem(shops.post(LIBRARY, **by_balancer(SUBJECT))) == (404, "merchant-not-found")
    # It is the merchant's, whichever way it came.
    assert shops.status("pay_0001_spring")["statusCode"] == 200


def by_authority(*issuers: str) -> dict[str, Any]:
    """Return what the load balancer sends of the bookshop's certificate, and of who signed it."""
    sent = by_balancer(SUBJECT)
    if issuers:
        sent["multiValueHeaders"][ISSUER] = list(issuers)
    return sent


def test_certificates_of_other_authorities_are_nobodys_where_a_merchant_names_its_own(
    shops: Stage,
) -> None:
    """LB-2: the balancer verifies by several, and each may issue any subject."""
    assert shops.post(OURS, **by_authority("CN=anybody"))["statusCode"] == 200
    shops.bring_in(issuers={SUBJECT: ["CN=ours,O=Bookshops", "CN=new,O=Bookshops"]})
    for issuer in ("CN=ours,O=Bookshops", "CN=new,O=Bookshops"):
        assert shops.post(OURS, **by_authority(issuer))["statusCode"] == 200
    strangers = (
        ("CN=theirs",),
        ("CN=ours",),
        ("cn=ours,O=Bookshops",),
        ("",),
        (),
        ("CN=ours,O=Bookshops", "CN=theirs"),
    )
    for issuers in strangers:
        assert problem(shops.post(OURS, **by_authority(*issuers))) == (403, "caller-unknown")
    # Keys have no issuers.
    assert shops.post(OURS)["statusCode"] == 200
    shops.bring_in()
    assert shops.post(OURS, **by_authority("CN=theirs"))["statusCode"] == 200


def test_a_merchant_of_others_looks_like_one_that_nobody_has(shops: Stage) -> None:
    """Answers do not tell the two apart, and neither do the statements that make them."""
    shops.post(LIBRARY)
    context = key_context()
    pairs = [
        [
            shops.post({**PAYMENT, "merchant_id": merchant}, requestContext=context)
            for merchant in ("mer_library1", "mer_nobody01")
        ],
    ]
    for in_path in (False, True):
        payments = ("pay_0001_spring", "pay_of_nobody")
        pairs.append([shops.status(payment, in_path=in_path) for payment in payments])
        merchants = ("mer_library1", "mer_nobody01")
        pairs.append(
            [
                shops.status("pay_0001_spring", in_path=in_path, merchant_id=merchant)
                for merchant in merchants
            ]
        )
    for others, nobodys in pairs:
        assert others == nobodys
        assert others["statusCode"] == 404


def test_ids_and_keys_are_a_merchants_own(shops: Stage) -> None:
    """Two merchants may use the same, without a conflict and without each other's answers."""
    assert content(shops.post(OURS, key="key-1"))["decision"] == "accepted"
    other = shops.post({**LIBRARY, "amount_minor": 50}, key="key-1")
    assert "Idempotency-Replayed" not in other["headers"]
    assert content(other)["amount_minor"] == 50
    assert shops.post(another(3, merchant_id="mer_library1"), key="key-1")["statusCode"] == 409
    assert shops.post(OURS, key="key-1")["headers"]["Idempotency-Replayed"] == "true"
    for merchant, amount in (("mer_bookshop1", 1999), ("mer_library1", 50)):
        told = content(shops.status("pay_0001_spring", context=key_context(merchant)))
        assert (told["merchant_id"], told["amount_minor"]) == (merchant, amount)
    assert len(shops.records()) == 2


def test_a_key_is_the_merchants_at_both_entry_points(shops: Stage) -> None:
    """FN-1: a request that is repeated the other way gets the first one's answer."""
    shops.post(OURS, key="key-1")
    headers = {
        "content-type": ["application/json"],
        HEADER: [SUBJECT],
        "idempotency-key": ["key-1"],
    }
    again = shops.post(OURS, **by_balancer(multiValueHeaders=headers))
    assert again["multiValueHeaders"]["Idempotency-Replayed"] == ["true"]
    conflict = shops.post(another(2), **by_balancer(multiValueHeaders=headers))
    assert problem(conflict) == (409, "idempotency-key-reused")


def test_a_caller_of_several_merchants_names_one(shops: Stage) -> None:
    """As after a merchant got another id: its payments stay under the old one, and can be read."""
    shops.bring_in({"key-of-both": ["mer_bookshop1", "mer_library1"]})
    context = key_context("key-of-both")
    for payment in (OURS, LIBRARY, another(2)):
        answer = shops.post(payment, requestContext=context)
        assert content(answer)["decision"] == "accepted"
    assert problem(shops.status("pay_0001_spring", context=context))[0] == 409
    told = shops.status("pay_0001_spring", context=context, merchant_id="mer_library1")
    assert content(told)["merchant_id"] == "mer_library1"
    assert content(shops.status("pay_00000002", context=context))["merchant_id"] == "mer_bookshop1"


def test_callers_become_what_the_spec_says(shops: Stage) -> None:
    """All at one moment: who is not named any more is nobody at once."""
    shops.post(OURS)
    shops.bring_in({KEYS["mer_library1"]: ["mer_bookshop1"]}, {})
    assert problem(shops.post(OURS)) == (403, "caller-unknown")
    assert problem(shops.post(OURS, **by_balancer(SUBJECT))) == (403, "caller-unknown")
    told = shops.status("pay_0001_spring", context=key_context("mer_library1"))
    assert told["statusCode"] == 200
    rows = shops.sql("SELECT * FROM payments.callers")
    with pytest.raises(MigrationError, match="callers were left as they were"):
        shops.bring_in({"key": ["mer_bookshop1"], "": ["mer_bookshop1"]})
    assert shops.sql("SELECT * FROM payments.callers") == rows


def test_before_the_callers_are_there_a_request_is_to_be_repeated(empty_stage: Stage) -> None:
    """MIG-1: between the migration and the callers, which come a moment later: no wrong refusal."""
    empty_stage.migrate()
    for answer in (empty_stage.post(key="key-1"), empty_stage.status("pay_0001_spring")):
        assert problem(answer) == (503, "callers-not-known-yet")
        assert answer["headers"]["Retry-After"] == "5"
    empty_stage.bring_in()
    assert content(empty_stage.post(key="key-1"))["decision"] == "accepted"


def test_a_deployment_that_brings_in_no_callers_is_known(empty_stage: Stage) -> None:
    """MIG-1: of a spec without any, nobody is a caller, and no repetition changes that."""
    empty_stage.migrate()
    empty_stage.bring_in({}, {})
    for answer in (empty_stage.post(key="key-1"), empty_stage.status("pay_0001_spring")):
        assert problem(answer) == (403, "caller-unknown")
    # Nor is it forgotten when the last caller leaves the spec, or with the next migration.
    empty_stage.bring_in()
    empty_stage.bring_in({}, {})
    empty_stage.migrate()
    forget()
    assert problem(empty_stage.post(key="key-1")) == (403, "caller-unknown")


def test_payments_go_on_while_the_release_before_is_replaced(
    empty_stage: Stage, folder: Path
) -> None:
    """MIG-1: on its schema the functions decide as it did, and afterwards they know its keys."""
    with without_migrations(folder, 6):
        # Of merchants a later migration says more.
        empty_stage.migrate(merchants=None)
        empty_stage.sql("INSERT INTO payments.merchants VALUES ('mer_bookshop1', 'active')")
        stranger = STRANGERS["a key of nobody"]
        assert content(empty_stage.post(key="key-1", **stranger))["decision"] == "accepted"
        # As the release before wrote it: under the caller's key.
        empty_stage.sql("UPDATE payments.idempotency_keys SET caller = 'key-of-mer_bookshop1'")
    forget()
    assert empty_stage.migrate()["applied"] == ALL[5:]
    empty_stage.bring_in()
    assert problem(empty_stage.post(another(2), **stranger)) == (403, "caller-unknown")
    assert problem(empty_stage.post(another(2), key="key-1"))[1] == "idempotency-key-reused"
    again = empty_stage.post(key="key-1")
    assert again["headers"]["Idempotency-Replayed"] == "true"
