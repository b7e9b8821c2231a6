"""One execution environment of a function: a process that is handed events and answers them.

It reads a line of JSON for each event and writes one for each answer; what the function itself writes
goes to the log.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

# Run as a program: the folder of the tests is not on its path.
sys.path.append(str(Path(__file__).parents[1]))

from service.waiting import waited


@dataclass(frozen=True)
class Context:
    """Lambda's context, as far as it is used."""

    aws_request_id: str
    milliseconds: int

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends the invocation."""
        return self.milliseconds


def main(function: str, path: str) -> None:
    """Answer until there are no more events."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # Whatever is printed must not get between the answers.
    os.dup2(2, 1)
    sys.path.insert(0, path)
    handler = importlib.import_module(f"{function}.handler")
    for number, line in enumerate(sys.stdin):
        asked = json.loads(line)
        context = Context(f"{os.getpid():08x}-0000-4000-8000-{number:012x}", asked["milliseconds"])
        start = waited()
        # Where a call is that takes longer than it may stands in the log.
        faulthandler.dump_traceback_later(asked["milliseconds"] / 1000)
        try:
            answer: dict[str, object] = {"answer": handler.handle(asked["event"], context)}
        except Exception as error:  # noqa: BLE001 - Lambda answers for it, whatever it is
            answer = {"error": f"{type(error).__name__}: {error}"}
        faulthandler.cancel_dump_traceback_later()
        answer["waited"] = waited() - start
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
