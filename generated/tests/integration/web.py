"""HTTPS requests to the two doors."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Status, headers (names in lower case) and body of an answer."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def content(self) -> dict[str, Any]:
        """The body, decoded from JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, kw_only=True)
class Door:
    """A base URL, and what every request to it carries."""

    url: str
    headers: Mapping[str, str]
    tls: ssl.SSLContext
    # Headers that no request carries, in lower case.
    left_out: frozenset[str] = frozenset()

    def without(self, header: str) -> Door:
        """Return the same door without one of its headers, whatever is sent."""
        return Door(
            url=self.url,
            headers=self.headers,
            tls=self.tls,
            left_out=self.left_out | {header.lower()},
        )

    def get(self, path: str) -> Answer:
        """Send a GET request."""
        return self.send("GET", path, None)

    def post(self, path: str, content: object, **headers: str) -> Answer:
        """Send JSON; underscores in the names of headers become hyphens."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send("POST", path, json.dumps(content), more)

    def send(
        self, method: str, path: str, body: str | None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request and follow nothing."""
        parts = urlsplit(self.url)
        connection = http.client.HTTPSConnection(
            parts.hostname or "", parts.port or 443, context=self.tls, timeout=30
        )
        typed = {} if body is None else {"Content-Type": "application/json"}
        sent = {
            name: value
            for name, value in {**typed, **self.headers, **(headers or {})}.items()
            if name.lower() not in self.left_out
        }
        try:
            connection.request(method, parts.path.rstrip("/") + path, body, sent)
            answer = connection.getresponse()
            return Answer(
                status=answer.status,
                headers={name.lower(): value for name, value in answer.getheaders()},
                body=answer.read().decode("utf-8"),
            )
        finally:
            connection.close()
