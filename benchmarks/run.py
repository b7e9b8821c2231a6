"""Measures the compiler and the program that it generates, each beside its floor.

Prints Markdown tables. Commands of one group run in turn, so that whatever else the machine does
meets all of them. ``make bench`` calls this after a release build.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
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
    prepare: Callable[[int], list[str]]
    seconds: list[float] = field(default_factory=list)
    peak_kib: list[int] = field(default_factory=list)

    def row(self, base: Case) -> str:
        """Print the figures as a row: median, middle half, times the base, peak memory."""
        median = statistics.median(self.seconds)
        low, _, high = statistics.quantiles(self.seconds, n=4)
        times = median / statistics.median(base.seconds)
        peak = statistics.median(self.peak_kib) / MIB
        spread = f"{milliseconds(low)} to {milliseconds(high)}"
        return f"| {self.name} | {milliseconds(median)} | {spread} | {times:.2f} | {peak:.1f} |"


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


def measure(launcher: Path, cases: list[Case], runs: int) -> None:
    """Run all cases in turn, once to warm the disk's cache and then as often as asked."""
    for run in range(-1, runs):
        for case in cases:
            seconds, peak = output_of([launcher, *case.prepare(run)]).split()
            if run >= 0:
                case.seconds.append(float(seconds))
                case.peak_kib.append(int(peak))


def compiler_cases(compiler: Path, ruff: Path, work: Path) -> list[Case]:
    """Build the staging spec, beside copying and formatting the same files."""
    project = work / "project"
    output_of([compiler, "build", SPEC, "--out", project])

    def build(run: int) -> list[str]:
        return [str(compiler), "build", str(SPEC), "--out", str(work / f"build{run}")]

    def copy(run: int) -> list[str]:
        return ["cp", "-R", str(project), str(work / f"copy{run}")]

    def again(run: int) -> list[str]:
        del run
        return [str(compiler), "build", str(SPEC), "--out", str(project)]

    def lay_out(run: int) -> list[str]:
        target = work / f"format{run}"
        shutil.copytree(project, target)
        return [str(ruff), "format", "--quiet", "--no-cache", str(target)]

    return [
        Case(name="plain copying of the same files (`cp -R`)", prepare=copy),
        Case(name="`paystagec build`, cold: into a new folder", prepare=build),
        Case(name="`paystagec build` again: nothing to write", prepare=again),
        Case(name="`ruff format --no-cache` of the same tree", prepare=lay_out),
    ]


def program_cases(python: Path, project: Path) -> list[Case]:
    """Run the generated program on mocks, beside the imports that it needs."""
    script = HERE / "on_mocks.py"
    # Once before measuring, so that all byte code is there.
    modules = output_of([python, script, "modules", project]).split()

    def run_program(run: int) -> list[str]:
        del run
        return [str(python), str(script), "run", str(project)]

    def import_modules(run: int) -> list[str]:
        del run
        return [str(python), str(script), "import", *modules]

    subpackages = len([name for name in modules if "." in name])
    floor = (
        f"import of the {subpackages} subpackages of `pulumi_aws` that it touches, and `pulumi_tls`"
    )
    return [
        Case(name=floor, prepare=import_modules),
        Case(name="the generated program on mocks", prepare=run_program),
    ]


def table(cases: list[Case]) -> str:
    """Print cases below each other; the first is what the others are compared with."""
    head = "| | median ms | middle half, ms | times the first | peak MiB |\n|---|---|---|---|---|\n"
    return head + "\n".join(case.row(cases[0]) for case in cases) + "\n"


def lines(paths: list[Path]) -> int:
    """Count the lines of files."""
    return sum(path.read_bytes().count(b"\n") for path in paths)


def sizes(compiler: Path, project: Path) -> str:
    """Print what goes in and comes out, and what the compiler is made of."""
    graph = json.loads(output_of([compiler, "plan", SPEC, "--json"]))
    files = [
        path for path in project.rglob("*") if path.is_file() and path.name != ".paystagec.manifest"
    ]
    python = [path for path in files if path.suffix == ".py"]
    tests = [path for path in python if "tests" in path.relative_to(project).parts]
    crates = set(
        output_of(
            ["cargo", "tree", "--edges", "normal", "--prefix", "none", "--format", "{p}"]
        ).splitlines()
    )
    crates = {crate.removesuffix(" (*)") for crate in crates if crate}
    rows = [
        ("lines of the spec", lines([SPEC])),
        ("generated files", len(files)),
        ("generated lines", lines(files)),
        ("of these, Python without tests", lines(python) - lines(tests)),
        ("of these, Python tests", lines(tests)),
        ("resources", len(graph["resources"])),
        ("size of the binary, MiB", f"{compiler.stat().st_size / MIB / MIB:.1f}"),
        ("crates in the binary, its own among them", len(crates)),
    ]
    return "| | |\n|---|---|\n" + "\n".join(f"| {name} | {value} |" for name, value in rows) + "\n"


def stages(compiler: Path, work: Path) -> str:
    """Print how one cold build splits into stages."""
    printed = output_of([compiler, "build", SPEC, "--timings", "--out", work / "timings"])
    rows = [line.rsplit(maxsplit=2) for line in printed.splitlines() if line.endswith(" ms")]
    return (
        "| stage | ms |\n|---|---|\n" + "\n".join(f"| {row[0]} | {row[1]} |" for row in rows) + "\n"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=30, help="of each command of the compiler")
    parser.add_argument("--program-runs", type=int, default=7, help="of the generated program")
    parser.add_argument("--compiler", type=Path, default=ROOT / "target" / "release" / "paystagec")
    parser.add_argument(
        "--python", type=Path, default=Path(sys.executable), help="with the SDKs and ruff"
    )
    arguments = parser.parse_args()
    # Not resolved: a virtual environment is known by the path of its link.
    compiler, python = arguments.compiler.absolute(), arguments.python.absolute()
    with tempfile.TemporaryDirectory(prefix="paystagec-bench-") as folder:
        work = Path(folder)
        launcher = work / "measure"
        output_of(["rustc", "--edition", "2024", "-O", "-o", launcher, HERE / "measure.rs"])
        compiling = compiler_cases(compiler, python.parent / "ruff", work)
        measure(launcher, compiling, arguments.runs)
        running = program_cases(python, work / "project")
        measure(launcher, running, arguments.program_runs)
        processors = (
            len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        )
        machine = f"{platform.system()} {platform.machine()}, {processors} processors"
        runs = f"Runs: {arguments.runs} and {arguments.program_runs}."
        print(f"{machine}, Python {platform.python_version()}. {runs}\n")
        print(table(compiling))
        print(table(running))
        print(stages(compiler, work))
        print(sizes(compiler, work / "project"))


if __name__ == "__main__":
    main()
