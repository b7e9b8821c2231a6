"""Log lines and trace annotations that one transaction can be followed by."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, Protocol

from cards import redact


class Level(IntEnum):
    """Severity of a line, by its weight."""

    DEBUG = 10
    INFO = 20
    WARN = 30
    ERROR = 40


@dataclass(frozen=True, kw_only=True)
class Log:
    """Writes one JSON object a line; Lambda passes such lines on as they are."""

    threshold: Level
    # Ids that every line of one request carries.
    ids: Mapping[str, str] = field(default_factory=dict[str, str])

    def with_ids(self, ids: Mapping[str, str | None]) -> Log:
        """Return a log whose lines carry these ids too."""
        known = {name: value for name, value in ids.items() if value}
        return Log(threshold=self.threshold, ids={**self.ids, **known})

    def write(self, level: Level, message: str, **fields: str | int | list[str]) -> None:
        """Write one line; whatever looks like a card number is taken out of every field."""
        if level < self.threshold:
            return
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line: dict[str, object] = {
            "timestamp": now,
            "level": level.name,
            "message": redact(message),
        }
        for name, value in fields.items():
            line[name] = _clean(value)
        # The ids have shapes of their own, checked where they are read, and stay whole.
        line.update(self.ids)
        sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
        sys.stdout.flush()


def _clean(value: str | int | list[str]) -> str | int | list[str]:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list):
        return [redact(item) for item in value]
    return value


def threshold(name: str) -> Level:
    """Return the level of this name; an unknown one must not silence the log."""
    names = {"WARNING": "WARN", "CRITICAL": "ERROR", "FATAL": "ERROR", "TRACE": "DEBUG"}
    upper = name.strip().upper()
    return Level.__members__.get(names.get(upper, upper), Level.INFO)


class Tracer:
    """X-Ray subsegments where Lambda traces; nothing at all elsewhere."""

    def __init__(self) -> None:
        """Read the SDK where it has somebody to report to."""
        self._recorder: Any = None
        # Lambda sets its daemon's address where tracing is on: elsewhere the SDK is not even read.
        if os.environ.get("AWS_XRAY_DAEMON_ADDRESS"):
            # The layer may be missing or may not start: a payment matters more than its trace.
            with contextlib.suppress(Exception):
                core = importlib.import_module("aws_xray_sdk.core")
                core.xray_recorder.configure(context_missing="IGNORE_ERROR")
                # Calls to S3 and KMS become nodes of the service map.
                core.patch(("botocore",))
                self._recorder = core.xray_recorder

    @contextlib.contextmanager
    def subsegment(self, name: str) -> Generator[Annotations]:
        """Trace a piece of work; annotations make it findable."""
        if self._recorder is None:
            yield Annotations(None)
            return
        subsegment: Subsegment | None = None
        with contextlib.suppress(Exception):
            subsegment = self._recorder.begin_subsegment(name)
        try:
            yield Annotations(subsegment)
        except Exception:
            if subsegment is not None:
                with contextlib.suppress(Exception):
                    subsegment.add_fault_flag()
            raise
        finally:
            if subsegment is not None:
                with contextlib.suppress(Exception):
                    self._recorder.end_subsegment()


class Subsegment(Protocol):
    """What is used of the SDK's subsegment."""

    def put_annotation(self, key: str, value: str) -> None:
        """Index a value."""
        ...

    def add_fault_flag(self) -> None:
        """Mark the work as failed."""
        ...


class Annotations:
    """Values that X-Ray indexes."""

    def __init__(self, subsegment: Subsegment | None) -> None:
        """Take a subsegment, or nothing where nothing is traced."""
        self._subsegment = subsegment

    def set(self, **values: str | None) -> None:
        """Annotate; what is unknown is left out."""
        for name, value in values.items():
            if self._subsegment is not None and value:
                with contextlib.suppress(Exception):
                    self._subsegment.put_annotation(name, value)
