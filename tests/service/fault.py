"""The fault run: payments from several processes while everything behind them breaks.

A third of the requests repeat another one's idempotency key. PostgreSQL is killed and started again, and
stands still for longer than a function has; S3 refuses, is slow while the relay works beside it, and stores what it
answers with an error; tables are locked, migrations wait for locks, deployments go on all the while; functions
are killed at any moment. A client that gets no answer sends the same request again; one that gets 503 does,
or gives up, and comes back when all is well. Afterwards it must be true that

- every answer ever given is the payment's one decision, stored once, kept under the request's key, recorded once;
- a payment that was answered with 503 only was decided once, or not at all;
- every function answered within its time, and only who was killed gave no answer.

    python -m service.fault 20000
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from service.breaking import TROUBLE, Breaker, Deployments
from service.environment import Killed, Worker
from service.postgres import Server
from service.stage import PAYMENT, Aws, Stage, callers_event, forget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

CLIENTS = 6
MERCHANTS = [f"mer_shop{number:04}" for number in range(8)]
# Each has its own.
KEYS = {merchant: [merchant] for merchant in MERCHANTS}
PATIENCE_SECONDS = 300
# Whoever gets the first 503 of so many gives up.
GIVE_UP = 3


class Way(Protocol):
    """How a client's requests get to the function."""

    name: str

    def send(self, ask: Ask) -> tuple[int, str]:
        """Return status and body of the answer; ``Killed`` where there is none."""
        ...


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
    # What was broken, and how often.
    faults: Counter[str] = field(default_factory=Counter[str])
    deployments: Counter[str] = field(default_factory=Counter[str])
    function_kills: int = 0
    # The last that was heard of these was 503; of so many a decision stood nevertheless.
    given_up: list[Ask] = field(default_factory=list["Ask"])
    decided_unheard: int = 0
    left_undecided: int = 0
    # By function: the largest share of its time that a call waited for others. Its deadline is a second earlier.
    shares: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def answered(self) -> int:
        """Count the requests that were answered."""
        return len(self.patience)

    @property
    def ended(self) -> int:
        """Count the requests that nobody waits for any more."""
        return len(self.patience) + len(self.given_up)


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
    deployments = deployments_for(stage, log.with_name("deployed"), KEYS, {})

    def kill() -> None:
        # The first one comes to a function that is at work.
        (chance.choice(victims) if any(one.kills for one in victims) else workers[0]).kill()

    result = Result()
    done = threading.Event()
    relaying = threading.Thread(target=_relay, args=(relay, done, result), daemon=True)
    relaying.start()
    try:
        send_all(stage, requests, workers, result, (kill, deployments) if troubled else None)
    finally:
        done.set()
        relaying.join()
    result.function_kills = sum(worker.kills for worker in victims)
    result.shares = {
        "validate-payment": max(worker.share for worker in workers),
        "audit-relay": relay.share,
        "migrate": deployments.worker.share,
    }
    for worker in victims:
        worker.stop()
    return result


def deployments_for(
    stage: Stage,
    folder: Path,
    keys: Mapping[str, Sequence[str]],
    subjects: Mapping[str, Sequence[str]],
) -> Deployments:
    """Return the deployments of the run's merchants."""
    merchants = dict.fromkeys(MERCHANTS, "active")
    first = {"application_user": "payments_app", "merchants": merchants}
    log = folder.with_name("migrate.log")
    return Deployments(stage, [first, callers_event(keys, subjects)], folder, log)


def send_all(
    stage: Stage,
    requests: list[Ask],
    ways: Sequence[Way],
    result: Result,
    trouble: tuple[Callable[[], None], Deployments] | None,
) -> None:
    """Send everything, a client a way; without ``trouble``, which ends processes and deploys, nothing breaks."""
    done = threading.Event()
    start = time.monotonic()
    clients = _clients(ways, requests, result)
    if trouble is not None:
        kill, deployments = trouble
        stage.aws.trouble.write_text(json.dumps(TROUBLE), encoding="utf-8")
        # The first kills come at work, however fast the machine is; all others come at any moment.
        begun = len(requests) // 4
        others = [
            threading.Thread(target=_kill_functions, args=(kill, done, result, begun), daemon=True),
            threading.Thread(target=deployments.run, args=(done, result), daemon=True),
        ]
        for thread in others:
            thread.start()
        # In this thread: a server ends with the thread that started it.
        breaker = Breaker(stage, result, deployments)
        try:
            breaker.run(len(requests), lambda: any(client.is_alive() for client in clients))
        finally:
            done.set()
            for thread in others:
                thread.join()
    for thread in clients:
        thread.join()
    result.elapsed = time.monotonic() - start
    stage.aws.trouble.unlink(missing_ok=True)
    _come_back(stage, ways, result)


