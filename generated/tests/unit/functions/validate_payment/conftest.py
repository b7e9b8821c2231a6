"""The payment validation with a database and a bucket in memory."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pytest

from payments.outbox import Outbox
from payments.rules import Rules
from tests.unit.functions.conftest import RULES
from tests.unit.functions.events import CONTEXT, Event, api_event
from tests.unit.functions.standins import Ledger, Store
from tests.unit.functions.validate_payment import handler

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass
class Service:
    """The function and what is behind it."""

    ledger: Ledger = field(default_factory=Ledger)
    store: Store = field(default_factory=Store)

    def post(self, payment: object, *, key: str | None = None, **event: object) -> Event:
        """Send a payment through API Gateway."""
        sent = api_event(json.dumps(payment), **event)
        if key is not None:
            sent["headers"]["Idempotency-Key"] = key
        return self.handle(sent)

    def handle(self, event: Mapping[str, object]) -> Event:
        """Hand an event to the function as Lambda does."""
        return cast("Event", handler.handle(event, CONTEXT))


@pytest.fixture(name="service")
def _service(monkeypatch: pytest.MonkeyPatch) -> Service:
    service = Service()
    database = service.ledger.database
    outbox = Outbox(connect=lambda: service.store.trail)
    monkeypatch.setattr(handler, "database", lambda: database)
    monkeypatch.setattr(handler, "outbox", lambda: outbox)
    monkeypatch.setattr(handler, "rules", lambda: Rules.parse(json.dumps(RULES)))
    return service
