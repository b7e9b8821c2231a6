"""Builds of larger and larger specs: time, memory, the split by stage, and how both grow."""

from __future__ import annotations

import math
import shutil
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness import SPEC, Case, measure, milliseconds, output_of, table, timings
from specs import spec

if TYPE_CHECKING:
    from pathlib import Path

FUNCTIONS = [3, 30, 300, 3000]
# At most, with 3,000 functions.
TARGET_MS = 1000
TARGET_MIB = 300


@dataclass(kw_only=True)
class Size:
    """A spec with so many functions, and what was measured of it."""

    functions: int
    files: int
    cases: list[Case]
    stages: dict[str, float]


def measured(compiler: Path, launcher: Path, floor: Path, work: Path, runs: int) -> list[Size]:
    """Measure a build of each size, into a new folder and with nothing to write."""
    for named in ("schemas", "certificates"):
        shutil.copytree(SPEC.parent / named, work / named, dirs_exist_ok=True)
    return [_size(compiler, launcher, floor, work, runs, count) for count in FUNCTIONS]


def _size(
    compiler: Path, launcher: Path, floor: Path, work: Path, runs: int, functions: int
) -> Size:
    source = work / f"functions{functions}.toml"
    source.write_text(spec(SPEC, functions))
    build: list[str | Path] = [compiler, "build", source, "--out"]
    folder = work / f"functions{functions}"
    stages = [timings([*build, f"{folder}-timed{run}"]) for run in range(runs)]
    cases = floor_cases(floor, build, folder)
    measure(launcher, cases, runs)
    return Size(
        functions=functions,
        files=sum(1 for path in folder.rglob("*") if path.is_file()),
        cases=cases,
        stages={stage: statistics.median(times[stage] for times in stages) for stage in stages[0]},
    )


def floor_cases(floor: Path, build: list[str | Path], folder: Path) -> list[Case]:
    """Give builds beside the least that writes or reads the same files."""
    pack = folder.with_suffix(".pack")
    output_of([*build, folder])
    output_of([floor, "pack", folder, pack])
    write = Case(
        name="writing the files",
        prepare=lambda run: [floor, "write", pack, f"{folder}-write{run}"],
    )
    replace = Case(
        name="writing each under another name and renaming it",
        prepare=lambda run: [floor, "replace", pack, f"{folder}-replace{run}"],
        beside=write,
    )
    cold = Case(
        name="`build` into a new folder",
        prepare=lambda run: [*build, f"{folder}-cold{run}"],
        beside=write,
        target=3,
    )
    read = Case(name="reading the files", prepare=lambda _: [floor, "read", folder])
    again = Case(
        name="`build`, nothing to write",
        prepare=lambda _: [*build, folder],
        beside=read,
        target=2,
    )
    return [write, replace, cold, read, again]


def growth_table(sizes: list[Size]) -> str:
    """Print a row a size, and by which power of the number of functions time grows at the end."""
    rows = []
    for size in sizes:
        write, _, cold, read, again = size.cases
        rows.append(
            f"| {size.functions:,} | {size.files:,} | {milliseconds(write.median)} "
            f"| {milliseconds(cold.median)} | {cold.times:.2f} | {cold.peak_mib:.1f} "
            f"| {milliseconds(read.median)} | {milliseconds(again.median)} | {again.times:.2f} "
            f"| {again.peak_mib:.1f} |"
        )
    before, last = (size.cases for size in sizes[-2:])
    powers = [f"{_power(sizes, a.median, b.median):.2f}" for a, b in zip(before, last, strict=True)]
    rows.append(f"| power | | {powers[0]} | {powers[2]} | | | {powers[3]} | {powers[4]} | | |")
    rows.append(f"| target at {FUNCTIONS[-1]:,} | | | {TARGET_MS} | | {TARGET_MIB} | | | | |")
    head = [
        "functions, routes",
        "files",
        "writing, ms",
        "cold, ms",
        "times writing",
        "peak MiB",
        "reading, ms",
        "no change, ms",
        "times reading",
        "peak MiB",
    ]
    return table(head, rows)


def stages_table(sizes: list[Size]) -> str:
    """Print the milliseconds of each stage of a cold build, a column a size."""
    head = ["stage, ms", *(f"{size.functions:,}" for size in sizes), "power"]
    rows = []
    for stage in sizes[0].stages:
        times = [size.stages[stage] for size in sizes]
        power = _power(sizes, times[-2], times[-1])
        cells = [milliseconds(time / 1000) for time in times]
        rows.append(f"| {stage} | {' | '.join(cells)} | {power:.2f} |")
    return table(head, rows)


def _power(sizes: list[Size], before: float, last: float) -> float:
    """Give the exponent of growth between the two largest sizes: 1 is linear."""
    larger = sizes[-1].functions / sizes[-2].functions
    return math.log(last / before) / math.log(larger)
