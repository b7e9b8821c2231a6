"""The load balancer: listeners, rules by path, functions as targets, and their health."""

from __future__ import annotations

import dataclasses
import http.client
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from simulation import balancer_event
from simulation.api_event import MalformedError
from simulation.routes import Fixed, Forward, Redirect
from simulation.runtime import RefusedError
from simulation.web import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from simulation.routes import Action, Balancer, HealthCheck, Listener, TargetGroup
    from simulation.runtime import Caller, Runtime
    from simulation.web import Request

_SERVER = "awselb/2.0"
_LARGEST_BODY = 2**20
INITIAL, HEALTHY, UNHEALTHY, UNUSED = "initial", "healthy", "unhealthy", "unused"


class LoadBalancer:
    """Answers as a listener of the load balancer does."""

    def __init__(
        self,
        balancer: Balancer,
        listener: Listener,
        runtime: Caller,
        local: Callable[[int], tuple[str, int] | None],
    ) -> None:
        """Take a listener; ``local`` says where another one listens on this machine."""
        self._balancer = balancer
        self._listener = listener
        self._runtime = runtime
        self._local = local
        self._rules = [(_pattern(rule.patterns), rule.action) for rule in listener.rules]

    def __call__(self, request: Request) -> Answer:
        """Answer a request."""
        if request.too_large:
            return error(413)
        action: Action = next(
            (action for pattern, action in self._rules if pattern.fullmatch(request.path)),
            self._listener.default,
        )
        match action:
            case Fixed():
                return Answer(
                    status=action.status,
                    headers=(("Content-Type", action.media_type),),
                    body=action.body.encode(),
                    server=_SERVER,
                )
            case Redirect():
                return self._redirect(request, action)
            case Forward():
                return self._forward(request, self._balancer.groups[action.group])

    def _forward(self, request: Request, group: TargetGroup) -> Answer:
        if request.header("Upgrade") is not None:
            return error(400)
        if len(request.body) > _LARGEST_BODY:
            return error(413)
        if group.function is None:
            return error(503)
        event = balancer_event.make(
            request, group, self._listener, drops_invalid=self._balancer.drops_invalid_headers
        )
        return self._called(group, group.function, event)

    def _called(self, group: TargetGroup, function: str, event: object) -> Answer:
        # Also where the target is not healthy: there is no other.
        try:
            invocation = self._runtime.invoke(function, event)
            if invocation.error is not None:
                return error(502)
            answer = balancer_event.read(invocation.payload, group)
        except (RefusedError, MalformedError):
            return error(502)
        return dataclasses.replace(answer, server=_SERVER)

    def _redirect(self, request: Request, to: Redirect) -> Answer:
        host = (request.header("Host") or "").partition(":")[0]
        parts = {
            "protocol": self._listener.protocol.lower(),
            "host": host,
            "port": str(self._listener.port),
            "path": request.path.lstrip("/"),
            "query": request.query,
        }

        def filled(text: str) -> str:
            return re.sub(r"#\{(\w+)\}", lambda found: parts[found[1]], text)

        protocol, port = filled(to.protocol).lower(), int(filled(to.port))
        # On this machine the listener has another port, and TLS only with a certificate.
        protocol, port = self._local(port) or (protocol, port)
        query = filled(to.query)
        address = f"{protocol}://{filled(to.host)}:{port}{filled(to.path)}"
        location = f"{address}?{query}" if query else address
        answer = error(to.status)
        return Answer(
            status=to.status,
            headers=(*answer.headers, ("Location", location)),
            body=answer.body,
            server=_SERVER,
        )


def error(status: int) -> Answer:
    """Return the balancer's own page."""
    title = f"{status} {http.client.responses[status]}"
    page = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
        f"<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    )
    return Answer(
        status=status,
        headers=(("Content-Type", "text/html"),),
        body=page.encode(),
        server=_SERVER,
    )


def _pattern(patterns: object) -> re.Pattern[str]:
    """``*`` is any characters, ``?`` is one; letters count as they are."""
    assert isinstance(patterns, list)
    return re.compile(
        "|".join(re.escape(str(one)).replace(r"\*", ".*").replace(r"\?", ".") for one in patterns)
    )


class Health:
    """Checks every target group's function, and knows how it is."""

    def __init__(self, balancer: Balancer, runtime: Runtime) -> None:
        """Begin to check, at once and then at each group's interval."""
        self._runtime = runtime
        self._stopped = threading.Event()
        self._states: dict[str, str] = {
            group.name: INITIAL if group.health and group.function else UNUSED
            for group in balancer.groups.values()
        }
        self._checks: dict[str, int] = dict.fromkeys(self._states, 0)
        self._calls = ThreadPoolExecutor(max(1, len(self._states)), thread_name_prefix="health")
        self._threads = [
            threading.Thread(target=self._watch, args=(group, group.health), daemon=True)
            for group in balancer.groups.values()
            if group.health is not None and group.function is not None
        ]
        for thread in self._threads:
            thread.start()

    def states(self) -> Mapping[str, str]:
        """Return the health of each group's target, by the group's name."""
        return dict(self._states)

    def checks(self) -> Mapping[str, int]:
        """Return how often each was checked."""
        return dict(self._checks)

    def close(self) -> None:
        """Stop checking."""
        self._stopped.set()
        self._calls.shutdown(wait=False, cancel_futures=True)

    def _watch(self, group: TargetGroup, check: HealthCheck) -> None:
        well = badly = 0
        while not self._stopped.is_set():
            started = time.monotonic()
            passed = self._passes(group, check)
            if self._stopped.is_set():
                return
            well, badly = (well + 1, 0) if passed else (0, badly + 1)
            state = self._states[group.name]
            # A new target is well after one check that it passes.
            if well >= (1 if state == INITIAL else check.healthy_threshold):
                self._states[group.name] = HEALTHY
            elif badly >= check.unhealthy_threshold:
                self._states[group.name] = UNHEALTHY
            self._checks[group.name] += 1
            self._stopped.wait(max(0.0, check.interval - (time.monotonic() - started)))

    def _passes(self, group: TargetGroup, check: HealthCheck) -> bool:
        assert group.function is not None
        event = balancer_event.health_check(group, check.path)
        try:
            call = self._calls.submit(self._runtime.invoke, group.function, event)
            invocation = call.result(check.timeout)
            if invocation.error is not None:
                return False
            return _matches(check.matcher, balancer_event.read(invocation.payload, group).status)
        except (RefusedError, TimeoutError, MalformedError, RuntimeError):
            return False


def _matches(matcher: str, status: int) -> bool:
    """``200``, ``200,202`` or ``200-299``."""
    for part in matcher.split(","):
        low, _, high = part.partition("-")
        if int(low) <= status <= int(high or low):
            return True
    return False
