"""FN-1, FN-5, LB-3: functions that say that they are well do so, end to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration import spec

if TYPE_CHECKING:
    from tests.integration.cloud import Cloud
    from tests.integration.web import Door


@pytest.fixture(name="door")
def _door(request: pytest.FixtureRequest, check: spec.Check) -> Door:
    return request.getfixturevalue(check.door)


@pytest.mark.parametrize("check", spec.CHECKS, ids=lambda check: f"{check.door} {check.path}")
def test_health_is_answered(door: Door, cloud: Cloud, check: spec.Check) -> None:
    """API-1, LB-2, LB-3, DB-1, FN-1, FN-5: whoever may ask learns whether the function reaches what is behind it."""
    headers = cloud.signed("GET", door.address(check.path)) if check.is_signed else {}
    answer = door.get(check.path, headers)
    assert answer.status == 200, answer.body