def _clients(
    ways: Sequence[Way], requests: Sequence[Ask], result: Result, *, patient: bool = False
) -> list[threading.Thread]:
    todo, guard = iter(requests), threading.Lock()
    clients = [
        threading.Thread(target=_client, args=(way, todo, guard, result, patient), daemon=True)
        for way in ways
    ]
    for thread in clients:
        thread.start()
    return clients


def _come_back(stage: Stage, ways: Sequence[Way], result: Result) -> None:
    """Ask again for what ended in 503: what stood of it then must stand unchanged."""
    before = _stored(stage)
    heard = set(result.answers) | result.refused
    silent = {ask.identity for ask in result.given_up} - heard
    result.decided_unheard = len(silent & set(before))
    result.left_undecided = len(silent - set(before))
    for thread in _clients(ways, result.given_up, result, patient=True):
        thread.join()
    after = _stored(stage)
    changed = [identity for identity, answer in before.items() if after.get(identity) != answer]
    result.errors += [f"{identity} was decided again" for identity in changed]


def _stored(stage: Stage) -> Mapping[tuple[str, str], str]:
    rows = stage.sql(
        "SELECT merchant_id, payment_id, answer FROM payments.payments"
        " JOIN payments.decisions USING (payment_uid)"
    )
    return {(merchant, payment): answer for merchant, payment, answer in rows}


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
    late = {name: share for name, share in result.shares.items() if share >= 1}
    assert not late, f"answered after its time: {late}"
    # Each ends one call at most; who gave no answer for another reason gave it too late.
    assert result.again["killed"] <= result.function_kills, "no answer, though nobody was killed"
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
    _check_keys(stage, requests, stored)
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


def _check_keys(stage: Stage, requests: list[Ask], stored: Mapping[tuple[str, str], str]) -> None:
    """Each request that was decided is known by its key, with the same answer."""
    kept = {
        (caller, digest): answer
        for caller, digest, answer in stage.sql(
            "SELECT caller, key_sha256, answer FROM payments.idempotency_keys"
        )
    }
    expected = {
        (ask.identity[0], hashlib.sha256(ask.key.encode()).hexdigest()): stored[ask.identity]
        for ask in requests
        if ask.identity in stored
    }
    assert kept == expected, "a key is not kept, or stands for something else"


def _client(
    way: Way,
    todo: Iterator[Ask],
    guard: threading.Lock,
    result: Result,
    patient: bool,  # noqa: FBT001 - of a thread's arguments
) -> None:
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
                with guard:
                    result.again["killed"] += 1
                continue
            with guard:
                if _over(ask, way.name, status, body, result):
                    if status in {200, 429}:
                        result.seconds[way.name].append(time.monotonic() - start)
                        result.patience.append(time.monotonic() - begun)
                    break
                if time.monotonic() - begun > PATIENCE_SECONDS:
                    result.errors.append(f"no answer for {ask.identity}")
                    break
                if not patient and result.again["503"] % GIVE_UP == 1:
                    result.given_up.append(ask)
                    break
            time.sleep(0.2)


def _over(ask: Ask, way: str, status: int, body: str, result: Result) -> bool:
    """Note an answer; tell whether it is the last one."""
    if status == 200:  # noqa: PLR2004 - OK
        result.answers[ask.identity].add(body)
    elif status == 429:  # noqa: PLR2004 - too many
        # The span of the velocity is longer than the run: who is refused stays so.
        result.refused.add(ask.identity)
    elif status == 503:  # noqa: PLR2004 - not now
        result.again["503"] += 1
        return False
    else:
        result.errors.append(f"{way}: {status} {body[:500]}")
    return True


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
    while result.ended < begun and not done.is_set():
        time.sleep(0.01)
    kill()
    while not done.wait(chance.uniform(1, 4)):
        kill()


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
        **{name: f"{count} times" for name, count in result.faults.items()},
        "functions killed": f"{result.function_kills} times",
        "deployments": _listed(result.deployments),
        "the largest share of its time that a call waited": ", ".join(
            f"{name}: {share:.0%}" for name, share in result.shares.items() if share
        ),
        "sent again": _listed(result.again),
        "given up after 503, of which nothing else was heard": (
            f"{len(result.given_up)}: {result.decided_unheard} decided, {result.left_undecided} not"
        ),
        "payments stored, recorded": f"{found['payments']:,}, {found['records']:,}",
        "refused as too many": f"{len(result.refused):,}",
        "accepted, rejected": f"{found.get('accepted', 0):,}, {found.get('rejected', 0):,}",
    }
    return "\n".join(f"| {name} | {value} |" for name, value in lines.items())


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{what}: {count}" for what, count in sorted(counts.items()))


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
    stage.bring_in(KEYS, {})
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
