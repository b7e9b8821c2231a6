"""The fault run over HTTP: what ``service.fault`` breaks, while clients send requests to both entry points.

The simulation and the functions run in processes of their own. Half of the clients use the API, half the load
balancer. The API's throttles are removed; otherwise the run would measure them.

    python -m simulation.fault 20000
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import http.client
import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import psutil

from service import fault
from service.fault import CLIENTS, MERCHANTS, Killed, Result
from service.postgres import Server
from service.stage import Aws, Stage, forget
from simulation.client import Client
from simulation.local import prepare, subject_of
from simulation.runtime import WORKER
from simulation.site import serve

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from service.fault import Ask
    from simulation.local import Local
    from simulation.site import Site

SPEC = Path(__file__).parents[2] / "spec" / "staging.toml"
RELAY_SECONDS = 1.0
# Statuses for a function that gave no answer, or none in time.
NO_ANSWER = frozenset({502, 504})


class SimulationProcess:
    """The simulation, in a process of its own."""

    def __init__(self, site: Site) -> None:
        """Start it."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(target=_open, args=(site, theirs), daemon=True)
        self._process.start()
        self._pipe: Any = ours
        self.api_url, self.balancer_url = ours.recv()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.send(None)
        self._process.join()

    def functions(self) -> list[int]:
        """Return the processes of functions."""
        assert self._process.pid is not None
        found: list[int] = []
        for child in psutil.Process(self._process.pid).children():
            with contextlib.suppress(psutil.Error):
                if str(WORKER) in child.cmdline():
                    found.append(child.pid)
        return found


def _open(site: Site, pipe: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with serve(site) as simulation:
        pipe.send((simulation.api_url, simulation.balancer_url))
        # Also where the other side is gone.
        with contextlib.suppress(EOFError):
            pipe.recv()


@dataclass
class Channel:
    """A client of one entry point."""

    name: str
    client: Client

    def send(self, ask: Ask) -> tuple[int, str]:
        """Send a payment."""
        try:
            reply = self.client.post("/payments/validate", ask.payment, Idempotency_Key=ask.key)
        except (OSError, http.client.HTTPException) as error:
            return 0, f"{type(error).__name__}: {error}"
        if reply.status in NO_ANSWER:
            raise Killed
        return reply.status, reply.body.decode()


def environment(local: Local, count: int) -> tuple[Site, Stage]:
    """Return the site for so many payments, and the same environment as the check sees it."""
    rules = fault.rules_for(count)
    site = local.site
    validate = site.functions["validate-payment"]
    variables = {**validate.environment, "PAYMENT_RULES": json.dumps(rules), "LOG_LEVEL": "ERROR"}
    functions = {
        **site.functions,
        "validate-payment": dataclasses.replace(validate, environment=variables),
    }
    api = dataclasses.replace(
        site.api,
        routes=[dataclasses.replace(route, throttle=None) for route in site.api.routes],
        plans=[dataclasses.replace(plan, throttle=None) for plan in site.api.plans],
    )
    schedules = [dataclasses.replace(one, seconds=RELAY_SECONDS) for one in site.schedules]
    secret = site.functions["migrate"].environment["DATABASE_SECRET_ARN"]
    stage = Stage(
        server=local.server,
        aws=local.aws,
        database=local.database,
        rules=rules,
        secret_arn=secret,
        bucket=local.bucket,
    )
    stage.migrate(merchants=dict.fromkeys(MERCHANTS, "active"))
    # One client plays them all.
    (key, *_) = site.api_keys.values()
    stage.bring_in({key.id: MERCHANTS}, {subject_of(local.plan, MERCHANTS[0]): MERCHANTS})
    return dataclasses.replace(site, functions=functions, api=api, schedules=schedules), stage


def run(local: Local, count: int, *, troubled: bool = True) -> tuple[Result, dict[str, Any]]:
    """Send so many payments through both entry points; what the clients saw, and what is stored."""
    site, stage = environment(local, count)
    requests = fault.asks(count, 1)
    result = Result()
    headers = {"X-Api-Key": next(iter(site.api_keys.values())).value}
    identity = local.caller(MERCHANTS[0])
    chance = random.Random(1)
    with SimulationProcess(site) as simulation, contextlib.ExitStack() as stack:
        ways = [
            Channel(
                "API" if number % 2 else "load balancer",
                stack.enter_context(
                    Client(simulation.api_url, headers=headers)
                    if number % 2
                    else Client(
                        simulation.balancer_url, authority=local.authority.pem, identity=identity
                    )
                ),
            )
            for number in range(CLIENTS)
        ]

        def kill() -> None:
            running = simulation.functions()
            if running:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(chance.choice(running), signal.SIGKILL)
                    result.function_kills += 1

        fault.send_all(stage, requests, ways, result, kill if troubled else None)
    fault.settle(stage)
    found = fault.check(stage, requests, result)
    forget()
    # The entry points answer the same for a function that was killed and for one that failed.
    log = site.logs and (site.logs / "validate-payment.log").read_text("utf-8", errors="replace")
    assert log is not None
    assert "unexpected error" not in log
    return result, dict(found)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="payments through both entry points, under faults")
    parser.add_argument("payments", type=int, nargs="?", default=20_000)
    parser.add_argument("--calm", action="store_true", help="break nothing, for the figures")
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        contextlib.ExitStack() as stack,
        # What the functions log is not the report.
        contextlib.redirect_stdout(sys.stderr),
    ):
        folder = Path(name)
        server = Server()
        stack.callback(server.remove)
        aws = Aws(folder)
        stack.callback(aws.remove)
        local = stack.enter_context(prepare(SPEC, folder / "site", server=server, aws=aws))
        result, found = run(local, asked.payments, troubled=not asked.calm)
    print(fault.report(result, found))


if __name__ == "__main__":
    main()
