"""The chapter: each change is foretold, made and measured while payments go through both entry points, and in the end all are counted."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from account.living.changes import CHANGES, RATES_CODE
from account.living.environment import living
from account.living.failover import Failover
from account.living.ledger import Ledger
from account.living.pace import Pace
from account.living.traffic import (
    API,
    BALANCER,
    ENTRY_POINTS,
    RATES,
    ROUTES,
    Traffic,
    refused,
    silence,
)
from account.provider import AccountProvider
from engine.pairs import differences, done, foretold
from graph.built import compiler

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Mapping, Sequence

    from account.living.changes import Change
    from account.world import World
    from engine.stack import Run

# Of traffic before the first change, and after each one.
QUIET = 2.0
_PATIENCE = 180.0
# By the component that a resource is part of; what is in none of them is behind both.
_PARTS = {"paystage:index:Api": (API,), "paystage:index:LoadBalancer": (BALANCER,)}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One change."""

    change: str
    steps: int
    # What `compare` calls interruptions, with the entry points behind which they are.
    foretold: tuple[tuple[str, tuple[str, ...]], ...]
    # Of the `up`.
    seconds: float
    # In seconds, by entry point.
    silent: Mapping[str, float]
    refused: Mapping[str, Counter[str]]
    answered: int

    @property
    def entry_points(self) -> frozenset[str]:
        """Where an interruption is foretold."""
        return frozenset(
            entry_point for _, entry_points in self.foretold for entry_point in entry_points
        )

    def found(self) -> str:
        """Say what was measured."""
        told = [
            f"{entry_point}: {self.silent[entry_point]:.1f} s, {self.refused[entry_point].total()} requests"
            for entry_point in ENTRY_POINTS
            if self.refused[entry_point]
        ]
        return "; ".join(told) or "none"

    def said(self) -> str:
        """Say what was foretold."""
        told = [f"{when} ({', '.join(entry_points)})" for when, entry_points in self.foretold]
        return "; ".join(dict.fromkeys(told)) or "none"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The chapter as it came out."""

    rows: Sequence[Row]
    payments: int
    requests: int


def live(world: World, changes: Sequence[Change] = CHANGES) -> Outcome:
    """Make the changes one after the other, with traffic all the while, and count."""
    outputs = world.stack.outputs()
    with contextlib.ExitStack() as stack:
        environment = stack.enter_context(living(world))
        failover = Failover(world.aws, world.lambdas.server)
        stack.callback(failover.close)
        stack.enter_context(_at(Pace(), world))
        traffic = Traffic(environment)
        stack.callback(traffic.close)
        traffic.begin()
        time.sleep(QUIET)
        before = refused(traffic.attempts)
        assert not any(before.values()), f"before any change: {before}"
        rows = [_change(world, traffic, change) for change in changes]
        traffic.close()
        counted = sum(each.total() for row in rows for each in row.refused.values())
        told = refused(traffic.attempts)
        assert counted == sum(each.total() for each in told.values()), (
            f"between two changes: {told}"
        )
        payments = Ledger(world, outputs["audit_bucket"]).check(traffic.told)
    return Outcome(rows=rows, payments=payments, requests=len(traffic.attempts))


@contextlib.contextmanager
def _at(pace: Pace, world: World) -> Iterator[None]:
    providers = [
        each for each in world.engine.providers.values() if isinstance(each, AccountProvider)
    ]
    for provider in providers:
        provider.pace = pace
    yield
    for provider in providers:
        provider.pace = None


def _change(world: World, traffic: Traffic, change: Change) -> Row:
    had_rates = _has_rates(world)
    said = _edited(world, change)
    number = len(traffic.attempts)
    with traffic.also(RATES) if had_rates and _has_rates(world) else contextlib.nullcontext():
        run = world.stack.up()
        _assert_foretold(run, said)
        ended = time.monotonic()
        while not _all_answered(traffic, ended):
            assert time.monotonic() < ended + _PATIENCE, f"{change.name}: {_since(traffic, ended)}"
            time.sleep(0.1)
        time.sleep(QUIET)
    _assert_versions(traffic, change)
    attempts = traffic.attempts[number:]
    row = Row(
        change=change.name,
        steps=len(said["steps"]),
        foretold=tuple((each["when"], _entry_points(each["resource"])) for each in said["outage"]),
        seconds=run.seconds,
        silent=silence(attempts),
        refused=refused(attempts),
        answered=sum(attempt.answered for attempt in attempts),
    )
    # Functions try again until their deadline: a fail-over that is shorter may refuse nobody.
    for entry_point in ENTRY_POINTS:
        assert entry_point in row.entry_points or not row.refused[entry_point], (
            f"{change.name}: nothing was foretold at the {entry_point}, and it answered {row.refused[entry_point]}"
        )
    return row


def _edited(world: World, change: Change) -> dict[str, Any]:
    """Edit the spec, build, and return what `compare` foretells of the way from the spec before."""
    project = world.project
    with tempfile.TemporaryDirectory() as folder:
        before = (
            Path(shutil.copytree(project.spec.parent, Path(folder) / "spec")) / project.spec.name
        )
        text = project.spec.read_text()
        for old, new in change.edits:
            assert text.count(old) == 1, f"{change.name}: {old!r} is not once in {project.spec}"
            text = text.replace(old, new)
        for name, content in change.files.items():
            file = project.spec.parent / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        project.rewrite(text)
        words = ("compare", before, project.spec, "--format", "json", *project.today)
        said = subprocess.run([compiler(), *words], check=True, capture_output=True, text=True)
    found = json.loads(said.stdout)
    assert found["refusals"] == [], found["refusals"]
    return found


def _assert_foretold(run: Run, said: Mapping[str, Any]) -> None:
    differing = differences(foretold(dict(said)), done(run.changes()))
    assert differing == [], differing


def _entry_points(resource: str) -> tuple[str, ...]:
    found = [entry_points for part, entry_points in _PARTS.items() if part in resource]
    return found[0] if found else ENTRY_POINTS


def _all_answered(traffic: Traffic, since: float) -> bool:
    """Whether every client has been answered since, and none is waiting for an answer."""
    last = {(each.entry_point, each.route): each for each in traffic.attempts}
    running = {(each.entry_point, each.route) for each in traffic.attempts if each.started > since}
    return all(last[each].answered for each in running) and len(running) >= len(ROUTES)


def _since(traffic: Traffic, since: float) -> dict[str, Counter[str]]:
    return refused(each for each in traffic.attempts if each.started > since)


def _has_rates(world: World) -> bool:
    return "[functions.rates]" in world.project.spec.read_text()


def _assert_versions(traffic: Traffic, change: Change) -> None:
    """See that the team's own function answers with the code that was deployed, and never with older code again."""
    said = [json.loads(body)["version"] for body in traffic.rates]
    assert said == sorted(said), f"{change.name}: an older version answered after a newer one"
    if said and change.files:
        (wanted,) = re.findall(r'"version": (\d)', change.files[RATES_CODE])
        assert said[-1] == int(wanted), f"{change.name}: version {said[-1]} answers"
