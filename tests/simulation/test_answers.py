"""FN-1, API-2: whatever is not in order has the answer that `docs/answers.md` says, at both entry points."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import ssl
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from payments.problems import MEDIA_TYPE, Kind
from simulation import refusals
from simulation.client import Client
from simulation.conftest import ROOT
from simulation.routes import Quota, Throttle, read_api, read_balancer
from simulation.site import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping, Sequence

    from simulation.client import Reply
    from simulation.local import Local
    from simulation.plan import Plan
    from simulation.site import Simulation, Site

    Payment = dict[str, Any]

ROWS: Mapping[str, dict[str, str]] = {
    row["id"]: row
    for row in tomllib.loads((ROOT / "src/answers.toml").read_text("utf-8"))["answer"]
}
# Stands in every request, and in no answer.
MARK = "zzEchozz"
CARD = "4111111111111111"
JSON = ("Content-Type", "application/json")
VALIDATE, STATUS = "/payments/validate", "/payments/status"


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A request, with headers that may come twice."""

    method: str = "POST"
    path: str = VALIDATE
    headers: Sequence[tuple[str, str]] = (JSON,)
    body: bytes | None = None


def post(members: object, *headers: tuple[str, str]) -> Sent:
    """Send JSON."""
    return Sent(body=json.dumps(members).encode(), headers=(JSON, *headers))


def get(path: str, *headers: tuple[str, str]) -> Sent:
    """Ask."""
    return Sent(method="GET", path=path, headers=headers)


def ask(payment_id: str, *merchants: str) -> list[Sent]:
    """Ask for a payment, each as a way of its own: with the id in a header, and in the path."""
    query = "&".join(f"merchant_id={merchant}" for merchant in merchants)
    headers = [("Merchant-Id", merchant) for merchant in merchants]
    return [
        get(STATUS, ("Payment-Id", payment_id), *headers),
        get(f"/payments/{payment_id}{query and '?'}{query}"),
    ]


def key(*values: str) -> list[tuple[str, str]]:
    """Name idempotency keys."""
    return [("Idempotency-Key", value) for value in values]


def padded(payment: Payment, size: int) -> Sent:
    """Send a payment that is right, and longer than it has to be."""
    return Sent(body=json.dumps(payment).encode().ljust(size))


def another(payment: Payment) -> Payment:
    """Return a payment of another id."""
    return {**payment, "payment_id": f"{payment['payment_id']}_more"}


