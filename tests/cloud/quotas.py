"""How many there may be: what stands twice for a while counts twice. The numbers are the compiler's own."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloud import tokens as t
from cloud.record import Record, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud.store import Cloud

CATALOGUE = Path(__file__).parents[2] / "src" / "catalogue" / "quotas.toml"


@dataclass(frozen=True)
class Quota:
    """How many there may be of a type."""

    # The table of the catalogue, or the class of one of its rows.
    row: str
    error: str
    # Those that are counted together give the same.
    of: Callable[[Cloud, Record], Any]


def _region(_: Cloud, record: Record) -> str:
    return record.region


def _balancer(cloud: Cloud, record: Record) -> str:
    listener = cloud.one(t.LISTENER, arn=record.inputs["listenerArn"])
    assert listener is not None
    return listener.inputs["loadBalancerArn"]


# Target groups have one of a load balancer, which rules and listeners name: not counted here.
QUOTAS = {
    t.API_RESOURCE: Quota(
        "aws.apigateway.Resource", "LimitExceededException", lambda _, r: r.inputs["restApi"]
    ),
    t.EIP: Quota("elastic_ips", "AddressLimitExceeded", _region),
    t.EVENT_RULE: Quota("aws.cloudwatch.EventRule", "LimitExceededException", _region),
    t.LISTENER_RULE: Quota("aws.lb.ListenerRule", "TooManyRules", _balancer),
    t.ROLE: Quota("aws.iam.Role", "LimitExceeded", lambda _, __: "account"),
    t.USAGE_PLAN: Quota("aws.apigateway.UsagePlan", "LimitExceededException", _region),
}


@cache
def value(row: str) -> int:
    """How many."""
    catalogue = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    rows = {each["class"]: each for each in catalogue["of_kind"]}
    return {**rows, **catalogue}[row]["value"]


def refuse_more(cloud: Cloud, record: Record) -> None:
    """Refuses one that is one too many."""
    quota = QUOTAS.get(record.token)
    if quota is None:
        return
    place = quota.of(cloud, record)
    there = [other for other in cloud.all(record.token) if quota.of(cloud, other) == place]
    if len(there) >= cloud.raised.get(quota.row, value(quota.row)):
        message = f"{quota.error}: {record.name}: there are {len(there)} already"
        raise Refused(message)
