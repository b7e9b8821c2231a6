"""What `paystagec compare` says that AWS will refuse is refused, nothing else is, and the ways that it names work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from pulumi.automation.errors import CommandError

from cloud import tokens as t
from cloud.rules.database import ZONES
from engine.pairs import Version, copied
from engine.project import SPEC, build_compiler
from engine.stack import engine
from engine.upgrade.registered import end_of
from engine.ways import way

if TYPE_CHECKING:
    from pathlib import Path

    from engine.stack import Engine, Stack

TODAY = "2026-12-01"
COMMITTED = SPEC / "staging.toml"

Edits = tuple[tuple[str, str], ...]
VALIDATE = '[load_balancer.routes."/payments/validate"]\n'
HEALTH = '[load_balancer.routes."/health"]\n'
# What the committed spec is edited into, and what that is edited into. None depends on which of two steps the engine happens to take
# first. What is not refused, `test_compare.py` and `test_changes.py` have.
CASES: dict[str, tuple[Edits, Edits]] = {
    "priorities are exchanged": (
        ((VALIDATE, f"{VALIDATE}priority = 20\n"), (HEALTH, f"{HEALTH}priority = 10\n")),
        (
            ("priority = 20\n", "priority = 1\n"),
            ("priority = 10\n", "priority = 20\n"),
            ("priority = 1\n", "priority = 10\n"),
        ),
    ),
    "a zone is exchanged": ((), (("use1-az4", "use1-az5"),)),
    "another network": ((), (('cidr = "10.40.0.0/16"', 'cidr = "10.50.0.0/16"'),)),
    "storage shrinks": (
        (("storage_gib = 20", "storage_gib = 40"),),
        (("storage_gib = 40", "storage_gib = 20"),),
    ),
}
# Those whose way leads to the new spec.
WITH_WAY = [name for name in CASES if name not in ("another network", "storage shrinks")]


@dataclass(frozen=True, order=True)
class Refusal:
    """What is refused of which resource."""

    op: str
    resource: str
    error: str


@pytest.fixture(scope="module", autouse=True)
def _compiler() -> None:
    build_compiler()


def changed(text: str, edits: Edits) -> str:
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    return text


@dataclass(frozen=True)
class Pair:
    """Two versions, and the text of the first."""

    before: Version
    after: Version
    text: str
    comparison: dict[str, Any]


def pair_of(case: str, folder: Path) -> Pair:
    before, after = CASES[case]
    text = changed(COMMITTED.read_text(), before)
    old = Version(copied(COMMITTED, folder / "before", text), TODAY)
    new = Version(copied(COMMITTED, folder / "after", changed(text, after)), TODAY)
    return Pair(old, new, text, old.compared(new))


def foretold(pair: Pair) -> set[Refusal]:
    return {
        Refusal(each["op"], each["resource"], each["error"] or "")
        for each in pair.comparison["refusals"]
    }


def refused(running: Engine) -> set[Refusal]:
    found = running.providers["aws"].refused
    said = {Refusal(each.operation, end_of(each.urn), each.error) for each in found}
    found.clear()
    return said


def stack_of(running: Engine, version: Version) -> Stack:
    return running.stack(version.project, version.stack)


@pytest.mark.parametrize("case", CASES)
def test_what_is_foretold_is_refused_and_its_way_works(case: str, tmp_path: Path) -> None:
    """The engine stops at its first refusal; each that it meets was foretold."""
    pair = pair_of(case, tmp_path)
    said = foretold(pair)
    with engine(tmp_path / "home") as running:
        stack_of(running, pair.before).up()
        new = stack_of(running, pair.after)
        assert said
        with pytest.raises(CommandError):
            new.up()
        met = refused(running)
        assert met
        assert met <= said
        if case in WITH_WAY:
            follow(running, pair, tmp_path)
            new.up()
            assert refused(running) == set()
            assert not new.preview().changes()


def follow(running: Engine, pair: Pair, folder: Path) -> None:
    """What the ways say to do before the new spec is deployed."""
    for text in dict.fromkeys(each["way"] for each in pair.comparison["refusals"]):
        if text.startswith("Move the database out of use1-az4 first."):
            # What `--force-failover` and `--no-multi-az` do.
            (instance,) = running.cloud.all(t.DATABASE)
            instance.memory[ZONES] = {"use1-az1"}
            continue
        step = way(text, pair.text)
        if step.target is not None:
            stack_of(running, pair.before).destroy(step.target)
        if step.build is not None:
            between = copied(
                COMMITTED, folder / f"between-{len(list(folder.iterdir()))}", step.build
            )
            stack_of(running, Version(between, TODAY)).up()
