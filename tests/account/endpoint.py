"""Moto's server in a process of its own: AWS's APIs on loopback, for as long as somebody needs them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from service.postgres import end_with_parent, free_port

START_SECONDS = 60
ACCOUNT = "123456789012"


class Endpoint:
    """One server with one empty account."""

    def __init__(self) -> None:
        """Start, and wait until it answers. The server ends with the thread that makes it."""
        self.port = free_port()
        self._process = subprocess.Popen(
            # Without this folder on the path: none of its modules is moto's.
            [sys.executable, "-P", str(Path(__file__).with_name("server.py")), str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=end_with_parent,  # noqa: PLW1509 - one call to the kernel
        )
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                self.ask("GET", "/moto-api/")
            except OSError:
                assert self._process.poll() is None, "moto did not start"
                assert time.monotonic() < end, "moto did not start"
                time.sleep(0.1)
            else:
                return

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def reset(self) -> None:
        """Forget everything."""
        self.ask("POST", "/moto-api/reset")

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()

    def ask(self, method: str, path: str, body: object = None) -> bytes:
        """Call what moto has beside AWS's APIs."""
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(f"{self.url}{path}", method=method, data=data)  # noqa: S310 - of this machine
        with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310 - of this machine
            return answer.read()
