"""The graph says exactly what the program registers: resource by resource, argument by argument, edge by edge."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from engine import sdk
from graph.built import compiler
from graph.evaluate import Address, Evaluator, address, comparable, references
from graph.variants import ADDED, ADDED_OUTPUTS, VARIANTS, write

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT / "spec" / "staging.toml"
PROJECT = ROOT / "generated"
TEAMS = "team's"
# Specs of other classes, which say what differs from the team's.
EXAMPLES = ("production", "development")
# Of the life of versions, which is judged by the clock, these tests say nothing.
TODAY = ("--today", "2026-12-01")
# What the SDK hands on by itself when the program gives nothing.
SDK_DEFAULTS = {("aws:apigateway/apiKey:ApiKey", "description"): "Managed by Pulumi"}


def snake(name: str) -> str:
    """Give the SDK's spelling of a name on the wire."""
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def run(*command: str | Path, cwd: Path) -> Any:
    """Run a command and read the JSON that it prints."""
    done = subprocess.run(command, cwd=cwd, check=True, capture_output=True)  # noqa: S603 - our own programs
    return json.loads(done.stdout)


def whole(spec: Path) -> dict[str, Any]:
    """Read a spec, with the tables of its base where it has one."""
    own = tomllib.loads(spec.read_text(encoding="utf-8"))
    if "base" not in own:
        return own
    merged = whole(spec.with_name(own["base"]))
    for name, value in own.items():
        known = merged.get(name)
        if isinstance(known, dict) and isinstance(value, dict):
            merged[name] = {**known, **value}
        else:
            merged[name] = value
    return merged


@dataclass(frozen=True)
class Both:
    """The graph and the recording, each by address."""

    spec: Path
    project: Path
    plan: dict[str, Any]
    recording: dict[str, Any]

    @cached_property
    def planned(self) -> dict[Address, dict[str, Any]]:
        """The resources of the graph."""
        return {address(item): item for item in self.plan["resources"]}

    @cached_property
    def registered(self) -> dict[Address, dict[str, Any]]:
        """The resources of the program."""
        return {address(item): item for item in self.recording["resources"]}

    @cached_property
    def is_extended(self) -> bool:
        """Whether a module of the team's own adds to what the graph knows."""
        return (self.project / "extensions").is_dir()

    @cached_property
    def by_urn(self) -> dict[str, Address]:
        """Addresses of the program's resources by URN."""
        return {item["urn"]: key for key, item in self.registered.items()}

    @cached_property
    def evaluator(self) -> Evaluator:
        """Evaluates as the mocks answered."""
        spec = whole(self.spec)
        environment = spec["environment"]
        # Some ARNs say no account: those of buckets and APIs.
        accounts = (item["arn"].split(":")[4] for item in self._outputs.values())
        return Evaluator(
            environment=environment["name"],
            region=environment.get("region", "us-east-1"),
            account=next(account for account in accounts if account.isdigit()),
            suffix=self.recording["suffix"],
            common_tags={
                "Environment": environment["name"],
                "MigrationDate": str(environment["migration_date"]),
                "Owner": environment["owner"],
                **spec.get("tags", {}),
            },
            outputs=self._outputs,
            project=self.project,
        )

    @cached_property
    def _outputs(self) -> dict[Address, dict[str, Any]]:
        return {key: {**item["outputs"], "id": item["id"]} for key, item in self.registered.items()}


@pytest.fixture(scope="module", params=[TEAMS, *EXAMPLES, *VARIANTS])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Both:
    """One plan and one recording: of the team's spec as it is committed, and of variants."""
    spec, project = SPEC, PROJECT
    if request.param != TEAMS:
        folder = tmp_path_factory.mktemp(request.param)
        spec, project = SPEC.with_name(f"{request.param}.toml"), folder / "generated"
        if request.param not in EXAMPLES:
            spec = write(request.param, SPEC, folder / "spec")
        command = (compiler(), "build", spec, "--out", project, *TODAY)
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own program
    return Both(
        spec,
        project,
        run(compiler(), "plan", "--json", spec, *TODAY, cwd=ROOT),
        run(sys.executable, "-W", "ignore", "-m", "tests.unit.recording", cwd=project),
    )


def test_the_same_resources(both: Both) -> None:
    """Nothing is in the program that the graph does not know, and the other way round.

    Resources of an extension are the team's: they are in the program alone.
    """
    assert len(both.planned) == len(both.plan["resources"]), "two resources have one address"
    added = ADDED if both.is_extended else []
    assert sorted(both.registered) == sorted([*both.planned, *added])


def test_the_same_arguments(both: Both) -> None:
    """Each argument of the graph, evaluated, is the argument that the program hands on."""
    differing: list[str] = []
    for key, item in both.planned.items():
        given = {
            name: comparable(value)
            for name, value in both.registered[key]["inputs"].items()
            if name in item["arguments"] or SDK_DEFAULTS.get((key[1], name)) != value
        }
        expected = {
            name: comparable(both.evaluator.value(expr)) for name, expr in item["arguments"].items()
        }
        differing += [
            f"{key} {name}: graph {expected.get(name)!r}, program {given.get(name)!r}"
            for name in sorted(set(given) | set(expected))
            if given.get(name) != expected.get(name)
        ]
    assert not differing, "\n".join(differing)


