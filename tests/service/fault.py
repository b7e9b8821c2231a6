"""The fault run: payments from several processes while everything behind them breaks.

A third of the requests repeat another one's idempotency key. PostgreSQL is killed and started again,
S3 refuses, is slow, and stores what it answers with an error; functions are killed at any moment. A
client that gets no answer, or 503, sends the same request again. Afterwards it must be true that every
answer ever given is the payment's one decision, and that each decision is stored once and recorded once.

    python -m service.fault 20000
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from service.postgres import Server, end_with_parent
from service.stage import FUNCTIONS, PAYMENT, Aws, Stage, api_event, forget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

CLIENTS = 6
MERCHANTS = [f"mer_shop{number:04}" for number in range(8)]
LAMBDA_SECONDS = 10.0
TROUBLE = [0.05, 0.02, 0.05]
PATIENCE_SECONDS = 300


class Killed(Exception):  # noqa: N818 - an event, not a mistake
    """The function ended without an answer."""


class Way(Protocol):
    """How a client's requests get to the function."""

    name: str

    def send(self, ask: Ask) -> tuple[int, str]:
        """Return status and body of the answer; ``Killed`` where there is none."""
        ...


class Worker:
    """One execution environment, started when it is needed."""

    name = "function"

    def __init__(self, stage: Stage, function: str, log: Path) -> None:
        """Say which function it is."""
        self._stage = stage
        self._function = function
        self._log = log
        self._process: subprocess.Popen[str] | None = None
        self.kills = 0

    def call(self, event: Mapping[str, object], seconds: float = LAMBDA_SECONDS) -> dict[str, Any]:
        """Hand over an event and wait for the answer."""
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        asked = json.dumps({"event": event, "milliseconds": round(seconds * 1000)})
        try:
            process.stdin.write(asked + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = ""
        if not line:
            process.wait()
            self._process = None
            raise Killed
        return json.loads(line)

    def send(self, ask: Ask) -> tuple[int, str]:
        """Hand a payment over as the API does."""
        told = self.call(api_event(ask.payment, key=ask.key))
        if "answer" not in told:
            return 0, json.dumps(told)
        return told["answer"]["statusCode"], told["answer"]["body"]

    def kill(self) -> None:
        """End it, in the middle of whatever it does."""
        process = self._process
        if process is not None and process.poll() is None:
            self.kills += 1
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)

    def stop(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None:
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(
                    [
                        sys.executable,
                        str(Path(__file__).with_name("worker.py")),
                        self._function.replace("-", "_"),
                        str(FUNCTIONS),
                    ],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    env={**os.environ, **self._stage.environment(self._function)},
                    preexec_fn=end_with_parent,  # noqa: PLW1509 - one call to the kernel
                )
        return self._process


@dataclass(frozen=True)
class Ask:
    """One request of a client."""

    payment: Mapping[str, Any]
    key: str

    @property
    def identity(self) -> tuple[str, str]:
        """What names the payment."""
        return str(self.payment["merchant_id"]), str(self.payment["payment_id"])


@dataclass
class Result:
    """What the clients saw."""

    answers: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    # Payments that were too many: of these nothing may be stored.
    refused: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    # Of a call that was answered, by the way that it took.
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    # Until the first answer, whatever happened on the way.
    patience: list[float] = field(default_factory=list[float])
    again: Counter[str] = field(default_factory=Counter[str])
    errors: list[str] = field(default_factory=list[str])
    elapsed: float = 0.0
    database_kills: int = 0
    function_kills: int = 0

    @property
    def answered(self) -> int:
        """Count the requests that were answered."""
        return len(self.patience)


def asks(count: int, seed: int) -> list[Ask]:
    """Return requests in any order, a third of them repetitions, some with another body."""
    chance = random.Random(seed)
    made: list[Ask] = []
    for number in range(count - count // 3):
        amount = chance.choice([1999, 1999, 1999, 49, 1_000_001])
        payment = {
            **PAYMENT,
            "payment_id": f"pay_{number:08}_x{seed}",
            "merchant_id": chance.choice(MERCHANTS),
            "amount_minor": amount,
        }
        made.append(Ask(payment, f"key-{seed}-{number}"))
    repeated = [chance.choice(made) for _ in range(count // 3)]
    made += repeated
    chance.shuffle(made)
    # Close together, so that some meet their originals on the way.
    return sorted(
        made, key=lambda ask: int(ask.key.rpartition("-")[2]) + chance.randrange(CLIENTS * 2)
    )


def run(stage: Stage, requests: list[Ask], log: Path, *, troubled: bool = True) -> Result:
    """Hand everything to functions of our own, with trouble all the while."""
    workers = [Worker(stage, "validate-payment", log) for _ in range(CLIENTS)]
    relay = Worker(stage, "audit-relay", log)
    chance = random.Random(1)
    victims = [*workers, relay]

    def kill() -> None:
        # The first one comes to a function that is at work.
        (chance.choice(victims) if any(one.kills for one in victims) else workers[0]).kill()

    result = Result()
    done = threading.Event()
    relaying = threading.Thread(target=_relay, args=(relay, done, result))
    relaying.start()
    send_all(stage, requests, workers, result, kill if troubled else None)
    done.set()
    relaying.join()
    result.function_kills = sum(worker.kills for worker in victims)
    for worker in victims:
        worker.stop()
    return result


def send_all(
    stage: Stage,
    requests: list[Ask],
    ways: Sequence[Way],
    result: Result,
    kill: Callable[[], None] | None,
) -> None:
    """Send everything, a client a way; ``kill`` ends some process, and without it nothing breaks."""
    todo, guard, done = iter(requests), threading.Lock(), threading.Event()
    # The first kills come at work, however fast the machine is; all others come at any moment.
    begun = len(requests) // 4
    clients = [
        threading.Thread(target=_client, args=(way, todo, guard, result), daemon=True)
        for way in ways
    ]
    others: list[threading.Thread] = []
    if kill is not None:
        stage.aws.trouble.write_text(json.dumps(TROUBLE), encoding="utf-8")
        others.append(
            threading.Thread(target=_kill_functions, args=(kill, done, result, begun), daemon=True)
        )
    start = time.monotonic()
    for thread in [*clients, *others]:
        thread.start()
    if kill is not None:
        # In this thread: a server ends with the thread that started it.
        _kill_database(stage.server, clients, result, begun)
    for thread in clients:
        thread.join()
    result.elapsed = time.monotonic() - start
    done.set()
    for thread in others:
        thread.join()
    stage.aws.trouble.unlink(missing_ok=True)


def settle(stage: Stage) -> None:
    """Let the relay finish, as its schedule would."""
    forget()
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        stage.sql("UPDATE payments.outbox SET next_attempt_at = now() WHERE delivered_at IS NULL")
        if stage.relay()["waiting"] == 0:
            return
        assert time.monotonic() < end, "the outbox does not become empty"


def check(stage: Stage, requests: list[Ask], result: Result) -> Mapping[str, int]:
    """Hold what was told against what is stored and recorded."""
    assert not result.errors, result.errors[:5]
    rows = stage.sql(
        "SELECT merchant_id, payment_id, decision, answer FROM payments.payments"
        " JOIN payments.decisions USING (payment_uid)"
    )
    stored = {(merchant, payment): answer for merchant, payment, _, answer in rows}
    assert len(stored) == len(rows), "a payment is stored twice"
    assert not result.refused & set(stored), "a payment is stored that was refused"
    assert set(stored) | result.refused == {ask.identity for ask in requests}, (
        "a payment is missing, or one too many"
    )
    ((count,),) = stage.sql("SELECT count(*) FROM payments.payments")
    assert count == len(rows), "a payment has no decision"
    for identity, told in result.answers.items():
        assert {json.dumps(json.loads(answer)) for answer in told} == {
            json.dumps(json.loads(stored[identity]))
        }, identity
    assert set(result.answers) == set(stored), "a payment was never answered"
    records = list(stage.records().values())
    recorded = {(record["merchant_id"], record["payment_id"]): record for record in records}
    assert len(recorded) == len(records) == len(rows), "a decision is recorded twice, or not at all"
    for merchant, payment, decision, answer in rows:
        record = recorded[merchant, payment]
        assert record["decision"] == decision
        assert record["reasons"] == json.loads(answer)["reasons"]
    assert stage.sql("SELECT count(*) FROM payments.outbox WHERE delivered_at IS NULL") == [[0]]
    decided = Counter(decision for _, _, decision, _ in rows)
    accepted = Counter(merchant for merchant, _, decision, _ in rows if decision == "accepted")
    limit: int = stage.rules["velocity"][0]  # pyright: ignore[reportIndexIssue]
    assert max(accepted.values()) <= limit, "more was accepted than the velocity allows"
    return {**decided, "payments": len(rows), "records": len(records)}


def _client(way: Way, todo: Iterator[Ask], guard: threading.Lock, result: Result) -> None:
    while True:
        with guard:
            ask = next(todo, None)
        if ask is None:
            return
        begun = time.monotonic()
        while True:
            start = time.monotonic()
            try:
                status, body = way.send(ask)
            except Killed:
                result.again["killed"] += 1
                continue
            taken = time.monotonic() - start
            if status not in {200, 429, 503}:
                result.errors.append(f"{way.name}: {status} {body[:500]}")
                break
            if status in {200, 429}:
                with guard:
                    # The span of the velocity is longer than the run: who is refused stays so.
                    if status == 200:  # noqa: PLR2004 - OK
                        result.answers[ask.identity].add(body)
                    else:
                        result.refused.add(ask.identity)
                    result.seconds[way.name].append(taken)
                    result.patience.append(time.monotonic() - begun)
                break
            result.again["503"] += 1
            if time.monotonic() - begun > PATIENCE_SECONDS:
                result.errors.append(f"no answer for {ask.identity}")
                break
            time.sleep(0.2)


def _relay(worker: Worker, done: threading.Event, result: Result) -> None:
    while not done.wait(1.0):
        # It may be killed, or find no database: then its next run does the work.
        with contextlib.suppress(Killed):
            told = worker.call({}, seconds=20)
            if "error" in told:
                result.again["relay failed"] += 1


def _kill_functions(
    kill: Callable[[], None], done: threading.Event, result: Result, begun: int
) -> None:
    chance = random.Random(3)
    while result.answered < begun and not done.is_set():
        time.sleep(0.01)
    kill()
    while not done.wait(chance.uniform(1, 4)):
        kill()


def _kill_database(
    server: Server, clients: list[threading.Thread], result: Result, begun: int
) -> None:
    chance = random.Random(2)
    end = math.inf
    while any(client.is_alive() for client in clients):
        while (
            time.monotonic() < end
            and (result.database_kills or result.answered < begun)
            and any(client.is_alive() for client in clients)
        ):
            time.sleep(0.01)
        server.kill()
        result.database_kills += 1
        time.sleep(chance.uniform(0.0, 1.0))
        server.start()
        end = time.monotonic() + chance.uniform(4, 10)


def report(result: Result, found: Mapping[str, int]) -> str:
    """Say what happened, as Markdown."""
    calls = {
        f"{name}: answers a second; a call, p50 / p99": (
            f"{len(seconds) / result.elapsed:.0f}; {_percentiles(seconds)}"
        )
        for name, seconds in sorted(result.seconds.items())
    }
    lines = {
        "requests answered": f"{result.answered:,} in {result.elapsed:.0f} s",
        **calls,
        "until an answer, p50 / p99": _percentiles(result.patience),
        "PostgreSQL killed": f"{result.database_kills} times",
        "functions killed": f"{result.function_kills} times",
        "sent again": ", ".join(f"{what}: {count}" for what, count in sorted(result.again.items())),
        "payments stored, recorded": f"{found['payments']:,}, {found['records']:,}",
        "refused as too many": f"{len(result.refused):,}",
        "accepted, rejected": f"{found.get('accepted', 0):,}, {found.get('rejected', 0):,}",
    }
    return "\n".join(f"| {name} | {value} |" for name, value in lines.items())


def _percentiles(seconds: list[float]) -> str:
    ranked = statistics.quantiles(seconds, n=100)
    return f"{ranked[49] * 1000:.0f} / {ranked[98] * 1000:.0f} ms"


def rules_for(count: int) -> Mapping[str, object]:
    """Return rules whose velocity is reached by the busiest merchants."""
    return {
        "currencies": {"USD": [50, 1_000_000]},
        "velocity": [max(1, count * 2 // 3 * 3 // 5 // len(MERCHANTS)), 86_400],
        "idempotency_hours": 24,
    }


def stage_for(server: Server, aws: Aws, count: int) -> Stage:
    """Return an environment that is ready for so many payments."""
    stage = Stage(server=server, aws=aws, database=f"fault_{count}", rules=rules_for(count))
    stage.prepare()
    stage.migrate(merchants=dict.fromkeys(MERCHANTS, "active"))
    stage.bring_in({merchant: [merchant] for merchant in MERCHANTS})
    return stage


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="payments under faults")
    parser.add_argument("payments", type=int, nargs="?", default=20_000)
    parser.add_argument("--calm", action="store_true", help="break nothing, for the figures")
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.ExitStack() as stack,
        # What the functions log is not the report.
        contextlib.redirect_stdout(sys.stderr),
    ):
        server = Server()
        stack.callback(server.remove)
        aws = Aws(Path(folder))
        stack.callback(aws.remove)
        stage = stage_for(server, aws, asked.payments)
        requests = asks(asked.payments, 1)
        result = run(stage, requests, Path(folder) / "log", troubled=not asked.calm)
        settle(stage)
        found = check(stage, requests, result)
        forget()
    print(report(result, found))


if __name__ == "__main__":
    main()
