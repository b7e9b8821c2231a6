"""`paystagec compare --state` and `paystagec verify`: what is really deployed, and what the engine really wants."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from cloud import tokens as t
from engine import provider
from engine.pairs import COMPILER, Version, copied, done, foretold
from engine.project import SPEC, build_compiler
from engine.stack import engine
from engine.upgrade import registered
from engine.upgrade.registered import Replay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.stack import Engine, Stack

TODAY = "2026-12-01"
STORAGE = ("storage_gib = 20", "storage_gib = 40")
OWNER = ('owner = "payments-platform"', 'owner = "payments-core"')


@dataclass
class Deployed:
    """The committed spec, deployed; the same with an edit, built; and with two."""

    engine: Engine
    folder: Path
    first: Version
    second: Version
    third: Version

    def stack(self, project: Path) -> Stack:
        """The stack with another program."""
        return self.engine.stack(project)

    @cached_property
    def comparison(self) -> dict[str, Any]:
        """What `compare` says of the first edit."""
        return self.first.compared(self.second)

    def written(self, name: str, text: str) -> Path:
        """A file with this text."""
        file = self.folder / name
        file.write_text(text)
        return file

    def verified(self, comparison: dict[str, Any], preview: str) -> tuple[int, str]:
        """What `verify` says of them."""
        approved = self.written("approved.json", json.dumps(comparison))
        run = compiler("verify", approved, self.written("preview.json", preview))
        return run.returncode, run.stdout


def compiler(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the compiler."""
    command = [COMPILER, *words]
    return subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - our own binary


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """A stack that stands."""
    build_compiler()
    folder = tmp_path_factory.mktemp("state")
    spec = SPEC / "staging.toml"
    first = spec.read_text().replace(*STORAGE)
    specs = [
        copied(spec, folder / "0"),
        copied(spec, folder / "1", first),
        copied(spec, folder / "2", first.replace(*OWNER)),
    ]
    versions = [Version(spec, TODAY) for spec in specs]
    with engine(folder / "home") as running:
        running.stack(versions[0].project).up()
        yield Deployed(running, folder, *versions)


def since(deployed: Deployed, spec: Path, export: str) -> dict[str, Any]:
    """What `compare --state` says."""
    state = deployed.written("state.json", export)
    run = compiler("compare", "--state", state, spec, "--format", "json", "--today", TODAY)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_what_stands_is_what_was_built(deployed: Deployed) -> None:
    """Archives, documents and fingerprints too: nothing changes, and the ids are those of the state."""
    stack = deployed.stack(deployed.first.project)
    export = stack.exported()
    assert since(deployed, deployed.first.spec, export)["steps"] == []
    found = since(deployed, deployed.second.spec, export)
    assert foretold(found) == foretold(deployed.comparison)
    (step,) = found["steps"]
    (because,) = step["because"]
    assert (because["old"], because["new"]) == (20, 40)


