"""Log lines, business metrics and trace annotations that one transaction can be followed by.

Powertools for AWS Lambda does the work; here it learns to repeat no card number, and that a payment
matters more than what is told about it.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import json
import logging
import os
import sys
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from payments.cards import redact

# Ids have shapes of their own, checked where they are read, and stay whole: a random UUID may hold
# digits that would pass for a card number.
_IDS = frozenset(
    {
        "api_request_id",
        "api_trace_id",
        "correlation_id",
        "load_balancer_trace_id",
        "payment_id",
        "request_id",
        "timestamp",
        "xray_trace_id",
    }
)


# The line that the caller of ``Log`` stands in.
_CALLER = 3


class Log:
    """Writes one JSON object a line; Lambda passes such lines on as they are."""

    def begin(self, ids: Mapping[str, str | None]) -> None:
        """Start an invocation: forget the ids of the last one, carry these."""
        # Anew each time, so that tests can change it.
        _logger().setLevel(_level(os.environ.get("LOG_LEVEL", "INFO")))
        _logger().clear_state()
        self.add(ids)

    def add(self, ids: Mapping[str, str | None]) -> None:
        """Carry these ids on every further line of this invocation."""
        _logger().append_keys(**{name: value for name, value in ids.items() if value})

    def debug(self, message: str, **fields: object) -> None:
        """Write what only a closer look needs."""
        _logger().debug(message, extra=fields, stacklevel=_CALLER)

    def info(self, message: str, **fields: object) -> None:
        """Write what happened."""
        _logger().info(message, extra=fields, stacklevel=_CALLER)

    def warning(self, message: str, **fields: object) -> None:
        """Write what mended itself, or will."""
        _logger().warning(message, extra=fields, stacklevel=_CALLER)

    def error(self, message: str, **fields: object) -> None:
        """Write what somebody has to look at."""
        _logger().error(message, extra=fields, stacklevel=_CALLER)


LOG = Log()


class _Output:
    """The standard output as it is now, not as it was when the logger was made."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


@functools.cache
def _logger() -> Logger:
    return Logger(
        logger_handler=logging.StreamHandler(cast("Any", _Output())),
        json_serializer=_serialize,
        utc=True,
        use_rfc3339=True,
    )


def _serialize(line: object) -> str:
    members = cast("Mapping[str, object]", line)
    kept = {
        name: value if name in _IDS else _redacted(value)
        for name, value in members.items()
        # What another library logs with its exception may quote anything.
        if name not in {"exception", "stack_trace"}
    }
    return json.dumps(kept, default=_unknown, separators=(",", ":"))


def _redacted(value: object) -> object:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        members = cast("Mapping[object, object]", value)
        return {redact(str(name)): _redacted(member) for name, member in members.items()}
    if isinstance(value, Sequence):
        return [_redacted(item) for item in cast("Sequence[object]", value)]
    return value


def _unknown(value: object) -> str:
    # Whatever it is, its text might hold anything.
    return f"<{type(value).__name__}>"


def _level(name: str) -> int:
    """Return the level of this name; an unknown one must not silence the log."""
    return logging.getLevelNamesMapping().get(name.strip().upper(), logging.INFO)


def measure(values: Mapping[str, tuple[MetricUnit, float]], **dimensions: str) -> None:
    """Write metrics in CloudWatch's embedded format: part of the log, no call of an API."""
    # What is told about a payment must not stop it.
    with contextlib.suppress(Exception):
        metrics = EphemeralMetrics(
            namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE") or "payments",
            service=os.environ.get("POWERTOOLS_SERVICE_NAME") or "payments",
        )
        for name, value in dimensions.items():
            metrics.add_dimension(name, value)
        for name, (unit, value) in values.items():
            metrics.add_metric(name, unit, value)
        metrics.flush_metrics()


class Subsegment(Protocol):
    """What is used of the X-Ray SDK's subsegment."""

    def put_annotation(self, key: str, value: str) -> None:
        """Index a value."""
        ...

    def set_sql(self, sql: Mapping[str, str]) -> None:
        """Say which database was called."""
        ...

    def add_fault_flag(self) -> None:
        """Mark the work as failed."""
        ...


class Recorder(Protocol):
    """What is used of the X-Ray SDK's recorder."""

    def begin_subsegment(self, name: str, namespace: str) -> Subsegment | None:
        """Open a subsegment; None where there is nothing to hang it on."""
        ...

    def end_subsegment(self) -> None:
        """Close the last one."""
        ...


@dataclass(frozen=True)
class Annotations:
    """Values that X-Ray indexes; nothing happens where nothing is traced."""

    subsegment: Subsegment | None

    def set(self, **values: str | None) -> None:
        """Annotate; what is unknown is left out."""
        for name, value in values.items():
            if self.subsegment is not None and value:
                with contextlib.suppress(Exception):
                    self.subsegment.put_annotation(name, value)


class Tracer:
    """X-Ray subsegments where a daemon listens; nothing at all elsewhere."""

    def __init__(self) -> None:
        """Read the X-Ray SDK, which takes its time, only where it has somebody to report to."""
        self._recorder: Recorder | None = None
        # Lambda sets its daemon's address where tracing is on.
        if os.environ.get("AWS_XRAY_DAEMON_ADDRESS"):
            # It may fail to start: a payment matters more than its trace.
            with contextlib.suppress(Exception):
                tracing = importlib.import_module("aws_lambda_powertools.tracing")
                # Each call of AWS's SDK (S3, KMS, Secrets Manager) becomes a node of the map.
                recorder = tracing.Tracer(disabled=False, patch_modules=("botocore",)).provider
                recorder.configure(context_missing="IGNORE_ERROR")
                self._recorder = recorder

    @contextlib.contextmanager
    def work(self, name: str) -> Generator[Annotations]:
        """Trace a piece of work; annotations make it findable."""
        with self._subsegment(name, "local") as subsegment:
            yield Annotations(subsegment)

    @contextlib.contextmanager
    def database(self, host: str, port: int, name: str, user: str) -> Generator[None]:
        """Trace a transaction; it draws the database as a node of its own."""
        with self._subsegment(f"{name}@{host}", "remote") as subsegment:
            if subsegment is not None:
                with contextlib.suppress(Exception):
                    # No statement: the name of the work is around it, parameters must not be here.
                    subsegment.set_sql(
                        {
                            "url": f"postgresql://{host}:{port}/{name}",
                            "database_type": "PostgreSQL",
                            "user": user,
                        }
                    )
            yield

    @contextlib.contextmanager
    def _subsegment(self, name: str, namespace: str) -> Generator[Subsegment | None]:
        subsegment: Subsegment | None = None
        recorder = self._recorder
        if recorder is not None:
            with contextlib.suppress(Exception):
                subsegment = recorder.begin_subsegment(name, namespace)
        try:
            yield subsegment
        except Exception:
            if subsegment is not None:
                with contextlib.suppress(Exception):
                    subsegment.add_fault_flag()
            raise
        finally:
            if recorder is not None and subsegment is not None:
                with contextlib.suppress(Exception):
                    recorder.end_subsegment()


@functools.cache
def tracer() -> Tracer:
    """Return the tracer of this execution environment."""
    return Tracer()
