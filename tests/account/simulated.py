"""A local simulation of a deployed stack's entry points: moto's API Gateway and load balancer serve nothing.

Their behaviour comes from the resource graph. What they reach comes from the account: the functions' code and
settings, the API keys, the listener's certificate.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from account.suite import ANY_KEY, CALLER
from graph.built import compiler
from simulation.authority import Authority
from simulation.local import issued, issuers_of
from simulation.plan import Plan, read
from simulation.routes import read_api, read_balancer, read_functions, read_schedules
from simulation.site import ApiKey, Site, serve
from simulation.web import Tls

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from account.world import World
    from simulation.site import Simulation

CERTIFICATE = "tls:index/selfSignedCert:SelfSignedCert"
# Of the integration tests.
MERCHANT = "mer_integration"
PRIVATE_KEY = "tls:index/privateKey:PrivateKey"


@contextlib.contextmanager
def simulated(world: World) -> Iterator[tuple[Simulation, Mapping[str, Any]]]:
    """Simulate both entry points; yield the simulation, and the stack's outputs with its addresses."""
    outputs = world.stack.outputs()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        authority = Authority(folder / "authority").also_called(issuers_of(_plan(world)))
        with serve(_site(world, outputs, folder, authority)) as simulation:
            caller = issued(authority, _plan(world), MERCHANT)
            yield (
                simulation,
                {
                    **outputs,
                    "api_url": simulation.api_url,
                    "load_balancer_dns": simulation.balancer_url.partition("://")[2],
                    # Not the stack's: what the tests show to the load balancer.
                    CALLER: [str(caller.certificate), str(caller.key)],
                },
            )


def _site(world: World, outputs: Mapping[str, Any], folder: Path, authority: Authority) -> Site:
    plan = _plan(world)
    facts = read_functions(plan)
    functions = {
        key: dataclasses.replace(world.lambdas.settings(name), concurrency=facts[key].concurrency)
        for key, name in outputs["function_names"].items()
    }
    return Site(
        api=read_api(plan),
        balancer=read_balancer(plan),
        functions=functions,
        api_keys=_api_keys(world, plan),
        schedules=read_schedules(plan),
        signers={ANY_KEY: ANY_KEY},
        # In place of the authorities of the spec, whose keys are not here.
        balancer_tls=dataclasses.replace(
            _tls(world, folder),
            clients=authority.pem if plan.all("aws.lb.TrustStore") else None,
        ),
        logs=folder / "logs",
        account=plan.account,
        region=plan.region,
    )


def _plan(world: World) -> Plan:
    """Return the graph of the spec as it is now, with what the deployment made for its symbols."""
    printed = subprocess.run(
        [compiler(), "plan", world.project.spec, "--json", *world.project.today],
        capture_output=True,
        check=True,
    )
    document = json.loads(printed.stdout)
    state = {
        (each["type"], each["urn"].rpartition("::")[2]): each for each in world.stack.resources()
    }
    made = {
        (raw["class"], raw["name"]): {
            **{_snake(name): _blocks(value) for name, value in kept.get("outputs", {}).items()},
            "id": kept.get("id"),
        }
        for raw in document["resources"]
        if (kept := state.get((raw["type"], raw["name"]))) is not None
    }
    return read(document, world.project.folder, made=made, account=world.aws.account)


def _api_keys(world: World, plan: Plan) -> dict[str, ApiKey]:
    client = world.aws.client("apigateway")
    found = {key.name: plan.output(key, "id") for key in plan.all("aws.apigateway.ApiKey")}
    return {
        name: ApiKey(id=id_, value=client.get_api_key(apiKey=id_, includeValue=True)["value"])
        for name, id_ in found.items()
    }


def _tls(world: World, folder: Path) -> Tls:
    """Return the certificate that the listener was given, with the key that signed it."""
    (made,) = _made(world, CERTIFICATE)
    (key,) = _made(world, PRIVATE_KEY)
    tls = Tls(certificate=folder / "certificate.pem", key=folder / "key.pem")
    tls.certificate.write_text(made["certPem"], encoding="utf-8")
    tls.key.write_text(key["privateKeyPem"], encoding="utf-8")
    return tls


def _made(world: World, token: str) -> list[dict[str, Any]]:
    return [kept for (kind, _), kept in world.aws.kept.items() if kind == token]


def _blocks(value: Any) -> Any:
    """Return blocks with their names as the graph spells them; a mapping's keys are nobody's but its own."""
    if isinstance(value, list):
        return [
            {_snake(key): _blocks(item) for key, item in block.items()}
            if isinstance(block, dict)
            else block
            for block in value
        ]
    return value


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
