"""Whether IAM would allow a call: as much of its rules as the policies of `generated/deployer/` use.

``allows(policies("up"), "s3:CreateBucket", "arn:aws:s3:::…", context)`` judges one call. The context has what AWS knows of it:
``aws:PrincipalAccount``, ``aws:RequestedRegion``, ``aws:RequestTag/Name``, ``aws:ResourceTag/Name``, ``iam:PassedToService``
and the like, each a text or several. A call on several resources is allowed if it is on each, with the tags of each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

DEPLOYER = Path(__file__).parents[2] / "generated" / "deployer"

Context = Mapping[str, str | Sequence[str]]
Policy = Mapping[str, Any]


class UnknownOperatorError(ValueError):
    """A condition that these rules do not know."""


def policies(name: str, *, suffix: str | None = None, folder: Path = DEPLOYER) -> list[Policy]:
    """Give the policies of a set: ``preview``, ``up``, ``change`` or ``destroy``; for a copy with another suffix too."""
    coverage = json.loads((folder / "coverage.json").read_text(encoding="utf-8"))
    tail: str = coverage["tail"]
    other = tail if suffix is None else f"-{tail.split('-')[1]}-{suffix}"
    files = [folder / f"{file}.json" for file in coverage["sets"][name]]
    return [json.loads(file.read_text(encoding="utf-8").replace(tail, other)) for file in files]


def allows(policies: Iterable[Policy], action: str, resource: str, context: Context) -> bool:
    """Tell whether a call is allowed: by some statement, and denied by none."""
    applying = [
        statement["Effect"]
        for policy in policies
        for statement in _list(policy["Statement"])
        if _applies(statement, action, resource, context)
    ]
    return "Deny" not in applying and "Allow" in applying


def _applies(statement: Mapping[str, Any], action: str, resource: str, context: Context) -> bool:
    named = any(matches(pattern.lower(), action.lower()) for pattern in _list(statement["Action"]))
    reached = any(
        matches(_filled(pattern, context), resource) for pattern in _list(statement["Resource"])
    )
    conditions = statement.get("Condition", {}).items()
    return (
        named
        and reached
        and all(
            _holds(operator, key, [_filled(value, context) for value in _list(values)], context)
            for operator, keys in conditions
            for key, values in keys.items()
        )
    )


def matches(pattern: str, text: str) -> bool:
    """Tell whether a text is what a pattern with ``*`` and ``?`` says."""
    return bool(_compiled(pattern).fullmatch(text))


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"([*?])", pattern)
    wild = {"*": ".*", "?": "."}
    return re.compile("".join(wild.get(part, re.escape(part)) for part in parts), re.DOTALL)


def _filled(pattern: str, context: Context) -> str:
    """Put in the variables, such as ``${aws:PrincipalAccount}``; one that nobody knows stays and matches nothing."""
    return re.sub(
        r"\$\{([^}]+)\}", lambda found: (_values(context, found[1]) or [found[0]])[0], pattern
    )


def _equals(pattern: str, value: str) -> bool:
    return pattern == value


def _same_letters(pattern: str, value: str) -> bool:
    return pattern.lower() == value.lower()


TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": _equals,
    "StringLike": matches,
    "ArnEquals": matches,
    "ArnLike": matches,
    "Bool": _same_letters,
}


def _holds(operator: str, key: str, wanted: list[str], context: Context) -> bool:
    values = _values(context, key)
    if operator == "Null":
        return all((not values) == (want.lower() == "true") for want in wanted)
    quantifier, _, rest = operator.rpartition(":")
    base = rest.removesuffix("IfExists")
    positive = base.replace("Not", "")
    test = TESTS.get(positive)
    if test is None or quantifier not in {"", "ForAnyValue", "ForAllValues"}:
        raise UnknownOperatorError(operator)
    if not values:
        # A negated condition holds where there is nothing to compare.
        return rest != base or positive != base or quantifier == "ForAllValues"
    found = [any(test(want, value) for want in wanted) != (positive != base) for value in values]
    return any(found) if quantifier == "ForAnyValue" else all(found)


def _values(context: Context, key: str) -> list[str]:
    """Give the values of a key, whose letters may be of any case."""
    for name, value in context.items():
        if name.lower() == key.lower():
            return _list(value)
    return []


def _list(value: Any) -> list[Any]:
    return [value] if isinstance(value, (str, Mapping)) else list(value)
