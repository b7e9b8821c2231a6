"""Secrets: a name waits as long as the secret that had it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloud.record import Record, Refused

if TYPE_CHECKING:
    from cloud.store import Cloud

# Days in which a deleted secret can be had back, when nothing else is said.
WINDOW = 30


def name_is_free(cloud: Cloud, record: Record) -> None:
    """A secret that waits for its end keeps its name."""
    for other in cloud.deleted:
        same = (other.token, other.region, other.get("name")) == (
            record.token,
            record.region,
            record.inputs["name"],
        )
        days = other.get("recoveryWindowInDays")
        end = other.deleted_at + 24 * (WINDOW if days is None else days)
        if same and cloud.hours < end:
            message = (
                f"InvalidRequestException: {record.name}: a secret with this name is already "
                f"scheduled for deletion"
            )
            raise Refused(message)
