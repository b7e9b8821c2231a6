"""The SDK in less time, with the same program, the same requests and the same end.

While a program runs, the SDK waits for the first of all open outputs, looks at each that came, and begins again with the rest: with a
thousand outputs that is half of what a run takes of the processor. It also sends each of its own debug messages to the engine, which
drops them unless it is asked for them. `pulumi up` at a user's does both; tests do it some hundred times.
"""

from __future__ import annotations

import asyncio
from typing import Any

from pulumi import log
from pulumi.runtime import stack


class _Asyncio:
    """The library, where the first to end is the first to fail: a wait for many is over when all are, or one went wrong."""

    FIRST_COMPLETED = asyncio.FIRST_EXCEPTION

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)


def shorten() -> None:
    """Wait once for all outputs, and keep debug messages."""
    assert hasattr(stack, "asyncio"), "the SDK waits in another place"
    setattr(stack, "asyncio", _Asyncio())  # noqa: B010 - a type checker knows a module there
    log.debug = _nothing


def _nothing(*_: object, **__: object) -> None:
    """Nobody asked for it."""
