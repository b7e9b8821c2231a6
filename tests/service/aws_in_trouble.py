"""Moto's server, whose S3 fails as often as a file says; run as a process of its own.

The file holds the shares of writes that are refused, that are slow, and that are carried out but
answered with an error. Without the file all is well.
"""

from __future__ import annotations

import io
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

SLOW_SECONDS = 3.0
ERROR = b"<Error><Code>InternalError</Code><Message>trouble</Message></Error>"


def slow_mark(file: Path) -> Path:
    """Return the file whose time says when the last slow write began."""
    return file.with_suffix(".slow")


class Quiet(WSGIRequestHandler):
    """Writes no line for each request, and keeps connections open as S3 does."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing."""


class Trouble:
    """Stands before moto."""

    def __init__(self, application: Any, file: Path) -> None:
        """Read from the file what to do, again for each write."""
        self.application = application
        self.file = file

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        """Answer a request."""
        if environ["REQUEST_METHOD"] != "PUT" or not self.file.exists():
            return self.application(environ, start)
        shares = json.loads(self.file.read_text(encoding="utf-8") or "[0, 0, 0]")
        (fate,) = random.choices(
            ("refused", "slow", "unheard", "well"), weights=[*shares, 1 - sum(shares)]
        )
        if fate == "slow":
            slow_mark(self.file).touch()
            time.sleep(SLOW_SECONDS)
        if fate in {"refused", "unheard"}:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            if fate == "unheard":
                b"".join(self.application({**environ, "wsgi.input": io.BytesIO(body)}, _ignored))
            start("500 Internal Server Error", [("Content-Length", str(len(ERROR)))])
            return [ERROR]
        return self.application(environ, start)


def _ignored(*_: object) -> None:
    """Take a status that nobody hears."""


if __name__ == "__main__":
    moto = DomainDispatcherApplication(create_backend_app)
    make_server(
        "127.0.0.1",
        0,
        Trouble(moto, Path(sys.argv[2])),
        threaded=True,
        request_handler=Quiet,
        fd=int(sys.argv[1]),
    ).serve_forever()
