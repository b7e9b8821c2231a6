"""The program as a whole: the same in preview and update, whenever it runs."""

from __future__ import annotations

import pytest

import settings
from tests.unit.recording import record
from tests.unit.resources import Recording
from tests.unit.values import leaves

# What the engine hands on for a value that is not known yet.
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def test_preview_shows_what_an_update_makes(recording: Recording, preview: Recording) -> None:
    """DEL-1: the set of resources does not depend on anything that AWS answers."""
    assert [item.urn for item in preview.resources] == [item.urn for item in recording.resources]
    for planned, made in zip(preview.resources, recording.resources, strict=True):
        assert set(planned.inputs) == set(made.inputs), made
        assert planned.dependencies == made.dependencies, made
        known = {
            key: value for key, value in planned.inputs.items() if UNKNOWN not in leaves(value)
        }
        assert known == {key: made.inputs[key] for key in known}, made


def test_an_update_knows_every_value(recording: Recording) -> None:
    """DEL-1: no argument is left unknown or empty by an output that does not exist."""
    for resource in recording.resources:
        values = leaves(resource.inputs)
        assert UNKNOWN not in values, resource
        assert None not in values, resource


def test_two_runs_are_the_same(recording: Recording, again: Recording) -> None:
    """DEL-1: no clock, random number or order of a set gets into an argument."""
    for one, other in zip(recording.resources, again.resources, strict=True):
        assert one == other


def test_no_argument_is_a_time_stamp(recording: Recording) -> None:
    """TAG-1: the migration date is the spec's; a date from a clock would change on every run."""
    dates = {resource.tags.get("MigrationDate") for resource in recording.resources}
    assert len(dates - {None}) == 1


def test_the_stack_exports_its_addresses(recording: Recording) -> None:
    """DEL-3: a deployed stack puts out its address, and no output is empty."""
    assert recording.exports
    assert all(leaves(value) and None not in leaves(value) for value in recording.exports.values())
    assert "" not in leaves(recording.exports)
    assert any(str(value).startswith("https://") for value in recording.exports.values())


def test_a_refused_suffix_makes_nothing() -> None:
    """NAME-2: the program stops before the first resource."""
    with pytest.raises(ValueError, match="environmentSuffix"):
        record(suffix="NOT-A-SUFFIX")


def test_a_second_stack_needs_a_suffix_of_its_own() -> None:
    """NAME-2: with the first one's, it would plan a whole environment and meet names that exist."""
    with pytest.raises(ValueError, match="pulumi config set environmentSuffix") as refused:
        record(suffix=settings.SUFFIX, stack="second")
    assert "'second'" in str(refused.value)
    assert record(suffix="own", stack="second").suffix == "own"
    assert record(suffix=settings.SUFFIX).resources
