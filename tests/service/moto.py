"""Moto's server in a process of its own: AWS's APIs on loopback, for as long as somebody needs them."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from typing import TYPE_CHECKING

from service.postgres import end_with_parent

if TYPE_CHECKING:
    from pathlib import Path

START_SECONDS = 60


class Moto:
    """One server with one empty account."""

    def __init__(self, script: Path, *arguments: str) -> None:
        """Start the script, and wait until it answers. The server ends with the thread that makes it."""
        # The server is handed the socket: a port that was only looked up could be taken by another server meanwhile, and both
        # would be asked for one account.
        with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
            self.port: int = listening.getsockname()[1]
            self._process = subprocess.Popen(
                # Without the script's folder on the path: none of its modules is moto's.
                [sys.executable, "-P", str(script), str(listening.fileno()), *arguments],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(listening.fileno(),),
                preexec_fn=end_with_parent,  # noqa: PLW1509 - one call to the kernel
                # Ctrl-C is for whoever started it, who then ends it.
                start_new_session=True,
            )
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                self._ask("GET", "/moto-api/")
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
        self._ask("POST", "/moto-api/reset")

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()

    def _ask(self, method: str, path: str) -> None:
        asked = urllib.request.Request(f"{self.url}{path}", method=method)  # noqa: S310 - of this machine
        urllib.request.urlopen(asked, timeout=30).close()  # noqa: S310 - of this machine
