"""Shared by the tests of the account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from account.deployment import endpoint
from account.hands import Hands
from account.simulated import simulated
from account.world import world

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from account.endpoint import Endpoint
    from cloud.aws import Aws


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


@dataclass(frozen=True)
class Deployed:
    """A stack as `up` left it, with both entry points open."""

    aws: Aws
    # With the addresses of the simulation.
    outputs: Mapping[str, Any]


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """Deploy once for all tests that leave the stack as it was."""
    with world(tmp_path_factory.mktemp("deployed")) as made:
        made.stack.up()
        with simulated(made) as (_, outputs):
            yield Deployed(made.aws, outputs)
