"""Says what is left of one copy of the environment: a table, or JSON; it only reads.

Exit codes: 0 nothing is left but what AWS removes by itself and what neither blocks nor bills;
1 something is left; 2 not everything could be looked at.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, cast

import boto3

from residue.findings import NOT_LISTED, Copy, as_json, as_table
from residue.search import Search


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
    if asked.json:
        _say(as_json(found, search.unseen))
    else:
        _say(as_table(found) if found else f"nothing is left of {search.copy.tail[1:]}")
        for service in sorted(search.without):
            _say(f"not looked at: {service}, which was left out")
        for what, reason in search.unseen.items():
            _say(f"not looked at: {what}: {reason}")
        for line in NOT_LISTED:
            _say(f"not listed: {line}")
    if any(one.harms or asked.strict for one in found):
        return 1
    return 2 if search.unseen else 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m residue", description=__doc__)
    parser.add_argument("--environment", required=True, help="name of the environment: staging")
    parser.add_argument("--suffix", required=True, help="suffix of the copy that was destroyed")
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


def _clients(region: str | None) -> Callable[[str], Any]:
    session = boto3.Session(region_name=region)
    # Of the services that boto3 knows, not all have their types installed.
    return cache(cast("Callable[[str], Any]", session.client))  # pyright: ignore[reportUnknownMemberType]


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
