"""FN-1, DB-1: what became of a payment is told, through each door that leads to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration import spec
from tests.integration.test_payments import PATH, a_payment

if TYPE_CHECKING:
    from tests.integration.web import Door


@pytest.fixture(name="door", params=spec.STATUS_DOORS)
def _door(request: pytest.FixtureRequest) -> Door:
    return request.getfixturevalue(request.param)


def test_a_payment_can_be_asked_for(api: Door, door: Door) -> None:
    """FN-1, DB-1: what was decided is told again, wherever it was."""
    payment = a_payment()
    decided = api.post(PATH, payment)
    assert decided.status == 200, decided.body
    answer = door.get(f"/payments/{payment['payment_id']}")
    assert answer.status == 200, answer.body
    assert answer.content["payment_id"] == payment["payment_id"]
    assert answer.content["decision"] == decided.content["decision"]


def test_an_unknown_payment_is_not_found(door: Door) -> None:
    """FN-1: and says no more than that."""
    assert door.get(f"/payments/{a_payment()['payment_id']}").status == 404
