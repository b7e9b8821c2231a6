"""Says what is left of one copy of the environment: a table, or JSON; it only reads.

Exit codes: 0 nothing is left but what AWS removes by itself and what neither blocks nor bills;
1 something is left; 2 not everything could be looked at, or the command is wrong; 3 nothing was
found, and nothing shows that a copy of this name ever stood here.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

import boto3

from residue.findings import NOT_LISTED, Copy, as_json, as_table
from residue.search import Search

NO_TRACE = 3
# Of names that AWS takes and `pulumi up` lets through.
NAME = re.compile(r"[a-z0-9](-?[a-z0-9])*")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    asked = _parse(arguments)
    search = Search(
        client=_clients(asked.region),
        copy=Copy(environment=asked.environment, suffix=asked.suffix),
        api_id=asked.api_id,
        without=frozenset(asked.without),
    )
    found = search.findings()
    # Where something was found, or could not be looked at, the question does not arise.
    stood = bool(found or search.unseen) or search.ever_stood()
    if asked.json:
        _say(as_json(found, search.unseen, stood=stood, untraced=search.untraced))
    else:
        _say(as_table(found) if found else _nothing(search, stood=stood))
        for service in sorted(search.without):
            _say(f"not looked at: {service}, which was left out")
        for what, reason in search.unseen.items():
            _say(f"not looked at: {what}: {reason}")
        for line in NOT_LISTED:
            _say(f"not listed: {line}")
    if any(one.harms or asked.strict for one in found):
        return 1
    if search.unseen:
        return 2
    return 0 if stood else NO_TRACE


def _nothing(search: Search, *, stood: bool) -> str:
    name = search.copy.tail[1:]
    if search.unseen:
        return f"nothing was found of {name}, but not everything was looked at"
    if stood:
        return f"nothing is left of {name}"
    known = ", ".join(_configured(Path.cwd()))
    return "\n".join(
        (
            f"nothing was found of {name}, and no trace that it ever stood here: a copy that was",
            "destroyed leaves keys that wait for their deletion, and CloudTrail tells of it for 90 days",
            *(f"trace not looked for: {reason}" for reason in search.untraced),
            "check --environment, --suffix, --region, and whose account this is",
            *(
                (f"suffixes that stacks of this folder are configured with: {known}",)
                if known
                else ()
            ),
        )
    )


def _configured(folder: Path) -> list[str]:
    """Give the suffixes in the settings of the stacks in a folder."""
    texts = (path.read_text("utf-8") for path in sorted(folder.glob("Pulumi.*.yaml")))
    found = (re.findall(r":environmentSuffix:[ \"']*([a-z0-9-]+)", text) for text in texts)
    return sorted({suffix for suffixes in found for suffix in suffixes})


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m residue", description=__doc__)
    parser.add_argument(
        "--environment", required=True, type=_name, help="name of the environment: staging"
    )
    parser.add_argument(
        "--suffix", required=True, type=_name, help="suffix of the copy that was destroyed"
    )
    parser.add_argument("--region", default=None, help="left out: as boto3 is configured")
    parser.add_argument("--api-id", default="", help="id of the API, to find its log group")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--strict", action="store_true", help="exit code 1 also for what goes by itself"
    )
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="SERVICE",
        help="do not ask this service (its name in boto3); the result says so",
    )
    return parser.parse_args(arguments)


def _name(text: str) -> str:
    """Refuse what no name of ours can end in, above all nothing: a variable that was not set."""
    if not NAME.fullmatch(text):
        reason = "is empty" if not text else "is not of small letters, digits and single hyphens"
        message = f"{text!r} {reason}; `pulumi stack output suffix` tells the suffix"
        raise argparse.ArgumentTypeError(message)
    return text


def _clients(region: str | None) -> Callable[[str], Any]:
    session = boto3.Session(region_name=region)
    # Of the services that boto3 knows, not all have their types installed.
    return cache(cast("Callable[[str], Any]", session.client))  # pyright: ignore[reportUnknownMemberType]


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
