"""Names under which the entry points answer, and the zone that they are in; empty where the spec has none."""

from __future__ import annotations

ZONE_ID: str = {{ zone_id }}
API_NAME: str = {{ api }}
LOAD_BALANCER_NAME: str = {{ load_balancer }}
