"""IAM documents, read statement by statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from tests.unit.values import as_list, as_map, as_text, as_texts, parse_json


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement; a single action or resource reads as a list of one."""

    sid: str
    effect: str
    # By kind: `Service`, `AWS`; `"*"` alone reads as `{"*": ["*"]}`.
    principals: Mapping[str, list[str]]
    actions: list[str]
    resources: list[str]
    # By operator, then by key.
    conditions: Mapping[str, Mapping[str, list[str]]]

    @property
    def allows(self) -> bool:
        """Tell whether it grants something."""
        return self.effect == "Allow"

    @property
    def denies(self) -> bool:
        """Tell whether it forbids something."""
        return self.effect == "Deny"

    def is_for(self, service: str) -> bool:
        """Tell whether it speaks to this service and to nobody else."""
        return dict(self.principals) == {"Service": [service]}

    def condition(self, operator: str, key: str) -> list[str]:
        """Give the values of one condition."""
        return self.conditions.get(operator, {}).get(key, [])


def _statement(raw: Mapping[str, object]) -> Statement:
    principal = raw.get("Principal")
    principals = (
        {"*": ["*"]}
        if principal == "*"
        else {kind: as_texts(value) for kind, value in as_map(principal).items()}
    )
    return Statement(
        sid=as_text(raw.get("Sid")),
        effect=as_text(raw.get("Effect")),
        principals=principals,
        actions=as_texts(raw.get("Action")),
        resources=as_texts(raw.get("Resource")),
        conditions={
            operator: {key: as_texts(value) for key, value in as_map(keys).items()}
            for operator, keys in as_map(raw.get("Condition")).items()
        },
    )


@lru_cache(maxsize=4096)
def _parsed(document: str) -> tuple[Statement, ...]:
    body = as_map(parse_json(document))
    # Documents of the old version know neither policy variables nor all conditions.
    if body.get("Version") != "2012-10-17":
        return ()
    return tuple(_statement(as_map(item)) for item in as_list(body.get("Statement")))


def statements(document: str) -> list[Statement]:
    """Give the statements of a document in JSON."""
    return list(_parsed(document))


def granted(rules: Iterable[Statement], resource: str) -> set[str]:
    """Give the actions that are allowed on exactly this resource."""
    return {
        action
        for rule in rules
        if rule.allows and resource in rule.resources
        for action in rule.actions
    }
