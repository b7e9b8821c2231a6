"""Shared by the tests of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from account.deployment import endpoint
from account.hands import Hands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from account.endpoint import Endpoint


@pytest.fixture(scope="session")
def server() -> Iterator[Endpoint]:
    """AWS's APIs for all tests of single types."""
    with endpoint() as made:
        yield made


@pytest.fixture
def hands(server: Endpoint) -> Hands:
    """An empty account for one test."""
    server.reset()
    return Hands(server.url)
