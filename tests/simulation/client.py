"""What tests and the fault run send requests with: one connection, nothing followed, nothing repaired."""

from __future__ import annotations

import http.client
import json
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from simulation.authority import Identity


@dataclass(frozen=True, kw_only=True)
class Reply:
    """Status, headers (names in lower case) and body of an answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        """The body, decoded from JSON."""
        return json.loads(self.body)


class Client:
    """A connection that is kept open, as people's programs keep theirs."""

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        authority: Path | None = None,
        identity: Identity | None = None,
    ) -> None:
        """Say where to, and what every request carries."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        self._prefix = parts.path
        self._headers = dict(headers or {})
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=authority)
            if identity is not None:
                context.load_cert_chain(identity.certificate, identity.key)
            self._connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, port, context=context, timeout=60
            )
        else:
            self._connection = http.client.HTTPConnection(host, port, timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def send(
        self,
        method: str,
        path: str,
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        fields: Sequence[tuple[str, str]] = (),
    ) -> Reply:
        """Send a request; ``fields`` are more headers, of which one may come twice."""
        sent: Any = http.client.HTTPMessage()
        for name, value in (*{**self._headers, **(headers or {})}.items(), *fields):
            sent.add_header(name, value)
        try:
            self._connection.request(method, self._prefix + path, body, sent)
            answer = self._connection.getresponse()
            return Reply(
                status=answer.status,
                headers={name.lower(): value for name, value in answer.getheaders()},
                body=answer.read(),
            )
        except BaseException:
            self._connection.close()
            raise

    def get(self, path: str, **headers: str) -> Reply:
        """Send GET; underscores in names of headers stand for hyphens."""
        return self.send("GET", path, headers=_named(headers))

    def post(self, path: str, content: object, **headers: str) -> Reply:
        """Send JSON."""
        typed = {"Content-Type": "application/json"}
        return self.send("POST", path, json.dumps(content), {**typed, **_named(headers)})


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
