"""What AWS says of the account, asked again only when somebody has written since."""

from __future__ import annotations

import json
import threading
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from cloud.aws import Aws, code_of

if TYPE_CHECKING:
    from collections.abc import Callable

# Services whose state decides about a request.
WATCHED = ("apigateway", "ec2", "elbv2", "events", "iam", "lambda", "rds")
_READING = ("Describe", "Get", "List")


class Seen:
    """Answers of AWS's reading calls. An answer is kept until a writing call of that service begins; none is kept while one is under way."""

    def __init__(self, written: Aws) -> None:
        """Watch what is written through these clients, and read through others."""
        self.aws = Aws(written.url, written.region)
        self._lock = threading.Lock()
        self._version: Counter[str] = Counter()
        self._writing: Counter[str] = Counter()
        self._kept: dict[tuple[str, str, str], tuple[int, Any]] = {}
        self._closing: list[Callable[[], None]] = []
        for service in WATCHED:
            self._watch(written, service)

    def close(self) -> None:
        """Watch no longer."""
        for close in self._closing:
            close()

    def ask(self, service: str, operation: str, *gone: str, **arguments: Any) -> Any:
        """Return an answer; nothing where AWS says by one of these codes that there is no such thing."""
        key = (service, operation, json.dumps(arguments, sort_keys=True))
        with self._lock:
            version = self._version[service]
            kept = self._kept.get(key)
            if kept is not None and kept[0] == version and not self._writing[service]:
                return kept[1]
        try:
            answer = getattr(self.aws.client(service), operation)(**arguments)
        except ClientError as error:
            if code_of(error) not in gone:
                raise
            answer = None
        with self._lock:
            if version == self._version[service] and not self._writing[service]:
                self._kept[key] = (version, answer)
        return answer

    def rows(self, service: str, operation: str, rows: str, **arguments: Any) -> list[Any]:
        """Return a list to its end."""
        found: list[Any] = []
        token: dict[str, str] = {}
        while True:
            answer = self.ask(service, operation, **arguments, **token)
            found += answer.get(rows, [])
            marks = {"position": "position", "NextMarker": "Marker", "NextToken": "NextToken"}
            token = {marks[mark]: answer[mark] for mark in marks if answer.get(mark)}
            if not token:
                return found

    def version(self, service: str) -> int | None:
        """By what the state of a service is told from earlier ones; nothing while it is being written."""
        with self._lock:
            return None if self._writing[service] else self._version[service]

    def _watch(self, written: Aws, service: str) -> None:
        events = written.client(service).meta.events

        def note(event_name: str, **_: object) -> None:
            event, _service, operation = event_name.split(".")
            if not operation.startswith(_READING):
                self._note(service, 1 if event == "before-call" else -1)

        # One of the last two comes after each first.
        for event in ("before-call", "after-call", "after-call-error"):
            events.register(event, note)
            self._closing.append(partial(events.unregister, event, note))

    def _note(self, service: str, change: int) -> None:
        with self._lock:
            self._version[service] += 1
            self._writing[service] += change
