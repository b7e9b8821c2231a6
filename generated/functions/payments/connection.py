"""A connection to PostgreSQL of which no wait goes on for longer than it may.

The driver's own time-out counts anew with each piece that arrives. Here each wait, from the look-up
of the name to the last byte of an answer, ends at one moment.
"""

from __future__ import annotations

import contextlib
import importlib
import math
import queue
import socket
import ssl
import struct
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

from payments.settings import DatabaseSettings

# PostgreSQL's message that asks for TLS, and its answer.
_ASK_FOR_TLS, _WITH_TLS = struct.pack("!ii", 8, 80877103), b"S"


class Connection(Protocol):
    """What is used of the connection."""

    def run(self, sql: str, **parameters: object) -> Sequence[Sequence[Any]] | None:
        """Run a statement and return its rows."""
        ...

    def until(self, moment: float) -> None:
        """Let no wait go on after this moment, on the clock of ``time.monotonic``."""
        ...

    def close(self) -> None:
        """Say good-bye."""
        ...


class _Wire(ssl.SSLSocket):
    """A socket whose waits, all together, end at one moment."""

    until: float = math.inf
    longest: float = math.inf

    def recv_into(self, *where: Any, **how: Any) -> int:  # noqa: ANN401 - the library's own
        self._limit()
        return super().recv_into(*where, **how)

    def send(self, *what: Any, **how: Any) -> int:  # noqa: ANN401 - the library's own
        self._limit()
        return super().send(*what, **how)

    def _limit(self) -> None:
        self.settimeout(_left(self.until, self.longest))


class _Session:
    """The driver's connection, with the wire that it talks through."""

    def __init__(self, native: Connection, wire: _Wire) -> None:
        self._native = native
        self._wire = wire

    def run(self, sql: str, **parameters: object) -> Sequence[Sequence[Any]] | None:
        return self._native.run(sql, **parameters)

    def until(self, moment: float) -> None:
        self._wire.until = moment

    def close(self) -> None:
        self._native.close()


def open_connection(  # noqa: PLR0913 - who, where, and for how long
    settings: DatabaseSettings,
    *,
    user: str,
    password: str,
    session: Mapping[str, str],
    until: float,
    socket_seconds: float = math.inf,
) -> Connection:
    """Connect with TLS, the server's certificate and name checked (``verify-full``).

    Everything ends at ``until``, and no single wait takes longer than ``socket_seconds``.
    """
    native = importlib.import_module("pg8000.native")
    options = " ".join(f"-c {name}={value}" for name, value in session.items())
    wire = _connected(settings, until, socket_seconds)
    try:
        connection = native.Connection(
            user,
            host=settings.host,
            port=settings.port,
            database=settings.name,
            password=password,
            sock=wire,
            # It is there already.
            ssl_context=False,
            application_name="payments",
            startup_params={"options": f"-c search_path=payments {options}".strip()},
        )
    except BaseException:
        wire.close()
        raise
    return _Session(cast("Connection", connection), wire)


def _connected(settings: DatabaseSettings, until: float, longest: float) -> _Wire:
    context = ssl.create_default_context(cafile=str(settings.authorities))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = _Wire
    plain = _reached(settings.host, settings.port, until, longest)
    try:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        plain.settimeout(_left(until, longest))
        plain.sendall(_ASK_FOR_TLS)
        plain.settimeout(_left(until, longest))
        _expect_tls(plain.recv(1))
        # The whole of the handshake has this time, not each of its messages.
        plain.settimeout(_left(until, longest))
        wire = cast("_Wire", context.wrap_socket(plain, server_hostname=settings.host))
    except BaseException:
        plain.close()
        raise
    wire.until, wire.longest = until, longest
    return wire


def _expect_tls(answer: bytes) -> None:
    if answer != _WITH_TLS:
        message = "the server takes no TLS"
        raise ConnectionError(message)


def _reached(host: str, port: int, until: float, longest: float) -> socket.socket:
    failure: OSError = ConnectionError("the name has no address")
    for family, kind, protocol, _, address in _addresses(host, port, _left(until, longest)):
        plain = socket.socket(family, kind, protocol)
        try:
            plain.settimeout(_left(until, longest))
            plain.connect(address)
        except OSError as error:
            plain.close()
            failure = error
        else:
            return plain
    raise failure


def _addresses(host: str, port: int, seconds: float) -> Sequence[Any]:
    """Look the name up; the library's call knows no time-out, so that another thread waits for it."""
    found: queue.SimpleQueue[Sequence[Any] | OSError] = queue.SimpleQueue()

    def look() -> None:
        try:
            found.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            found.put(error)

    threading.Thread(target=look, daemon=True).start()
    with contextlib.suppress(queue.Empty):
        answer = found.get(timeout=seconds)
        if isinstance(answer, OSError):
            raise answer
        return answer
    message = "the name was not looked up in time"
    raise TimeoutError(message)


def _left(until: float, longest: float) -> float:
    left = min(until - time.monotonic(), longest)
    if left <= 0:
        message = "the time is over"
        raise TimeoutError(message)
    return left
