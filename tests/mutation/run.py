"""Runs every requirement test of a generated project on thousands of mutated recordings.

``python -m mutation.run [generated] [--update]`` records the program once, changes one thing at a time, and asks
whether some test notices. It fails when fewer than 90 % are noticed, when a survivor is not explained in
``survivors.toml``, or when an explanation explains nothing. ``--update`` writes the score into ``README.md``.
``--more`` builds a larger spec, and changes what only that has; its survivors are those of ``survivors-more.toml``.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, cast

from graph import variants

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.unit.resources import Recording

    from mutation.operators import Mutation

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LARGER = "with-more"
# Components of the larger spec that the team's has not.
ONLY_MORE = (
    *("certificates", "domain"),
    *("secrets", "secret-alarms", "queues", "queue-alarms", "topics", "topic-alarms"),
    *("functions/settle", "backups", "backup-alarms"),
)
NEEDED_SCORE = 0.90
STRIDE = 31
BEGIN, END = "<!-- score: begin -->", "<!-- score: end -->"
# Compares whole runs with each other, so that it would notice any mutation without knowing why.
LEFT_OUT = {"test_program"}


@dataclass(frozen=True, kw_only=True)
class Test:
    """A requirement test: it takes the recording and nothing else."""

    name: str
    run: Callable[[Recording], None]


@dataclass
class Score:
    """What came of the mutations."""

    caught: Counter[str] = field(default_factory=Counter[str])
    total: Counter[str] = field(default_factory=Counter[str])
    # How they were noticed: by an assertion, or because a test could not go on.
    ways: Counter[str] = field(default_factory=Counter[str])
    survivors: list[Mutation] = field(default_factory=list["Mutation"])
    # Tests that no mutation and no addition has made fail yet.
    idle: list[Test] = field(default_factory=list[Test])
    added: int = 0
    unnoticed_additions: list[str] = field(default_factory=list[str])

    @property
    def share(self) -> float:
        """Give the share that was noticed."""
        return self.caught.total() / self.total.total()


@dataclass(frozen=True, kw_only=True)
class Survivor:
    """Mutations that may go unnoticed, and why."""

    match: str
    reason: str


def requirement_tests(project: Path) -> list[Test]:
    """Collect the test functions whose only argument is the recording."""
    found: list[Test] = []
    for path in sorted((project / "tests" / "unit").glob("test_*.py")):
        if path.stem in LEFT_OUT:
            continue
        module = importlib.import_module(f"tests.unit.{path.stem}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            own = function.__module__ == module.__name__
            if (
                own
                and name.startswith("test_")
                and list(inspect.signature(function).parameters) == ["recording"]
            ):
                run = cast("Callable[[Recording], None]", function)
                found.append(Test(name=f"{path.stem}.{name}", run=run))
    return found


def notice(recording: Recording, tests: list[Test]) -> tuple[Test, str] | None:
    """Give the first test that fails on the recording, and how."""
    for test in tests:
        try:
            test.run(recording)
        except AssertionError:
            return test, "assertion"
        except Exception:  # noqa: BLE001 - whatever a test meets in a broken recording, it has noticed
            return test, "error"
    return None


def larger(folder: Path) -> Path:
    """Build the larger spec, which has what the team's does without, and give its project."""
    spec = variants.write(LARGER, ROOT / "spec" / "staging.toml", folder / "spec")
    project = folder / "generated"
    compiler = ROOT / "target" / "debug" / "paystagec"
    command = [compiler, "build", spec, "--out", project]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our compiler, with paths of ours
    return project


def score(recording: Recording, tests: list[Test], only: Sequence[str] = ("*",)) -> Score:
    """Run the tests on every mutation in these components, those first that noticed one of the same type before."""
    from mutation.additions import additions  # noqa: PLC0415 - needs the project on the path
    from mutation.operators import mutations  # noqa: PLC0415 - needs the project on the path

    result = Score(idle=tests)
    for name, broken in additions(recording):
        result.added += 1
        if notice(broken, tests) is None:
            result.unnoticed_additions.append(name)
        result.idle = [test for test in result.idle if notice(broken, [test]) is None]
    ranking: dict[str, Counter[str]] = {}
    every = [
        mutation
        for mutation in mutations(recording)
        if any(fnmatchcase(mutation.resource.component, pattern) for pattern in only)
    ]
    # In strides, so that all types of resources come early and few tests stay idle for long.
    for mutation in (item for start in range(STRIDE) for item in every[start::STRIDE]):
        token = mutation.resource.token
        ranks = ranking.setdefault(token, Counter())
        ordered = sorted(tests, key=lambda test: -ranks[test.name])
        layer = mutation.resource.component.split("/")[0]
        result.total[layer] += 1
        mutated = mutation.apply(recording)
        noticed = notice(mutated, ordered)
        if noticed is None:
            result.survivors.append(mutation)
            continue
        test, way = noticed
        ranks[test.name] += 1
        result.caught[layer] += 1
        result.ways[way] += 1
        result.idle = [one for one in result.idle if notice(mutated, [one]) is None]
    return result