# By the row: requests of which the last one's answer counts, and those before it are in order. Each list is one way.
Ways = list[list[Sent]]
REQUESTS: Mapping[str, Callable[[Payment], Ways]] = {
    "not-json": lambda payment: [
        [Sent(body=body)]
        for body in (
            b"",
            f'{{"{MARK}'.encode(),
            b"[]",
            f'"{MARK}"'.encode(),
            b"\xff\xfe",
            json.dumps(payment).replace("1999", "NaN").encode(),
            b"[" * 30_000 + b"]" * 30_000,
            b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        )
    ],
    "not-a-payment": lambda payment: [
        [post(members)]
        for members in (
            {},
            {"payment_id": MARK},
            {**payment, MARK: MARK},
            {**payment, "currency": MARK},
            {**payment, "amount_minor": "1999"},
            {**payment, "amount_minor": 19.99},
            {**payment, "amount_minor": 0},
            {**payment, "amount_minor": True},
            {**payment, "description": ""},
            {**payment, "metadata": {MARK: 1}},
            {**payment, "payment_method_token": MARK},
        )
    ],
    "member-twice": lambda payment: [
        [Sent(body=json.dumps(payment).replace("{", '{"currency": "EUR", ', 1).encode())]
    ],
    "amount-too-large": lambda payment: [
        [post({**payment, "currency": "JPY", "amount_minor": 10_000_000_000})]
    ],
    "body-too-large": lambda payment: [[padded(payment, 65_537)]],
    "body-above-1-mib": lambda payment: [[padded(payment, 2**20 + 1)]],
    # The server does not wait for what is too much.
    "body-above-10-mib": lambda _: [[Sent(headers=(JSON, ("Content-Length", "10485761")))]],
    "no-media-type": lambda payment: [[Sent(body=json.dumps(payment).encode(), headers=())]],
    "other-media-type": lambda payment: [
        [Sent(body=json.dumps(payment).encode(), headers=(("Content-Type", media_type),))]
        for media_type in ("text/plain", f"application/{MARK}", "application/xml")
    ],
    "card-number": lambda payment: [
        [post(members)]
        for members in (
            {**payment, "description": f"{MARK} {CARD}"},
            {**payment, "payment_id": CARD},
            {**payment, "metadata": {CARD: MARK}},
            {**payment, "metadata": {"a": "41111111", "b": "11111111"}},
        )
    ],
    "card-number-as-token": lambda payment: [
        [post({**payment, member: CARD})]
        for member in ("payment_method_token", "merchant_id", "currency", "customer_id")
    ],
    "idempotency-key": lambda payment: [
        [post(payment, *key(value))]
        for value in ("", f"{MARK} {MARK}", MARK * 17, CARD, f'"{MARK}')
    ],
    "idempotency-key-twice": lambda payment: [
        [post(payment, *key(f"{payment['payment_id']}-{MARK}", payment["payment_id"]))],
        [post(payment, ("idempotency-key", MARK), *key(payment["payment_id"]))],
    ],
    "media-type-twice": lambda payment: [
        [
            Sent(
                body=json.dumps(payment).encode(),
                headers=(("Content-Type", f"application/{MARK}"), JSON),
            )
        ]
    ],
    "idempotency-key-reused": lambda payment: [
        [post(payment, *key(payment["payment_id"])), post(changed, *key(payment["payment_id"]))]
        for changed in ({**payment, "amount_minor": 7}, another(payment))
    ],
    "payment-id-reused": lambda payment: [[post(payment), post({**payment, "amount_minor": 7})]],
    "merchant-of-others": lambda payment: [
        [post({**payment, "merchant_id": merchant})]
        for merchant in ("mer_integration", f"mer_{MARK}")
    ],
    "velocity": lambda payment: [[post(payment), post(another(payment))]],
    "no-credentials": lambda payment: [[post(payment)]],
    "caller-unknown": lambda payment: [[one] for one in (post(payment), *ask(MARK))],
    "callers-not-known-yet": lambda payment: [[one] for one in (post(payment), *ask(MARK))],
    "database-unavailable": lambda payment: [[one] for one in (post(payment), *ask(MARK))],
    "payment-not-found": lambda _: [[one] for one in (*ask(MARK), *ask(MARK, f"mer_{MARK}"))],
    "payment-id-ambiguous": lambda payment: [
        [post(payment), post({**payment, "merchant_id": "mer_integration"}), one]
        for one in ask(payment["payment_id"])
    ],
    "malformed-merchant-id": lambda _: [
        [one] for merchant in (MARK, CARD, "") for one in ask(MARK, merchant)
    ],
    "malformed-payment-id": lambda _: [
        [get(STATUS)],
        *([get(STATUS, ("Payment-Id", name))] for name in (CARD, "", "zzEcho", f"{MARK} {MARK}")),
        [get(f"{STATUS}?payment_id={MARK}")],
    ],
    "payment-id-twice": lambda payment: [
        [post(payment), get(STATUS, ("payment-id", MARK), ("Payment-Id", payment["payment_id"]))],
        [
            post(payment),
            get(
                STATUS,
                ("Payment-Id", payment["payment_id"]),
                ("Merchant-Id", f"mer_{MARK}"),
                ("Merchant-Id", payment["merchant_id"]),
            ),
        ],
    ],
    "malformed-payment-id-in-path": lambda _: [
        [get(f"/payments/{name}")]
        for name in (CARD, "zzEcho", f"{MARK}%20", MARK * 9, "4111-1111-1111-1111")
    ],
    "other-method": lambda _: [
        [Sent(method="PUT", path=f"{VALIDATE}?{MARK}", headers=())],
        [Sent(method="DELETE", path=f"/payments/{MARK}", headers=())],
        [Sent(method="POST", path="/health", headers=())],
    ],
    "other-path": lambda _: [[get(f"/{MARK}")], [get(f"/healthy?{MARK}")]],
    "not-signed": lambda _: [[get(f"/health/deep?{MARK}")]],
    "too-many-requests": lambda payment: [[post(payment), post(payment)]],
    "quota-used-up": lambda payment: [[post(payment), post(payment)]],
}


