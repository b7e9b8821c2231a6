"""Token buckets and quotas, as API Gateway counts."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulation.routes import Quota, Throttle

Clock = Callable[[], float]


class Bucket:
    """Fills at a rate up to the burst; each request takes one token."""

    def __init__(self, throttle: Throttle, clock: Clock = time.time) -> None:
        """Begin full."""
        self._throttle = throttle
        self._clock = clock
        self._tokens = float(throttle.burst)
        self._filled = clock()
        self._guard = threading.Lock()

    def take(self) -> bool:
        """Whether a request may pass."""
        with self._guard:
            now = self._clock()
            gained = (now - self._filled) * self._throttle.rate
            self._tokens = min(self._throttle.burst, self._tokens + gained)
            self._filled = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True


class Allowance:
    """A quota of one key, anew in each period of the calendar."""

    def __init__(self, quota: Quota, clock: Clock = time.time) -> None:
        """Begin unused."""
        self._quota = quota
        self._clock = clock
        self._used = 0
        self._period: tuple[int, ...] = ()
        self._guard = threading.Lock()

    def take(self) -> bool:
        """Whether a request may pass."""
        with self._guard:
            period = self._now()
            if period != self._period:
                self._period, self._used = period, 0
            if self._used >= self._quota.limit:
                return False
            self._used += 1
            return True

    def _now(self) -> tuple[int, ...]:
        day = dt.datetime.fromtimestamp(self._clock(), dt.UTC)
        match self._quota.period:
            case "DAY":
                return (day.year, day.month, day.day)
            case "WEEK":
                return day.isocalendar()[:2]
            case _:
                return (day.year, day.month)
