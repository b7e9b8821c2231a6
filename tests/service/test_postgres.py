"""The server of the tests: whatever is done to it, the next test finds it at work."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from service import postgres
from service.postgres import Server

if TYPE_CHECKING:
    import pytest


def test_a_session_that_ends_while_the_server_is_stopped_leaves_it_at_work(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with subprocess.Popen(["/bin/true"]) as ended:
        ended.wait()
    real = postgres._children  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(postgres, "_children", lambda parent: [ended.pid, *real(parent)])
    with server.frozen():
        pass
    assert server.superuser("SELECT 1") == [[1]]


def test_a_server_that_stands_still_can_be_removed() -> None:
    server = Server()
    with server.frozen():
        server.remove()
    assert not server.data.exists()
