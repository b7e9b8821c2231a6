"""Lambda on this machine: processes that are reused, limited, and replaced when they end."""

from __future__ import annotations

import dataclasses
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from simulation.routes import Schedule
from simulation.runtime import ThrottledError
from simulation.site import serve
from simulation.test_payments import until

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from simulation.site import FunctionSettings, Simulation, Site

    Open = Callable[..., Simulation]

NAME = "health"


def event(do: str = "") -> dict[str, Any]:
    return {"headers": {"X-Do": do}, "requestContext": {}}


def pid(simulation: Simulation, do: str = "") -> int:
    return json.loads(simulation.runtime.invoke(NAME, event(do)).payload["body"])["pid"]


def test_a_process_is_kept_for_the_next_event(open_echo: Open) -> None:
    simulation = open_echo()
    assert pid(simulation) == pid(simulation)
    assert simulation.runtime.running(NAME) == 1


def test_events_at_once_have_processes_of_their_own(open_echo: Open) -> None:
    simulation = open_echo(processes=2)
    with ThreadPoolExecutor(6) as pool:
        pids = list(pool.map(lambda _: pid(simulation), range(12)))
        started = time.monotonic()
        list(pool.map(lambda _: simulation.runtime.invoke(NAME, event("sleep=0.3")), range(4)))
    assert len(set(pids)) <= 2
    # Two at a time: the others wait.
    assert time.monotonic() - started >= 0.6
    assert simulation.runtime.running(NAME) == 2


def test_a_reserved_concurrency_refuses(open_echo: Open, echoing: Site) -> None:
    functions = {
        **echoing.functions,
        NAME: dataclasses.replace(echoing.functions[NAME], concurrency=2),
    }
    simulation = open_echo(functions=functions)

    def call(_: int) -> bool:
        try:
            return simulation.runtime.invoke(NAME, event("sleep=1")).error is None
        except ThrottledError:
            return False

    with ThreadPoolExecutor(5) as pool:
        assert sorted(pool.map(call, range(5))) == [False, False, False, True, True]
    assert call(0)


def test_a_process_that_ends_is_replaced(open_echo: Open) -> None:
    simulation = open_echo()
    first = pid(simulation)
    ended = simulation.runtime.invoke(NAME, event("exit=7"))
    assert (ended.error, ended.payload["errorType"]) == ("Unhandled", "Runtime.ExitError")
    assert "exit status 7" in ended.payload["errorMessage"]
    second = pid(simulation)
    assert second != first
    # Killed while nobody looks: the next event does not notice.
    assert simulation.runtime.kill(NAME)
    assert pid(simulation) not in {first, second}


def test_what_takes_too_long_is_ended(
    open_echo: Open, hasty: Mapping[str, FunctionSettings]
) -> None:
    simulation = open_echo(functions=hasty)
    first = pid(simulation)
    started = time.monotonic()
    late = simulation.runtime.invoke(NAME, event("sleep=30"))
    assert 1.0 <= time.monotonic() - started < 15
    assert "Task timed out after 1.00 seconds" in late.payload["errorMessage"]
    assert pid(simulation) != first


def test_an_error_has_its_type(open_echo: Open) -> None:
    failed = open_echo().runtime.invoke(NAME, event("raise=why"))
    assert (failed.error, failed.payload) == (
        "Unhandled",
        {"errorType": "RuntimeError", "errorMessage": "why"},
    )


def test_code_that_cannot_be_read_fails_each_call(open_echo: Open, echoing: Site) -> None:
    functions = {
        **echoing.functions,
        NAME: dataclasses.replace(echoing.functions[NAME], handler="handler.nothing"),
    }
    simulation = open_echo(functions=functions)
    for _ in range(2):
        failed = simulation.runtime.invoke(NAME, event())
        assert "AttributeError" in failed.payload["errorMessage"]


def test_a_function_has_its_own_variables_and_nothing_of_ours(
    open_echo: Open, echoing: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THE_TESTS", "secret")
    function = dataclasses.replace(echoing.functions[NAME], environment={"OF_THE_GRAPH": "1"})
    simulation = open_echo(functions={**echoing.functions, NAME: function})
    payload = simulation.runtime.invoke(NAME, event()).payload
    assert "OF_THE_GRAPH" in payload["body"]
    assert "OF_THE_TESTS" not in payload["body"]
    assert "PYTHONPATH" not in payload["body"]


def test_nothing_runs_after_the_simulation_stops(echoing: Site) -> None:
    with serve(echoing) as simulation:
        running = pid(simulation)
        os.kill(running, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(running, 0)


def test_a_schedule_calls_its_function(open_echo: Open) -> None:
    arn = "arn:aws:events:us-east-1:123456789012:rule/schedule-audit-relay"
    schedule = Schedule(function="audit-relay", rule_arn=arn, seconds=0.2)
    simulation = open_echo(schedules=[schedule])
    assert until(lambda: simulation.runtime.running("audit-relay") == 1)
