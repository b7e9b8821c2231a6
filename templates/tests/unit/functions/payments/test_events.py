"""API-1, LB-2: events of both entry points, in the shapes that AWS documents."""

from __future__ import annotations

import base64
import json
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.events import BodyError, Channel, OverlongBodyError, Reply, Request
from payments.problems import Kind, problem
from tests.unit.functions.events import TRACE, Event, api_event, balancer_event


def test_reads_a_proxy_event_of_the_api() -> None:
    """API-1: headers of any case, the API's own ids, decoded parameters."""
    event = api_event("{}", queryStringParameters={"merchant_id": "mer_a%20b"})
    request = Request.from_event(event)
    assert (request.channel, request.method, request.path) == (
        Channel.API,
        "POST",
        "/payments/validate",
    )
    assert request.media_type == "application/json"
    assert request.trace_root == TRACE
    assert request.api_key_id == "a1b2c3d4e5"
    assert request.api_request_id == "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
    # API Gateway has decoded it already.
    assert request.query == {"merchant_id": "mer_a%20b"}


@pytest.mark.parametrize("lists", [False, True], ids=["single values", "lists of values"])
def test_reads_an_event_of_the_load_balancer(*, lists: bool) -> None:
    """LB-2: with and without lists of values; its parameters are still encoded."""
    event = balancer_event("{}", lists=lists)
    name = "multiValueQueryStringParameters" if lists else "queryStringParameters"
    event[name] = {"merchant%5Fid": ["x", "mer%5Fa+b"] if lists else "mer%5Fa+b"}
    request = Request.from_event(event)
    assert (request.channel, request.multi_value) == (Channel.LOAD_BALANCER, lists)
    assert request.media_type == "application/json"
    assert request.trace_root == TRACE
    assert request.query == {"merchant_id": "mer_a b"}


def test_of_a_repeated_header_the_last_value_counts() -> None:
    """API-2: as documented for single values; API Gateway sends both forms."""
    event = api_event("{}", multiValueHeaders={"X-Twice": ["first", "last"], "Empty": []})
    request = Request.from_event(event)
    assert (request.headers["x-twice"], request.headers["empty"]) == ("last", "")


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"headers": None, "requestContext": None, "body": None, "path": None},
        {"headers": [], "requestContext": "", "multiValueHeaders": {"A": None}},
        {"httpMethod": 7, "path": {}, "isBase64Encoded": "true", "body": 1},
    ],
)
def test_survives_events_without_the_usual_members(event: Event) -> None:
    """FN-1: what is missing is empty."""
    request = Request.from_event(event)
    assert (request.channel, request.path, request.body(10)) == (Channel.API, "", b"")


@given(st.binary(max_size=200), st.booleans())
def test_a_body_comes_through_whole(body: bytes, encoded: bool) -> None:  # noqa: FBT001 - hypothesis' argument
    """API-2: as text or in base64."""
    text = base64.b64encode(body).decode() if encoded else body.decode("latin-1")
    request = Request.from_event({"body": text, "isBase64Encoded": encoded})
    assert request.body(800) == (body if encoded else text.encode())


@pytest.mark.parametrize("length", [100, 101])
@pytest.mark.parametrize("encoded", [False, True], ids=["text", "base64"])
def test_a_body_has_a_limit(length: int, *, encoded: bool) -> None:
    """API-2: to the byte, in either form."""
    body = b"x" * length
    text = base64.b64encode(body).decode() if encoded else body.decode()
    request = Request.from_event({"body": text, "isBase64Encoded": encoded})
    if length > 100:
        with pytest.raises(OverlongBodyError):
            request.body(100)
    else:
        assert request.body(100) == body


@pytest.mark.parametrize("text", ["%%%", "abc", "YQ==\n", "ä"])
def test_broken_base64_is_told_without_its_text(text: str) -> None:
    """API-2: the error repeats nothing."""
    request = Request.from_event({"body": text, "isBase64Encoded": True})
    with pytest.raises(BodyError) as raised:
        request.body(100)
    assert text not in str(raised.value)


@pytest.mark.parametrize("lists", [False, True], ids=["single values", "lists of values"])
def test_answers_in_the_dialect_of_the_load_balancer(*, lists: bool) -> None:
    """LB-2: a target group that sends lists wants lists back, and a status with its words."""
    request = Request.from_event(balancer_event("{}", lists=lists))
    answer = Reply(status=HTTPStatus.CONFLICT, content={"a": 1}).to_event(request, "id")
    assert answer["statusDescription"] == "409 Conflict"
    headers = {
        "Content-Type": "application/json",
        "Cache-Control": "no-store",
        "X-Request-Id": "id",
    }
    if lists:
        assert answer["multiValueHeaders"] == {name: [value] for name, value in headers.items()}
        assert "headers" not in answer
    else:
        assert answer["headers"] == headers


def test_answers_api_gateway_with_what_it_knows() -> None:
    """API-1: a member that it does not know would make it answer 502."""
    request = Request.from_event(api_event("{}"))
    answer = problem(Kind.NOT_FOUND, "Nothing.").to_event(request, "id")
    assert set(answer) == {"statusCode", "isBase64Encoded", "body", "headers"}
    assert json.loads(str(answer["body"])) == {
        "type": "urn:paystage:problem:not-found",
        "title": "Not found",
        "status": 404,
        "detail": "Nothing.",
    }


@pytest.mark.parametrize(
    ("header", "root"),
    [
        (f"Root={TRACE}", TRACE),
        (f"Self=1-67891234-12456789abcdef012345678;Root={TRACE}", TRACE),
        (f"Root={TRACE};Parent=53995c3f42cd8ad8;Sampled=1", TRACE),
        (f"Root={TRACE}0", None),
        ("Root=4111111111111111", None),
        ("", None),
    ],
)
def test_only_a_well_formed_trace_id_is_taken(header: str, root: str | None) -> None:
    """XR-1: whatever else a client sends there reaches neither log nor record."""
    request = Request.from_event({"headers": {"X-Amzn-Trace-Id": header}})
    assert request.trace_root == root
