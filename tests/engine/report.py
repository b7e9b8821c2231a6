"""Prints how long the engine takes for the generated program, how much there is, and what waits for what.

The times are the engine's and the program's own: the cloud of the tests answers at once. How long AWS takes is
estimated for the chain that takes longest.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from engine import catalogue, chain
from engine.project import Project
from engine.stack import engine

if TYPE_CHECKING:
    from collections.abc import Iterator


def lines() -> Iterator[str]:
    """The report, while it comes about."""
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        with engine(Path(folder) / "home") as running:
            stack = running.stack(project.folder)
            for name, run in (
                ("preview", stack.preview()),
                ("up", stack.up()),
                ("up again", stack.up()),
                ("refresh", stack.refresh()),
            ):
                changed = len([step for step in run.changes() if catalogue.knows(step.type)])
                yield f"{name:9} {run.seconds:5.1f} s  {changed:4} resources changed"
            resources = stack.resources()
            yield f"destroy   {stack.destroy().seconds:5.1f} s  {len(running.cloud.records):4} resources left"
    kinds = Counter(r["type"] for r in resources if catalogue.knows(r["type"]))
    components = [r for r in resources if not r.get("custom")]
    yield f"{kinds.total()} resources of {len(kinds)} types, and {len(components) - 1} components"
    yield from _chain("longest chain by time", chain.longest(resources, chain.minutes_of))
    yield from _chain("longest chain by number", chain.longest(resources, lambda _: 1))


def _chain(title: str, links: list[chain.Link]) -> Iterator[str]:
    minutes = sum(link.minutes for link in links)
    yield f"{title}: {len(links)} resources, about {minutes:.0f} minutes at AWS"
    for link in links:
        yield f"  {link.minutes:4.1f} min  {link.type.rsplit(':', 1)[-1]:30} {link.name}"


if __name__ == "__main__":
    for line in lines():
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
