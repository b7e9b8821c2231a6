"""Edits that AWS would refuse, or carry out on the wrong thing, if identity hung on a position or on neighbours.

Each case is a spec before and after, with all that the engine then does to the kinds of resource that it is about. The way back is
taken as well.
"""

from __future__ import annotations

import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from cloud import tokens as t
from engine import audit
from engine.project import Project, build_compiler
from engine.stack import engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.stack import Engine, Run

SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
ROUTES = (t.API_RESOURCE, t.METHOD, t.INTEGRATION, t.PERMISSION)
PLANS = (t.USAGE_PLAN, t.USAGE_PLAN_KEY)
TARGETS = (t.TARGET_GROUP, t.TARGET_ATTACHMENT, t.LISTENER_RULE)

# Patterns in the team's spec, and what stands there instead.
Edits = dict[str, str]


def routes(*texts: str) -> Edits:
    """More routes of the API, before the others."""
    tables = "".join(f'[api.routes."{text}"]\nfunction = "payment-status"\n\n' for text in texts)
    return {r'(?=^\[api\.routes\."POST)': tables}


def rules(*patterns: str) -> Edits:
    """Other rules of the load balancer in the place of the one for health."""
    tables = (f'[load_balancer.routes."{pattern}"]\nfunction = "health"\n' for pattern in patterns)
    return {r'^\[load_balancer\.routes\."/health"\]\n.*\n': "\n".join(tables)}


def subscribers(*addresses: str) -> Edits:
    """Whom alarms notify."""
    listed = ", ".join(f'"email:{address}"' for address in addresses)
    return {r"^notify = .*$": f"notify = [{listed}]"}


def plans(**keys: str) -> Edits:
    """The plans, each with the names of its keys."""
    limits = 'quota = { requests = 1_000, period = "day" }\nthrottle = { rate_per_second = 5, burst = 5 }'
    tables = "".join(
        f"[api.plans.{plan}]\n{limits}\napi_keys = [{names}]\n\n" for plan, names in keys.items()
    )
    return {
        r"^\[api\.plans\.partner\]\n.*\n.*\n": tables,
        # A merchant's.
        r'^plan = "partner"': f'plan = "{next(iter(keys))}"',
    }


def short_name(name: str) -> Edits:
    """A short name of the function that validates."""
    return {r"(?<=^\[functions\.validate-payment\]\n)": f'short_name = "{name}"\n'}


def function(name: str) -> Edits:
    """Another name of that function."""
    return {
        r"(?<=^\[functions\.)validate-payment\b": name,
        r'(?<=^function = ")validate-payment\b': name,
    }


@dataclass(frozen=True)
class Case:
    """A spec before and after, and what happens to resources of these kinds: ``update Method``, and how often."""

    before: Edits
    after: Edits
    kinds: tuple[str, ...]
    steps: dict[str, int]


BESIDE = {
    "create TargetGroup": 1,
    "create TargetGroupAttachment": 1,
    "update ListenerRule": 1,
    "delete TargetGroupAttachment": 1,
    "delete TargetGroup": 1,
}

CASES = {
    "parameters-and-a-plan-renamed-and-a-short-name-set": Case(
        {
            **routes(
                "GET /payments/{payment_id}", "GET /payments/{payment_id}/refunds/{refund_id}"
            ),
            **plans(partner='"one"'),
        },
        {
            **routes("GET /payments/{id}", "GET /payments/{id}/refunds/{refund}"),
            **plans(partners='"one"'),
            **short_name("vpay"),
        },
        (*ROUTES, *PLANS, *TARGETS),
        {
            "update Resource": 2,
            "update Method": 2,
            "create UsagePlan": 1,
            "replace UsagePlanKey": 1,
            "delete UsagePlan": 1,
            "create Permission": 1,
            "delete Permission": 1,
            **BESIDE,
        },
    ),
    # The group stays, and with it whatever names it; it takes one function at a time.
    "a-function-renamed-and-keys-in-other-plans": Case(
        plans(partner='"one", "two"', internal='"three"'),
        {
            **function("validate-payments"),
            **plans(internal='"two", "one"', partner='"three"'),
        },
        (*TARGETS, *PLANS),
        {"replace TargetGroupAttachment": 1, "replace UsagePlanKey": 3},
    ),
    "a-function-renamed-that-has-a-short-name": Case(
        short_name("vpay"),
        {**function("validated"), r"(?<=^\[functions\.validated\]\n)": 'short_name = "vpay"\n'},
        TARGETS,
        {"replace TargetGroupAttachment": 1},
    ),
    "another-short-name": Case(short_name("first"), short_name("second"), TARGETS, BESIDE),
}

