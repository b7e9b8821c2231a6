"""Lambda on this machine: functions in processes of their own, as many at once as they may be."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from simulation.xray import Parent, new_segment_id, new_trace_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from simulation.xray import Daemon

WORKER = Path(__file__).with_name("worker.py")
# Lambda's, for what is done before the first event; and what this machine may need on a bad day.
_INIT_SECONDS = 30.0
_LARGEST_ANSWER = 6 * 2**20
# At once, of a function that reserves nothing: the account's thousand would be too much here.
_PROCESSES = 8
_BASE = {
    "LANG": "en_US.UTF-8",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "TZ": ":UTC",
    # The credentials are those of the environment, never those of who runs this.
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
}


class RefusedError(Exception):
    """Lambda takes no such call."""


class ThrottledError(RefusedError):
    """All that the function may run at once is busy: Lambda refuses the call."""


class _EndedError(Exception):
    """The process ended without an answer."""


class _TimedOutError(Exception):
    """The process took too long."""


@dataclass(frozen=True, kw_only=True)
class FunctionSettings:
    """A function as it was deployed."""

    # The physical name.
    name: str
    handler: str
    # What Lambda has on its path: the function's own code, then that of its layers.
    code: tuple[Path, ...]
    environment: Mapping[str, str]
    timeout: float
    memory: int = 128
    # Seconds after the time-out in which it is not ended: for figures that are not the machine's.
    grace: float = 0.0
    # None: shares the account's.
    concurrency: int | None = None


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """What became of a call."""

    request_id: str
    # What the function returned, or what Lambda says of its error.
    payload: Any
    # ``Unhandled``, where there is one.
    error: str | None = None


class Caller(Protocol):
    """Takes calls of functions."""

    def invoke(self, name: str, event: object, /, *, parent: Parent | None = None) -> Invocation:
        """Call one and wait for its answer; a ``RefusedError`` where Lambda takes no such call."""
        ...


class Runtime:
    """All functions."""

    def __init__(
        self,
        functions: Mapping[str, FunctionSettings],
        *,
        tracing: Daemon,
        logs: Path | None = None,
        processes: int = _PROCESSES,
    ) -> None:
        """Start nothing yet: the first call does."""
        self._tracing = tracing
        self._own = None if logs else tempfile.TemporaryDirectory(prefix="functions-")
        self.logs = logs or Path(self._own.name if self._own else "")
        self.logs.mkdir(parents=True, exist_ok=True)
        self._pools = {
            key: _Pool(key, settings, self.logs, tracing.address, processes)
            for key, settings in functions.items()
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def invoke(self, key: str, event: object, *, parent: Parent | None = None) -> Invocation:
        """Call a function and wait for its answer."""
        pool = self._pools[key]
        parent = parent or Parent(trace_id=new_trace_id())
        request_id = str(uuid.uuid4())
        started = time.time()
        segments = _Segments(pool.settings, request_id, parent)
        try:
            invocation = pool.invoke(event, request_id, segments.inner.header)
        except ThrottledError:
            self._tracing.record(segments.outside(started, throttle=True))
            raise
        for segment in segments.both(started, fault=invocation.error is not None):
            self._tracing.record(segment)
        return invocation

    def kill(self, key: str) -> bool:
        """End a process of the function in the middle of whatever it does, if it has one."""
        return self._pools[key].kill()

    def running(self, key: str) -> int:
        """Count the processes of a function."""
        return self._pools[key].running

    def share(self, key: str) -> float:
        """Return the largest share of its time-out that a call of the function waited for others; 1 is one that ran into it."""
        return self._pools[key].share

    def log(self, key: str) -> str:
        """Return what the function has written."""
        path = self.logs / f"{key}.log"
        return path.read_text("utf-8", errors="replace") if path.exists() else ""

    def close(self) -> None:
        """End all processes."""
        for pool in self._pools.values():
            pool.close()
        if self._own is not None:
            self._own.cleanup()


@dataclass
class _Segments:
    """What Lambda itself tells X-Ray of a call: its own segment, and the function's."""

    settings: FunctionSettings
    request_id: str
    parent: Parent
    outer: str = field(default_factory=new_segment_id)
    function: str = field(default_factory=new_segment_id)

    @property
    def inner(self) -> Parent:
        return Parent(trace_id=self.parent.trace_id, segment_id=self.function)

    def outside(self, started: float, **flags: bool) -> dict[str, object]:
        return {
            "trace_id": self.parent.trace_id,
            "id": self.outer,
            "name": self.settings.name,
            "origin": "AWS::Lambda",
            "start_time": started,
            "end_time": time.time(),
            "aws": {"request_id": self.request_id},
            **({"parent_id": self.parent.segment_id} if self.parent.segment_id else {}),
            **flags,
        }

    def both(self, started: float, *, fault: bool) -> list[dict[str, object]]:
        outside = self.outside(started, fault=fault)
        inside = {"id": self.function, "origin": "AWS::Lambda::Function", "parent_id": self.outer}
        return [outside, {**outside, **inside}]


