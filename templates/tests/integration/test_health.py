"""FN-1, FN-5, LB-3: functions that say that they are well do so, end to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration import spec

if TYPE_CHECKING:
    from tests.integration.cloud import Cloud
    from tests.integration.web import EntryPoint


@pytest.fixture(name="entry_point")
def _entry_point(request: pytest.FixtureRequest, check: spec.Check) -> EntryPoint:
    return request.getfixturevalue(check.entry_point)


@pytest.mark.parametrize(
    "check", spec.CHECKS, ids=lambda check: f"{check.entry_point} {check.path}"
)
def test_health_is_answered(entry_point: EntryPoint, cloud: Cloud, check: spec.Check) -> None:
    """API-1, LB-2, LB-3, DB-1, FN-1, FN-5: whoever may ask learns whether the function reaches what is behind it."""
    headers = cloud.signed("GET", entry_point.address(check.path)) if check.is_signed else {}
    answer = entry_point.get(check.path, headers)
    assert answer.status == 200, answer.body
