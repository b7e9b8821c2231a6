"""Each type of resource of the graph as calls to AWS, a module a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from account.kinds import buckets, keys, logs, monitoring, network, roles, tls, tracing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from account.kind import Kind

KINDS: Mapping[str, Kind] = {
    kind.token: kind
    for module in (buckets, keys, logs, monitoring, network, roles, tls, tracing)
    for kind in module.KINDS
}
