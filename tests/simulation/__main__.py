"""`make try`: an environment of a spec on this machine, until Ctrl-C.

python -m simulation spec/staging.toml
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shlex
import signal
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from service.postgres import Server
from service.stage import Aws
from simulation.control import PAGES, Control
from simulation.local import key_of, prepare
from simulation.routes import read_invocations
from simulation.site import serve
from simulation.web import Listener

if TYPE_CHECKING:
    from simulation.local import Local
    from simulation.site import Simulation

PAYMENT_ID = "pay_tried_0001"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        prog="make try", description="a local simulation of an environment"
    )
    parser.add_argument("spec", type=Path)
    asked = parser.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="try-")))
        _say("PostgreSQL, moto and the migrations are starting …")
        server = Server()
        stack.callback(server.remove)
        aws = Aws(folder)
        stack.callback(aws.remove)
        local = stack.enter_context(
            prepare(asked.spec.resolve(), folder / "site", server=server, aws=aws)
        )
        simulation = stack.enter_context(serve(local.site))
        control = Listener(Control(simulation))
        stack.callback(control.close)
        _say(_welcome(local, simulation, control.url))
        _say("\n\n".join(curl_lines(local, simulation)))
        _say("\nCtrl-C stops everything.")
        # With a time, so that signals are heard on every system.
        while not stopped.wait(1.0):
            pass
        _say("stopping …")


def curl_lines(local: Local, simulation: Simulation) -> list[str]:
    """Return commands that send a payment through the API, ask for it, and send it to the balancer."""
    routes = local.site.api.routes
    curl = ["curl", "-sS", "-w", r"\n"]
    payment = _payment(local)
    key = key_of(local.site, local.plan, str(payment["merchant_id"]))
    with_key = ["-H", f"X-Api-Key: {key.value}"] if key is not None else []
    body = ["-H", "Content-Type: application/json", "-d", json.dumps(payment)]
    posted = next((one.path for one in routes if one.method == "POST" and one.models), None)
    asked = next((one.path for one in routes if one.path == "/payments/status"), None)
    # A spec may have other routes, for functions of its own.
    lines: list[list[str]] = []
    if posted is not None:
        lines.append([f"{simulation.api_url}{posted}", *with_key, *body])
    if asked is not None:
        lines.append([f"{simulation.api_url}{asked}", *with_key, "-H", f"Payment-Id: {PAYMENT_ID}"])
    if posted is not None:
        lines.append([f"{simulation.balancer_url}{posted}", *_shown(local), *body])
    return [shlex.join([*curl, *line]) for line in lines]


def _shown(local: Local) -> list[str]:
    """Return what makes curl trust the load balancer's certificate, and show one where it asks for it."""
    trusted = ["--cacert", str(local.authority.pem)]
    if not any(listener.verifies for listener in local.site.balancer.listeners):
        return trusted
    identity = local.caller(str(_payment(local)["merchant_id"]))
    return [*trusted, "--cert", str(identity.certificate), "--key", str(identity.key)]


def _payment(local: Local) -> dict[str, object]:
    """Return a payment that the rules and merchants of the spec let pass."""
    rules = [
        json.loads(one.environment["PAYMENT_RULES"])
        for one in local.site.functions.values()
        if "PAYMENT_RULES" in one.environment
    ]
    merchants = [
        merchant
        for _, event in read_invocations(local.plan)
        for merchant, status in event.get("merchants", {}).items()
        if status == "active"
    ]
    currencies = rules[0]["currencies"] if rules else {"USD": [1, 1]}
    currency, (least, _) = next(iter(currencies.items()))
    return {
        "payment_id": PAYMENT_ID,
        "merchant_id": next(iter(merchants), "mer_unknown"),
        "amount_minor": least,
        "currency": currency,
        "payment_method_token": "tok_a1B2c3D4e5F6g7H8",
    }


def _welcome(local: Local, simulation: Simulation, control: str) -> str:
    others = ", ".join(
        f"its port {port} is {url}"
        for port, url in simulation.listener_urls.items()
        if url != simulation.balancer_url
    )
    rows = {
        "API Gateway": simulation.api_url,
        "load balancer": f"{simulation.balancer_url}  {others and f'({others})'}",
        f"PostgreSQL {local.server.version}": f"localhost:{local.server.port}/{local.database}",
        "AWS (moto)": local.aws.url,
        "logs": str(simulation.runtime.logs),
        **{f"{control}{path}": what for path, what in PAGES.items()},
    }
    width = max(len(name) for name in rows)
    return "\n".join(f"{name:{width}}  {value}".rstrip() for name, value in rows.items()) + "\n"


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
