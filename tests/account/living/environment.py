"""A deployed stack with both entry points open, each answering from what the account holds at that moment."""

from __future__ import annotations

import contextlib
import re
import tempfile
import threading
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path
from typing import TYPE_CHECKING, Any

from account.living.api_entry_point import ApiEntryPoint
from account.living.balancer_entry_point import BalancerEntryPoint
from account.living.functions import Functions
from account.living.pictures import Pictures
from account.living.seen import Seen
from cloud import tokens as t
from simulation.authority import Authority
from simulation.runtime import RefusedError
from simulation.web import Listener, Tls

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from account.world import World

HTTPS = 443
# In the spec's first range of allowed addresses.
CLIENT = IPv4Address("192.0.2.10")
# Of functions that are called at a rate: a minute at AWS.
EVERY = 3.0
_RATE = re.compile(r"rate\(.*\)")


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Where clients send to."""

    # With the stage.
    api_url: str
    balancer_url: str
    # Values by the names of the keys, as the spec has them.
    api_keys: Mapping[str, str]
    # Whom both sides of the balancer's TLS trust.
    authority: Authority
    functions: Functions
    seen: Seen


@contextlib.contextmanager
def living(world: World) -> Iterator[Environment]:
    """Open both entry points of the stack; what is written from now on, they follow."""
    outputs = world.stack.outputs()
    with contextlib.ExitStack() as stack:
        seen = Seen(world.aws)
        stack.callback(seen.close)
        pictures = Pictures(world.aws, seen.aws)
        stack.callback(pictures.close)
        functions = Functions(
            seen,
            lambda name: world.lambdas.settings(name, seen.aws),
            world.tracing,
            world.lambdas.logs,
        )
        stack.callback(functions.close)
        api = ApiEntryPoint(
            seen,
            pictures,
            functions,
            world.tracing,
            (outputs["api_id"], outputs["api_stage"]),
        )
        stack.callback(api.close)
        balancer = BalancerEntryPoint(
            seen, functions, arn=outputs["load_balancer_arn"], port=HTTPS, client=CLIENT
        )
        balancer.verifies = any(kind == t.TRUST_STORE for kind, _ in world.aws.kept)
        authority = Authority(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        server = authority.server()
        tls = Tls(certificate=server.certificate, key=server.key, clients=authority.pem)
        entry_points = [Listener(api), Listener(balancer, tls=tls)]
        for entry_point in entry_points:
            stack.callback(entry_point.close)
        stopped = threading.Event()
        schedule = threading.Thread(target=_call, args=(seen, functions, stopped), daemon=True)
        schedule.start()
        stack.callback(schedule.join)
        stack.callback(stopped.set)
        keys = seen.rows("apigateway", "get_api_keys", "items", includeValues=True, limit=500)
        yield Environment(
            api_url=f"{entry_points[0].url}/{outputs['api_stage']}",
            balancer_url=entry_points[1].url,
            api_keys={
                key["name"].removeprefix("apikey-").partition("-")[0]: key["value"] for key in keys
            },
            authority=authority,
            functions=functions,
            seen=seen,
        )


def _call(seen: Seen, functions: Functions, stopped: threading.Event) -> None:
    """Call what EventBridge's rules call, as they stand then."""
    while not stopped.wait(EVERY):
        for rule in seen.rows("events", "list_rules", "Rules"):
            if rule["State"] != "ENABLED" or not _RATE.fullmatch(
                rule.get("ScheduleExpression", "")
            ):
                continue
            found = seen.ask(
                "events", "list_targets_by_rule", "ResourceNotFoundException", Rule=rule["Name"]
            )
            for target in (found or {}).get("Targets", []):
                # Nobody waits for the outcome; the next call comes anyway.
                with contextlib.suppress(RefusedError):
                    name = target["Arn"].rpartition(":function:")[2]
                    functions.invoke(name, _event(seen, rule["Arn"]))


def _event(seen: Seen, rule: str) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": seen.aws.account,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": seen.aws.region,
        "resources": [rule],
        "detail": {},
    }