def test_the_same_references(both: Both) -> None:
    """Each argument waits for the resources that its expression names, and for no others."""
    differing: list[str] = []
    for key, item in both.planned.items():
        given = both.registered[key]["property_dependencies"]
        for name, expr in item["arguments"].items():
            found = {both.by_urn[urn] for urn in given[name]}
            if found != references(expr):
                differing.append(f"{key} {name}: {sorted(found ^ references(expr))}")
    assert not differing, "\n".join(differing)


def test_the_same_edges(both: Both) -> None:
    """Each resource waits for what its arguments name and for its explicit edges, and for nothing else."""
    differing: list[str] = []
    for key, item in both.planned.items():
        found = {both.by_urn[urn] for urn in both.registered[key]["dependencies"]}
        expected = references(item["arguments"]) | {address(edge) for edge in item["depends_on"]}
        if found != expected:
            differing.append(f"{key}: {sorted(found ^ expected)}")
    assert not differing, "\n".join(differing)


def test_the_same_former_names(both: Both) -> None:
    """What had other logical names in earlier versions has them as aliases in the program."""
    for key, item in both.planned.items():
        # An alias that is the name itself is none to the engine.
        given = [name for name in both.registered[key]["aliases"] if name != item["name"]]
        assert item["aliases"] == given, key


def test_the_same_order_of_replacement(both: Both) -> None:
    """What the graph deletes before it replaces it, or keeps until then, or leaves to the provider, the program does too."""
    orders = set()
    for key, item in both.planned.items():
        order = both.registered[key]["delete_before_replace"]
        assert item["delete_before_replace"] is order, key
        for option in ("protect", "retain_on_delete"):
            assert item[option] is both.registered[key][option], key
        orders.add(order)
    assert orders == {True, False, None}


def test_the_same_changes_are_ignored(both: Both) -> None:
    """What counts only when a resource is made is so in the program too."""
    for key, item in both.planned.items():
        assert item["ignore_changes"] == list(both.registered[key]["ignore_changes"]), key


def test_the_same_outputs_are_secret(both: Both) -> None:
    """Beside what the SDK marks, the program marks what the graph says, and nothing else."""
    for key, item in both.planned.items():
        of_sdk = {snake(name) for name in sdk.secret_outputs(key[1])}
        marked = set(both.registered[key]["secret_outputs"])
        assert marked - of_sdk == set(item["additional_secret_outputs"]), key
        assert marked >= of_sdk, key


def test_the_same_outputs(both: Both) -> None:
    """What the stack puts out is what the graph says."""
    expected = {name: both.evaluator.value(expr) for name, expr in both.plan["exports"].items()}
    given = both.recording["exports"]
    added = ADDED_OUTPUTS if both.is_extended else set()
    assert given.keys() - expected.keys() == added
    assert {name: given[name] for name in expected} == expected


def test_the_unit_tests_hold_for_any_spec(both: Both) -> None:
    """The generated unit tests say what the requirements ask, not what the team's spec says."""
    if both.project == PROJECT:
        # Run by themselves.
        return
    # The functions' own tests know nothing of the spec.
    options = ("--quiet", "-p", "no:cacheprovider", "--ignore=tests/unit/functions", "tests/unit")
    command = (sys.executable, "-m", "pytest", *options)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(  # noqa: S603 - our own program
        command, cwd=both.project, env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-4000:]


def test_words_of_the_spec_pass_the_lints(both: Both) -> None:
    """Overrides and an extension are formatted, and leave the strict checks as they are."""
    if not both.is_extended:
        # Such specs have no words of their own; the team's project is checked by itself.
        return
    for command in (
        ("ruff", "format", "--check", "."),
        ("ruff", "check", "."),
        ("basedpyright", "--pythonpath", sys.executable),
    ):
        done = subprocess.run(  # noqa: S603 - our own programs
            (sys.executable, "-m", *command),
            cwd=both.project,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout[-4000:]


# What an extension may get wrong, as an edit of one that is right, and the test that notices.
FAULTS = {
    "test_extensions_use_the_same_provider": ("opts=opts", "opts=None"),
    "test_what_extensions_add_carries_the_suffix": ('naming.name("sns", "reports")', '"reports"'),
    "test_what_extensions_add_can_be_destroyed": (
        "parent=self)",
        "parent=self, retain_on_delete=True)",
    ),
}


def test_faults_of_an_extension_are_noticed(both: Both) -> None:
    """The generated tests of extensions can fail, each for its own fault and no other."""
    if not both.is_extended:
        return
    module = both.project / "extensions" / "extra.py"
    text = module.read_text("utf-8")
    for name, (right, wrong) in FAULTS.items():
        assert right in text, right
        module.write_text(text.replace(right, wrong, 1), "utf-8")
        options = ("-p", "no:cacheprovider", "-rf", "tests/unit/test_extensions.py")
        done = subprocess.run(  # noqa: S603 - our own program
            (sys.executable, "-m", "pytest", "--quiet", *options),
            cwd=both.project,
            check=False,
            capture_output=True,
            text=True,
        )
        failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED ")]
        assert [line.split("::")[1].split(" ")[0] for line in failed] == [name], done.stdout
    module.write_text(text, "utf-8")
