"""Policy documents, read in one form whatever form AWS gives them in, and judged as IAM would."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import unquote


class UnknownConditionError(Exception):
    """A policy has a condition that these tests cannot judge; teach ``_holds`` what it means."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement with lists where documents have a value or a list."""

    effect: str
    principals: frozenset[str]
    actions: frozenset[str]
    resources: frozenset[str]
    condition: Mapping[str, Mapping[str, Any]]


def statements(document: object) -> list[Statement]:
    """Return the statements of a document, given as text or as a mapping."""
    if isinstance(document, str):
        text = document if document.lstrip().startswith("{") else unquote(document)
        document = json.loads(text)
    entries: Any = cast("Mapping[str, Any]", document)["Statement"]
    if isinstance(entries, Mapping):
        entries = [entries]
    return [_statement(entry) for entry in cast("Sequence[Mapping[str, Any]]", entries)]


@dataclass(frozen=True, kw_only=True)
class Request:
    """Somebody asks for something; ``context`` is what conditions look at, by their keys."""

    action: str
    resource: str
    # Left out where a policy belongs to somebody, and names nobody.
    principal: str | None = None
    context: Mapping[str, str] | None = None


def allows(document: Iterable[Statement], request: Request) -> bool:
    """Whether the statements grant it and none of them denies it."""
    matching = [statement.effect for statement in document if _matches(statement, request)]
    return "Allow" in matching and "Deny" not in matching


def denies(document: Iterable[Statement], request: Request) -> bool:
    """Whether a statement denies it, whatever grants it elsewhere."""
    return any(
        statement.effect == "Deny" and _matches(statement, request) for statement in document
    )


def _matches(statement: Statement, request: Request) -> bool:
    context = {key.lower(): value for key, value in (request.context or {}).items()}
    return (
        (request.principal is None or _includes(statement.principals, request.principal))
        # Actions are the same in small and capital letters.
        and any(_like(request.action.lower(), pattern.lower()) for pattern in statement.actions)
        and any(_like(request.resource, pattern) for pattern in statement.resources)
        and all(
            _holds(operator, _texts(wanted), context.get(key.lower()))
            for operator, conditions in statement.condition.items()
            for key, wanted in conditions.items()
        )
    )


def _includes(principals: frozenset[str], principal: str) -> bool:
    # The root of an account in a policy stands for everybody of that account.
    account = re.match(r"arn:aws:iam::(\d+):", principal)
    everybody = {f"arn:aws:iam::{account[1]}:root", account[1]} if account else set[str]()
    return not principals.isdisjoint({"*", principal, *everybody})


def _holds(operator: str, wanted: Sequence[str], found: str | None) -> bool:
    if operator == "Null":
        return ("true" if found is None else "false") in wanted
    if found is None:
        return operator.endswith("IfExists")
    match operator.removesuffix("IfExists"):
        case "StringEquals":
            return found in wanted
        case "Bool":
            return found in [value.lower() for value in wanted]
        case "StringLike" | "ArnLike" | "ArnEquals":
            return any(_like(found, pattern) for pattern in wanted)
        case other:
            # To take it for true or false would hide what it does.
            message = f"no test knows the condition {other}"
            raise UnknownConditionError(message)


def _like(text: str, pattern: str) -> bool:
    parts = (re.escape(part).replace(r"\?", ".") for part in pattern.split("*"))
    return re.fullmatch(".*".join(parts), text, re.DOTALL) is not None


def _statement(entry: Mapping[str, Any]) -> Statement:
    turned = {"NotAction", "NotPrincipal", "NotResource"} & entry.keys()
    assert not turned, f"a statement grants or denies by what it leaves out: {sorted(turned)}"
    return Statement(
        effect=entry["Effect"],
        principals=frozenset(_principals(entry.get("Principal", {}))),
        actions=frozenset(_texts(entry.get("Action", []))),
        resources=frozenset(_texts(entry.get("Resource", []))),
        condition=entry.get("Condition", {}),
    )


def _principals(value: str | Mapping[str, Any]) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    else:
        for names in value.values():
            yield from _texts(names)


def _texts(value: str | bool | Sequence[str]) -> list[str]:  # noqa: FBT001 - as JSON has it
    if isinstance(value, bool):
        return [str(value).lower()]
    return [value] if isinstance(value, str) else list(value)
