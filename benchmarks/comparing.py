"""`paystagec compare` beside a build of the same spec: after one edit, and after one that changes nearly every resource.

`make bench` prints it last; alone: ``.venv/bin/python benchmarks/comparing.py``, after ``make build``.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from harness import ROOT, SPEC, Case, cases_table, compiled, measure, output_of
from specs import spec

LARGE = 3_000
# Times a build into a new folder.
TARGET = 2
EDITS = {
    "storage_gib": ("storage_gib = 20", "storage_gib = 40"),
    "owner, a tag of everything": ('owner = "payments-platform"', 'owner = "payments-core"'),
}


def measured(
    compiler: Path, launcher: Path, work: Path, runs: int, large_runs: int
) -> tuple[list[Case], list[Case]]:
    """Measure both sizes: the staging spec, and the one with thousands of functions."""
    small = _cases(compiler, work / "compared", SPEC.read_text(), "the staging spec")
    large = _cases(compiler, work / "compared-large", spec(SPEC, LARGE), f"{LARGE:,} functions")
    measure(launcher, small, runs)
    measure(launcher, large, large_runs)
    return small, large


def _cases(compiler: Path, folder: Path, text: str, called: str) -> list[Case]:
    """Give the builds of a spec, and what it is compared with."""
    shutil.copytree(SPEC.parent / "schemas", folder / "spec" / "schemas")
    source = folder / "spec" / "spec.toml"
    source.write_text(text)
    project = folder / "generated"
    build: list[str | Path] = [compiler, "build", source, "--out"]
    output_of([*build, project])
    cold = Case(
        name=f"`build` of {called} into a new folder",
        prepare=lambda run: [*build, f"{project}-{run}"],
    )
    again = Case(
        name=f"`build` of {called}, nothing to write",
        prepare=lambda _: [*build, project],
        beside=cold,
    )
    return [cold, again, *(_compare(compiler, source, edit, cold) for edit in EDITS)]


def _compare(compiler: Path, source: Path, edit: str, beside: Case) -> Case:
    old, new = EDITS[edit]
    text = source.read_text()
    assert text.count(old) == 1
    edited = source.with_name(f"{edit.partition(',')[0]}.toml")
    edited.write_text(text.replace(old, new))
    return Case(
        name=f"`compare` with another {edit}",
        prepare=lambda _: [compiler, "compare", source, edited, "--format", "json"],
        beside=beside,
        target=TARGET,
    )


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="paystagec-bench-") as folder:
        work = Path(folder)
        compiler = ROOT / "target" / "release" / "paystagec"
        for cases in measured(compiler, compiled("measure", work), work, runs=30, large_runs=5):
            print(cases_table(cases))


if __name__ == "__main__":
    main()
