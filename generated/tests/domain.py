"""Names under which the entry points answer, and the zone that they are in; empty where the spec has none."""

from __future__ import annotations

ZONE_ID: str = ""
API_NAME: str = ""
LOAD_BALANCER_NAME: str = ""
