"""What this environment is held to where classes of environments differ: docs/requirements.md has the words."""

from __future__ import annotations

CLASS: str = "staging"
LOG_RETENTION_DAYS: int = 30
AUDIT_RETENTION_DAYS: int = 90
# DEST-1: everything can be destroyed at any time. Without it, KEEP-1: nothing that holds data goes by a slip.
DISPOSABLE: bool = True
# The spec says that an environment which keeps its data may go: nothing is protected any more.
ENDING: bool = False
# DB-2: the database has a standby in another zone.
STANDBY: bool = True
# NET-4: one NAT gateway is that of all zones; each has its own where this is false.
ONE_EXIT: bool = False
