"""FN-1, DB-1: the status of a payment, through each entry point that returns it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration import spec
from tests.integration.test_payments import PATH, a_payment

if TYPE_CHECKING:
    from tests.integration.web import EntryPoint


@pytest.fixture(name="entry_point", params=spec.STATUS_ENTRY_POINTS)
def _entry_point(request: pytest.FixtureRequest) -> EntryPoint:
    return request.getfixturevalue(request.param)


def test_a_payment_can_be_asked_for(api: EntryPoint, entry_point: EntryPoint) -> None:
    """FN-1, DB-1: the stored decision is returned, by either entry point."""
    payment = a_payment()
    decided = api.post(PATH, payment)
    assert decided.status == 200, decided.body
    answer = entry_point.get(f"/payments/{payment['payment_id']}")
    assert answer.status == 200, answer.body
    assert answer.content["payment_id"] == payment["payment_id"]
    assert answer.content["decision"] == decided.content["decision"]


def test_an_unknown_payment_is_not_found(entry_point: EntryPoint) -> None:
    """FN-1: and says no more than that."""
    assert entry_point.get(f"/payments/{a_payment()['payment_id']}").status == 404
