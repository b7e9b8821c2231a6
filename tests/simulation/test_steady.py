"""FN-1: the run for latencies counts from the time that a payment had, and pays through both entry points."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.postgres import Server
from service.stage import Aws, forget
from simulation import steady
from simulation.conftest import SPEC
from simulation.local import prepare

if TYPE_CHECKING:
    from pathlib import Path

    from service.fault import Ask


@dataclass
class Slow:
    """Answers one request at a time."""

    name: str
    seconds: float

    def send(self, ask: Ask) -> tuple[int, str]:
        """Take its time."""
        del ask
        time.sleep(self.seconds)
        return 200, json.dumps({"decision": "accepted"})


def test_who_waits_for_a_client_waits() -> None:
    """Ten times as much as one client can send: the tenth request has waited for nine others."""
    seen = steady.send_at_rate([Slow("API", 0.05)], steady.asks(10), 200.0)
    assert seen.answers == {"accepted": 10}
    # Due 45 ms after the first, ended after ten times 50 ms.
    assert seen.seconds["API"][-1] > 10 * 0.05 - 9 / 200 - 0.01
    assert seen.seconds["API"] == sorted(seen.seconds["API"])


def test_what_comes_in_time_takes_its_own_time() -> None:
    """By turns to each entry point, without the warm-up."""
    ways = [Slow(name, 0.001) for name in ("API", "load balancer")]
    seen = steady.send_at_rate(ways, steady.asks(40), 100.0, warm_up=0.2)
    assert {name: len(seconds) for name, seconds in seen.seconds.items()} == {
        "API": 10,
        "load balancer": 10,
    }
    assert seen.percentile("API", 50) < 0.1


def test_both_entry_points_decide_at_a_steady_rate(tmp_path: Path) -> None:
    """In short: each payment once."""
    server = Server(settings={"fsync": "off"})
    aws = Aws(tmp_path)
    forget()
    try:
        with prepare(SPEC, tmp_path / "site", server=server, aws=aws) as local:
            seen = steady.run(local, 10.0, 3.0, 1.0)
    finally:
        forget()
        aws.remove()
        server.remove()
    text = steady.report(seen, 10.0, 3.0)
    print(text)
    assert "| API: 15 |" in text
    assert "| load balancer: 15 |" in text
