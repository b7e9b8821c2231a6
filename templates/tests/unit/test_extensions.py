"""What the team's own modules add: it leaves the environment alone, weakens none of its requirements, and goes with it."""

from __future__ import annotations

import pytest

from tests.unit.additions import Added, Weakness, weaknesses
from tests.unit.extensions import SOURCES, WAIVED, WAIVED_FOR_EXTENSIONS, left_out
from tests.unit.recording import record
from tests.unit.resources import Recording, Resource
from tests.unit.sdk import is_taggable

# Arguments that may hold a physical name.
NAMES = ("name", "name_prefix", "bucket", "bucket_prefix", "identifier", "cluster_identifier")
TAGS = ("Environment", "MigrationDate", "Name")


@pytest.fixture(scope="module")
def alone() -> Recording:
    """Record the environment without extensions."""
    with left_out():
        return record()


@pytest.fixture(scope="module")
def added(registered: Recording, alone: Recording) -> Added:
    """Give what extensions add, beside all that is registered."""
    known = {resource.urn for resource in alone.resources}
    resources = [resource for resource in registered.resources if resource.urn not in known]
    return Added(recording=registered, alone=alone, resources=resources)


@pytest.fixture(scope="module")
def found(added: Added) -> list[Weakness]:
    """Give whatever requirements forbid of it."""
    return weaknesses(added, SOURCES)


def _who(resource: Resource) -> str:
    module = SOURCES.get((resource.token, resource.name), "")
    return f"extensions/{module}.py adds {resource}" if module else str(resource)


def _none_weakens(found: list[Weakness], *requirements: str) -> None:
    """Fail with all that weakens one of these, but for what a waiver of the spec accepts."""
    told = [
        str(one)
        for one in found
        if one.requirement in requirements and one.requirement not in WAIVED
    ]
    assert not told, "\n" + "\n".join(told)


def test_extensions_leave_the_environment_alone(registered: Recording, alone: Recording) -> None:
    """What the compiler knows is registered in the same way with them and without."""
    known = {resource.urn for resource in alone.resources}
    same = [resource for resource in registered.resources if resource.urn in known]
    assert same == alone.resources
    assert registered.exports.items() >= alone.exports.items()


def test_extensions_use_the_same_provider(added: Added, alone: Recording) -> None:
    """REG-1, TAG-1: the provider brings the region and the tags that everything carries."""
    providers = {item.provider for item in alone.resources if item.token.startswith("aws:")}
    told = [
        f"{_who(resource)}: pass on `opts`"
        for resource in added.resources
        if resource.token.startswith("aws:") and resource.provider not in providers
    ]
    assert not told, "\n" + "\n".join(told)


def test_extensions_stay_in_the_region(found: list[Weakness]) -> None:
    """REG-1: no resource names a region of its own."""
    _none_weakens(found, "REG-1")


def test_what_extensions_add_can_be_destroyed(found: list[Weakness]) -> None:
    """DEST-1: nothing of it is protected, retained, kept by a snapshot or by objects in it."""
    _none_weakens(found, "DEST-1")


def test_what_extensions_add_carries_the_suffix(added: Added) -> None:
    """NAME-1: another copy of the environment meets no name of this one."""
    told = [
        f"NAME-1: {_who(resource)}: `{name}`: use `naming`"
        for resource in added.resources
        for name in filter(resource.text, NAMES)
        # It may be another one's: that of the bucket that a policy is for.
        if added.recording.referred(resource.get(name)) in (None, resource)
        and added.recording.suffix not in resource.text(name)
    ]
    assert not told, "\n" + "\n".join(told)


def test_what_extensions_add_carries_the_tags(added: Added) -> None:
    """TAG-1, NAME-1: whatever takes tags has those of the environment, and a name with the suffix."""
    told = [
        f"TAG-1: {_who(resource)}: use `naming.tags`"
        for resource in added.resources
        if is_taggable(resource.token)
        and not (
            all(resource.tags.get(tag) for tag in TAGS)
            and added.recording.suffix in str(resource.tags.get("Name"))
        )
    ]
    assert not told, "\n" + "\n".join(told)


def test_extensions_open_no_port(found: list[Weakness]) -> None:
    """NET-6: only the load balancer is open to addresses, and no rule is added to a tier's group."""
    _none_weakens(found, "NET-6")


def test_extensions_add_no_way_into_the_network(found: list[Weakness]) -> None:
    """NET-3, NET-4, NET-5, NET-7: no route, gateway, peering or network ACL beside the environment's."""
    _none_weakens(found, "NET-3", "NET-4", "NET-5", "NET-7")


def test_extensions_run_in_private_subnets(found: list[Weakness]) -> None:
    """NET-8, FN-5: compute and databases, without public addresses."""
    _none_weakens(found, "NET-8", "FN-5")


def test_extensions_open_no_other_entry_point(found: list[Weakness]) -> None:
    """API-1, API-4, LB-1, LB-2: no URL, route or listener beside those that the spec lists."""
    _none_weakens(found, "API-1", "API-4", "LB-1", "LB-2")


def test_extensions_grant_no_more_than_is_needed(found: list[Weakness]) -> None:
    """SEC-2: no wildcard actions, no policy of AWS's own, nothing for everybody, no users."""
    _none_weakens(found, "SEC-2")


def test_extensions_leave_functions_and_their_roles(found: list[Weakness]) -> None:
    """FN-2, FN-4: a role for each function, with nothing attached to those of the environment."""
    _none_weakens(found, "FN-2", "FN-4")


def test_extensions_keep_versions_of_objects(found: list[Weakness]) -> None:
    """S3-2: on their buckets too."""
    _none_weakens(found, "S3-2")


def test_extensions_keep_objects_ninety_days(found: list[Weakness]) -> None:
    """S3-3: on their buckets too."""
    _none_weakens(found, "S3-3")


def test_extensions_close_their_buckets(found: list[Weakness]) -> None:
    """S3-4: encryption, public access and TLS, and nothing is changed about the environment's."""
    _none_weakens(found, "S3-4")


def test_extensions_encrypt_what_they_keep(found: list[Weakness]) -> None:
    """DB-1, DB-4, SEC-1: databases, queues, topics and secrets, under keys that rotate."""
    _none_weakens(found, "DB-1", "DB-4", "SEC-1")


def test_extensions_can_be_followed(found: list[Weakness]) -> None:
    """MON-1, XR-1: logs are kept as long as all others, functions are traced."""
    _none_weakens(found, "MON-1", "XR-1")


def test_waivers_for_extensions_are_needed(found: list[Weakness]) -> None:
    """A waiver that nothing needs would cover the next mistake unseen."""
    assert {one.requirement for one in found} >= WAIVED_FOR_EXTENSIONS
