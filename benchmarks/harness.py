"""Measures commands in turn, and prints what was measured as Markdown."""

from __future__ import annotations

import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "benchmarks"
SPEC = ROOT / "spec" / "staging.toml"
MIB = 1024


@dataclass(kw_only=True)
class Case:
    """A command that is measured: its name, and how to prepare a run of it."""

    name: str
    prepare: Callable[[int], list[str | Path]]
    # The case that it is compared with, and how many times that it may take, if anybody said so.
    beside: Case | None = None
    target: float | None = None
    seconds: list[float] = field(default_factory=list)
    peak_kib: list[int] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Seconds of the run in the middle."""
        return statistics.median(self.seconds)

    @property
    def peak_mib(self) -> float:
        """Peak memory of the run in the middle."""
        return statistics.median(self.peak_kib) / MIB

    @property
    def times(self) -> float:
        """Print how many times as long as the case beside it a run takes."""
        return self.median / self.beside.median if self.beside else 1.0

    def row(self) -> str:
        """Print the figures as a row: median, middle half, times the case beside it, peak."""
        low, high = self.seconds[0], self.seconds[0]
        if len(self.seconds) > 1:
            low, _, high = statistics.quantiles(self.seconds, n=4)
        spread = f"{milliseconds(low)} to {milliseconds(high)}"
        times = f"{self.times:.2f} × {self.beside.name}" if self.beside else ""
        target = f"{self.target:g} ×" if self.target else ""
        return (
            f"| {self.name} | {milliseconds(self.median)} | {spread} | {times} | {target} "
            f"| {self.peak_mib:.1f} |"
        )


def milliseconds(seconds: float) -> str:
    """Print a time with three digits that mean something."""
    value = seconds * 1000
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def output_of(command: list[str | Path]) -> str:
    """Run a command and return what it prints; what it complains about shows only if it fails."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stderr}")
    return done.stdout


def compiled(name: str, work: Path) -> Path:
    """Compile a Rust program of this folder."""
    target = work / name
    output_of(["rustc", "--edition", "2024", "-O", "-o", target, HERE / f"{name}.rs"])
    return target


def measure(launcher: Path, cases: list[Case], runs: int) -> None:
    """Run all cases in turn, once to warm the disk's cache and then as often as asked."""
    for run in range(-1, runs):
        for case in cases:
            seconds, peak = output_of([launcher, *case.prepare(run)]).split()
            if run >= 0:
                case.seconds.append(float(seconds))
                case.peak_kib.append(int(peak))


def table(head: list[str], rows: list[str]) -> str:
    """Print rows below their head."""
    return "\n".join([f"| {' | '.join(head)} |", "|---" * len(head) + "|", *rows]) + "\n"


def cases_table(cases: list[Case]) -> str:
    """Print cases below each other."""
    head = ["", "median ms", "middle half, ms", "beside", "target", "peak MiB"]
    return table(head, [case.row() for case in cases])


def timings(command: list[str | Path]) -> dict[str, float]:
    """Run a build with `--timings` and return the milliseconds of each stage."""
    printed = output_of([*command, "--timings"])
    rows = [line.rsplit(maxsplit=2) for line in printed.splitlines() if line.endswith(" ms")]
    return {stage: float(time) for stage, time, _ in rows}
