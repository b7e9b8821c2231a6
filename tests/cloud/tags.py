"""What an update does to tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cloud.kind import Inputs


def dropped(old: Inputs, new: Inputs) -> list[str]:
    """Return the keys that are no longer said."""
    return sorted(old.get("tagsAll", {}).keys() - new["tagsAll"].keys())
