"""Runs ``python -m reconcile`` on a bucket that an SQLite file holds, and tells how much memory it took.

The arguments are the file and those of the program. The last line of the standard error is the greatest
resident size in KiB.
"""

from __future__ import annotations

import io
import re
import sqlite3
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.append(str(Path(__file__).parents[2] / "templates"))
sys.path.append(str(Path(__file__).parents[2] / "templates" / "functions"))

from reconcile import __main__ as command

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = 1000


class Store:
    """Lists and gives objects as S3 does."""

    def __init__(self, file: str) -> None:
        """Open the file anew in each thread."""
        self._file = file
        self._own = threading.local()

    def rows(self, query: str, *values: str) -> list[Any]:
        """Ask."""
        if not hasattr(self._own, "connection"):
            self._own.connection = sqlite3.connect(self._file)
        return self._own.connection.execute(query, values).fetchall()

    def get_paginator(self, operation: str) -> Store:
        """Know one list."""
        assert operation == "list_object_versions"
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803 - AWS's names
        """List page after page."""
        assert Bucket == "audit"
        last = Prefix
        query = "SELECT key FROM objects WHERE key > ? AND key < ? ORDER BY key LIMIT 1000"
        while rows := self.rows(query, last, f"{Prefix}~"):
            last = rows[-1][0]
            yield {"Versions": [{"Key": key, "IsLatest": True} for (key,) in rows]}

    def get_bucket_lifecycle_configuration(self, *, Bucket: str) -> dict[str, Any]:  # noqa: N803 - AWS's names
        """Keep everything."""
        assert Bucket == "audit"
        return {"Rules": []}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - AWS's names
        """Return an object."""
        assert Bucket == "audit"
        ((body,),) = self.rows("SELECT body FROM objects WHERE key = ?", Key)
        return {"Body": io.BytesIO(body.encode())}


if __name__ == "__main__":
    store = Store(sys.argv[1])
    command._client = lambda _: store  # noqa: SLF001 - where the bucket comes from
    code = command.main(sys.argv[2:])
    # Not that of `getrusage`, which begins with what the parent has.
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("utf-8"))
    print(peak, file=sys.stderr)
    sys.exit(code)
