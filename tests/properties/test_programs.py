"""Any valid spec becomes Python that parses, is formatted, linted and typed, and registers exactly the graph.

``PROPERTY_SEEDS="3 17"`` takes other specs than the usual ones.
"""

from __future__ import annotations

import ast
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from graph import test_graph
from graph.built import compiler
from properties.projects import TODAY, Case, run, written

if TYPE_CHECKING:
    from collections.abc import Iterator

SEEDS = os.environ.get("PROPERTY_SEEDS", "0 1 2 3 4 5 6 7 8 9 10 11").split()
# Types and mocks take seconds for each.
CLOSELY = SEEDS[4:7] or SEEDS
# Functions and tests are the same for all specs, or the team's own.
PROGRAM = ("*.py", "components", "extensions")


class Registered(test_graph.Both):
    """Graph and recording of a spec whose extensions add nothing."""

    is_extended = False  # pyright: ignore[reportAssignmentType]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    """All specs, written and built."""
    return written(tmp_path_factory.mktemp("specs"), SEEDS)


def strings(module: ast.Module) -> Iterator[str]:
    """Give the texts of all literals."""
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_python_parses_and_says_what_the_spec_says(cases: dict[str, Case]) -> None:
    """No text leaves its literal, and none is changed in it."""
    for case in cases.values():
        literals = [text for module in case.modules.values() for text in strings(module)]
        for text in json.loads((case.folder / "texts.json").read_text("utf-8")):
            assert any(text in literal for literal in literals), case.failure(repr(text))


def test_yaml_is_read_as_texts(cases: dict[str, Case]) -> None:
    """Nothing in the files of Pulumi is anything but a text, a flag, a list or a map."""
    for case in cases.values():
        settings: Any = yaml.safe_load((case.project / "Pulumi.yaml").read_text("utf-8"))
        assert settings["runtime"]["name"] == "python", case.failure(str(settings))
        for path in case.project.glob("Pulumi.*.yaml"):
            stack: Any = yaml.safe_load(path.read_text("utf-8"))
            assert all(isinstance(key, str) for key in stack["config"]), case.failure(str(stack))
        url = settings.get("backend", {}).get("url", "")
        assert isinstance(url, str), case.failure(str(settings))


@pytest.mark.parametrize("options", [("format", "--check"), ("check",)], ids=["format", "check"])
def test_ruff_has_nothing_to_say(cases: dict[str, Case], options: tuple[str, ...]) -> None:
    """The printer knows the form that the formatter gives, whatever has to be printed."""
    for case in cases.values():
        done = run(sys.executable, "-m", "ruff", *options, "--no-cache", ".", cwd=case.project)
        assert done.returncode == 0, case.failure(done.stdout + done.stderr)


def test_types_fit(cases: dict[str, Case]) -> None:
    """The programs are typed as strictly as the team's: each by itself, in one run that reads the SDK once."""
    closely = [cases[seed] for seed in CLOSELY]
    above = closely[0].folder.parent
    roots = [case.project.relative_to(above) for case in closely]
    settings = {
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
        "executionEnvironments": [{"root": str(root)} for root in roots],
        "include": [
            str(root / part)
            for root in roots
            for part in PROGRAM
            if part == "*.py" or (above / root / part).is_dir()
        ],
        "reportUnusedVariable": False,
    }
    path = above / "pyrightconfig.json"
    path.write_text(json.dumps(settings), "utf-8")
    pyright = (sys.executable, "-m", "basedpyright", "--pythonpath", sys.executable)
    done = run(*pyright, "--outputjson", cwd=above)
    path.unlink()
    told = json.loads(done.stdout)
    files = sum(len(list((above / root).glob("*.py"))) for root in roots)
    assert told["summary"]["filesAnalyzed"] >= files > 0, told["summary"]
    for case in closely:
        own = [
            each
            for each in told["generalDiagnostics"]
            if Path(each["file"]).is_relative_to(case.project)
        ]
        assert not own, case.failure(json.dumps(own, indent=1))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("seed", CLOSELY)
def test_the_program_registers_the_graph(cases: dict[str, Case], seed: str) -> None:
    """What holds for the team's spec, ``graph/test_graph.py`` says of any."""
    case = cases[seed]
    plan = run(compiler(), "plan", "--json", case.spec, *TODAY)
    recorded = run(sys.executable, "-W", "ignore", "-m", "tests.unit.recording", cwd=case.project)
    assert recorded.returncode == 0, case.failure(recorded.stderr)
    both = Registered(case.spec, case.project, json.loads(plan.stdout), json.loads(recorded.stdout))
    try:
        test_graph.test_the_same_resources(both)
        test_graph.test_the_same_arguments(both)
        test_graph.test_the_same_references(both)
        test_graph.test_the_same_edges(both)
        test_graph.test_the_same_order_of_replacement(both)
        test_graph.test_the_same_outputs(both)
    except AssertionError as error:
        raise AssertionError(case.failure(str(error))) from error
