"""Policy documents: whether AWS would take them, and what they allow."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from cloud.record import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cloud.store import Cloud

VERSION = "2012-10-17"
# The one other account that exists: AWS refuses policies that name another one.
NEIGHBOUR = "210987654321"
ACTION = re.compile(r"^(\*|[a-z0-9-]+:[A-Za-z*?]+)$")
ARN = re.compile(r"^(\*|arn:aws:[a-z0-9-]+:[a-z0-9-]*:(\d{12}|\*|cloudfront)?:\S+)$")
STATEMENT_KEYS = {
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}
OPERATOR = re.compile(
    r"^((ForAllValues|ForAnyValue):)?(String(Not)?(Equals|Like)(IgnoreCase)?|Numeric\w+|Date\w+|Bool|Null|"
    r"(Not)?IpAddress|Arn(Not)?(Equals|Like))(IfExists)?$"
)
# Sorts of documents by who is spoken of: an identity's own, a resource's, a role's trust, a key's.
SORTS_WITH_PRINCIPAL = {"resource", "trust", "key"}


@dataclass(frozen=True)
class Statement:
    """One statement, with lists where AWS also takes single values."""

    effect: str
    principals: tuple[tuple[str, str], ...]
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Mapping[str, Any]

    def allows(self, action: str, resource: str | None = "*") -> bool:
        """Whether this alone allows the action on the resource (on any: None), conditions left aside."""
        return (
            self.effect == "Allow"
            and any(fnmatchcase(action, pattern) for pattern in self.actions)
            and (resource is None or any(fnmatchcase(resource, each) for each in self.resources))
        )


def _list(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else (value,)


def _principals(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield "AWS", value
    elif isinstance(value, dict):
        for sort, names in value.items():
            for name in _list(names):
                yield sort, name


def statements(text: str) -> list[Statement]:
    """The statements of a document."""
    document = json.loads(text)
    listed = document["Statement"]
    return [
        Statement(
            effect=raw["Effect"],
            principals=tuple(_principals(raw.get("Principal"))),
            actions=_list(raw.get("Action")),
            resources=_list(raw.get("Resource")),
            conditions=raw.get("Condition", {}),
        )
        for raw in (listed if isinstance(listed, list) else [listed])
    ]


def check(cloud: Cloud, text: str, sort: str, where: str) -> None:
    """Refuses a document that AWS would call malformed."""
    for reason in _mistakes(cloud, text, sort):
        message = f"MalformedPolicyDocument: {where}: {reason}"
        raise Refused(message)


def _mistakes(cloud: Cloud, text: str, sort: str) -> Iterator[str]:
    try:
        document = json.loads(text)
    except ValueError as error:
        yield f"is not JSON: {error}"
        return
    if document.get("Version") != VERSION:
        yield f"needs the version {VERSION}"
    raw_statements = document.get("Statement")
    if not isinstance(raw_statements, list) or not raw_statements:
        yield "needs a list of statements"
        return
    sids = [raw["Sid"] for raw in raw_statements if "Sid" in raw]
    if len(sids) != len(set(sids)):
        yield f"has a Sid twice: {sids}"
    for raw in raw_statements:
        yield from _mistakes_of_statement(cloud, raw, sort)
    if sort == "key" and not any(
        statement.allows("kms:PutKeyPolicy") for statement in statements(text)
    ):
        yield "locks the account out of its own key"


def _mistakes_of_statement(cloud: Cloud, raw: Mapping[str, Any], sort: str) -> Iterator[str]:
    if unknown := raw.keys() - STATEMENT_KEYS:
        yield f"has unknown elements {sorted(unknown)}"
    if raw.get("Effect") not in ("Allow", "Deny"):
        yield "needs the effect Allow or Deny"
    actions = _list(raw.get("Action", raw.get("NotAction")))
    if not actions:
        yield "needs an action"
    yield from (
        f"has no action of the form service:Action: {a!r}" for a in actions if not ACTION.match(a)
    )
    resources = _list(raw.get("Resource", raw.get("NotResource")))
    if (sort == "trust") == bool(resources):
        yield "needs resources" if sort != "trust" else "of a role's trust has no resources"
    yield from (f"has no valid ARN: {r!r}" for r in resources if not ARN.match(r))
    has_principal = "Principal" in raw or "NotPrincipal" in raw
    if has_principal != (sort in SORTS_WITH_PRINCIPAL):
        yield "has a principal" if has_principal else "needs a principal"
    for kind, name in _principals(raw.get("Principal")):
        yield from _mistakes_of_principal(cloud, kind, name)
    for operator, keys in raw.get("Condition", {}).items():
        if not OPERATOR.match(operator):
            yield f"has an unknown condition operator {operator!r}"
        if not isinstance(keys, dict) or any(":" not in key for key in keys):
            yield f"has a condition without keys under {operator}"


def _mistakes_of_principal(cloud: Cloud, kind: str, name: str) -> Iterator[str]:
    if kind == "Service":
        if not re.match(r"^[a-z0-9.-]+\.amazonaws\.com$", name):
            yield f"names no service: {name!r}"
    elif kind == "AWS":
        roots = {f"arn:aws:iam::{account}:root" for account in (cloud.account, NEIGHBOUR)}
        if name not in ("*", *roots, cloud.account) and cloud.by_arn(name) is None:
            yield f"has an invalid principal {name!r}"
    elif kind != "Federated":
        yield f"has an unknown sort of principal {kind!r}"
