"""A stack's life in an account: up, up again, changes, down, up with the same suffix, and a bad day.

Each step looks from AWS's side too: what the account holds, not what Pulumi says of it.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pulumi.automation import CommandError

from account import residue, suite
from account.census import Census, census, counts, difference
from account.faults import Faults
from account.living.changes import CHANGES
from account.living.chapter import live
from account.provider import AccountProvider
from account.secret_values import secret_values
from account.simulated import simulated
from cloud.kinds import KINDS
from engine import catalogue
from engine.in_clear import in_clear

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from account.living.changes import Change
    from account.living.chapter import Outcome
    from account.world import World
    from engine.stack import Run

# A deleted key ends after its window, so it stands in the account until then.
PENDING = "KMS keys pending deletion"
# A deployment is a snapshot of an API: each change makes one in place of the last.
DEPLOYMENTS = "API deployments"
PRIVATE_KEY = "tls:index/privateKey:PrivateKey"
# Of the requests on a bad day. There are some hundreds in an `up`; the engine stops at the first failure.
THROTTLED, UNHEARD = 0.006, 0.003
PATIENCE = 60


@dataclass
class Told:
    """One step, as the report shows it."""

    step: str
    seconds: float
    found: str


@dataclass
class Life:
    """The steps in their order, and what one has to know of the others."""

    world: World
    seed: int = 1
    empty: Census = field(default_factory=dict[str, "dict[str, object]"])
    whole: Census = field(default_factory=dict[str, "dict[str, object]"])
    tested: suite.Outcome = field(default_factory=suite.Outcome)
    left: residue.Left | None = None
    # The edits that are made under payments, and what was measured.
    edits: Sequence[Change] = CHANGES
    measured: Outcome | None = None

    def steps(self) -> Iterator[Told]:
        """Live."""
        self.empty = census(self.world.aws)
        steps: list[tuple[str, Callable[[], str]]] = [
            ("up", self.up),
            ("integration tests", self.test),
            ("up again", self.up_again),
            ("refresh", self.refresh),
            ("a key of the spec is changed", self.change),
            ("a function is added", self.add),
            ("it is taken away again", self.take_away),
            ("destroy", self.destroy),
            ("residue audit", self.audit),
            ("up with the same suffix", self.up_as_before),
            ("destroy on a bad day", self.destroy_on_a_bad_day),
            ("up on a bad day", self.up_on_a_bad_day),
            ("changes while payments go through", self.change_under_payments),
            ("destroy at last", self.destroy),
            ("residue audit", self.audit),
        ]
        for name, step in steps:
            started = time.monotonic()
            found = step()
            yield Told(name, time.monotonic() - started, found)

    def up(self) -> str:
        """Everything is made."""
        before = len(self.world.aws.calls)
        run = self.world.stack.up()
        kinds = Counter(step.type for step in run.changes() if catalogue.knows(step.type))
        assert {step.operation for step in run.changes()} == {"create"}, run.changes()
        assert kinds.keys() <= KINDS.keys()
        self.whole = census(self.world.aws)
        made = {
            kind: count - counts(self.empty).get(kind, 0)
            for kind, count in counts(self.whole).items()
        }
        calls = len(self.world.aws.calls) - before
        self._assert_no_secret_in_clear()
        return (
            f"{kinds.total()} resources of {len(kinds)} types, {calls} calls of AWS's APIs; "
            f"{sum(made.values())} things of {len([n for n in made.values() if n])} kinds stand there"
        )

    def test(self) -> str:
        """The project's own integration tests, through AWS's APIs and both entry points; they leave payments behind."""
        with simulated(self.world) as (_, outputs):
            found = suite.run(outputs, self.world.aws.url, project=self.world.project.folder)
        assert not found.failed, found
        self.tested = found
        return f"{len(found.passed)} passed, {len(found.lacking)} cannot pass at moto, none failed"

    def audit(self) -> str:
        """What the script for teams says of the copy that was destroyed."""
        told = residue.run(self.world.aws, project=self.world.project.folder)
        # A network's own ACL goes with it; moto keeps it.
        standing = census(self.world.aws)["network ACLs"].keys()
        findings = [
            each
            for each in told.findings
            if each["kind"] != "network ACL" or each["id"] in standing
        ]
        self.left = replace(told, findings=findings)
        harmful = self.left.harmful
        assert harmful == [], harmful
        return f"{len(findings)} keys wait for their deletion, nothing is left that blocks, bills or stays"

    def up_again(self) -> str:
        """Nothing is left to do, and nothing is done."""
        _assert_nothing_changes(self.world.stack.up())
        assert difference(self.whole, census(self.world.aws)) == {}
        return "no change, in Pulumi and at AWS"

    def refresh(self) -> str:
        """What is there is what the state says."""
        _assert_nothing_changes(self.world.stack.refresh())
        secrets = self._assert_no_secret_in_clear()
        listed = ", ".join(f"{count} {what}" for what, count in sorted(secrets.items()))
        return f"no change; in the state nothing secret is in clear ({listed})"

    def change(self) -> str:
        """One key reaches one thing."""
        self.world.project.edit("storage_gib = 20", "storage_gib = 40")
        self.world.stack.up()
        now = census(self.world.aws)
        found = difference(self.whole, now)
        assert found.keys() == {"DB instances"}, found
        ((_, facts),) = found["DB instances"].changed.items()
        assert facts == {"AllocatedStorage"}, facts
        self.whole = now
        return "storage_gib: AllocatedStorage of the one instance, and nothing else"

    def add(self) -> str:
        """A function comes with all that it needs, and nothing that was there goes."""
        self.world.project.edit(
            "[functions.health]",
            '[functions.ping]\nsource = "builtin:health"\n\n[functions.health]',
        )
        self.world.project.edit(
            '[api.routes."GET /health"]',
            '[api.routes."GET /ping"]\nfunction = "ping"\n\n[api.routes."GET /health"]',
        )
        self.world.stack.up()
        found = difference(self.whole, census(self.world.aws))
        went = {kind for kind, change in found.items() if change.went}
        assert went <= {DEPLOYMENTS}, found
        came = {kind: len(change.came) for kind, change in found.items() if change.came}
        for kind in ("Lambda functions", "IAM roles", "IAM role policies", "log groups"):
            assert came.get(kind) == 1, came
        changed = sorted({kind for kind, change in found.items() if change.changed})
        listed = ", ".join(f"{count} {kind}" for kind, count in sorted(came.items()))
        return f"came: {listed}; changed: {', '.join(changed) or 'nothing'}"

    def take_away(self) -> str:
        """And it leaves nothing behind."""
        self.world.project.edit('[api.routes."GET /ping"]\nfunction = "ping"\n\n', "")
        self.world.project.edit('[functions.ping]\nsource = "builtin:health"\n\n', "")
        self.world.stack.up()
        found = difference(self.whole, census(self.world.aws))
        left = {kind: change for kind, change in found.items() if kind != DEPLOYMENTS}
        # The stage runs another deployment than before.
        left.pop("API stages", None)
        assert left == {}, left
        return "as before it came"

    def destroy(self) -> str:
        """What is left is what AWS itself keeps."""
        self.world.stack.destroy()
        return self._gone()

    def up_as_before(self) -> str:
        """Nothing of the first stack is in the way of a second one."""
        self.world.stack.up()
        self._assert_whole()
        return "identical to the first deployment, resource by resource"

    def destroy_on_a_bad_day(self) -> str:
        """Requests fail, `destroy` is repeated, and in the end nothing is left."""
        told = self._until_done(self.world.stack.destroy)
        return f"{told}; {self._gone()}"

    def up_on_a_bad_day(self) -> str:
        """Requests fail, `up` is repeated, and in the end everything stands there once."""
        told = self._until_done(self.world.stack.up)
        broken = self._half_made()
        _assert_nothing_changes(self.world.stack.up())
        self._assert_whole()
        return f"{told}, {broken} creations broken off half-way; everything stands there once"

    def change_under_payments(self) -> str:
        """Payments go through both entry points while one change follows the other."""
        self.measured = live(self.world, self.edits)
        return (
            f"{len(self.measured.rows)} changes, {self.measured.requests} requests, {self.measured.payments} "
            "payments: each is decided once, and recorded once"
        )

    def _until_done(self, run: Callable[[], Run]) -> str:
        faults = Faults(self.seed, throttled=THROTTLED, unheard=UNHEARD)
        self.world.aws.before_send = faults
        attempts = 0
        try:
            while True:
                attempts += 1
                try:
                    run()
                except CommandError:
                    if attempts == PATIENCE:
                        raise
                else:
                    break
        finally:
            self.world.aws.before_send = None
        assert attempts > 1, "nothing failed"
        return (
            f"{attempts} attempts, {faults.counts['throttled']} requests throttled, "
            f"{faults.counts['unheard']} without an answer"
        )

    def _half_made(self) -> int:
        return sum(
            provider.half_made
            for provider in self.world.engine.providers.values()
            if isinstance(provider, AccountProvider)
        )

    def _assert_no_secret_in_clear(self) -> Counter[str]:
        """What AWS and the program keep secret stands in no version of the state."""
        secrets = secret_values(self.world.aws)
        kinds = Counter(secrets.values())
        assert {"API key", "password", PRIVATE_KEY} <= kinds.keys(), kinds
        for text in (self.world.stack.exported(), *self.world.engine.kept_files()):
            found = in_clear(text, secrets)
            assert found == [], found
        return kinds

    def _assert_whole(self) -> None:
        before, now = counts(self.whole), counts(census(self.world.aws))
        for taken in (before, now):
            taken.pop(PENDING, None)
        assert now == before, {
            kind: (before.get(kind), now.get(kind))
            for kind in before.keys() | now.keys()
            if before.get(kind) != now.get(kind)
        }

    def _gone(self) -> str:
        found = difference(self.empty, census(self.world.aws))
        pending = found.pop(PENDING, None)
        assert found == {}, found
        return f"left: {len(pending.came) if pending else 0} keys that wait for their deletion"


def _assert_nothing_changes(run: Run) -> None:
    assert run.changes() == [], run.changes()
