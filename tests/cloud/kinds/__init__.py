"""Each type of resource of the graph as calls to AWS, a module a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloud.kinds import (
    acls,
    apis,
    backups,
    balancers,
    buckets,
    certificates,
    databases,
    domains,
    firewalls,
    functions,
    groups,
    keys,
    listeners,
    logs,
    mappings,
    messages,
    monitoring,
    network,
    roles,
    routes,
    secret_manager,
    stages,
    tls,
    tracing,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud.kind import Kind

MODULES = (
    acls,
    apis,
    backups,
    balancers,
    buckets,
    certificates,
    databases,
    domains,
    firewalls,
    functions,
    groups,
    keys,
    listeners,
    logs,
    mappings,
    messages,
    monitoring,
    network,
    roles,
    routes,
    secret_manager,
    stages,
    tls,
    tracing,
)

KINDS: Mapping[str, Kind] = {kind.token: kind for module in MODULES for kind in module.KINDS}
