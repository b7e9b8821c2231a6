"""What a careless extension weakens turns a test of the generated project red, whatever kind of resource it takes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from graph.built import compiler
from graph.hostile import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT / "spec" / "staging.toml"
TODAY = ("--today", "2026-12-01")
TESTS = "tests/unit/test_extensions.py"


def build(folder: Path, modules: Mapping[str, str], more: str = "") -> Path:
    """Build the team's spec with these modules, and with more at its end."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, source in modules.items():
        (folder / f"{name}.py").write_text(source, encoding="utf-8")
    for named in ("schemas", "certificates"):
        shutil.copytree(SPEC.parent / named, folder / named)
    names = ", ".join(f'"{name}.py"' for name in modules)
    text = SPEC.read_text(encoding="utf-8")
    assert text.count("\nversion = 1\n") == 1
    text = text.replace("\nversion = 1\n", f"\nversion = 1\nextensions = [{names}]\n")
    spec = folder / "staging.toml"
    spec.write_text(f"{text}\n{more}", encoding="utf-8")
    project = folder / "generated"
    done = subprocess.run(  # noqa: S603 - our own program
        [compiler(), "build", spec, "--out", project, *TODAY],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return project


def run(project: Path, *command: str) -> tuple[int, str]:
    """Run a tool in a project; give its exit code and what it printed."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(  # noqa: S603 - tools of the environment
        [sys.executable, "-m", *command],
        cwd=project,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def judge(project: Path) -> tuple[int, str]:
    """Run the tests of extensions."""
    return run(project, "pytest", "-q", "-p", "no:cacheprovider", "--tb=short", TESTS)


def failures(told: str) -> dict[str, str]:
    """What pytest says of each test that failed, by its name."""
    parts = re.split(r"^_{3,} (test_\w+) _{3,}$", told, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the tests say of a project with all of them: as much as of one with each."""
    modules = {name: each.source for name, each in HOSTILE.items()}
    code, text = judge(build(tmp_path_factory.mktemp("hostile"), modules))
    assert code == 1, text
    return failures(text)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_named_test_is_red(told: dict[str, str], name: str) -> None:
    """Its message has module, requirement, and what is wrong."""
    hostile = HOSTILE[name]
    lines = told.get(hostile.test, "").splitlines()
    where = f"extensions/{name}.py adds "
    own = [line for line in lines if where in line and hostile.requirement in line]
    assert any(hostile.says in line for line in own), told.get(hostile.test, "it is green")


def test_what_is_accepted_has_a_waiver(tmp_path: Path) -> None:
    """With a waiver of its requirement in the spec, and with nothing else, it passes; the evidence has it."""
    waiver = """
[[waivers]]
requirement = "SEC-1"
reason = "the queue holds nothing"
owner = "finance"
expires = 2027-03-01
"""
    modules = {"plain_queue": HOSTILE["plain_queue"].source}
    project = build(tmp_path / "waived", modules, waiver)
    code, text = judge(project)
    assert code == 0, text
    evidence = (project / "docs" / "requirements.md").read_text(encoding="utf-8")
    assert "| `SEC-1` | the queue holds nothing | finance | 2027-03-01 |" in evidence
    assert "SEC-1<br>[waiver](#waivers)" in evidence
    assert "`aws.sns.Topic`, `aws.sqs.Queue`" in evidence
    # One that nothing needs is refused, as any waiver is.
    (project / "extensions" / "plain_queue.py").write_text(
        HOSTILE["untagged"].source, encoding="utf-8"
    )
    _, text = judge(project)
    assert "test_waivers_for_extensions_are_needed" in failures(text)


def test_the_example_of_the_readme(tmp_path: Path) -> None:
    """It is a whole module: built, formatted, linted, typed, and all tests of extensions pass."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    _, _, section = readme.partition("\n## Extensions\n")
    section, _, _ = section.partition("\n## ")
    (example,) = re.findall(r"^```python\n(.*?)^```", section, re.DOTALL | re.MULTILINE)
    project = build(tmp_path / "example", {"extra": example})
    commands = (
        ("ruff", "format", "--check", "extensions"),
        ("ruff", "check", "extensions", "tests/unit/extensions.py", "tests/unit/conftest.py"),
        ("ruff", "format", "--check", "tests/unit"),
        ("basedpyright", "--pythonpath", sys.executable, "extensions", "tests/unit/extensions.py"),
    )
    for command in commands:
        code, text = run(project, *command)
        assert code == 0, f"{command}: {text}"
    code, text = judge(project)
    assert code == 0, text
