"""FN-1, DB-1: the status of a payment, through each entry point that returns it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from tests.integration import spec
from tests.integration.test_payments import PATH, a_payment

if TYPE_CHECKING:
    from tests.integration.web import Answer, EntryPoint

# Where the id stands: in a header, or in the path, where logs keep it.
WAYS = [
    *((name, False) for name in spec.STATUS_ENTRY_POINTS),
    *((name, True) for name in spec.PATH_ENTRY_POINTS),
]


class Ask(Protocol):
    """Ask for a payment by its id."""

    def __call__(self, payment_id: object) -> Answer:
        """Return the answer of the entry point."""
        ...


@pytest.fixture(name="ask", params=WAYS)
def _ask(request: pytest.FixtureRequest) -> Ask:
    name, in_path = request.param
    entry_point: EntryPoint = request.getfixturevalue(name)
    if in_path:
        return lambda payment_id: entry_point.get(f"/payments/{payment_id}")
    return lambda payment_id: entry_point.get("/payments/status", {"Payment-Id": str(payment_id)})


def test_a_payment_can_be_asked_for(api: EntryPoint, ask: Ask) -> None:
    """FN-1, DB-1: the stored decision is returned, by either entry point."""
    payment = a_payment()
    decided = api.post(PATH, payment)
    assert decided.status == 200, decided.body
    answer = ask(payment["payment_id"])
    assert answer.status == 200, answer.body
    assert answer.content["payment_id"] == payment["payment_id"]
    assert answer.content["decision"] == decided.content["decision"]


def test_an_unknown_payment_is_not_found(ask: Ask) -> None:
    """FN-1: and says no more than that."""
    assert ask(a_payment()["payment_id"]).status == 404