def test_the_state_of_an_earlier_version(
    deployed: Deployed, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Types and names of components were others: aliases join them, and the engine does what was foretold."""
    project = deployed.first.project
    with engine(tmp_path_factory.mktemp("home")) as running:
        running.stack_of(Replay(registered.read(), project), project).up()
        present = running.stack(project)
        found = since(deployed, deployed.first.spec, present.exported())
        steps = done(present.up().changes())
    # The versions of SDKs and the libraries that are installed are none of the spec's.
    assert foretold(found) == {step for step in steps if "providers:" not in step.resource}


def test_the_same_is_verified(deployed: Deployed) -> None:
    """The preview plans exactly the approved change."""
    preview = deployed.stack(deployed.second.project).preview_json()
    assert deployed.verified(deployed.comparison, preview) == (
        0,
        "the preview plans exactly the approved change\n",
    )


def test_a_drift_is_more(deployed: Deployed) -> None:
    """Somebody opened a key's rotation by hand; a refresh finds it."""
    cloud = deployed.engine.cloud
    key = cloud.all(t.KEY)[0]
    whole = dict(key.inputs)
    key.inputs = {**whole, "enableKeyRotation": False}
    try:
        preview = deployed.stack(deployed.second.project).preview_json(refresh=True)
    finally:
        key.inputs = whole
    code, said = deployed.verified(deployed.comparison, preview)
    assert code == 1
    assert said.startswith(f"not approved: update paystage:index:Keys${t.KEY}::")
    assert len(said.splitlines()) == 1


def test_a_state_that_is_one_change_behind(deployed: Deployed) -> None:
    """The change from the first edit to the second was approved, and the first was never deployed."""
    third = deployed.third.project
    preview = deployed.stack(third).preview_json()
    code, said = deployed.verified(deployed.second.compared(deployed.third), preview)
    assert code == 1
    database = next(line for line in said.splitlines() if "Instance::database" in line)
    assert "`allocatedStorage` differs too" in database


def test_another_value_than_approved(deployed: Deployed) -> None:
    """The step is the same, its values are not."""
    approved = json.loads(json.dumps(deployed.comparison))
    approved["steps"][0]["because"][0]["new"] = 60
    preview = deployed.stack(deployed.second.project).preview_json()
    code, said = deployed.verified(approved, preview)
    assert code == 1
    assert "the new value of `allocated_storage` is 40, and 60 was approved" in said


def test_an_edited_file_is_more(deployed: Deployed) -> None:
    """A line of a generated file was changed by hand."""
    file = deployed.second.project / "components" / "functions" / "health.py"
    text = file.read_text()
    edited = text.replace("memory_size=", "memory_size=64 + ")
    assert edited != text
    file.write_text(edited)
    try:
        preview = deployed.stack(deployed.second.project).preview_json()
    finally:
        file.write_text(text)
    code, said = deployed.verified(deployed.comparison, preview)
    assert code == 1
    assert said.startswith("not approved: update ")
    assert said.rstrip().endswith("Function::health, by memorySize")


def test_a_provider_that_wants_more(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its next version sees a difference where there was none."""
    changed = provider.changed_arguments

    def more(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
        return sorted({*changed(old, new), *(["engine"] if "dbSubnetGroupName" in new else [])})

    monkeypatch.setattr(provider, "changed_arguments", more)
    preview = deployed.stack(deployed.second.project).preview_json()
    code, said = deployed.verified(deployed.comparison, preview)
    assert code == 1
    assert "Instance::database" in said


def test_what_was_approved_and_is_not_wanted(deployed: Deployed) -> None:
    """The change is there already."""
    preview = deployed.stack(deployed.first.project).preview_json()
    code, said = deployed.verified(deployed.comparison, preview)
    assert code == 1
    assert said.startswith("approved, but not planned: update ")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "ends too early"),
        ('{"deployment": {"resources": [', "ends too early"),
        ("[]", "not what `pulumi stack export` prints"),
        ("{}", "it has no `deployment`"),
        ('{"checkpoint": {}}', "a backend's own file"),
        (
            '{"deployment": {"resources": [{"urn": "urn:pulumi:a::shop::pulumi:pulumi:Stack::a"}]}}',
            "a project called `shop`",
        ),
        ('{"deployment": {"resources": [{"urn": "nothing"}]}}', "`nothing` is no URN"),
    ],
)
def test_no_state(deployed: Deployed, text: str, says: str) -> None:
    """What is no state of ours is refused with the reason."""
    state = deployed.written("broken.json", text)
    run = compiler("compare", "--state", state, deployed.first.spec)
    assert run.returncode == 2
    assert says in run.stderr
    assert run.stdout == ""


def test_the_state_of_another_environment(deployed: Deployed) -> None:
    """Its name is another one."""
    export = deployed.stack(deployed.first.project).exported()
    state = deployed.written(
        "other.json", export.replace('"environment": "staging"', '"environment": "demo"')
    )
    run = compiler("compare", "--state", state, deployed.first.spec, "--today", TODAY)
    assert run.returncode == 2
    assert "the state of the environment `demo`, and the spec is for `staging`" in run.stderr
