"""An execution environment of a function, as a process that a test calls and may kill."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service.stage import FUNCTIONS, api_event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service.fault import Ask
    from service.stage import Stage

LAMBDA_SECONDS = 10.0
# Lambda ends a function at its time-out. Here a busy machine may be late; `share` says whether the function was.
GRACE_SECONDS = 60.0


class Killed(Exception):  # noqa: N818 - an event, not a mistake
    """The function ended without an answer."""


class Worker:
    """One execution environment, started when it is needed."""

    name = "function"

    def __init__(self, stage: Stage, function: str, log: Path, folder: Path = FUNCTIONS) -> None:
        """Say which function it is, and where its code lies."""
        self._folder = folder
        self._stage = stage
        self._function = function
        self._log = log
        self._process: subprocess.Popen[str] | None = None
        self.kills = 0
        # Of the time that a call had, the largest share that one waited for others.
        self.share = 0.0

    def call(self, event: Mapping[str, object], seconds: float = LAMBDA_SECONDS) -> dict[str, Any]:
        """Hand over an event and wait for the answer."""
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        asked = json.dumps({"event": event, "milliseconds": round(seconds * 1000)})
        limit = threading.Timer(seconds + GRACE_SECONDS, process.kill)
        limit.daemon = True
        limit.start()
        try:
            process.stdin.write(asked + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = ""
        finally:
            limit.cancel()
        if not line:
            process.kill()
            process.wait()
            self._process = None
            # What did not get through is lost with it.
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    pipe.close()
            raise Killed
        told = json.loads(line)
        self.share = max(self.share, told["waited"] / seconds)
        return told

    def send(self, ask: Ask) -> tuple[int, str]:
        """Hand a payment over as the API does."""
        told = self.call(api_event(ask.payment, key=ask.key))
        if "answer" not in told:
            return 0, json.dumps(told)
        return told["answer"]["statusCode"], told["answer"]["body"]

    def kill(self) -> None:
        """End it, in the middle of whatever it does."""
        process = self._process
        if process is not None and process.poll() is None:
            self.kills += 1
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)

    def stop(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None:
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(
                    [
                        sys.executable,
                        str(Path(__file__).with_name("worker.py")),
                        self._function.replace("-", "_"),
                        str(self._folder),
                    ],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    # It ends when its events do, so with whoever sends them. Linux's signal at the parent's death would come at that
                    # of the thread that started it, and others go on with the same environment.
                    env={**os.environ, **self._stage.environment(self._function)},
                )
        return self._process
