"""The generated program from nothing to nothing and back, as a team would live with it.

The steps stand in their order, and each goes on where the one before it ended: one account, one state.
Requirements: DEL-1, DEST-1, NAME-1, TAG-1, REG-1, API-1, FN-4.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from pulumi import automation as auto

import cloud as cloud_of_tests
from cloud import tokens as t
from cloud.rules.storage import OBJECTS
from engine import audit, catalogue, chain, sdk
from engine.project import Project, build_compiler
from engine.stack import Run, Step, engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.stack import Engine, Stack

# RDS is the only long pole: whatever else an `up` does fits in beside it, but for the function that migrates
# and one of those that wait for it.
MINUTES_BESIDE_DATABASE = 5.5
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
TRACE_GROUP = "aws:xray/group:Group"
# Edges that AWS does not insist on one by one.
REQUESTS = "requests of an update meet what is complete, and the cloud of the tests sends none"
EDGES_WITH_OTHER_REASONS = {
    ("Eip", "InternetGateway"): "the NAT gateway waits too, and either is enough",
    ("NatGateway", "InternetGateway"): "its address waits too, and either is enough",
    ("BucketPolicy", "BucketPublicAccessBlock"): "two changes of a bucket at one moment conflict",
    ("BucketPolicy", "BucketOwnershipControls"): "two changes of a bucket at one moment conflict",
    ("BucketLifecycleConfiguration", "BucketVersioning"): "it speaks of noncurrent versions",
    ("BucketLogging", "BucketPolicy"): "the first log object would be refused, silently",
    ("BucketObjectv2", "BucketVersioning"): "without it the object has no version to pin, silently",
    ("BucketObjectv2", "BucketPolicy"): "two changes of a bucket at one moment conflict",
    ("FlowLog", "RolePolicy"): "the first records would be refused, silently",
    ("Function", "RouteTableAssociation"): REQUESTS,
    ("Function", "NetworkAcl"): REQUESTS,
    ("Function", "SecurityGroupEgressRule"): REQUESTS,
    ("Function", "SecurityGroupIngressRule"): REQUESTS,
    ("Function", "Invocation"): "code meets the tables that it expects; this cloud has none",
    ("Deployment", "Permission"): REQUESTS,
    ("ListenerRule", "TargetGroupAttachment"): REQUESTS,
    ("Method", "Model"): "methods stand in one loop, and those with a body need the model",
}


@dataclass
class Life:
    """What the steps share."""

    engine: Engine
    project: Project
    stack: Stack
    previewed: list[Step] = field(default_factory=list[Step])
    # Of the state after the first `up`.
    resources: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """One project, one engine, one empty account."""
    build_compiler()
    folder = tmp_path_factory.mktemp("life")
    project = Project(folder)
    with engine(folder / "home") as running:
        yield Life(running, project, running.stack(project.folder))


def custom(run: Run) -> list[Step]:
    """Changed resources of the cloud: without components, providers and the stack itself."""
    return [step for step in run.changes() if catalogue.knows(step.type)]


def operations(run: Run) -> set[tuple[str, str, str]]:
    """What is done to which resource."""
    return {(step.operation, step.type, step.name) for step in custom(run)}


def test_preview_creates_everything_and_touches_nothing(life: Life) -> None:
    run = life.stack.preview()
    assert {step.operation for step in run.steps} == {"create"}
    assert not run.warnings
    assert not life.engine.cloud.records
    life.previewed = run.steps


def test_up_creates_what_was_previewed(life: Life) -> None:
    run = life.stack.up()
    assert {step.operation for step in run.steps} == {"create"}
    assert {(s.type, s.name) for s in run.steps} == {(s.type, s.name) for s in life.previewed}
    assert not run.warnings
    assert len(life.engine.cloud.records) == len(custom(run))
    life.resources = life.stack.resources()


def test_stack_is_whole(life: Life) -> None:
    """Rights name things that exist, the stage runs the whole API, every method may call its function."""
    assert audit.problems(life.engine.cloud) == []


def test_what_must_come_first_has_an_edge(life: Life) -> None:
    """What AWS wants in place before a resource is made is waited for, not only there by luck."""
    assert list(audit.missing_edges(life.engine.cloud, life.resources)) == []


def test_each_explicit_edge_would_be_missed(life: Life) -> None:
    """Taking away any `depends_on` is noticed, but for those whose reason the cloud of the tests does not know."""
    unnoticed: set[tuple[str, str]] = set()
    for urn, dependency in chain.explicit_edges(life.resources):
        without = [
            {**r, "dependencies": [d for d in r["dependencies"] if d != dependency]}
            if r["urn"] == urn
            else r
            for r in life.resources
        ]
        if not list(audit.missing_edges(life.engine.cloud, without)):
            unnoticed.add((chain.class_of(urn), chain.class_of(dependency)))
    assert unnoticed <= EDGES_WITH_OTHER_REASONS.keys()


def test_nothing_is_protected_or_retained(life: Life) -> None:
    """DEST-1: the state holds nothing that would survive a destroy."""
    for resource in life.resources:
        assert not resource.get("protect"), resource["urn"]
        assert not resource.get("retainOnDelete"), resource["urn"]


def test_everything_uses_the_one_provider_and_its_region(life: Life) -> None:
    """REG-1: a resource that strayed from the explicit provider would land elsewhere."""
    providers = [r for r in life.resources if r["type"] == "pulumi:providers:aws"]
    assert [r["inputs"]["region"] for r in providers] == ["us-east-1"]
    reference = f"{providers[0]['urn']}::{providers[0]['id']}"
    for resource in life.resources:
        if resource["type"].startswith("aws:"):
            assert resource["provider"] == reference, resource["urn"]


def test_taggable_resources_carry_the_tags(life: Life) -> None:
    """TAG-1, on what reached the cloud."""
    for record in life.engine.cloud.records:
        if "tags" in sdk.arguments_of(record.token).types:
            assert {"Environment", "MigrationDate"} <= record.inputs["tags"].keys(), record.urn
            assert record.inputs["tags"]["Environment"] == "staging", record.urn


def test_only_the_database_takes_long(life: Life) -> None:
    """The dependency edges leave RDS as the only long pole of an `up`."""
    links = chain.longest(life.resources, chain.minutes_of)
    beside = sum(link.minutes for link in links) - chain.MINUTES[t.DATABASE]
    assert beside <= MINUTES_BESIDE_DATABASE, links


def test_second_up_changes_nothing(life: Life) -> None:
    run = life.stack.up()
    assert run.changes() == []
    assert not run.warnings


def test_refresh_finds_what_the_state_says(life: Life) -> None:
    assert life.stack.refresh().changes() == []


def test_more_storage_updates_the_database_alone(life: Life) -> None:
    life.project.edit("storage_gib = 20", "storage_gib = 30")
    run = life.stack.up()
    assert operations(run) == {("update", t.DATABASE, "database")}


def test_more_memory_updates_the_function_alone(life: Life) -> None:
    life.project.edit("memory_mib = 512", "memory_mib = 1024")
    run = life.stack.up()
    assert operations(run) == {("update", t.FUNCTION, "validate-payment")}
    assert custom(run)[0].changed == ("memorySize",)


def test_replacing_the_database_is_seen_beforehand(life: Life) -> None:
    """A change that would lose the data shows as a replacement of the instance, with its reasons."""
    lines = 'name = "ledger"\nmaster_username = "keeper"'
    life.project.edit("storage_gib = 30", f"storage_gib = 30\n{lines}")
    replaced = [step for step in custom(life.stack.preview()) if step.operation.endswith("replace")]
    life.project.edit(f"\n{lines}", "")
    of_database = {step.replaced_by for step in replaced if step.type == t.DATABASE}
    assert of_database == {("dbName", "username")}
    assert t.DATABASE in {record.token for record in life.engine.cloud.records}


def test_what_stands_but_once_is_deleted_before_it_is_made_anew(life: Life) -> None:
    """AWS refuses a second flow log of the same, and a second integration would take the place of the first."""
    overrides = "".join(
        f"""[[overrides.{resource}]]
