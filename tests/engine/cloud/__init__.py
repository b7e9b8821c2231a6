"""A cloud that lives in the test: it keeps resources, computes their ids, and refuses what AWS would refuse."""

from __future__ import annotations

from engine.cloud import (
    api,
    database,
    functions,
    load_balancer,
    logs,
    monitoring,
    network,
    security,
    storage,
)
from engine.cloud.kind import Kind, Record, Refused
from engine.cloud.store import Cloud

__all__ = ["KINDS", "Cloud", "Kind", "Record", "Refused"]

KINDS: dict[str, Kind] = {
    kind.token: kind
    for module in (
        network,
        security,
        logs,
        storage,
        database,
        functions,
        api,
        load_balancer,
        monitoring,
    )
    for kind in module.KINDS
}
