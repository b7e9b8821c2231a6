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
import sys
import tempfile
from pathlib import Path

import comparing
import peers
import scale
from harness import (
    HERE,
    MIB,
    ROOT,
    SPEC,
    Case,
    cases_table,
    compiled,
    measure,
    output_of,
    table,
)


def compiler_cases(compiler: Path, ruff: Path, floor: Path, work: Path) -> list[Case]:
    """Build the staging spec, beside the least that any program would do, and beside others."""
    project = work / "project"
    build: list[str | Path] = [compiler, "build", SPEC, "--out"]
    cases = scale.floor_cases(floor, build, project)
    cold = cases[2]

    def lay_out(run: int) -> list[str | Path]:
        target = work / f"format{run}"
        shutil.copytree(project, target)
        return [ruff, "format", "--quiet", "--no-cache", target]

    formatting = Case(
        name="`ruff format --no-cache` of the same tree", prepare=lay_out, beside=cold
    )
    others = peers.cases(compiler, SPEC, work)
    for other in others:
        other.beside = cold
    return [*cases, formatting, *others]


def program_cases(python: Path, project: Path) -> list[Case]:
    """Run the generated program on mocks, beside the imports that it needs."""
    script = HERE / "on_mocks.py"
    # Once before measuring, so that all byte code is there.
    modules = output_of([python, script, "modules", project]).split()

    def run_program(run: int) -> list[str | Path]:
        del run
        return [python, script, "run", project]

    def import_modules(run: int) -> list[str | Path]:
        del run
        return [python, script, "import", *modules]

    subpackages = len([name for name in modules if "." in name])
    floor = Case(
        name=f"importing the {subpackages} subpackages of `pulumi_aws` that it touches, and `pulumi_tls`",
        prepare=import_modules,
    )
    program = Case(name="the generated program on mocks", prepare=run_program, beside=floor)
    return [floor, program]


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
    return table(["", ""], [f"| {name} | {value} |" for name, value in rows])


def own_time(python: Path, project: Path) -> str:
    """Print where the time of the generated program goes, by whose code spends it."""
    printed = output_of([python, HERE / "on_mocks.py", "profile", project])
    return table(["", "share, %"], printed.splitlines())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=30, help="of each command of the compiler")
    parser.add_argument("--program-runs", type=int, default=7, help="of the generated program")
    parser.add_argument("--scale-runs", type=int, default=5, help="of each size of a spec")
    parser.add_argument(
        "--peers-at-scale", action="store_true", help="measure the peers with the largest spec too"
    )
    parser.add_argument("--compiler", type=Path, default=ROOT / "target" / "release" / "paystagec")
    parser.add_argument(
        "--python", type=Path, default=Path(sys.executable), help="with the SDKs and ruff"
    )
    arguments = parser.parse_args()
    # Not resolved: a virtual environment is known by the path of its link.
    compiler, python = arguments.compiler.absolute(), arguments.python.absolute()
    with tempfile.TemporaryDirectory(prefix="paystagec-bench-") as folder:
        work = Path(folder)
        launcher, floor = compiled("measure", work), compiled("floor", work)
        compiling = compiler_cases(compiler, python.parent / "ruff", floor, work)
        measure(launcher, compiling, arguments.runs)
        running = program_cases(python, work / "project")
        measure(launcher, running, arguments.program_runs)
        processors = (
            len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        )
        machine = f"{platform.system()} {platform.machine()}, {processors} processors"
        runs = f"{arguments.runs}, {arguments.program_runs} and {arguments.scale_runs}"
        print(f"{machine}, Python {platform.python_version()}. Runs: {runs}.\n")
        print(cases_table(compiling))
        print(cases_table(running))
        print(own_time(python, work / "project"))
        print(sizes(compiler, work / "project"))
        grown = scale.measured(compiler, launcher, floor, work, arguments.scale_runs)
        print(scale.growth_table(grown))
        print(scale.stages_table(grown))
        for cases in comparing.measured(
            compiler, launcher, work, arguments.runs, arguments.scale_runs
        ):
            print(cases_table(cases))
        if arguments.peers_at_scale:
            largest = work / f"functions{scale.FUNCTIONS[-1]}.toml"
            others = peers.cases(compiler, largest, work)
            measure(launcher, others, 1)
            print(cases_table(others))


if __name__ == "__main__":
    main()
