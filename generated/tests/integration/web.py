"""Requests to the two entry points: HTTPS, or their local simulation."""

from __future__ import annotations

import http.client
import json
import os
import ssl
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

# Variables that name the certificate of a caller of the load balancer, and its key, as PEM files.
CERTIFICATE, KEY = "PAYSTAGE_CLIENT_CERTIFICATE", "PAYSTAGE_CLIENT_KEY"


def show_certificate(tls: ssl.SSLContext) -> bool:
    """Let connections show the caller's certificate; tell whether there is one."""
    certificate = os.environ.get(CERTIFICATE)
    if certificate:
        tls.load_cert_chain(certificate, os.environ.get(KEY))
    return bool(certificate)


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
class EntryPoint:
    """A base URL, and what every request to it carries."""

    url: str
    headers: Mapping[str, str]
    tls: ssl.SSLContext
    # Headers that no request carries, in lower case.
    left_out: frozenset[str] = frozenset()

    def without(self, header: str) -> EntryPoint:
        """Return the same entry point without one of its headers, whatever is sent."""
        return EntryPoint(
            url=self.url,
            headers=self.headers,
            tls=self.tls,
            left_out=self.left_out | {header.lower()},
        )

    def address(self, path: str) -> str:
        """Return the address of a path behind the entry_point."""
        return self.url.rstrip("/") + path

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Send a GET request."""
        return self.send("GET", path, None, headers)

    def post(self, path: str, content: object, **headers: str) -> Answer:
        """Send JSON; underscores in the names of headers become hyphens."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send("POST", path, json.dumps(content), more)

    def send(
        self, method: str, path: str, body: str | None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request and follow nothing."""
        connection = self._connection()
        # A key of its own for each request: under one key, another body is a conflict.
        usual = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        sent = {
            name: value
            for name, value in {
                **({} if body is None else usual),
                **self.headers,
                **(headers or {}),
            }.items()
            if name.lower() not in self.left_out
        }
        try:
            connection.request(method, urlsplit(self.address(path)).path, body, sent)
            answer = connection.getresponse()
            return Answer(
                status=answer.status,
                headers={name.lower(): value for name, value in answer.getheaders()},
                body=answer.read().decode("utf-8"),
            )
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        if parts.scheme == "http":
            return http.client.HTTPConnection(host, parts.port or 80, timeout=30)
        return http.client.HTTPSConnection(host, parts.port or 443, context=self.tls, timeout=30)
