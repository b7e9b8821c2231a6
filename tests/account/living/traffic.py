"""Clients of both entry points, as people's programs are: a key for each payment, and the same request again until it is answered."""

from __future__ import annotations

import http.client
import threading
import time
import uuid
from collections import Counter, defaultdict
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from simulation.client import Client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from account.living.environment import Environment
    from simulation.client import Reply

API, BALANCER = "API", "load balancer"
ENTRY_POINTS = (API, BALANCER)
PAY, STATUS, HEALTH = "POST /payments/validate", "GET /payments/status", "GET /health"
# What is asked all the while, by entry point and route.
ROUTES = tuple(
    (entry_point, route) for entry_point in ENTRY_POINTS for route in (PAY, STATUS, HEALTH)
)
# Of the team's own function, which the API calls by a path with a parameter.
RATES = {API: "/rates/usd", BALANCER: "/rates"}
_OK = 200
# Between two requests of one client, and until a request is sent again: at first, and at most.
_PAUSE, _FIRST, _LONGEST = 0.4, 0.05, 0.4
# In the end, for what is under way.
_PATIENCE = 20.0
# One payment of so many is sent once more, through the other entry point.
_REPEATED = 4
# Each with its API key and the subject of its certificate, in the spec.
_MERCHANTS = {
    "mer_acme0001": ("partner", "CN=acme,O=Acme"),
    "mer_integration": ("integration", "CN=integration,O=Payments Platform"),
}


class GivenUpError(Exception):
    """A client has no answer, and asks no more."""


@dataclass(frozen=True)
class Attempt:
    """A request, and whether it was answered."""

    entry_point: str
    route: str
    started: float
    ended: float
    # A status, or what happened to the connection.
    outcome: str

    @property
    def answered(self) -> bool:
        """Whether the client has what it asked for."""
        return self.outcome == str(_OK)


@dataclass
class Traffic:
    """What clients sent, and what they were told."""

    environment: Environment
    attempts: list[Attempt] = field(default_factory=list[Attempt])
    # By merchant and payment.
    told: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    # What the team's own function said, in the order of the answers.
    rates: list[str] = field(default_factory=list[str])
    _end: float = float("inf")
    _stopped: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list[threading.Thread])

    def close(self) -> None:
        """Let each client finish what it has begun, for a while."""
        self._end = min(self._end, time.monotonic() + _PATIENCE)
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def begin(self) -> None:
        """Send through both entry points."""
        for entry_point, merchant in zip(ENTRY_POINTS, _MERCHANTS, strict=True):
            decided: list[str] = []
            self._start(
                lambda entry_point=entry_point, merchant=merchant, ids=decided: self._pay(
                    entry_point, merchant, ids
                )
            )
            self._start(
                lambda entry_point=entry_point, merchant=merchant, ids=decided: self._ask(
                    entry_point, merchant, ids
                )
            )
            self._start(
                lambda entry_point=entry_point: self.repeat(
                    entry_point, HEALTH, "/health", self._stopped
                )
            )

    @contextmanager
    def also(self, paths: Mapping[str, str]) -> Iterator[None]:
        """Ask for one more path at each entry point meanwhile."""
        stopped = threading.Event()
        threads = [
            self._start(
                lambda entry_point=entry_point, path=path: self.repeat(
                    entry_point, f"GET {path}", path, stopped
                )
            )
            for entry_point, path in paths.items()
        ]
        yield
        stopped.set()
        for thread in threads:
            thread.join()

    def repeat(self, entry_point: str, route: str, path: str, stopped: threading.Event) -> None:
        """Ask for a path until it is enough."""
        with self._client(entry_point) as client:
            while not (stopped.wait(_PAUSE) or self._stopped.is_set()):
                reply = self._until_answered(entry_point, route, lambda: client.get(path))
                if path in RATES.values():
                    self.rates.append(reply.body.decode())

    def _start(self, work: Callable[[], None]) -> threading.Thread:
        def until_given_up() -> None:
            with suppress(GivenUpError):
                work()

        thread = threading.Thread(target=until_given_up, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _pay(self, entry_point: str, merchant: str, decided: list[str]) -> None:
        other = API if entry_point == BALANCER else BALANCER
        with self._client(entry_point, merchant) as client, self._client(other, merchant) as second:
            number = 0
            while not self._stopped.wait(_PAUSE):
                number += 1
                payment = {
                    "payment_id": f"pay_{_letters(number)}",
                    "merchant_id": merchant,
                    "amount_minor": 1999,
                    "currency": "USD",
                    "payment_method_token": "tok_a1B2c3D4e5F6g7H8",
                }
                self._send(entry_point, client, payment)
                if number % _REPEATED == 0:
                    self._send(other, second, payment)
                decided.append(payment["payment_id"])

    def _send(self, entry_point: str, client: Client, payment: Mapping[str, Any]) -> None:
        key = f"key-{payment['payment_id']}"
        reply = self._until_answered(
            entry_point,
            PAY,
            lambda: client.post("/payments/validate", payment, Idempotency_Key=key),
        )
        self.told[payment["merchant_id"], payment["payment_id"]].add(reply.body.decode())

    def _ask(self, entry_point: str, merchant: str, decided: list[str]) -> None:
        with self._client(entry_point, merchant) as client:
            while not self._stopped.wait(_PAUSE):
                if decided:
                    asked = {"Payment_Id": decided[-1], "Merchant_Id": merchant}
                    self._until_answered(
                        entry_point,
                        STATUS,
                        lambda asked=asked: client.get("/payments/status", **asked),
                    )

    def _until_answered(self, entry_point: str, route: str, send: Callable[[], Reply]) -> Reply:
        pause = _FIRST
        while True:
            reply: Reply | None = None
            started = time.monotonic()
            try:
                reply = send()
                outcome = str(reply.status)
            except (OSError, http.client.HTTPException) as error:
                outcome = type(error).__name__
            self.attempts.append(Attempt(entry_point, route, started, time.monotonic(), outcome))
            if reply is not None and reply.status == _OK:
                return reply
            if time.monotonic() > self._end:
                raise GivenUpError
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST)

    def _client(self, entry_point: str, merchant: str = "mer_acme0001") -> Client:
        key, subject = _MERCHANTS[merchant]
        environment = self.environment
        if entry_point == API:
            return Client(environment.api_url, headers={"X-Api-Key": environment.api_keys[key]})
        return Client(
            environment.balancer_url,
            authority=environment.authority.pem,
            identity=environment.authority.caller(subject),
        )


