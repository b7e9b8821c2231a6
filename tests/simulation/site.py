"""A deployed environment on this machine: its parts, and starting its simulation."""

from __future__ import annotations

import contextlib
import threading
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from simulation.api_gateway import ApiGateway, ApiKey
from simulation.load_balancer import Health, LoadBalancer
from simulation.plan import ACCOUNT
from simulation.runtime import FunctionSettings, Runtime, ThrottledError
from simulation.web import Listener, Tls
from simulation.xray import Daemon

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from pathlib import Path

    from simulation.routes import Api, Balancer, Schedule

__all__ = ["ApiKey", "FunctionSettings", "Simulation", "Site", "Tls", "serve"]


@dataclass(frozen=True, kw_only=True)
class Site:
    """An environment. What is behind it (database, AWS) is the functions' environment's to say."""

    api: Api
    balancer: Balancer
    # By their keys in the spec.
    functions: Mapping[str, FunctionSettings]
    # By their logical names.
    api_keys: Mapping[str, ApiKey]
    schedules: Sequence[Schedule] = ()
    # Without one the API is served over HTTP; the events say HTTPS all the same.
    api_tls: Tls | None = None
    balancer_tls: Tls | None = None
    # Secrets of who may sign requests, by access key.
    signers: Mapping[str, str] = field(default_factory=dict[str, str])
    account: str = ACCOUNT
    region: str = "us-east-1"
    # Where functions write; left out, a folder that is removed with the simulation.
    logs: Path | None = None
    # At once, of a function that reserves no concurrency.
    processes: int = 8
    # Left out, any free ones: by the listeners' own ports, 0 for the API's.
    ports: Mapping[int, int] = field(default_factory=dict[int, int])


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """The simulated entry points and what is behind them."""

    # With the stage, as Pulumi's output `api_url`; without a slash at the end.
    api_url: str
    # Of the listener that has rules.
    balancer_url: str
    # Of all listeners, by the port that they have in the cloud.
    listener_urls: Mapping[int, str]
    runtime: Runtime
    tracing: Daemon
    health: Health


@contextlib.contextmanager
def serve(site: Site) -> Generator[Simulation]:
    """Simulate an environment, and stop the simulation at the end."""
    with contextlib.ExitStack() as stack:
        tracing = Daemon()
        stack.callback(tracing.close)
        runtime = stack.enter_context(
            Runtime(site.functions, tracing=tracing, logs=site.logs, processes=site.processes)
        )
        api = ApiGateway(
            site.api,
            runtime,
            tracing,
            keys=site.api_keys,
            secrets=site.signers,
            account=site.account,
            region=site.region,
        )
        stack.callback(api.close)
        api_listener = Listener(api, tls=site.api_tls, port=site.ports.get(0, 0))
        stack.callback(api_listener.close)
        listeners = _open_balancer(site, runtime, stack)
        health = Health(site.balancer, runtime)
        stack.callback(health.close)
        stack.callback(_begin(site.schedules, runtime, site).set)
        main = max(site.balancer.listeners, key=lambda one: len(one.rules))
        yield Simulation(
            api_url=f"{api_listener.url}/{site.api.stage}",
            balancer_url=listeners[main.port].url,
            listener_urls={port: listener.url for port, listener in listeners.items()},
            runtime=runtime,
            tracing=tracing,
            health=health,
        )


def _open_balancer(
    site: Site, runtime: Runtime, stack: contextlib.ExitStack
) -> Mapping[int, Listener]:
    opened: dict[int, Listener] = {}

    def local(port: int) -> tuple[str, int] | None:
        found = opened.get(port)
        return None if found is None else (found.url.partition(":")[0], found.port)

    for one in site.balancer.listeners:
        balancer = LoadBalancer(site.balancer, one, runtime, local)
        tls = site.balancer_tls if one.protocol == "HTTPS" else None
        if tls is not None and one.verifies:
            assert tls.clients is not None, "the listener verifies callers: by which authority?"
        opened[one.port] = Listener(balancer, tls=tls, port=site.ports.get(one.port, 0))
        stack.callback(opened[one.port].close)
    return opened


def _begin(schedules: Sequence[Schedule], runtime: Runtime, site: Site) -> threading.Event:
    stopped = threading.Event()

    def call(schedule: Schedule) -> None:
        while not stopped.wait(schedule.seconds):
            event = {
                "version": "0",
                "id": str(uuid.uuid4()),
                "detail-type": "Scheduled Event",
                "source": "aws.events",
                "account": site.account,
                "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "region": site.region,
                "resources": [schedule.rule_arn],
                "detail": {},
            }
            # Nobody waits for the outcome; the next call comes anyway.
            with contextlib.suppress(ThrottledError):
                runtime.invoke(schedule.function, event)

    for schedule in schedules:
        threading.Thread(target=call, args=(schedule,), daemon=True).start()
    return stopped
