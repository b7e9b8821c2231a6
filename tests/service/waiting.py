"""How long a thread waited for others: neither at work nor, on a busy machine, for a processor."""

from __future__ import annotations

import time
from pathlib import Path

# Linux, "Scheduler Statistics", /proc/<pid>/schedstat: nanoseconds on a processor, and in the queue for one.
_STATISTICS = Path("/proc/thread-self/schedstat")


def waited() -> float:
    """Return seconds since any moment, less those that this thread worked or queued; of use as a difference."""
    try:
        at_work, queued, _ = _STATISTICS.read_text(encoding="ascii").split()
    except OSError:
        # Elsewhere than on Linux all time counts.
        return time.monotonic()
    return time.monotonic() - (int(at_work) + int(queued)) / 1e9
