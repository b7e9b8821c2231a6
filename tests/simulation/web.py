"""HTTP for the simulation: requests as they were sent, responses as they are returned."""

from __future__ import annotations

import email.utils
import http.client
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

# Larger bodies than either entry point accepts are not read.
_LARGEST_BODY = 10 * 2**20
_IDLE_SECONDS = 60
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True, kw_only=True)
class Tls:
    """A certificate with its chain, and its key, as PEM files."""

    certificate: Path
    key: Path
    # Who issues certificates to callers; with it, no connection comes about without one.
    clients: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a client sent."""

    method: str
    # As they were sent, nothing decoded.
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    client: str
    protocol: str
    too_large: bool = False
    # The caller's certificate in DER, where the handshake asked for one.
    certificate: bytes | None = None

    def header(self, name: str) -> str | None:
        """Return the last value of a header."""
        found = self.values(name)
        return found[-1] if found else None

    def values(self, name: str) -> list[str]:
        """Return all values of a header."""
        return [value for given, value in self.headers if given.lower() == name.lower()]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the client gets."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    # Left out: the usual one.
    reason: str | None = None
    server: str | None = field(default=None)


Handler = Callable[[Request], Answer]


class Listener:
    """A port of the loopback address and the handler of its requests."""

    def __init__(self, handler: Handler, *, tls: Tls | None = None, port: int = 0) -> None:
        """Listen, in a thread of its own; port 0 is any free one."""
        self._server = _Server(("127.0.0.1", port), _handler(handler))
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            context.load_cert_chain(tls.certificate, tls.key)
            if tls.clients is not None:
                context.verify_mode = ssl.CERT_REQUIRED
                context.load_verify_locations(tls.clients)
            # The handshake is for the request's thread: a slow client must not keep others waiting.
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.url = f"{'http' if tls is None else 'https'}://localhost:{self.port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.server_address[1]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away, or know no TLS."""


def _handler(handler: Handler) -> type[BaseHTTPRequestHandler]:
    def serve(self: _Handler) -> None:
        self.serve(handler)

    return type("Handler", (_Handler,), {f"do_{method}": serve for method in _METHODS})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True

    def serve(self, handler: Handler) -> None:
        request = self._request()
        answer = handler(request)
        self._send(answer, request)

    def _request(self) -> Request:
        path, _, query = self.path.partition("?")
        body, too_large = self._body()
        return Request(
            method=self.command,
            path=path,
            query=query,
            headers=tuple(self.headers.items()),
            body=body,
            client=self.client_address[0],
            protocol=self.request_version,
            too_large=too_large,
            certificate=self._certificate(),
        )

    def _certificate(self) -> bytes | None:
        """Return what the caller showed: a socket without TLS knows of none."""
        if not isinstance(self.connection, ssl.SSLSocket):
            return None
        return self.connection.getpeercert(binary_form=True)

    def _body(self) -> tuple[bytes, bool]:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._chunks()
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _LARGEST_BODY:
            self.close_connection = True
            return b"", True
        return self.rfile.read(int(length)), False

    def _chunks(self) -> tuple[bytes, bool]:
        body = b""
        while True:
            size = int(self.rfile.readline(100).partition(b";")[0], 16)
            if len(body) + size > _LARGEST_BODY:
                self.close_connection = True
                return b"", True
            body += self.rfile.read(size)
            if not size:
                # Trailers, up to the empty line.
                while self.rfile.readline(2**16).strip():
                    pass
                return body, False
            self.rfile.readline(2)

    def _send(self, answer: Answer, request: Request) -> None:
        reason = answer.reason or http.client.responses.get(answer.status, "")
        lines = [
            f"HTTP/1.1 {answer.status} {reason}",
            f"Date: {email.utils.formatdate(usegmt=True)}",
        ]
        if answer.server is not None:
            lines.append(f"Server: {answer.server}")
        given = {name.lower() for name, _ in answer.headers}
        if self.close_connection:
            lines.append("Connection: close")
        elif "connection" not in given:
            lines.append("Connection: keep-alive")
        lines.append(f"Content-Length: {len(answer.body)}")
        lines += [
            f"{name}: {value}"
            for name, value in answer.headers
            if name.lower() not in {"content-length", "date", "server", "transfer-encoding"}
        ]
        head = "\r\n".join(lines).encode("latin-1", errors="replace") + b"\r\n\r\n"
        self.wfile.write(head if request.method == "HEAD" else head + answer.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Log nothing: the responses are the output."""
