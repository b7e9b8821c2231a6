"""Specs of any size: the staging spec with as many functions, routes and alarms as asked for."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# Every third function is the large one, with a database and an audit bucket to reach.
LARGE = """\
source = "builtin:validate-payment"
memory_mib = 512
timeout_seconds = 10
uses = { database = "write", audit = "write" }
"""
SMALL = """\
source = "builtin:health"
memory_mib = 128
timeout_seconds = 5
"""
REPEATED = ("functions", "api.routes", "load_balancer.routes")


def spec(staging: Path, functions: int) -> str:
    """Give the staging spec other functions: each has one route, and two alarms of its own."""
    names = [f"f{number:04}" for number in range(functions)]
    tables = [_without_functions(staging.read_text())]
    for number, name in enumerate(names):
        tables.append(f"[functions.{name}]\n{LARGE if number % 3 == 0 else SMALL}")
        tables.append(f'[api.routes."GET /things/{number}"]\nfunction = "{name}"\n')
    tables.append(f'[load_balancer.routes."/health"]\nfunction = "{names[-1]}"\n')
    text = "\n".join(tables)
    assert len(tomllib.loads(text)["functions"]) == functions
    return text


def _without_functions(text: str) -> str:
    """Drop the tables that there is one of for each function or route."""
    kept = []
    keep = True
    for line in text.splitlines(keepends=True):
        if line.startswith("["):
            keep = not line.startswith(tuple(f"[{table}." for table in REPEATED))
        if keep:
            kept.append(line)
    return "".join(kept)
