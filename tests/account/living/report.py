"""The chapter's table, as README has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from account.living.pace import SCALE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from account.living.chapter import Outcome


def lines(outcome: Outcome) -> Iterator[str]:
    """Yield it as Markdown."""
    yield "| change | steps | `up` | foretold | seconds without an answer, requests refused |"
    yield "| --- | ---: | ---: | --- | --- |"
    for row in outcome.rows:
        yield f"| {row.change} | {row.steps} | {row.seconds:.0f} s | {row.said()} | {row.found()} |"
    yield ""
    yield (
        f"{outcome.requests:,} requests, {outcome.payments:,} payments, each decided and recorded once. "
        f"Steps took 1/{SCALE} of their time at AWS."
    )
