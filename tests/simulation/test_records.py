"""FN-1, API-6, LB-1, MON-1: what is refused stands in no record, but where AWS lets nobody hide it and the documents say so."""

from __future__ import annotations

import dataclasses
import json
import urllib.parse
from typing import TYPE_CHECKING, Any

import pytest

from simulation import records
from simulation.api_event import Call
from simulation.api_gateway import ApiGateway
from simulation.client import Client
from simulation.conftest import ROOT
from simulation.load_balancer import LoadBalancer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulation.local import Local
    from simulation.plan import Plan
    from simulation.site import Simulation
    from simulation.web import Answer, Request

# Published test numbers of the networks, and ways of writing them.
NUMBERS = ["4111111111111111", "5555555555554444", "378282246310005", "3530111333300000"]
HIDDEN = ("Idempotency-Key", "User-Agent", "Referer", "Cookie")
VALIDATE = "/payments/validate"


def shapes(number: str) -> Iterator[str]:
    """Write a number as people do."""
    yield number
    for separator in "- .":
        yield separator.join(number[at : at + 4] for at in range(0, len(number), 4))
    yield "".join(chr(ord(digit) + 0xFEE0) for digit in number)


def forms(shape: str) -> set[str]:
    """Return all spellings in which a record could have it."""
    return {shape, urllib.parse.quote(shape), json.dumps(shape)[1:-1], repr(shape)[1:-1]}


def requests_with(
    card: str, payment: dict[str, Any]
) -> Iterator[tuple[str, str, bytes | None, dict[str, str]]]:
    """Put a card number into address, query string, headers and body: method, path, body, headers."""
    quoted = urllib.parse.quote(card, safe="")
    json_type = {"Content-Type": "application/json"}
    plain = card.encode("latin-1", "ignore").decode("latin-1")
    for header in ("Payment-Id", "Merchant-Id"):
        usual = {"Payment-Id": "pay_0000none"}
        yield "GET", "/payments/status", None, {**usual, header: plain or "none"}
    yield "GET", f"/payments/{quoted}", None, {}
    yield "GET", f"/payments/pay_0000none?merchant_id={quoted}", None, {}
    yield "GET", f"/payments/pay_0000none?{quoted}={quoted}", None, {}
    yield "POST", f"/{quoted}", b"{}", json_type
    for header in HIDDEN:
        yield "POST", VALIDATE, json.dumps(payment).encode(), {**json_type, header: plain or "none"}
    for member in ("payment_id", "merchant_id", "description", "payment_method_token", card):
        yield "POST", VALIDATE, json.dumps({**payment, member: card}).encode(), json_type
    yield (
        "POST",
        VALIDATE,
        json.dumps({**payment, "metadata": {"a": card, card: "b"}}).encode(),
        json_type,
    )


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Request]]:
    """Take down what reaches the entry points, as what stands before them does."""
    found: dict[str, list[Request]] = {"api": [], "balancer": []}
    for name, kind in (("api", ApiGateway), ("balancer", LoadBalancer)):
        answer = kind.__call__

        def taking(self: Any, request: Request, name: str = name, answer: Any = answer) -> Answer:
            found[name].append(request)
            return answer(self, request)

        monkeypatch.setattr(kind, "__call__", taking)
    return found


def kept(local: Local, simulation: Simulation) -> str:
    """Return all that functions, traces, tables, bucket and database log hold."""
    logs = [simulation.runtime.log(name) for name in local.site.functions]
    tables = local.sql(
        "SELECT relname FROM pg_class WHERE relnamespace = 'payments'::regnamespace AND relkind = 'r'"
    )
    rows = [repr(local.sql(f"SELECT * FROM payments.{name}")) for (name,) in tables]  # noqa: S608 - of the catalogue
    s3 = local.client("s3")
    objects = s3.list_objects_v2(Bucket=local.bucket).get("Contents", [])
    bodies = [s3.get_object(Bucket=local.bucket, Key=one["Key"])["Body"].read() for one in objects]
    tracing = simulation.tracing
    traces = [repr(tracing.trace(trace_id)) for trace_id in tracing.find()]
    assert traces
    return "\n".join([*logs, *rows, repr(objects), repr(bodies), *traces, local.server.log])


@pytest.mark.parametrize("number", NUMBERS)
def test_what_is_refused_is_kept_nowhere(
    number: str,
    local: Local,
    simulation: Simulation,
    payment: dict[str, Any],
    seen: dict[str, list[Request]],
) -> None:
    """In addresses, query strings, headers and bodies, through both entry points."""
    identity = local.caller("mer_acme0001")
    answers: list[str] = []
    headers = {"X-Api-Key": local.site.api_keys["partner"].value}
    with (
        Client(simulation.api_url, headers=headers) as api,
        Client(
            simulation.balancer_url, authority=local.authority.pem, identity=identity
        ) as balancer,
    ):
        for shape in shapes(number):
            for client in (api, balancer):
                for method, path, body, fields in requests_with(shape, payment):
                    reply = client.send(method, path, body, fields)
                    assert reply.status < 500
                    answers.append(repr((reply.headers, reply.body.decode())))
    written = [*answers, kept(local, simulation)]
    everybodys = (*seen["api"], *seen["balancer"])
    written += [records.firewall_line(local.plan, request) for request in everybodys]
    for request in seen["api"]:
        call = Call(
            api=local.site.api, request=request, account="1", region="us-east-1", trace_id="1-2-3"
        )
        written.append(records.access_line(local.plan, call.variables(None)))
        written += records.execution_lines(local.plan, request)
    assert len(seen["api"]) == len(seen["balancer"]) > 40
    haystack = "\n".join(written)
    for shape in shapes(number):
        for form in forms(shape):
            assert form not in haystack, form
    # The balancer's own log is as AWS writes it: the address, and nothing else that a client writes.
    lines = [records.balancer_line(request) for request in seen["balancer"]]
    for request, line in zip(seen["balancer"], lines, strict=True):
        silent = dataclasses.replace(request, path="/", query="", headers=())
        assert number not in records.balancer_line(silent)
        assert (number in line) == (
            number in f"{request.path}?{request.query}{request.header('User-Agent')}"
        )


def test_the_firewall_keeps_nothing_else(plan: Plan) -> None:
    """MON-1: neither samples of requests nor what a rule found in one."""
    assert not records.keeps_samples(plan)
    assert records.hides_matches(plan)


def test_the_documents_say_what_aws_does_not_hide() -> None:
    """LB-1, API-6."""
    text = (ROOT / "generated/docs/architecture.md").read_text("utf-8")
    for record in ("load balancer's access log", "firewall's log", "API's execution log"):
        assert f"| {record} |" in text
