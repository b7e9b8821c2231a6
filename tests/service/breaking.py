"""What breaks in the fault run: one thing after the other, over and over, and deployments all the while.

Each fault of the first round waits for its share of the answers, so that it comes to payments at work
however fast the machine is; and it lasts until what it is there for has been seen. All others come at any moment.
"""

from __future__ import annotations

import itertools
import json
import random
import shutil
import time
from typing import TYPE_CHECKING

import pg8000.native

from service.environment import Killed, Worker
from service.stage import FUNCTIONS

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from service.fault import Result
    from service.stage import Stage

# Shares of S3's writes that are refused, slow, and carried out but answered with an error.
TROUBLE, SLOW = [0.05, 0.02, 0.05], [0.0, 0.8, 0.0]
# Longer than a function has: whoever met it hears 503.
LONG_SECONDS = 11.0
DEPLOYMENT_SECONDS = 120.0
PATIENCE_SECONDS = 120
FAULTS = (
    "PostgreSQL killed",
    "PostgreSQL frozen",
    "a migration waited for a lock",
    "S3 slow",
    "a table locked",
)
_WAITING = """
SELECT count(*) FROM pg_locks
WHERE NOT granted AND mode = 'AccessExclusiveLock' AND relation = 'payments.payments'::regclass
"""


class Deployments:
    """Calls `migrate` as `pulumi up` does, again and again; its migrations may grow."""

    def __init__(
        self, stage: Stage, events: Sequence[Mapping[str, object]], folder: Path, log: Path
    ) -> None:
        """Copy the functions; start nothing."""
        compiled = shutil.ignore_patterns("__pycache__", ".*_cache")
        shutil.copytree(FUNCTIONS, folder, ignore=compiled)
        self._migrations = folder / "migrate" / "migrations"
        self._events = events
        self.worker = Worker(stage, "migrate", log, folder)

    def add(self) -> int:
        """Write the next migration, which changes the table that all payments go to; return its number."""
        number = len(list(self._migrations.glob("*.sql"))) + 1
        made = self._migrations / "next"
        made.write_text(
            f"-- migration: expand\nALTER TABLE payments ADD COLUMN note_{number} text;\n",
            encoding="utf-8",
        )
        # Whole at once, for a deployment may be reading.
        made.rename(self._migrations / f"{number:04}_note.sql")
        return number

    def once(self) -> str | None:
        """Deploy; return what went wrong."""
        for event in self._events:
            try:
                told = self.worker.call(event, DEPLOYMENT_SECONDS)
            except Killed:
                return "killed"
            if "answer" not in told:
                return str(told["error"])
        return None

    def run(self, done: threading.Event, result: Result) -> None:
        """Deploy until it is done."""
        while not done.wait(0.5):
            result.deployments["well" if self.once() is None else "broken off"] += 1
        # The last one finds everything well again, and must be so.
        problem = self.once()
        if problem is not None:
            result.errors.append(f"the last deployment: {problem}")
        self.worker.stop()


class Breaker:
    """Breaks what is behind the functions, from the thread that started PostgreSQL."""

    def __init__(self, stage: Stage, result: Result, deployments: Deployments) -> None:
        """Break nothing yet."""
        self._stage = stage
        self._result = result
        self._deployments = deployments
        self._chance = random.Random(2)
        self._first = True

    def run(self, requests: int, at_work: Callable[[], bool]) -> None:
        """Break one thing after the other: each once, then on as long as the clients are at work."""
        faults = (self._kill, self._freeze, self._migrate, self._slow, self._lock)
        named = tuple(zip(FAULTS, faults, strict=True))
        for number, (name, fault) in enumerate(itertools.cycle(named)):
            self._first = number < len(faults)
            end = time.monotonic() + self._chance.uniform(2, 6)
            share = requests * (number + 1) // (len(faults) + 1)
            while at_work() and (
                self._result.ended < share if self._first else time.monotonic() < end
            ):
                time.sleep(0.01)
            if not self._first and not at_work():
                return
            fault()
            self._result.faults[name] += 1

    def _kill(self) -> None:
        self._stage.server.kill()
        time.sleep(self._chance.uniform(0.0, 1.0))
        self._stage.server.start()

    def _freeze(self) -> None:
        with self._stage.server.frozen():
            time.sleep(LONG_SECONDS if self._first else self._chance.uniform(1.0, LONG_SECONDS))

    def _lock(self) -> None:
        """Hold what every payment needs, as a change of the table does."""
        with self._connection() as connection:
            connection.run("START TRANSACTION")
            connection.run("LOCK TABLE payments.decisions IN ACCESS EXCLUSIVE MODE")
            time.sleep(self._chance.uniform(0.5, 4.0))

    def _migrate(self) -> None:
        """Have a migration wait for a long query, until it has been seen waiting and been applied."""
        with self._connection() as connection:
            connection.run("START TRANSACTION")
            connection.run("LOCK TABLE payments.payments IN ACCESS SHARE MODE")
            number = self._deployments.add()
            self._until(lambda: connection.run(_WAITING) != [[0]])
            time.sleep(self._chance.uniform(0.5, 3.0))
        applied = "SELECT max(version) FROM payments.migrations"
        self._until(lambda: self._stage.sql(applied) == [[number]])

    def _slow(self) -> None:
        """Slow S3 down until the relay has worked beside it."""
        relayed = "SELECT coalesce(sum(attempts), 0) FROM payments.outbox"
        ((before,),) = self._stage.sql(relayed)
        self._stage.aws.trouble.write_text(json.dumps(SLOW), encoding="utf-8")
        end = time.monotonic() + self._chance.uniform(1.0, 5.0)

        def worked() -> bool:
            # Not after its half minute, but now.
            due = "UPDATE payments.outbox SET next_attempt_at = now() WHERE delivered_at IS NULL"
            self._stage.sql(due)
            time.sleep(1.0)
            return time.monotonic() > end and self._stage.sql(relayed) > [[before]]

        self._until(worked)
        self._stage.aws.trouble.write_text(json.dumps(TROUBLE), encoding="utf-8")

    def _connection(self) -> pg8000.native.Connection:
        """Connect as the superuser, beside the functions; to be closed by the one who asked."""
        stage = self._stage
        return pg8000.native.Connection(
            "postgres", database=stage.database, unix_sock=stage.server.socket, timeout=60
        )

    @staticmethod
    def _until(holds: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            assert time.monotonic() < end, "a fault does not come about"
            time.sleep(0.02)
