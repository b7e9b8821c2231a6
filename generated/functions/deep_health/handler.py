"""Answers health checks: ``/health`` touches nothing, ``/health/deep`` asks what is behind.

The load balancer's checks call it all the time: what the deep one needs is read only for that.
"""

from __future__ import annotations

import functools
import importlib
import os
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from payments.events import Channel, Reply, Request
from payments.problems import Kind, problem

_DATABASE_SECONDS = 3.0


def handle(event: Mapping[str, object], context: Any) -> object:  # noqa: ANN401 - Lambda's, or none
    """Answer one event of either entry point."""
    request = Request.from_event(event)
    request_id = str(getattr(context, "aws_request_id", ""))
    return _answer(request, request_id, context).to_event(request, request_id)


def _answer(request: Request, request_id: str, context: Any) -> Reply:  # noqa: ANN401 - see handle
    # The load balancer has no IAM: it gets no detail of what is inside.
    deep = request.path == "/health/deep" and request.channel is Channel.API
    if request.path != "/health" and not deep:
        return problem(Kind.NOT_FOUND, "Nothing is here.")
    if request.method not in {"GET", "HEAD"}:
        return problem(
            Kind.METHOD_NOT_ALLOWED,
            "Use GET or HEAD.",
            headers={"Allow": "GET, HEAD"},
        )
    if not deep:
        return Reply(status=HTTPStatus.OK, content={"status": "ok"})
    return _look(request_id, importlib.import_module("payments.entry").deadline(context))


def _look(request_id: str, deadline: float) -> Reply:
    telemetry = importlib.import_module("payments.telemetry")
    telemetry.LOG.begin({"request_id": request_id, "correlation_id": request_id})
    checks: dict[str, Mapping[str, object]] = {}
    with telemetry.tracer().work("health"):
        if os.environ.get("DATABASE_HOST"):
            checks["database"] = _check(_look_at_database, deadline)
        if os.environ.get("AUDIT_BUCKET"):
            checks["audit"] = _check(_look_at_audit, deadline)
    failing = [name for name, check in checks.items() if check["status"] != "ok"]
    (telemetry.LOG.error if failing else telemetry.LOG.info)("looked behind", failing=failing)
    return Reply(
        status=HTTPStatus.SERVICE_UNAVAILABLE if failing else HTTPStatus.OK,
        content={"status": "failing" if failing else "ok", "checks": checks},
    )


def _check(look: Callable[[float], Mapping[str, object]], deadline: float) -> Mapping[str, object]:
    start = time.monotonic()
    try:
        found: Mapping[str, object] = {"status": "ok", **look(deadline)}
    except Exception as error:  # noqa: BLE001 - each way to fail is an answer
        # The kind, and a code where there is one; a message might quote anything.
        found = {"status": "failing", "error": getattr(error, "code", type(error).__name__)}
    return {**found, "milliseconds": round((time.monotonic() - start) * 1000)}


def _look_at_database(deadline: float) -> Mapping[str, object]:
    def version(connection: Any) -> Any:  # noqa: ANN401 - see database
        return connection.run("SELECT max(version) FROM migrations")

    rows = database().run(
        version,
        # So that there is time to look at the rest.
        deadline=min(deadline, time.monotonic() + _DATABASE_SECONDS),
        repeatable=True,
    )
    return {"version": rows[0][0]}


def _look_at_audit(deadline: float) -> Mapping[str, object]:
    trail().reach(deadline=deadline)
    return {}


@functools.cache
def database() -> Any:  # noqa: ANN401 - its module is read only when it is needed
    """Return this execution environment's database, with its one connection."""
    return importlib.import_module("payments.database").Database.of_environment(read_only=True)


@functools.cache
def trail() -> Any:  # noqa: ANN401 - its module is read only when it is needed
    """Return the audit bucket."""
    return importlib.import_module("payments.trail").AuditTrail.connect(os.environ["AUDIT_BUCKET"])
