"""Payments at a steady rate through both entry points while nothing breaks: how long they take.

An open loop: each payment has its time, whatever became of those before it, and its latency counts from that time.
A client that waited for the last answer first would hide the wait.

    python -m simulation.steady --rate 50 --seconds 60
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import queue
import statistics
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from service.environment import Killed
from service.fault import MERCHANTS, Ask
from service.stage import PAYMENT, forget
from simulation.fault import SimulationProcess, channels, environment, prepared

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from service.fault import Way
    from simulation.local import Local

RATE, SECONDS, WARM_UP = 50.0, 60.0, 10.0
# Of each entry point: as many requests as may be on their way at once. More wait, and their wait counts.
CLIENTS = 12
# The first payment has its time so much after the clients are ready.
_LEAD_SECONDS = 0.5
_OK = 200
_RULES = {
    "currencies": {"USD": [50, 1_000_000]},
    "velocity": [10_000_000, 86_400],
    "idempotency_hours": 24,
}


@dataclass
class Seen:
    """What the clients saw, without what belongs to the warm-up."""

    # By entry point.
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    answers: Counter[str] = field(default_factory=Counter[str])

    def percentile(self, name: str, number: int) -> float:
        """Return a percentile of an entry point's latencies."""
        return statistics.quantiles(self.seconds[name], n=100, method="inclusive")[number - 1]


def asks(count: int) -> list[Ask]:
    """Return payments, each of its own."""
    return [
        Ask(
            {
                **PAYMENT,
                "payment_id": f"pay_{number:08}_steady",
                "merchant_id": MERCHANTS[number % len(MERCHANTS)],
            },
            f"steady-{number}",
        )
        for number in range(count)
    ]


def send_at_rate(
    ways: Sequence[Way], requests: Sequence[Ask], rate: float, *, warm_up: float = 0.0
) -> Seen:
    """Send each request at its time, by turns to each entry point."""
    seen, lock = Seen(), threading.Lock()
    names = sorted({way.name for way in ways})
    waiting: Mapping[str, queue.SimpleQueue[tuple[float, Ask]]] = {
        name: queue.SimpleQueue() for name in names
    }
    for number, ask in enumerate(requests):
        waiting[names[number % len(names)]].put((number / rate, ask))
    begin = time.monotonic() + _LEAD_SECONDS

    def client(way: Way) -> None:
        while True:
            try:
                due, ask = waiting[way.name].get_nowait()
            except queue.Empty:
                return
            time.sleep(max(0.0, begin + due - time.monotonic()))
            try:
                status, body = way.send(ask)
                outcome = json.loads(body)["decision"] if status == _OK else str(status)
            except Killed:
                outcome = "no answer"
            taken = time.monotonic() - begin - due
            with lock:
                seen.answers[outcome] += 1
                if due >= warm_up:
                    seen.seconds[way.name].append(taken)

    threads = [threading.Thread(target=client, args=(way,)) for way in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def run(local: Local, rate: float, seconds: float, warm_up: float) -> Seen:
    """Send payments through both entry points, and look whether each is stored and recorded once."""
    site, stage = environment(local, _RULES)
    requests = asks(round(rate * (seconds + warm_up)))
    with SimulationProcess(site) as simulation, contextlib.ExitStack() as stack:
        ways = list(itertools.islice(channels(local, site, simulation, stack), 2 * CLIENTS))
        seen = send_at_rate(ways, requests, rate, warm_up=warm_up)
    forget()
    assert seen.answers == {"accepted": len(requests)}, seen.answers
    ((stored,),) = stage.sql("SELECT count(*) FROM payments.decisions")
    assert stored == len(requests)
    return seen


def report(seen: Seen, rate: float, seconds: float) -> str:
    """Return the figures as Markdown."""
    lines = [
        f"| {rate:g} payments a second for {seconds:g} s, after the warm-up | p50 | p99 | longest |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, all_seconds in sorted(seen.seconds.items()):
        figures = (seen.percentile(name, 50), seen.percentile(name, 99), max(all_seconds))
        cells = " | ".join(f"{figure * 1000:.0f} ms" for figure in figures)
        lines.append(f"| {name}: {len(all_seconds):,} | {cells} |")
    return "\n".join(lines)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="payments at a steady rate, nothing broken")
    parser.add_argument("--rate", type=float, default=RATE, help="payments a second")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--warm-up", type=float, default=WARM_UP, help="seconds that do not count")
    asked = parser.parse_args()
    with prepared() as local:
        seen = run(local, asked.rate, asked.seconds, asked.warm_up)
    print(report(seen, asked.rate, asked.seconds))


if __name__ == "__main__":
    main()
