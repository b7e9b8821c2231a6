"""`make try`: an environment of a spec on this machine, until Ctrl-C.

python -m front spec/staging.toml
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

from front.control import PAGES, Control
from front.local import prepare
from front.routes import read_invocations
from front.site import serve
from front.web import Listener
from service.postgres import Server
from service.stage import Aws

if TYPE_CHECKING:
    from front.local import Local
    from front.site import Doors

PAYMENT_ID = "pay_tried_0001"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="make try", description="both doors on this machine")
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
        doors = stack.enter_context(serve(local.site))
        control = Listener(Control(doors))
        stack.callback(control.close)
        _say(_welcome(local, doors, control.url))
        _say("\n\n".join(curl_lines(local, doors)))
        _say("\nCtrl-C stops everything.")
        # With a time, so that signals are heard on every system.
        while not stopped.wait(1.0):
            pass
        _say("stopping …")


def curl_lines(local: Local, doors: Doors) -> list[str]:
    """Return commands that send a payment through the API, ask for it, and send it to the balancer."""
    plan, api = local.plan, local.site.api
    key = next(iter(local.site.api_keys.values())).value
    curl = ["curl", "-sS", "-w", r"\n"]
    with_key = ["-H", f"X-Api-Key: {key}"]
    posted = next(route for route in api.routes if route.method == "POST" and route.models)
    asked = next(route for route in api.routes if route.path.endswith("/{payment_id}"))
    rules = local.site.functions[posted.function].environment["PAYMENT_RULES"]
    currency, (least, _) = next(iter(json.loads(rules)["currencies"].items()))
    merchants = next(event["merchants"] for _, event in read_invocations(plan))
    payment = {
        "payment_id": PAYMENT_ID,
        "merchant_id": next(one for one, status in merchants.items() if status == "active"),
        "amount_minor": least,
        "currency": currency,
        "payment_method_token": "tok_a1B2c3D4e5F6g7H8",
    }
    body = ["-H", "Content-Type: application/json", "-d", json.dumps(payment)]
    told = asked.path.replace("{payment_id}", PAYMENT_ID)
    return [
        shlex.join([*curl, f"{doors.api_url}{posted.path}", *with_key, *body]),
        shlex.join([*curl, f"{doors.api_url}{told}", *with_key]),
        shlex.join([*curl, f"{doors.balancer_url}{posted.path}", *body]),
    ]


def _welcome(local: Local, doors: Doors, control: str) -> str:
    others = ", ".join(
        f"its port {port} is {url}"
        for port, url in doors.listener_urls.items()
        if url != doors.balancer_url
    )
    rows = {
        "API Gateway": doors.api_url,
        "load balancer": f"{doors.balancer_url}  {others and f'({others})'}",
        f"PostgreSQL {local.server.version}": f"localhost:{local.server.port}/{local.database}",
        "AWS (moto)": local.aws.url,
        "logs": str(doors.runtime.logs),
        **{f"{control}{path}": what for path, what in PAGES.items()},
    }
    width = max(len(name) for name in rows)
    return "\n".join(f"{name:{width}}  {value}".rstrip() for name, value in rows.items()) + "\n"


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
