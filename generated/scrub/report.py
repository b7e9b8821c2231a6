"""What was changed and what is left, by name and count: never a value."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from payments.cards import looks_like_card


@dataclass(kw_only=True)
class Report:
    """Grows while the copy is worked on."""

    # Names that a person looked at.
    looked_at: frozenset[str] = frozenset()
    changed: Counter[str] = field(default_factory=Counter[str])
    notes: list[str] = field(default_factory=list[str])
    left: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    # Work: rows that the server sent, values that were looked at.
    fetched: int = 0
    values: int = 0

    def skips(self, name: str) -> bool:
        """Whether a person has looked at what has this name."""
        return name in self.looked_at

    def leave(self, name: str, what: str, way_out: str) -> None:
        """Note what keeps the copy from being finished."""
        if not self.skips(name):
            self.left.setdefault(shown(name), (what, shown(way_out)))

    def lines(self) -> list[str]:
        """Print what was changed."""
        changed = [f"{name}: {count} rows cleaned" for name, count in sorted(self.changed.items())]
        return [*changed, *self.notes]

    def open_lines(self) -> list[str]:
        """Print what is left, each with a way out."""
        return [f"{name}: {what}\n    {way}" for name, (what, way) in sorted(self.left.items())]


def shown(name: str) -> str:
    """Return a name as it may be printed: one can hold a card number itself."""
    return (
        f"a name of {len(name)} characters that holds a number" if looks_like_card(name) else name
    )
