"""The standby of the database takes over when the class of the instance changes.

RDS User Guide, "Failing over a Multi-AZ DB instance": connections break, and a fail-over takes 60 to 120 seconds as a rule; what was
committed is on both. Here PostgreSQL dies and comes back with what it has written.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from account.living.pace import SCALE

if TYPE_CHECKING:
    from cloud.aws import Aws
    from service.postgres import Server

SECONDS = 120 / SCALE


class Failover:
    """Watches for a change of the class."""

    def __init__(self, aws: Aws, server: Server) -> None:
        """Begin to watch."""
        self._server = server
        self._classes = {
            each["DBInstanceIdentifier"]: each["DBInstanceClass"]
            for each in aws.client("rds").describe_db_instances()["DBInstances"]
        }
        self._wanted = threading.Semaphore(0)
        self.done = 0
        self._events = aws.client("rds").meta.events
        self._events.register("after-call.rds.ModifyDBInstance", self._changed)
        # PostgreSQL ends with the thread that started it, so this one never does.
        threading.Thread(target=self._take_over, daemon=True).start()

    def close(self) -> None:
        """Watch no longer."""
        self._events.unregister("after-call.rds.ModifyDBInstance", self._changed)

    def _changed(self, parsed: Any, **_: object) -> None:
        found = parsed.get("DBInstance")
        if found is None:
            return
        name, size = found["DBInstanceIdentifier"], found["DBInstanceClass"]
        if self._classes.get(name, size) != size:
            self._wanted.release()
        self._classes[name] = size

    def _take_over(self) -> None:
        while self._wanted.acquire():
            self._server.kill()
            time.sleep(SECONDS)
            self._server.start()
            self.done += 1