class _Pool:
    """The execution environments of one function."""

    def __init__(
        self, key: str, settings: FunctionSettings, logs: Path, daemon: str, processes: int
    ) -> None:
        self.settings = settings
        self._key = key
        self._logs = logs
        self._daemon = daemon
        self._most = processes if settings.concurrency is None else settings.concurrency
        self._free = threading.Condition()
        self._idle: list[_Environment] = []
        self._all: set[_Environment] = set()
        self._busy = 0
        self._closed = False
        self.share = 0.0

    @property
    def running(self) -> int:
        return len(self._all)

    def invoke(self, event: object, request_id: str, trace: str) -> Invocation:
        self._enter()
        environment: _Environment | None = None
        try:
            environment = self._taken()
            asked = {
                "event": event,
                "request_id": request_id,
                "trace": trace,
                "milliseconds": round(self.settings.timeout * 1000),
            }
            told = self._called(environment, asked)
        except _TimedOutError:
            seconds = f"{self.settings.timeout:.2f}"
            return self._failed(
                environment,
                request_id,
                "Sandbox.Timedout",
                f"Task timed out after {seconds} seconds",
            )
        except _EndedError as error:
            return self._failed(
                environment, request_id, "Runtime.ExitError", f"Runtime exited: {error}"
            )
        finally:
            self._leave(environment)
        if "answer" not in told:
            return Invocation(request_id=request_id, payload=told["error"], error="Unhandled")
        if len(json.dumps(told["answer"])) > _LARGEST_ANSWER:
            payload = {
                "errorType": "Function.ResponseSizeTooLarge",
                "errorMessage": "Response payload size exceeded maximum allowed payload size.",
            }
            return Invocation(request_id=request_id, payload=payload, error="Unhandled")
        return Invocation(request_id=request_id, payload=told["answer"])

    def _called(self, environment: _Environment, asked: Mapping[str, object]) -> dict[str, Any]:
        share = 1.0
        try:
            told = environment.call(asked, self.settings.timeout + self.settings.grace)
            share = told["waited"] / self.settings.timeout
        except _EndedError:
            share = 0.0
            raise
        finally:
            with self._free:
                self.share = max(self.share, share)
        return told

    def _failed(
        self, environment: _Environment | None, request_id: str, kind: str, message: str
    ) -> Invocation:
        if environment is not None:
            environment.stop()
        payload = {"errorType": kind, "errorMessage": f"RequestId: {request_id} Error: {message}"}
        return Invocation(request_id=request_id, payload=payload, error="Unhandled")

    def _enter(self) -> None:
        """Take a place; a function that reserves its concurrency refuses, others wait."""
        end = time.monotonic() + self.settings.timeout
        with self._free:
            while self._busy >= self._most:
                left = end - time.monotonic()
                if self.settings.concurrency is not None or not self._free.wait(max(left, 0)):
                    raise ThrottledError
            self._busy += 1

    def _taken(self) -> _Environment:
        with self._free:
            if self._closed:
                message = "the simulation is stopping"
                raise _EndedError(message)
            while self._idle:
                environment = self._idle.pop()
                if environment.alive:
                    return environment
                self._all.discard(environment)
            environment = _Environment(self._key, self.settings, self._logs, self._daemon)
            self._all.add(environment)
        try:
            environment.wait_until_ready()
        except BaseException:
            environment.stop()
            with self._free:
                self._all.discard(environment)
            raise
        return environment

    def _leave(self, environment: _Environment | None) -> None:
        with self._free:
            self._busy -= 1
            if environment is not None:
                if environment.alive and not self._closed:
                    self._idle.append(environment)
                else:
                    self._all.discard(environment)
            self._free.notify()

    def kill(self) -> bool:
        with self._free:
            running = [one for one in self._all if one.alive]
        if not running:
            return False
        # A busy one, if there is any: an idle one would be no trouble.
        with self._free:
            idle = [one for one in running if one in self._idle]
            chosen = next((one for one in running if one not in idle), running[0])
            if chosen in idle:
                self._idle.remove(chosen)
                self._all.discard(chosen)
        chosen.kill()
        return True

    def close(self) -> None:
        with self._free:
            self._closed = True
            running = list(self._all)
        for environment in running:
            environment.stop()


class _Environment:
    """One process."""

    def __init__(self, key: str, settings: FunctionSettings, logs: Path, daemon: str) -> None:
        variables = {
            **_BASE,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(settings.memory),
            "AWS_LAMBDA_FUNCTION_NAME": settings.name,
            "AWS_XRAY_DAEMON_ADDRESS": daemon,
            "LAMBDA_TASK_ROOT": str(settings.code[0]),
            "PYTHONPYCACHEPREFIX": str(logs / "compiled"),
            "_HANDLER": settings.handler,
            **settings.environment,
        }
        with (logs / f"{key}.log").open("ab") as log:
            # Without the worker's own folder on the path, whose modules are none of the function's.
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(WORKER), settings.handler, *map(str, settings.code)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=variables,
                # Ctrl-C goes to the simulation only, which then ends them.
                start_new_session=True,
            )
        self._received = b""

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def wait_until_ready(self) -> None:
        told = self._read(_INIT_SECONDS)
        if "failed" in told:
            raise _EndedError(json.dumps(told["failed"]))

    def call(self, asked: Mapping[str, object], seconds: float) -> dict[str, Any]:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(asked).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise _EndedError(type(error).__name__) from None
        return self._read(seconds)

    def _read(self, seconds: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        end = time.monotonic() + seconds
        stream = self._process.stdout.fileno()
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            while b"\n" not in self._received:
                if not selector.select(max(0.0, end - time.monotonic())):
                    raise _TimedOutError
                received = os.read(stream, 2**20)
                if not received:
                    self._process.wait()
                    message = f"exit status {self._process.returncode}"
                    raise _EndedError(message)
                self._received += received
        line, _, self._received = self._received.partition(b"\n")
        return json.loads(line)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def stop(self) -> None:
        self.kill()
        self._process.wait()
