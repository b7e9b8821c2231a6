"""Which arguments replace a resource, which names AWS takes: from the catalogue that the compiler itself is built with."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine import sdk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CATALOGUE = Path(__file__).parents[2] / "src" / "catalogue" / "aws-resources.toml"

FUNCTION = "aws:lambda/function:Function"


@cache
def _rows() -> dict[str, dict[str, Any]]:
    with CATALOGUE.open("rb") as file:
        return {row["token"]: row for row in tomllib.load(file)["kind"]}


def knows(token: str) -> bool:
    """Whether the catalogue has a row for this type."""
    return token in _rows()


def tokens() -> list[str]:
    """All types of the catalogue."""
    return list(_rows())


def is_replaced_by(token: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a change of the argument (by its name on the wire) makes the resource anew."""
    row, wire_names = _rows()[token], sdk.arguments_of(token).wire_names
    # What nobody has confirmed is to be taken as replacing.
    if any(
        wire_names[argument] == name for argument in (*row["replace"], *row.get("unconfirmed", ()))
    ):
        return True
    return any(
        wire_names[argument] == name and _is_case(token, condition, name, old, new)
        for argument, condition in row.get("replace_if", {}).items()
    )


def _is_case(
    token: str,
    condition: str | Mapping[str, Any],
    name: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
) -> bool:
    """Whether a change is one that the catalogue's condition means."""
    wire_names = sdk.arguments_of(token).wire_names
    match condition:
        case "presence":
            is_case = (name in old) != (name in new)
        case {"when": setting}:
            is_case = new.get(wire_names[setting["argument"]]) == setting["value"]
        case {"unless": setting}:
            is_case = new.get(wire_names[setting["argument"]]) != setting["value"]
        case {"another_of": arguments}:
            given = {wire_names[argument] for argument in arguments}
            is_case = given & old.keys() != given & new.keys()
        case {"parts": parts}:
            is_case = any(_part(old, name, part) != _part(new, name, part) for part in parts)
        case {"arn_service": part}:
            arn = _part(new, name, part)
            # An ARN that is not known yet may be any service's.
            is_unknown = not isinstance(arn, str)
            is_case = is_unknown or _service(arn) != _service(_part(old, name, part))
        case {"told": str()}:
            is_case = True
        case other:
            message = f"{token} {name}: a condition of an unknown form: {other}"
            raise ValueError(message)
    return is_case


def _part(inputs: Mapping[str, Any], name: str, part: str) -> Any:
    block = inputs.get(name)
    return block.get(_camel(part)) if isinstance(block, dict) else block


def _service(arn: Any) -> str:
    return ":".join(str(arn).split(":")[:3])


def class_of(token: str) -> str:
    """The class of the SDK."""
    return _rows()[token]["class"]


def computed(token: str) -> set[str]:
    """What the provider computes, by the names on the wire."""
    return {_camel(name) for name in _rows()[token]["computed"]}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def is_deleted_first(token: str, new: Mapping[str, Any]) -> bool:
    """Whether the provider itself deletes before it makes anew: always, or when the program gives the name that Pulumi would make up."""
    match _rows()[token].get("delete_first"):
        case None:
            return False
        case "always":
            return True
        case {"when_set": argument}:
            return sdk.arguments_of(token).wire_names[argument] in new
        case other:
            message = f"{token} is deleted first in an unknown form: {other}"
            raise ValueError(message)


def name_property(token: str) -> str | None:
    """The argument (by its name on the wire) that is the physical name."""
    row = _rows()[token]
    if "name" not in row:
        return None
    wire_names = sdk.arguments_of(token).wire_names
    return wire_names.get(row["name"]["property"])


def name_mistakes(token: str, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What AWS would not take in the physical name, as (property, reason)."""
    name = name_property(token)
    if name is None or not isinstance(inputs.get(name), str):
        return
    value, rule = inputs[name], _rows()[token]["name"]
    if token == FUNCTION and value.startswith("arn:"):
        return
    for broken, reason in (
        (len(value) < rule.get("min", 1), f"is shorter than {rule.get('min', 1)}"),
        (len(value) > rule.get("max", len(value)), f"is longer than {rule.get('max')}"),
        (not re.search(rule.get("pattern", ""), value), f"does not match {rule.get('pattern')}"),
        (rule.get("case") == "lower" and value != value.lower(), "is not in lower case"),
        (value.startswith(rule.get("not_prefix", "\0")), "begins with a reserved prefix"),
        (value.endswith(rule.get("not_suffix", "\0")), "ends with a reserved suffix"),
        (rule.get("not_contains", "\0") in value, f"contains {rule.get('not_contains')}"),
    ):
        if broken:
            yield name, f"{value!r} {reason}"
