"""Whatever a valid spec says, AWS's own models take it: every literal of random specs, with the shortest and the longest suffix.

The specs are those of ``properties/write.rs``, each from a seed. ``MODEL_SEEDS="0-299"`` takes others: ``make models``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from graph.built import ROOT, compiler
from models import properties
from models.calls import LOOKS_BACK, UNCALLED, Judged, Silent, judged

if TYPE_CHECKING:
    from pathlib import Path

TODAY = ("--today", "2026-11-01")
SHORTEST = "a"
"""A suffix has one character at the least."""


def seeds() -> list[str]:
    """Give the seeds that are asked for: ``3 17``, or ``0-299``."""
    wanted = os.environ.get("MODEL_SEEDS", "0-11").split()
    ranges = (part.partition("-") for part in wanted)
    return [str(seed) for low, _, high in ranges for seed in range(int(low), int(high or low) + 1)]


@dataclass(frozen=True)
class Spec:
    """A spec with the graph that it becomes."""

    name: str
    settings: dict[str, Any]
    plan: dict[str, Any]


def planned(path: Path, name: str) -> Spec:
    """Compile a spec."""
    command = (compiler(), "plan", "--json", path, *TODAY)
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603 - our own
    assert done.returncode == 0, f"{name}: {done.stderr}"
    spec = tomllib.loads(path.read_text("utf-8"))
    settings = {**spec["environment"], "tags": spec.get("tags", {})}
    return Spec(name, settings, json.loads(done.stdout))


@pytest.fixture(scope="module")
def specs(tmp_path_factory: pytest.TempPathFactory) -> list[Spec]:
    """The committed spec and the random ones."""
    folder = tmp_path_factory.mktemp("specs")
    write = compiler().parent / "examples" / "write-specs"
    subprocess.run([write, folder, *seeds()], check=True)  # noqa: S603 - our own
    paths = [(folder / seed / "spec" / "spec.toml", f"seed {seed}") for seed in seeds()]
    paths.append((ROOT / "spec" / "staging.toml", "staging"))
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda one: planned(*one), paths))


@pytest.fixture(scope="module")
def all_judged(specs: list[Spec]) -> dict[str, Judged]:
    """What the models say of each graph, with both suffixes."""
    aws = Silent()
    found = {}
    for spec in specs:
        for suffix in (SHORTEST, "x" * spec.plan["longest_suffix"]):
            judgement = judged(aws, spec.plan, spec.settings, suffix, ROOT / "generated")
            found[f"{spec.name}, suffix {suffix}"] = judgement
    return found


def test_botocore_takes_every_call(all_judged: dict[str, Judged]) -> None:
    """Required members, lengths, ranges, patterns, enumerations and 32 bits of every call that makes the stack."""
    faults = [f"{name}: {fault}" for name, found in all_judged.items() for fault in found.faults]
    assert not faults, "\n".join(faults[:40])
    calls = sum(found.calls for found in all_judged.values())
    literals = sum(found.literals for found in all_judged.values())
    sys.stdout.write(f"{len(all_judged)} graphs, {calls} calls, {literals} literals\n")
    assert calls > 300 * len(all_judged) // 2


def test_every_kind_is_called(all_judged: dict[str, Judged]) -> None:
    """No kind slips past the models: each makes its calls to the end, or is listed with the call that would make it."""
    silent = set().union(*(found.silent for found in all_judged.values()))
    ended = {token: why for found in all_judged.values() for token, why in found.ended.items()}
    assert silent == set(UNCALLED), sorted(silent ^ set(UNCALLED))
    assert ended.keys() == LOOKS_BACK.keys(), json.dumps(ended, indent=1)


def test_cloud_formation_takes_every_property(specs: list[Spec]) -> None:
    """Enumerations, patterns, lengths and ranges of the schemas that cfn-lint carries, for what is a literal."""
    found = {spec.name: properties.faults(spec.plan) for spec in specs}
    faults = [f"{name}: {fault}" for name, (said, _) in found.items() for fault in said]
    assert not faults, "\n".join(faults[:40])
    held = sum(count for _, count in found.values())
    sys.stdout.write(f"{held} literals held against CloudFormation's schemas\n")
    assert held > 100 * len(specs)