argument = "{argument}"
value = {value}
reason = "closer"
owner = "payments-platform"
expires = 2027-03-01

"""
        for resource, argument, value in (
            ('"network.flow_log"', "max_aggregation_interval", "60"),
            ('"api.integration"', "passthrough_behavior", '"NEVER"'),
        )
    )
    before = "[functions.validate-payment]"
    life.project.edit(before, f"{overrides}{before}")
    done = operations(life.stack.up())
    life.project.edit(overrides, "")
    life.stack.up()
    replaced = {type_ for operation, type_, _ in done if operation == "create-replacement"}
    assert {FLOW_LOG, t.INTEGRATION} <= replaced
    assert audit.problems(life.engine.cloud) == []


def test_another_header_and_another_path_are_deployed(life: Life) -> None:
    """API-2: a change of the API makes a new deployment, the stage runs all of it, and the old path is dead."""
    life.project.edit('"GET /health"', '"GET /alive"')
    life.project.edit('["Content-Type"]', '["Content-Type", "X-Request-Id"]')
    done = operations(life.stack.up())
    assert {operation for operation, type_, _ in done if type_ == t.DEPLOYMENT} == {
        "create-replacement",
        "replace",
        "delete-replaced",
    }
    assert audit.problems(life.engine.cloud) == []


def test_another_function_moves_nothing_else(life: Life) -> None:
    """FN-4: a function comes with things of its own, and whatever was there stays what it was."""
    life.project.edit(
        "[functions.validate-payment]",
        '[functions.ping]\nsource = "builtin:health"\n\n[functions.validate-payment]',
    )
    run = life.stack.up()
    created = {step for step in custom(run) if step.operation == "create"}
    assert {t.FUNCTION, t.ROLE, t.ROLE_POLICY, t.LOG_GROUP} <= {step.type for step in created}
    assert all("ping" in step.name for step in created)
    # Whatever watches all functions is told of the new one.
    others = {(s.operation, s.type) for s in custom(run) if s.operation != "create"}
    assert others <= {("update", DASHBOARD), ("update", TRACE_GROUP)}
    assert audit.problems(life.engine.cloud) == []


def test_second_suffix_stands_beside_the_first(life: Life) -> None:
    """NAME-1: two copies in one account and one region, and the first notices nothing of the second."""
    first = list(life.engine.cloud.records)
    second = life.engine.stack(life.project.folder, "second")
    second.configure("environmentSuffix", "pr42")
    # One a region; the first has it.
    second.configure("manageAccountRole", "false")
    # Three zones of each are one more than an account has by default.
    life.engine.cloud.raised["elastic_ips"] = 6
    assert {step.operation for step in second.up().steps} == {"create"}
    assert t.API_ACCOUNT not in {record.token for record in life.engine.cloud.records[len(first) :]}
    assert audit.problems(life.engine.cloud) == []
    second.destroy()
    assert life.engine.cloud.records == first
    assert life.stack.refresh().changes() == []


def test_a_second_stack_without_a_suffix_of_its_own_makes_nothing(life: Life) -> None:
    """NAME-2: neither with the project's default nor with the first one's settings, copied."""
    before = list(life.engine.cloud.records)
    second = life.engine.stack(life.project.folder, "third")
    for run in (second.preview, second.up):
        with pytest.raises(auto.errors.CommandError, match="is that of the stack 'staging'"):
            run()
    second.configure("environmentSuffix", "main")
    with pytest.raises(auto.errors.CommandError, match="pulumi config set environmentSuffix"):
        second.up()
    assert life.engine.cloud.records == before
    assert {resource["type"] for resource in second.resources()} <= {"pulumi:pulumi:Stack"}


def test_what_somebody_deleted_comes_back_alone(life: Life) -> None:
    (alarm, *_) = life.engine.cloud.all(ALARM)
    life.engine.cloud.delete(alarm.token, alarm.urn, alarm.id)
    found = life.stack.refresh().changes()
    assert [(step.operation, step.name) for step in found] == [("delete", alarm.name)]
    assert operations(life.stack.up()) == {("create", ALARM, alarm.name)}


def test_destroy_leaves_nothing(life: Life) -> None:
    """DEST-1: also after the environment was used, when its buckets hold objects."""
    for bucket in life.engine.cloud.all(t.BUCKET):
        bucket.memory[OBJECTS] = True
    life.stack.destroy()
    assert life.engine.cloud.records == []
    assert life.stack.resources() == []


def test_same_suffix_comes_up_again(life: Life) -> None:
    """DEST-1: nothing that was left behind, such as a name, is in the way."""
    run = life.stack.up()
    assert {step.operation for step in run.steps} == {"create"}
    assert audit.problems(life.engine.cloud) == []
    assert set(cloud_of_tests.KINDS) >= {record.token for record in life.engine.cloud.records}
