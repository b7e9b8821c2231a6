"""A database goes to another major version, as a waiver of DB-1 allows: what is foretold, what is done, what is refused."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import product
from typing import TYPE_CHECKING

import pytest
from pulumi.automation.errors import CommandError

from cloud import Refused
from cloud import tokens as t
from engine import audit
from engine.larger import Larger
from engine.pairs import Version, copied, differences, done, foretold
from engine.project import SPEC, build_compiler

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.stack import Engine, Stack

TODAY = "2026-12-01"
BESIDE = ", delete_before_replace=False"
ALLOWED = "allow_major_version_upgrade=True,"
WAIVER = """
[[waivers]]
requirement = "DB-1"
reason = "standard support of 14 ends in February"
owner = "payments-platform"
expires = 2027-06-30
"""


@pytest.fixture(scope="module", autouse=True)
def _compiler() -> None:
    build_compiler()


def version_of(version: str, folder: Path) -> Version:
    """The committed spec with another version, as far as it needs it under a waiver."""
    text = (SPEC / "staging.toml").read_text()
    assert text.count('version = "14"') == 1
    text = text.replace('version = "14"', f'version = "{version}"')
    text += "" if version.startswith("14") else WAIVER
    return Version(copied(SPEC / "staging.toml", folder / version, text), TODAY)


def stack_of(running: Engine, version: Version) -> Stack:
    return running.stack(version.project, version.stack)


@contextmanager
def edited(version: Version, old: str, new: str) -> Iterator[None]:
    """What somebody changes by hand in the generated project, and takes back."""
    file = version.project / "components" / "database.py"
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))
    yield
    file.write_text(text)


def test_the_upgrade_is_one_up_and_is_foretold(fresh_engine: Engine, tmp_path: Path) -> None:
    old, new = version_of("14", tmp_path), version_of("17", tmp_path)
    comparison = old.compared(new)
    assert comparison["refusals"] == []
    assert comparison["data"] == []
    # The database is away while both nodes are upgraded, and nothing brings the old version back but a snapshot.
    (first, *others) = comparison["outage"]
    assert first["when"] == "at-once"
    assert "pg_upgrade" in first["why"]
    assert {each["when"] for each in others} == {"reboot"}
    assert comparison["time"]["seconds"] > 1_800
    assert not comparison["way_back"]["restores_all"]
    told = " ".join(comparison["way_back"]["not_restored"])
    assert "snapshot" in told
    assert "RDS cannot downgrade" in told

    stack_of(fresh_engine, old).up()
    steps = stack_of(fresh_engine, new).up().changes()
    assert differences(foretold(comparison), done(steps)) == []
    taken = [
        (step.operation, step.type)
        for step in steps
        if step.type in {t.PARAMETER_GROUP, t.DATABASE}
    ]
    # The group of the new version is made first, and the old one goes when nothing has it any more.
    assert taken == [
        ("create-replacement", t.PARAMETER_GROUP),
        ("replace", t.PARAMETER_GROUP),
        ("update", t.DATABASE),
        ("delete-replaced", t.PARAMETER_GROUP),
    ]
    (database,) = fresh_engine.cloud.all(t.DATABASE)
    assert database.get("engineVersionActual").startswith("17.")
    assert audit.problems(fresh_engine.cloud) == []
    assert not stack_of(fresh_engine, new).preview().changes()

    back = new.compared(old)
    refused = {(each["resource"], each["error"]) for each in back["refusals"]}
    with pytest.raises(CommandError, match="Cannot upgrade postgres"):
        stack_of(fresh_engine, old).up()
    assert refused == {(database.urn.rpartition("::paystage::")[2], "InvalidParameterCombination")}


def test_of_each_two_versions_what_is_foretold_is_refused_and_nothing_else(tmp_path: Path) -> None:
    """Major ones alone, and minor ones of an old, a middle and the newest release."""
    names = ("14", "14.18", "14.24", "15", "17.8", "17")
    versions = {name: version_of(name, tmp_path) for name in names}
    foretold_, refused = set[tuple[str, str]](), set[tuple[str, str]]()
    for old, new in product(names, names):
        if versions[old].compared(versions[new])["refusals"]:
            foretold_.add((old, new))
        world = Larger()
        database = world.database(engineVersion=old)
        try:
            world.change(database, engineVersion=new, allowMajorVersionUpgrade=True)
        except Refused:
            refused.add((old, new))
    assert foretold_ == refused
    assert ("17", "14") in refused
    assert ("14", "17") not in refused
    assert ("14.24", "17.8") in refused


def test_other_ways_are_refused_and_the_upgrade_goes_on_from_there(
    fresh_engine: Engine, tmp_path: Path
) -> None:
    old, new = version_of("14", tmp_path), version_of("17", tmp_path)
    stack_of(fresh_engine, old).up()

    # RDS upgrades to what was released with the version that runs, or later.
    older = version_of("17.6", tmp_path)
    (refusal,) = old.compared(older)["refusals"]
    assert refusal["error"] == "InvalidParameterCombination"
    assert '`database.version = "17"`' in refusal["way"]
    with pytest.raises(CommandError, match="Cannot upgrade postgres from 14"):
        stack_of(fresh_engine, older).up()

    # Nobody allows it.
    with edited(new, ALLOWED, ""), pytest.raises(CommandError, match="AllowMajorVersionUpgrade"):
        stack_of(fresh_engine, new).up()

    stack_of(fresh_engine, new).up()
    assert audit.problems(fresh_engine.cloud) == []
    assert len(fresh_engine.cloud.all(t.PARAMETER_GROUP)) == 1


def test_the_old_parameter_group_stays_until_the_database_has_the_new_one(
    fresh_engine: Engine, tmp_path: Path
) -> None:
    """The provider by itself deletes a group with a name of ours first, and AWS refuses: the database still has it."""
    old, new = version_of("14", tmp_path), version_of("17", tmp_path)
    stack_of(fresh_engine, old).up()
    with (
        edited(new, BESIDE, ""),
        pytest.raises(CommandError, match="InvalidDBParameterGroupState"),
    ):
        stack_of(fresh_engine, new).up()