# What has to be otherwise than usual, by the row.
@contextlib.contextmanager
def _changed_callers(local: Local, *statements: str) -> Generator[None]:
    kept = local.sql("SELECT channel, credential, merchant_id FROM payments.callers")
    for statement in statements:
        local.sql(statement)
    try:
        yield
    finally:
        local.sql("DELETE FROM payments.callers")
        for channel, credential, merchant in kept:
            local.sql(
                "INSERT INTO payments.callers VALUES (:channel, :credential, :merchant)",
                channel=channel,
                credential=credential,
                merchant=merchant,
            )
        local.sql("COMMENT ON TABLE payments.callers IS 'brought in by the deployment'")


@contextlib.contextmanager
def _without_database(local: Local) -> Generator[None]:
    local.server.kill()
    try:
        yield
    finally:
        local.server.start()


_NO_CALLERS = "DELETE FROM payments.callers"
_NOT_BROUGHT_IN = "COMMENT ON TABLE payments.callers IS NULL"
_BOTH = (
    "INSERT INTO payments.callers SELECT channel, credential, '{}' "
    "FROM payments.callers WHERE merchant_id = 'mer_acme0001'"
)


def _new_merchant(local: Local, merchant: str) -> contextlib.AbstractContextManager[None]:
    merchants = (
        f"INSERT INTO payments.merchants (merchant_id, status) VALUES ('{merchant}', 'active')"  # noqa: S608 - an id of this file
    )
    return _changed_callers(local, merchants, _BOTH.format(merchant))


Situation = contextlib.AbstractContextManager[None]
SITUATIONS: Mapping[str, Callable[[Local, str], Situation]] = {
    "caller-unknown": lambda local, _: _changed_callers(local, _NO_CALLERS),
    "callers-not-known-yet": lambda local, _: _changed_callers(local, _NO_CALLERS, _NOT_BROUGHT_IN),
    "payment-id-ambiguous": lambda local, _: _changed_callers(
        local, _BOTH.format("mer_integration")
    ),
    "database-unavailable": lambda local, _: _without_database(local),
    "velocity": _new_merchant,
}


def _one_payment(site: Site) -> Site:
    function = site.functions["validate-payment"]
    rules = json.loads(function.environment["PAYMENT_RULES"]) | {"velocity": [1, 3600]}
    environment = {**function.environment, "PAYMENT_RULES": json.dumps(rules)}
    changed = dataclasses.replace(function, environment=environment)
    return dataclasses.replace(site, functions={**site.functions, "validate-payment": changed})


def _plans(site: Site, **changes: Any) -> Site:
    plans = [dataclasses.replace(plan, **changes) for plan in site.api.plans]
    return dataclasses.replace(site, api=dataclasses.replace(site.api, plans=plans))


SITES: Mapping[str, Callable[[Site], Site]] = {
    "velocity": _one_payment,
    "too-many-requests": lambda site: _plans(site, throttle=Throttle(rate=0.001, burst=1)),
    "quota-used-up": lambda site: _plans(site, quota=Quota(limit=1, period="MONTH")),
}


@contextlib.contextmanager
def _client(channel: str, row: str, local: Local, simulation: Simulation) -> Generator[Client]:
    """Come as Acme, or as nobody."""
    anonymous = row == "no-credentials"
    if channel == "api":
        headers = {} if anonymous else {"X-Api-Key": local.site.api_keys["partner"].value}
        with Client(simulation.api_url, headers=headers) as client:
            yield client
        return
    identity = None if anonymous else local.caller("mer_acme0001")
    url, authority = simulation.balancer_url, local.authority.pem
    with Client(url, authority=authority, identity=identity) as client:
        yield client


def _send(client: Client, sent: Sent) -> Reply:
    return client.send(sent.method, sent.path, sent.body, fields=(*sent.headers, ("X-Mark", MARK)))


def _in_order(replies: Iterable[Reply]) -> bool:
    return all(reply.status == 200 for reply in replies)