# The first of each goes, another one comes above, the rest turn around.
ROWS = Case(
    {
        **routes("GET /pay_status", "GET /pay-status", "GET /pay.status", "GET /pay/status"),
        **rules("/health/", "/Health", "/health", "/health_*"),
        **subscribers("pay.ops@example.com", "pay-ops@example.com", "pay@ops.example.com"),
    },
    {
        **routes("GET /Pay/status", "GET /pay/status", "GET /pay.status", "GET /pay-status"),
        **rules("/health-*", "/health_*", "/health", "/Health"),
        **subscribers("pay@ops.example.com", "pay_ops@example.com", "pay-ops@example.com"),
    },
    (*ROUTES, t.LISTENER_RULE, SUBSCRIPTION),
    {
        # `Pay` and what is below it.
        "create Resource": 2,
        "delete Resource": 1,
        **{
            f"{step} {kind}": 1
            for step in ("create", "delete")
            for kind in (
                "Method",
                "Integration",
                "Permission",
                "ListenerRule",
                "TopicSubscription",
            )
        },
    },
)


def edited(text: str, edits: Edits) -> str:
    """The team's spec with other words in it."""
    for pattern, new in edits.items():
        text, count = re.subn(pattern, lambda _, new=new: new, text, flags=re.MULTILINE)
        assert count, f"{pattern} is not in the spec"
    return text


def steps(run: Run, kinds: tuple[str, ...]) -> dict[str, int]:
    """What happens to resources of these kinds, all steps of a replacement as one."""
    counted = ("create", "update", "replace", "delete")
    found = (
        f"{step.operation} {step.type.rpartition(':')[2]}"
        for step in run.changes()
        if step.type in kinds and step.operation in counted
    )
    return dict(Counter(found))


@dataclass(frozen=True)
class Edited:
    """A project and its stack, which go from case to case."""

    engine: Engine
    project: Project
    # Of the spec as the team has it.
    text: str

    def to(self, edits: Edits) -> Run:
        """Edit the team's spec, build and deploy."""
        self.project.rewrite(edited(self.text, edits))
        return self.engine.stack(self.project.folder).up()


@contextmanager
def deployed(folder: Path) -> Iterator[Edited]:
    """An empty account for the team's project."""
    build_compiler()
    project = Project(folder / "project")
    with engine(folder / "home") as running:
        yield Edited(running, project, project.spec.read_text("utf-8"))


def assert_both_ways(case: Case, team: Edited) -> None:
    """Go there and back."""
    team.to(case.before)
    assert steps(team.to(case.after), case.kinds) == case.steps
    assert audit.problems(team.engine.cloud) == []
    back = {"create": "delete", "delete": "create"}
    turned = (step.split(" ") for step in case.steps)
    expected = {
        f"{back.get(operation, operation)} {kind}": case.steps[f"{operation} {kind}"]
        for operation, kind in turned
    }
    assert steps(team.to(case.before), case.kinds) == expected
    assert audit.problems(team.engine.cloud) == []


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edited]:
    """One stack that goes from case to case."""
    with deployed(tmp_path_factory.mktemp("changes")) as made:
        yield made


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_an_edit_does_what_it_says_and_no_more(case: Case, team: Edited) -> None:
    assert_both_ways(case, team)


def test_rows_of_one_slug_come_and_go_alone(tmp_path: Path) -> None:
    """In an account of their own: between one rule and several of its slug, priorities meet, as `compare` says."""
    with deployed(tmp_path) as made:
        assert_both_ways(ROWS, made)
