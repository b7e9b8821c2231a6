"""Overrides of every argument that is open, with words that would break out of a comment, a literal or a table."""

from __future__ import annotations

import json
import subprocess
import tomllib
from typing import TYPE_CHECKING, Any

from graph.built import ROOT, compiler

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TODAY = "2026-12-01"
WORDS = {
    "bool": True,
    "str": 'it’s "0.0.0.0" – {x} \\ # noqa: a text that is so long that it needs more than one line of its own',
}
# Where AWS's models ask for a form: as odd as it takes.
OF_A_FORM = {
    (
        "aws.iam.Role",
        "description",
    ): 'it\'s "0.0.0.0" \xb7 {x} \\ # noqa: \xe9 a text that is so long that it needs more than one line of its own',
    ("aws.lambda_.Function", "code_signing_config_arn"): (
        "arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-0123456789abcdef0"
    ),
    ("aws.wafv2.WebAcl", "description"): "words: +=:#@/-,. of one line #noqa",
}
REASONS = (
    "it’s – closer: x = 1 # noqa # type: ignore",
    "fmt: off",
    "TODO <b>later</b> | #12",
)
OVERRIDE = """
[[overrides.{resource}]]
argument = "{argument}"
value = {value}
{replaces}reason = {reason}
owner = "payments-platform"
expires = 2027-03-01
"""


def read(path: str) -> dict[str, Any]:
    """Read a table of the compiler's."""
    with (ROOT / "src" / path).open("rb") as file:
        return tomllib.load(file)


def another(bound: dict[str, Any], current: object) -> object:
    """Give a value within bounds that is not the one that is there."""
    values = bound.get("one_of") or [bound["min"], bound["max"]]
    return next(value for value in values if value != current)


def open_value(class_: str, argument: str, type_: str) -> object:
    """Give a value that AWS's models take."""
    row = read("catalogue/bounds.toml").get(class_, {}).get(argument, {})
    if "one_of" in row:
        return row["one_of"][-1]
    value = OF_A_FORM.get((class_, argument), WORDS.get(type_))
    assert value is not None, f"{class_} {argument}: which {type_}?"
    return value


def every(spec: Path) -> Iterator[str]:
    """Override each open argument of each resource of a spec."""
    overridable, types = read("overridable.toml"), read("catalogue/arguments.toml")
    command = (compiler(), "plan", "--json", spec, "--today", TODAY)
    plan = subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603 - our own program
    resources = {
        f"{item['component']}.{item['variable']}": item for item in json.loads(plan)["resources"]
    }
    for name, item in resources.items():
        row = overridable.get(item["class"], {})
        bounded = row.get("bounded", {})
        for argument in [*row.get("open", []), *bounded]:
            current = item["arguments"].get(argument)
            bound = bounded.get(argument)
            type_ = types[item["class"]][argument]
            value = another(bound, current) if bound else open_value(item["class"], argument, type_)
            yield OVERRIDE.format(
                resource=json.dumps(name),
                argument=argument,
                value=json.dumps(value),
                replaces="" if current is None else f"replaces = {json.dumps(current)}\n",
                reason=json.dumps(REASONS[len(argument) % len(REASONS)]),
            )
