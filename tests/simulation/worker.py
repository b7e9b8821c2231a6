"""One execution environment of a function: a process that is handed events and answers them.

It says once that it is ready, then reads a line of JSON for each event and writes one for each answer.
What the function itself writes goes to the log. It ends when the process of the simulation does.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Loaded by its place, and then forgotten: nothing of the tests is on the function's path.
_spec = importlib.util.spec_from_file_location(
    "waiting", Path(__file__).parents[1] / "service" / "waiting.py"
)
assert _spec is not None
assert _spec.loader is not None
_waiting = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_waiting)
waited: Callable[[], float] = _waiting.waited

Handler = Callable[[Any, object], Any]


@dataclass(frozen=True, kw_only=True)
class Context:
    """Lambda's context."""

    aws_request_id: str
    # On the clock of ``time.monotonic``.
    deadline: float
    function_name: str = field(default_factory=lambda: os.environ["AWS_LAMBDA_FUNCTION_NAME"])
    function_version: str = "$LATEST"
    memory_limit_in_mb: str = field(
        default_factory=lambda: os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
    )
    identity: None = None
    client_context: None = None

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends the invocation."""
        return max(0, round((self.deadline - time.monotonic()) * 1000))


def main(handler: str, *paths: str) -> None:
    """Answer until there are no more events."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # Whatever is printed must not get between the answers.
    os.dup2(2, 1)
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(lines,), daemon=True).start()
    sys.path[:0] = paths
    try:
        module, _, name = handler.rpartition(".")
        function: Handler = getattr(importlib.import_module(module), name)
    except Exception as error:  # noqa: BLE001 - Lambda answers for it, whatever it is
        _tell(answers, {"failed": _described(error)})
        return
    _tell(answers, {"ready": True})
    while True:
        asked = json.loads(lines.get())
        _tell(answers, _answer(function, asked))


def _answer(function: Handler, asked: Any) -> dict[str, object]:
    os.environ["_X_AMZN_TRACE_ID"] = asked["trace"]
    context = Context(
        aws_request_id=asked["request_id"],
        deadline=time.monotonic() + asked["milliseconds"] / 1000,
    )
    answer: dict[str, object]
    start = waited()
    try:
        answer = {"answer": function(asked["event"], context)}
        json.dumps(answer)
    except Exception as error:  # noqa: BLE001 - the same
        answer = {"error": _described(error)}
    answer["waited"] = waited() - start
    with contextlib.suppress(Exception):
        sys.stdout.flush()
    return answer


def _described(error: Exception) -> dict[str, str]:
    return {"errorMessage": str(error), "errorType": type(error).__name__}


def _tell(answers: Any, what: dict[str, object]) -> None:
    answers.write(json.dumps(what) + "\n")
    answers.flush()


def _read(lines: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        lines.put(line)
    # Even in the middle of an invocation: nobody waits for its answer.
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