def _letters(number: int) -> str:
    """Return an id that nobody has had, without digits: some would pass for a card number."""
    digits = f"{number:05}{uuid.uuid4().int}"
    return "".join(chr(ord("a") + int(digit)) for digit in digits)


def refused(attempts: Iterable[Attempt]) -> dict[str, Counter[str]]:
    """Count by entry point what was told instead of an answer."""
    found: dict[str, Counter[str]] = {entry_point: Counter() for entry_point in ENTRY_POINTS}
    for attempt in attempts:
        if not attempt.answered:
            found[attempt.entry_point][f"{attempt.route}: {attempt.outcome}"] += 1
    return found


def silence(attempts: Iterable[Attempt]) -> dict[str, float]:
    """Return the seconds by entry point in which some route had no answer.

    It begins with the first request that was not answered, and ends with the answer to one that was sent after it.
    """
    routes: dict[tuple[str, str], list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        routes[attempt.entry_point, attempt.route].append(attempt)
    spans: dict[str, list[tuple[float, float]]] = {entry_point: [] for entry_point in ENTRY_POINTS}
    for (entry_point, _), of_route in routes.items():
        spans[entry_point] += _gaps(sorted(of_route, key=lambda attempt: attempt.ended))
    return {entry_point: _together(found) for entry_point, found in spans.items()}


def _gaps(attempts: Sequence[Attempt]) -> Iterator[tuple[float, float]]:
    begun: float | None = None
    for attempt in attempts:
        if not attempt.answered:
            begun = attempt.started if begun is None else min(begun, attempt.started)
        elif begun is not None and attempt.started > begun:
            yield begun, attempt.ended
            begun = None
    if begun is not None:
        yield begun, attempts[-1].ended


def _together(spans: Iterable[tuple[float, float]]) -> float:
    total, reached = 0.0, float("-inf")
    for begun, ended in sorted(spans):
        total += max(0.0, ended - max(begun, reached))
        reached = max(reached, ended)
    return total
