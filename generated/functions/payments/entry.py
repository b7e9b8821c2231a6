"""What all functions behind API Gateway and load balancer share: routes, ids, problems and defects."""

from __future__ import annotations

import dataclasses
import os
import re
import time
import traceback
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from payments.cards import looks_like_card
from payments.events import Channel, Reply, Request, trace_root
from payments.problems import MEDIA_TYPE, Kind, ProblemError, problem
from payments.telemetry import LOG, Annotations, tracer

# What is kept of an invocation's time for the way back.
_RESERVE_SECONDS = 1.0


class Context(Protocol):
    """The part of Lambda's context that is used."""

    @property
    def aws_request_id(self) -> str:
        """Id of this invocation."""
        ...

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends the invocation."""
        ...


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request on its way through a function."""

    request: Request
    request_id: str
    ids: Mapping[str, str | None]
    # What the path holds at the route's ``{names}``.
    parameters: Mapping[str, str]
    # On the clock of ``time.monotonic``.
    deadline: float
    annotations: Annotations

    def header(self, name: str) -> str | None:
        """Return the value of a header that a request has once: of two, nobody knows which is meant."""
        if name in self.request.repeated:
            raise ProblemError(Kind.REPEATED_HEADER, "Send each header once.")
        return self.request.headers.get(name)


Answer = Callable[[Call], Reply]
# Path such as ``/payments/{payment_id}`` to method to what answers.
Routes = Mapping[str, Mapping[str, Answer]]


class UnexpectedError(Exception):
    """A defect: raised so that Lambda counts an error, without the text that caused it."""


def serve(event: Mapping[str, object], context: Context, name: str, routes: Routes) -> object:
    """Answer one event of either entry point."""
    request = Request.from_event(event)
    request_id = context.aws_request_id
    ids = request_ids(request, request_id)
    LOG.begin(ids)
    with defects(request_id), tracer().work(name) as annotations:
        annotations.set(
            channel=request.channel,
            alb_trace_id=request.trace_root if request.channel is Channel.LOAD_BALANCER else None,
        )
        reply = _route(
            routes,
            Call(
                request=request,
                request_id=request_id,
                ids=ids,
                parameters={},
                deadline=deadline(context),
                annotations=annotations,
            ),
        )
    return reply.to_event(request, request_id)


def deadline(context: Context) -> float:
    """Return the moment at which an answer must be ready."""
    left = context.get_remaining_time_in_millis() / 1000
    return time.monotonic() + max(left - _RESERVE_SECONDS, left / 2)


def request_ids(request: Request, request_id: str) -> dict[str, str | None]:
    """Name the request as everybody on its way knows it."""
    return {
        "request_id": request_id,
        "correlation_id": request.trace_root or request_id,
        "api_request_id": request.api_request_id,
        "trace_id": trace_root(os.environ.get("_X_AMZN_TRACE_ID", "")),
        f"{request.channel.replace('-', '_')}_trace_id": request.trace_root,
    }


@contextmanager
def defects(request_id: str) -> Generator[None]:
    """Turn an unexpected exception into one that quotes nothing, after logging where it arose."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not be quoted
        frames = traceback.extract_tb(error.__traceback__)
        where = [f"{frame.filename}:{frame.lineno}" for frame in frames]
        LOG.error("unexpected error", error=type(error).__name__, where=where)
        raise UnexpectedError(request_id) from None


def healthy(call: Call) -> Reply:
    """Answer a health check: this process runs."""
    # The load balancer asks often, from each of its nodes: no line at the usual level.
    LOG.debug("health", channel=call.request.channel)
    return Reply(status=HTTPStatus.OK, content={"status": "ok"})


def _route(routes: Routes, call: Call) -> Reply:
    reply = _answer(routes, call)
    if reply.media_type == MEDIA_TYPE:
        write = LOG.error if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR else LOG.info
        kind = str(reply.content["type"]).rpartition(":")[2]
        write("request refused", problem=kind, channel=call.request.channel)
    return reply


def _answer(routes: Routes, call: Call) -> Reply:
    for path, methods in routes.items():
        found = _pattern(path).fullmatch(call.request.path)
        if found is None or any(looks_like_card(part) for part in found.groups()):
            continue
        # HEAD is GET without the body, which both entry points cut off.
        method = "GET" if call.request.method == "HEAD" else call.request.method
        if method not in methods:
            allowed = sorted({*methods, *(("HEAD",) if "GET" in methods else ())})
            return problem(
                Kind.METHOD_NOT_ALLOWED,
                f"Use {' or '.join(allowed)}.",
                headers={"Allow": ", ".join(allowed)},
            )
        try:
            return methods[method](dataclasses.replace(call, parameters=found.groupdict()))
        except ProblemError as refused:
            return refused.reply
    return problem(Kind.NOT_FOUND, "Nothing is here.")


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", path)
    return re.compile(
        "".join(
            f"(?P<{part}>[A-Za-z0-9_-]{{8,64}})" if index % 2 else re.escape(part)
            for index, part in enumerate(parts)
        )
    )
