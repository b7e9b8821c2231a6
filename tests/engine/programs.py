"""Programs that run in the tests' own process, one after the other, and none in the way of the next.

The engine of a run that is refused ends before its program has noticed. Its ports come again, and then two things reach from one run into
another: a program that still runs meets the next engine, and gRPC, which keeps one connection for an address and all who ask for it, says of
the new engine what it knows of the old one, that nobody listens.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from pulumi.automation import _server
from pulumi.runtime import _grpc_settings

if TYPE_CHECKING:
    from collections.abc import Callable

_PATIENCE_SECONDS = 60
_RUNNING: set[object] = set()
_CHANGED = threading.Condition()


def separate() -> None:
    """Give each run connections of its own, and know which programs run."""
    _grpc_settings._GRPC_CHANNEL_OPTIONS.append(("grpc.use_local_subchannel_pool", 1))  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    _server.LanguageServer.Run = _noted(_server.LanguageServer.Run)


def _noted(run: Callable[..., Any]) -> Callable[..., Any]:
    def noted(*arguments: Any) -> Any:
        me = object()
        with _CHANGED:
            _RUNNING.add(me)
        try:
            return run(*arguments)
        finally:
            with _CHANGED:
                _RUNNING.remove(me)
                _CHANGED.notify_all()

    return noted


def ended() -> None:
    """Wait until no program runs."""
    with _CHANGED:
        assert _CHANGED.wait_for(lambda: not _RUNNING, _PATIENCE_SECONDS), "a program does not end"
