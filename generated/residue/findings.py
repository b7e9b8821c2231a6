"""What was found, and how it is printed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

# What no list of AWS's shows as ours, or what AWS keeps for the account.
NOT_LISTED = (
    "log group RDSOSMetrics: one for all databases of the account, with a retention of its own",
    "log group /aws/apigateway/welcome: one for the account, one line",
    "metrics: 15 months; traces: 30 days; neither blocks or bills",
    "log groups of RDS that it has yet to make again: it may send the last lines some minutes late; look again before `up`",
    "the API's own log group, where it was made again: give the API's id, --api-id, to look for it",
)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is left."""

    kind: str
    id: str
    name: str
    # Why it is there.
    why: str
    # What of a second `up` with the same suffix it stops; empty where it stops nothing.
    blocks: str = ""
    # What it costs; empty where it costs nothing.
    bills: str = ""
    # When AWS removes it by itself; empty where it stays.
    until: str = ""

    @property
    def harms(self) -> bool:
        """Whether somebody has to do something, or to wait."""
        return bool(self.blocks or self.bills or not self.until)


@dataclass(frozen=True, kw_only=True)
class Copy:
    """One copy of the environment, by what its names have in common."""

    environment: str
    suffix: str

    @property
    def tail(self) -> str:
        """Return the end of every name."""
        return f"-{self.environment}-{self.suffix}"

    def owns(self, name: str) -> bool:
        """Whether a name is of this copy.

        It may go on with a part of a path, with a bucket's account, or with the number by which Lambda tells interfaces.
        """
        after = r"(?=$|/|-\d{12}$|-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$)"
        return re.search(re.escape(self.tail) + after, name) is not None

    def tags(self, tags: Mapping[str, str]) -> bool:
        """Whether tags are of this copy."""
        return tags.get("Environment") == self.environment and self.owns(tags.get("Name", ""))


def as_table(findings: Sequence[Finding]) -> str:
    """Return the findings as lines of columns."""
    head = ("kind", "name", "why it is there", "blocks", "bills", "until")
    rows = [
        head,
        *(
            (
                one.kind,
                _label(one),
                one.why,
                one.blocks or "no",
                one.bills or "no",
                one.until or "-",
            )
            for one in findings
        ),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def as_json(
    findings: Sequence[Finding],
    unseen: Mapping[str, str],
    *,
    stood: bool,
    untraced: Sequence[str],
) -> str:
    """Return the findings for tools, and what could not be looked at.

    ``stood`` is false where nothing shows that the copy ever was; ``untraced`` says what could
    not be asked about that.
    """
    return json.dumps(
        {
            "findings": [{**asdict(one), "harms": one.harms} for one in findings],
            "stood": stood,
            "untraced": list(untraced),
            "unseen": dict(unseen),
        },
        indent=2,
    )


def _label(one: Finding) -> str:
    return one.id if one.name in {"", one.id} else f"{one.name} ({one.id})"