def explained(result: Score, allowed: list[Survivor]) -> tuple[Counter[str], list[Mutation]]:
    """Count the survivors under each explanation, and give those without one."""
    counts: Counter[str] = Counter()
    rest: list[Mutation] = []
    for mutation in result.survivors:
        match = next((item for item in allowed if fnmatchcase(str(mutation), item.match)), None)
        if match is None:
            rest.append(mutation)
        else:
            counts[match.match] += 1
    return counts, rest


def table(result: Score, allowed: list[Survivor], counts: Counter[str], tests: int) -> str:
    """Give the score as Markdown."""
    headline = (
        f"**{result.caught.total()} of {result.total.total()} mutations are noticed: {result.share:.1%}**, "
        f"{result.ways['assertion']} by an assertion and {result.ways['error']} because a test found nothing to go on "
        f"with. All {result.added} additions are noticed. {tests} tests took part, and each noticed something."
    )
    lines = [
        headline,
        "",
        "| layer | mutations | noticed | share |",
        "| --- | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {layer} | {total} | {result.caught[layer]} | {result.caught[layer] / total:.1%} |"
        for layer, total in sorted(result.total.items())
    ]
    lines += ["", "| survivors | number | reason |", "| --- | ---: | --- |"]
    lines += [f"| `{item.match}` | {counts[item.match]} | {item.reason} |" for item in allowed]
    return "\n".join(lines)


def read_survivors(name: str) -> list[Survivor]:
    """Read the explanations."""
    raw = tomllib.loads((HERE / name).read_text("utf-8"))
    rows = cast("list[dict[str, str]]", raw["survivor"])
    return [Survivor(match=row["match"], reason=row["reason"]) for row in rows]


def faults(
    result: Score, counts: Counter[str], rest: list[Mutation], allowed: list[Survivor]
) -> list[str]:
    """Give what keeps the run from being good."""
    found = [f"survivor without a reason: {mutation}" for mutation in rest]
    found += [f"explains no survivor: {item.match}" for item in allowed if not counts[item.match]]
    found += [f"nobody notices {name}" for name in result.unnoticed_additions]
    found += [f"notices nothing: {test.name}" for test in result.idle]
    if result.share < NEEDED_SCORE:
        found.append(f"score {result.share:.1%} is below {NEEDED_SCORE:.0%}")
    return found


def update_readme(text: str, *, write: bool) -> None:
    """Put the score into README.md, or say that it tells another one."""
    readme = HERE / "README.md"
    head, _, tail = readme.read_text("utf-8").partition(BEGIN)
    current = f"{head}{BEGIN}\n{text}\n{END}{tail.partition(END)[2]}"
    if write:
        readme.write_text(current, "utf-8")
    elif current != readme.read_text("utf-8"):
        sys.stdout.write(
            "note: tests/mutation/README.md tells another score: make mutation-score\n"
        )


def run(project: Path, *, more: bool, update: bool) -> int:
    """Record, mutate, test, report."""
    sys.path.insert(0, str(project))
    os.chdir(project)
    begin = time.monotonic()
    from tests.unit.recording import record  # noqa: PLC0415 - the project has just come onto the path

    recording = record()
    tests = requirement_tests(project)
    if failing := notice(recording, tests):
        sys.stderr.write(f"{failing[0].name} fails without any mutation\n")
        return 1
    result = score(recording, tests, ONLY_MORE if more else ("*",))
    allowed = read_survivors("survivors-more.toml" if more else "survivors.toml")
    if more:
        # The others have their turn with the team's spec.
        own = {path.stem for path in (ROOT / "generated" / "tests" / "unit").glob("test_*.py")}
        result.idle = [test for test in result.idle if test.name.split(".")[0] not in own]
    counts, rest = explained(result, allowed)
    text = table(result, allowed, counts, len(tests))
    sys.stdout.write(f"{text}\n\n{time.monotonic() - begin:.0f} s\n")
    problems = faults(result, counts, rest, allowed)
    if not more:
        update_readme(text, write=update)
    sys.stderr.write("".join(f"error: {problem}\n" for problem in problems))
    return 1 if problems else 0


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", nargs="?", type=Path, default=ROOT / "generated")
    parser.add_argument("--more", action="store_true", help="of a larger spec, what only that has")
    parser.add_argument("--update", action="store_true", help="write the score into README.md")
    options = parser.parse_args()
    if options.more:
        with tempfile.TemporaryDirectory() as folder:
            return run(larger(Path(folder)), more=True, update=False)
    return run(options.project.resolve(), more=False, update=options.update)


if __name__ == "__main__":
    sys.exit(main())
