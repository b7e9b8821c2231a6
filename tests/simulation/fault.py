"""The fault run over HTTP: what ``service.fault`` breaks, while clients send requests to both entry points.

The simulation and the functions run in processes of their own. Half of the clients use the API, with one key for
all merchants, half the load balancer, with a certificate for each. The API's throttles are removed; otherwise the run would measure them.

    python -m simulation.fault 20000
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import http.client
import itertools
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
from service.environment import Killed
from service.fault import CLIENTS, MERCHANTS, Result
from service.postgres import Server
from service.stage import Aws, Stage, forget
from simulation.client import Client
from simulation.local import prepare
from simulation.runtime import WORKER
from simulation.site import serve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from multiprocessing.connection import Connection

    from service.fault import Ask
    from simulation.local import Local
    from simulation.site import Site

SPEC = Path(__file__).parents[2] / "spec" / "staging.toml"
RELAY_SECONDS = 1.0
GRACE_SECONDS = 15.0
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
        # Held here too, it would keep the pipe open when the process ends with an error, and `recv` would wait for ever.
        theirs.close()
        self._pipe: Any = ours
        # By function: the largest share of its time-out that a call waited; known at the end.
        self.shares: dict[str, float] = {}
        self.api_url, self.balancer_url = ours.recv()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._pipe.send(None)
            self.shares = self._pipe.recv()
        finally:
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
            pipe.send({name: simulation.runtime.share(name) for name in site.functions})


@dataclass
class Channel:
    """A client of one entry point, with a connection for each merchant."""

    name: str
    clients: Mapping[str, Client]

    def send(self, ask: Ask) -> tuple[int, str]:
        """Send a payment."""
        client = self.clients[ask.identity[0]]
        try:
            reply = client.post("/payments/validate", ask.payment, Idempotency_Key=ask.key)
        except (OSError, http.client.HTTPException) as error:
            return 0, f"{type(error).__name__}: {error}"
        if reply.status in NO_ANSWER:
            raise Killed
        return reply.status, reply.body.decode()


def environment(local: Local, rules: Mapping[str, object]) -> tuple[Site, Stage]:
    """Return the site with these rules, and the same environment as the check sees it."""
    site = local.site
    validate = site.functions["validate-payment"]
    variables = {**validate.environment, "PAYMENT_RULES": json.dumps(rules), "LOG_LEVEL": "ERROR"}
    changed = {
        **site.functions,
        "validate-payment": dataclasses.replace(validate, environment=variables),
    }
    # Nobody is ended because the machine is busy: what counts is what a function waits for others.
    functions = {
        name: dataclasses.replace(one, grace=GRACE_SECONDS) for name, one in changed.items()
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
    stage.bring_in(*credentials(site))
    return dataclasses.replace(site, functions=functions, api=api, schedules=schedules), stage


def credentials(site: Site) -> tuple[Mapping[str, list[str]], Mapping[str, list[str]]]:
    """Return for whom keys and certificates stand: one key for all merchants, a certificate for each."""
    (key, *_) = site.api_keys.values()
    return {key.id: MERCHANTS}, {_subject(merchant): [merchant] for merchant in MERCHANTS}


def _subject(merchant: str) -> str:
    return f"CN={merchant},O=Shops"


def channels(
    local: Local, site: Site, simulation: SimulationProcess, stack: contextlib.ExitStack
) -> Iterator[Channel]:
    """Give clients, of the load balancer and of the API by turns."""
    identities = {merchant: local.authority.caller(_subject(merchant)) for merchant in MERCHANTS}
    headers = {"X-Api-Key": next(iter(site.api_keys.values())).value}
    while True:
        yield Channel(
            "load balancer",
            {
                merchant: stack.enter_context(
                    Client(
                        simulation.balancer_url, authority=local.authority.pem, identity=identity
                    )
                )
                for merchant, identity in identities.items()
            },
        )
        client = stack.enter_context(Client(simulation.api_url, headers=headers))
        yield Channel("API", dict.fromkeys(MERCHANTS, client))


def run(local: Local, count: int, *, troubled: bool = True) -> tuple[Result, dict[str, Any]]:
    """Send so many payments through both entry points; what the clients saw, and what is stored."""
    site, stage = environment(local, fault.rules_for(count))
    requests = fault.asks(count, 1)
    result = Result()
    chance = random.Random(1)
    assert site.logs is not None
    deployments = fault.deployments_for(stage, site.logs.with_name("deployed"), *credentials(site))
    with SimulationProcess(site) as simulation, contextlib.ExitStack() as stack:
        ways = list(itertools.islice(channels(local, site, simulation, stack), CLIENTS))

        def kill() -> None:
            running = simulation.functions()
            if running:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(chance.choice(running), signal.SIGKILL)
                    result.function_kills += 1

        trouble = (kill, deployments) if troubled else None
        fault.send_all(stage, requests, ways, result, trouble)
    result.shares = {**simulation.shares, "migrate": deployments.worker.share}
    fault.settle(stage)
    found = fault.check(stage, requests, result)
    forget()
    # The entry points answer the same for a function that was killed and for one that failed.
    log = (site.logs / "validate-payment.log").read_text("utf-8", errors="replace")
    assert "unexpected error" not in log
    return result, dict(found)


@contextlib.contextmanager
def prepared() -> Iterator[Local]:
    """Prepare the environment of the committed spec, with servers of its own."""
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
        yield stack.enter_context(prepare(SPEC, folder / "site", server=server, aws=aws))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="payments through both entry points, under faults")
    parser.add_argument("payments", type=int, nargs="?", default=20_000)
    parser.add_argument("--calm", action="store_true", help="break nothing, for the figures")
    asked = parser.parse_args()
    with prepared() as local:
        result, found = run(local, asked.payments, troubled=not asked.calm)
    print(fault.report(result, found))


if __name__ == "__main__":
    main()
