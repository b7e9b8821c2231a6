"""A stack of an earlier version goes to the present project with nothing created, replaced or deleted.

The old stack is deployed from what its version registered (`upgrade/registered.jsonl`). Whatever differs stands in
`upgrade/announced.toml`, with its reason. Components count as resources do: another type or parent needs `aliases`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cloud import tokens as t
from engine import audit
from engine.project import Project, build_compiler
from engine.stack import engine
from engine.upgrade import judge, registered
from engine.upgrade.judge import Announced, Change
from engine.upgrade.registered import Replay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.stack import Stack
    from engine.upgrade.registered import Registered

DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
POLICY = "aws:iam/rolePolicy:RolePolicy"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The present project."""
    build_compiler()
    return Project(tmp_path_factory.mktemp("upgrade"))


@pytest.fixture
def deployed(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[list[Registered]], Stack]]:
    """Deploys an old stack into an empty account, and gives it with the present program."""
    with engine(tmp_path_factory.mktemp("home")) as running:

        def deploy(resources: list[Registered]) -> Stack:
            run = running.stack_of(Replay(resources, project.folder), project.folder).up()
            assert {step.operation for step in run.steps} == {"create"}
            assert audit.problems(running.cloud) == []
            return running.stack(project.folder)

        yield deploy


def test_the_present_project_changes_nothing_but_what_is_announced(
    deployed: Callable[[list[Registered]], Stack],
) -> None:
    done = judge.changes(deployed(registered.read()).up().changes())
    assert judge.offences(done, judge.announced()) == []


def altered(one: Registered) -> Registered:
    """Another logical name, another type of a component, and another argument."""
    for old, new in (("LogGroup::flow-logs", "LogGroup::flow"), ("index:Tracing", "index:Traces")):
        one = replace(one, urn=one.urn.replace(old, new))
    one = replace(
        one,
        parent=one.parent.replace("index.Tracing", "index.Traces"),
        after=[key.replace("flow-logs:", "flow:") for key in one.after],
    )
    text = json.dumps(one.inputs).replace("@<flow-logs:", "@<flow:")
    if one.type == POLICY:
        text = text.replace('"FindGroup"', '"Find"')
    return replace(one, inputs=json.loads(text))


def test_what_was_not_announced_is_noticed(
    deployed: Callable[[list[Registered]], Stack],
) -> None:
    """A component's type is in the URN of its children; a log group of another name is another one."""
    stack = deployed([altered(one) for one in registered.read()])
    found = judge.offences(judge.changes(stack.preview().changes()), judge.announced())
    network, traces = "paystage:index:Network$", "paystage:index:Traces"
    for line in (
        f"create {network}{LOG_GROUP}::flow-logs",
        f"delete {network}{LOG_GROUP}::flow",
        f"update {network}{POLICY}::flow-log-policy policy",
        f"delete {traces}::tracing",
        f"delete {traces}${judge.LIBRARIES}::libraries",
        "create paystage:index:Tracing::tracing",
        f"create paystage:index:Tracing${judge.LIBRARIES}::libraries",
    ):
        assert f"not announced: {line}" in found


def change(op: str, type_: str, *inputs: str) -> Change:
    return Change(op, f"paystage:index:Api${type_}::one", type_, inputs)


@pytest.mark.parametrize(
    ("happens", "entry", "wrong"),
    [
        (change("update", DASHBOARD, "body"), ("update", "*::one", "body"), None),
        (change("update", DASHBOARD, "body"), ("update", "*::one", "name"), "not announced"),
        (change("update", DASHBOARD, "body"), ("update", "*::one"), "may not be"),
        (change("create", DASHBOARD), ("create", "*::one"), None),
        (change("create", DASHBOARD), ("create", "*::two"), "does not happen"),
        (change("delete", DASHBOARD), ("delete", "*::one"), "may not be"),
        (change("delete", t.METHOD), ("delete", "*::one"), None),
        (change("replace", t.DEPLOYMENT), ("replace", "*::one"), None),
        (change("replace", t.DATABASE), ("replace", "*::one"), "may not be"),
    ],
)
def test_what_may_be_announced(happens: Change, entry: tuple[str, ...], wrong: str | None) -> None:
    """Updates input by input, new resources, what is a snapshot of something else, and routes that go."""
    op, resource, *inputs = entry
    found = judge.offences([happens], [Announced(op, resource, "a reason", tuple(inputs))])
    assert (wrong in " ".join(found)) if wrong else not found
    assert judge.offences([happens], [Announced(op, resource, " ", tuple(inputs))])
