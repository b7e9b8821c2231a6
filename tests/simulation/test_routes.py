"""The graphs of other specs: what the simulation reads from them, and does with it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from graph import variants
from simulation.client import Client
from simulation.conftest import SPEC
from simulation.plan import compile_spec
from simulation.routes import (
    Forward,
    Quota,
    read_api,
    read_balancer,
    read_functions,
    read_invocations,
    read_schedules,
)
from simulation.site import ApiKey

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from simulation.plan import Plan
    from simulation.site import Simulation, Site

    Open = Callable[..., Simulation]


def compiled(variant: str, folder: Path) -> Plan:
    (folder / "variant").mkdir()
    spec = variants.write(variant, SPEC, folder / "variant" / "spec")
    return compile_spec(spec, folder / "project")


@pytest.mark.parametrize("variant", variants.VARIANTS)
def test_every_route_leads_to_a_function(variant: str, tmp_path: Path) -> None:
    plan = compiled(variant, tmp_path)
    functions = read_functions(plan)
    balancer = read_balancer(plan)
    called = {route.function for route in read_api(plan).routes}
    called |= {str(group.function) for group in balancer.groups.values()}
    called |= {function for function, _ in read_invocations(plan)}
    called |= {schedule.function for schedule in read_schedules(plan)}
    assert called <= set(functions)
    rules = [rule for listener in balancer.listeners for rule in listener.rules]
    assert len(rules) >= 3
    for rule in rules:
        assert isinstance(rule.action, Forward)
        assert rule.action.group in balancer.groups


def test_schedules_and_names_of_another_spec(tmp_path: Path) -> None:
    plan = compiled("with-more", tmp_path)
    api = read_api(plan)
    assert (plan.environment, api.stage, api.name) == ("stage2", "stage2", "api-stage2-main")
    # One at a rate an hour, one at a rate a minute; the one by the calendar is AWS's.
    assert {one.function: one.seconds for one in read_schedules(plan)} == {
        "announce": 300,
        "audit-relay": 60,
        "refund": 3600,
        "secret-ages": 43200,
    }
    internal = next(one for one in api.plans if "internal" in one.name)
    assert len(internal.keys) == 2
    assert internal.quota == Quota(limit=10, period="DAY")


def test_parameters_and_paths_of_another_spec(
    open_echo: Open, echoing: Site, tmp_path: Path
) -> None:
    plan = compiled("with-more", tmp_path)
    api = read_api(plan)
    echo = echoing.functions["health"]
    names = sorted(next(one for one in api.plans if "internal" in one.name).keys)
    keys = {name: ApiKey(id=name, value=f"value of {name}") for name in names}
    simulation = open_echo(
        api=api,
        functions={
            key: dataclasses.replace(echo, name=facts.name)
            for key, facts in read_functions(plan).items()
        },
        api_keys=keys,
    )
    first, second = (keys[name].value for name in names)
    with Client(simulation.api_url) as client:
        missing = client.get("/chargebacks/x", X_Api_Key=first)
        assert (missing.status, missing.content["message"]) == (
            400,
            "Missing required request parameters: [currency]",
        )
        assert client.get("/chargebacks/x?currency=EUR", X_Api_Key=first).status == 200
        rest = client.send("DELETE", "/refunds/a/b%20c/d", headers={"X-Api-Key": second})
        assert rest.content["event"]["pathParameters"] == {"proxy": "a/b c/d"}
        assert client.send("DELETE", "/refunds", headers={"X-Api-Key": second}).status == 403
        # Burst and quota are each key's own.
        statuses = [
            client.get("/chargebacks/x?currency=EUR", X_Api_Key=second).status for _ in range(12)
        ]
        assert 429 in statuses
        assert client.get("/chargebacks/x?currency=EUR", X_Api_Key=first).status == 200