def _hold(reply: Reply, expected: str) -> None:
    """Hold an answer against its cell."""
    status, _, kind = expected.partition(" ")
    assert reply.status == int(status), reply.body
    assert MARK not in repr((reply.headers, reply.body))
    assert CARD not in repr((reply.headers, reply.body))
    if kind == "html":
        assert reply.headers["content-type"] == "text/html"
        return
    content = reply.content
    assert content["type"] == f"urn:paystage:problem:{kind}"
    assert content["title"]
    own = "x-request-id" in reply.headers
    assert reply.headers["content-type"] == (MEDIA_TYPE if own else "application/json")
    if own:
        assert content["status"] == reply.status
        assert content["detail"]
        assert (reply.status in {429, 503}) == ("retry-after" in reply.headers)
    elif kind.startswith("api:"):
        assert content["request_id"] == reply.headers["x-amzn-requestid"]
    assert set(content) <= {"type", "title", "status", "detail", "errors", "message", "request_id"}


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("channel", ["api", "balancer"])
def test_what_is_not_in_order_has_its_answer(
    channel: str, row: str, local: Local, simulation: Simulation, payment: Payment
) -> None:
    """Status, type, media type and no echo of each row, by real requests."""
    expected = ROWS[row][channel]
    # Nobody has spent anything of this one's velocity.
    merchant = f"mer_{payment['payment_id'][4:]}" if row == "velocity" else payment["merchant_id"]
    with contextlib.ExitStack() as stack:
        if row in SITES:
            simulation = stack.enter_context(serve(SITES[row](local.site)))
        if row in SITUATIONS:
            stack.enter_context(SITUATIONS[row](local, merchant))
        for way in REQUESTS[row]({**payment, "merchant_id": merchant}):
            with _client(channel, row, local, simulation) as client:
                if expected == "handshake":
                    with pytest.raises((ssl.SSLError, ConnectionError)):
                        _send(client, way[0])
                    continue
                replies = [_send(client, sent) for sent in way]
                assert _in_order(replies[:-1]), replies
                if expected == "none":
                    assert _in_order(replies), replies
                else:
                    _hold(replies[-1], expected)


def test_rows_are_what_the_code_can_say() -> None:
    """No problem without a row, no row that nobody answers, no row without its requests."""
    assert set(REQUESTS) == set(ROWS)
    assert set(SITUATIONS) | set(SITES) <= set(ROWS)
    cells = {row[channel] for row in ROWS.values() for channel in ("api", "balancer")}
    cells = {cell for cell in cells if not cell.endswith(" html")} - {"handshake", "none"}
    own = {cell for cell in cells if " api:" not in cell}
    assert own == {f"{kind.status.value} {kind}" for kind in Kind}
    gateway = {cell.split(" api:")[1]: int(cell.split()[0]) for cell in cells - own}
    for name, status in gateway.items():
        assert refusals.usual_status(refusals.Kind(name)) == status
    # The rest happens to requests that are in order, or is in the document beside the table.
    assert {kind.value for kind in refusals.Kind} - set(gateway) == {
        "ACCESS_DENIED",
        "API_CONFIGURATION_ERROR",
        "INTEGRATION_TIMEOUT",
        "INVALID_SIGNATURE",
    }


def test_the_document_has_every_row(local: Local) -> None:
    """Of a spec that has all of them; the committed one has no id in a path."""
    documents = {
        folder: (folder / "docs/answers.md").read_text("utf-8")
        for folder in (local.plan.project, ROOT / "generated")
    }
    for row in ROWS.values():
        has = {folder for folder, text in documents.items() if f"| {row['request']} |" in text}
        assert has == {local.plan.project, *(() if row["when"] == "tells-by-path" else documents)}


def test_an_id_in_the_path_is_no_route_of_the_committed_spec(
    plan: Plan, open_echo: Callable[..., Simulation], local: Local
) -> None:
    """Nobody tells of a payment whose id stands where logs keep it."""
    simulation = open_echo(api=read_api(plan), balancer=read_balancer(plan))
    for channel in ("api", "balancer"):
        with _client(channel, "other-path", local, simulation) as client:
            _hold(_send(client, get(f"/payments/{MARK}")), ROWS["other-path"][channel])
