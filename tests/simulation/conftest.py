"""One environment of the team's spec for the whole run; and simulations with a function whose behaviour each test chooses."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from graph import variants
from service.postgres import Server
from service.stage import Aws
from simulation.client import Client
from simulation.local import prepare
from simulation.plan import compile_spec
from simulation.routes import Throttle, read_api, read_balancer, read_functions
from simulation.site import ApiKey, FunctionSettings, Site, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from simulation.local import Local
    from simulation.plan import Plan
    from simulation.site import Simulation

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "spec" / "staging.toml"
ECHO = Path(__file__).with_name("echo")
KEY = ApiKey(id="key-of-partner", value="a-key-of-partner-that-is-long")
NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Start PostgreSQL."""
    # What is killed here is the server, never the machine: what it wrote stays.
    server = Server(settings={"fsync": "off"})
    yield server
    server.remove()


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """Start moto."""
    aws = Aws(tmp_path_factory.mktemp("aws"))
    yield aws
    aws.remove()


@pytest.fixture(scope="session")
def by_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the team's spec with the older routes too, which have an id in the path."""
    folder = tmp_path_factory.mktemp("by-path") / "spec"
    return variants.write_changed(variants.BY_PATH, SPEC, folder)


@pytest.fixture(scope="session")
def local(
    by_path: Path, server: Server, aws: Aws, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Local]:
    """Deploy it on this machine."""
    with prepare(by_path, tmp_path_factory.mktemp("local"), server=server, aws=aws) as local:
        yield local


@pytest.fixture(scope="session")
def simulation(local: Local) -> Iterator[Simulation]:
    """Simulate it, for a client that may send as fast as tests do."""
    fast = Throttle(rate=10_000.0, burst=10_000)
    plans = [dataclasses.replace(plan, throttle=fast) for plan in local.site.api.plans]
    api = dataclasses.replace(local.site.api, plans=plans)
    with serve(dataclasses.replace(local.site, api=api)) as simulation:
        yield simulation


@pytest.fixture
def api(local: Local, simulation: Simulation) -> Iterator[Client]:
    """Come through the API with the partner's key."""
    headers = {"X-Api-Key": local.site.api_keys["partner"].value}
    with Client(simulation.api_url, headers=headers) as client:
        yield client


@pytest.fixture
def balancer(local: Local, simulation: Simulation) -> Iterator[Client]:
    """Come through the load balancer, with the certificate of a merchant."""
    identity = local.caller("mer_acme0001")
    url, authority = simulation.balancer_url, local.authority.pem
    with Client(url, authority=authority, identity=identity) as client:
        yield client


@pytest.fixture
def payment() -> dict[str, Any]:
    """Make a payment that nobody has made."""
    return {
        "payment_id": f"pay_{next(NUMBERS):08}",
        "merchant_id": "mer_acme0001",
        "amount_minor": 1999,
        "currency": "USD",
        "payment_method_token": "tok_a1B2c3D4e5F6g7H8",
    }


@pytest.fixture(scope="session")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Read the graph of the team's spec."""
    return compile_spec(SPEC, tmp_path_factory.mktemp("plan") / "project")


@pytest.fixture(scope="session")
def echoing(by_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Put the function that plays any part in every function's place."""
    plan = compile_spec(by_path, tmp_path_factory.mktemp("echoing") / "project")
    balancer = read_balancer(plan)
    # Checks would start processes of their own, and take their turns.
    groups = {arn: dataclasses.replace(one, health=None) for arn, one in balancer.groups.items()}
    return Site(
        api=read_api(plan),
        balancer=dataclasses.replace(balancer, groups=groups),
        functions={
            key: FunctionSettings(
                name=facts.name,
                handler="handler.handle",
                code=(ECHO,),
                environment={},
                timeout=10.0,
            )
            for key, facts in read_functions(plan).items()
        },
        api_keys={"partner": KEY},
        processes=3,
    )


@pytest.fixture
def open_echo(echoing: Site) -> Iterator[Callable[..., Simulation]]:
    """Simulate it, with the changes that a test asks for."""
    with contextlib.ExitStack() as stack:
        yield lambda **changes: stack.enter_context(serve(dataclasses.replace(echoing, **changes)))


@pytest.fixture
def hasty(echoing: Site) -> dict[str, FunctionSettings]:
    """Give all functions little time."""
    return {key: dataclasses.replace(one, timeout=1.0) for key, one in echoing.functions.items()}


@pytest.fixture(scope="session")
def echo(echoing: Site) -> Iterator[Simulation]:
    """Simulate it unchanged."""
    with serve(echoing) as simulation:
        yield simulation
