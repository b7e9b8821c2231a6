"""What the team's own modules add: it leaves the environment alone, and lives and dies with it."""

from __future__ import annotations

import pytest

from tests.unit.extensions import left_out
from tests.unit.recording import record
from tests.unit.resources import Recording, Resource

# Arguments that may hold a physical name.
NAMES = ("name", "bucket", "identifier")


@pytest.fixture(scope="module")
def alone() -> Recording:
    """Record the environment without extensions."""
    with left_out():
        return record()


def _added(registered: Recording, alone: Recording) -> list[Resource]:
    known = {resource.urn for resource in alone.resources}
    return [resource for resource in registered.resources if resource.urn not in known]


def test_extensions_leave_the_environment_alone(registered: Recording, alone: Recording) -> None:
    """What the compiler knows is registered in the same way with them and without."""
    known = {resource.urn for resource in alone.resources}
    same = [resource for resource in registered.resources if resource.urn in known]
    assert same == alone.resources
    assert registered.exports.items() >= alone.exports.items()


def test_extensions_use_the_same_provider(registered: Recording, alone: Recording) -> None:
    """REG-1, TAG-1: the provider brings the region and the tags that everything carries."""
    providers = {item.provider for item in alone.resources if item.token.startswith("aws:")}
    for resource in _added(registered, alone):
        if resource.token.startswith("aws:"):
            assert resource.provider in providers, f"{resource}: pass on `opts`"


def test_what_extensions_add_can_be_destroyed(registered: Recording, alone: Recording) -> None:
    """DEST-1: nothing of it stays behind."""
    for resource in _added(registered, alone):
        assert not resource.protect, resource
        assert not resource.retain_on_delete, resource


def test_what_extensions_add_carries_the_suffix(registered: Recording, alone: Recording) -> None:
    """NAME-1: another copy of the environment meets no name of this one."""
    for resource in _added(registered, alone):
        for name in filter(resource.text, NAMES):
            assert registered.suffix in resource.text(name), f"{resource}: use `naming`"
