"""Lambda on this machine: processes that are reused, limited, and replaced when they end."""

from __future__ import annotations

import dataclasses
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from front.routes import Schedule
from front.runtime import ThrottledError
from front.site import serve
from front.test_doors import until

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from front.site import Doors, FunctionSettings, Site

    Open = Callable[..., Doors]

NAME = "health"


def event(do: str = "") -> dict[str, Any]:
    return {"headers": {"X-Do": do}, "requestContext": {}}


def pid(doors: Doors, do: str = "") -> int:
    return json.loads(doors.runtime.invoke(NAME, event(do)).payload["body"])["pid"]


def test_a_process_is_kept_for_the_next_event(open_echo: Open) -> None:
    doors = open_echo()
    assert pid(doors) == pid(doors)
    assert doors.runtime.running(NAME) == 1


def test_events_at_once_have_processes_of_their_own(open_echo: Open) -> None:
    doors = open_echo(processes=2)
    with ThreadPoolExecutor(6) as pool:
        pids = list(pool.map(lambda _: pid(doors), range(12)))
        started = time.monotonic()
        list(pool.map(lambda _: doors.runtime.invoke(NAME, event("sleep=0.3")), range(4)))
    assert len(set(pids)) <= 2
    # Two at a time: the others wait.
    assert time.monotonic() - started >= 0.6
    assert doors.runtime.running(NAME) == 2


def test_a_reserved_concurrency_refuses(open_echo: Open, echoing: Site) -> None:
    functions = {
        **echoing.functions,
        NAME: dataclasses.replace(echoing.functions[NAME], concurrency=2),
    }
    doors = open_echo(functions=functions)

    def call(_: int) -> bool:
        try:
            return doors.runtime.invoke(NAME, event("sleep=1")).error is None
        except ThrottledError:
            return False

    with ThreadPoolExecutor(5) as pool:
        assert sorted(pool.map(call, range(5))) == [False, False, False, True, True]
    assert call(0)


def test_a_process_that_ends_is_replaced(open_echo: Open) -> None:
    doors = open_echo()
    first = pid(doors)
    ended = doors.runtime.invoke(NAME, event("exit=7"))
    assert (ended.error, ended.payload["errorType"]) == ("Unhandled", "Runtime.ExitError")
    assert "exit status 7" in ended.payload["errorMessage"]
    second = pid(doors)
    assert second != first
    # Killed while nobody looks: the next event does not notice.
    assert doors.runtime.kill(NAME)
    assert pid(doors) not in {first, second}


def test_what_takes_too_long_is_ended(
    open_echo: Open, hasty: Mapping[str, FunctionSettings]
) -> None:
    doors = open_echo(functions=hasty)
    first = pid(doors)
    started = time.monotonic()
    late = doors.runtime.invoke(NAME, event("sleep=30"))
    assert 1.0 <= time.monotonic() - started < 15
    assert "Task timed out after 1.00 seconds" in late.payload["errorMessage"]
    assert pid(doors) != first


def test_an_error_tells_its_kind(open_echo: Open) -> None:
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
    doors = open_echo(functions=functions)
    for _ in range(2):
        failed = doors.runtime.invoke(NAME, event())
        assert "AttributeError" in failed.payload["errorMessage"]


def test_a_function_has_its_own_variables_and_nothing_of_ours(
    open_echo: Open, echoing: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THE_TESTS", "secret")
    function = dataclasses.replace(echoing.functions[NAME], environment={"OF_THE_GRAPH": "1"})
    doors = open_echo(functions={**echoing.functions, NAME: function})
    payload = doors.runtime.invoke(NAME, event()).payload
    assert "OF_THE_GRAPH" in payload["body"]
    assert "OF_THE_TESTS" not in payload["body"]
    assert "PYTHONPATH" not in payload["body"]


def test_nothing_runs_when_the_doors_are_closed(echoing: Site) -> None:
    with serve(echoing) as doors:
        running = pid(doors)
        os.kill(running, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(running, 0)


def test_a_schedule_calls_its_function(open_echo: Open) -> None:
    arn = "arn:aws:events:us-east-1:123456789012:rule/schedule-audit-relay"
    schedule = Schedule(function="audit-relay", rule_arn=arn, seconds=0.2)
    doors = open_echo(schedules=[schedule])
    assert until(lambda: doors.runtime.running("audit-relay") == 1)
