"""`paystagec compare` says what the genuine engine then does."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from engine.pairs import (
    Version,
    Walk,
    copied,
    differences,
    foretold,
    not_foretold,
    reasons,
)
from engine.project import SPEC, build_compiler
from graph.variants import OWN_CODE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROUTE, RULE = '[api.routes."', '[load_balancer.routes."'
VALIDATE = 'function = "validate-payment"'
TODAY = "2026-12-01"

SHARED = """\
[queues.settlements]

[secrets.processor-api-key]
rotate_after_days = 60

[functions.settle]
source = "functions/settle"
timeout_seconds = 20
schedule = "rate(1 hour)"
consumes = "settlements"
batch = { size = 10, window_seconds = 5 }
uses = { secrets = ["processor-api-key"] }

[functions.announce]
source = "functions/settle"
schedule = "rate(5 minutes)"
uses = { queues = { settlements = "send" } }

[functions.secret-ages]
source = "builtin:secret-ages"
schedule = "rate(12 hours)"

"""

# Edits of the committed spec, one after the other: what is changed, and into what. Each is one pair, from the edit before.
EDITS: dict[str, list[tuple[str, str]]] = {
    "a database grows": [("storage_gib = 20", "storage_gib = 40")],
    "the owner is another team": [('owner = "payments-platform"', 'owner = "payments-core"')],
    "one more range": [('"203.0.113.0/24"]', '"203.0.113.0/24", "198.51.100.0/24"]')],
    "a path calls another function": [
        (
            f'{ROUTE}POST /payments/validate"]\n{VALIDATE}',
            f'{ROUTE}POST /payments/validate"]\nfunction = "payment-status"',
        )
    ],
    "routes, priorities and a subscriber are added": [
        (
            f'{ROUTE}GET /health"]\n',
            (
                f'{ROUTE}GET /payments/{{payment_id}}"]\nfunction = "payment-status"\n\n'
                f'{ROUTE}GET /payment_status"]\nfunction = "payment-status"\n\n'
                f'{ROUTE}GET /payment-status"]\nfunction = "payment-status"\n\n'
                f'{ROUTE}GET /health"]\n'
            ),
        ),
        (f'{RULE}/health"]\n', f'{RULE}/health/"]\nfunction = "health"\n\n{RULE}/health"]\n'),
        (f'{RULE}/payments/validate"]\n', f'{RULE}/payments/validate"]\npriority = 20\n'),
        (
            f'{RULE}/payments/status"]\n',
            (
                f'{RULE}/payments/*"]\npriority = 10\nfunction = "payment-status"\n\n'
                f'{RULE}/payments/status"]\n'
            ),
        ),
        (
            'notify = ["email:payments-oncall@example.com"]',
            'notify = ["email:pay.ops@example.com", "email:pay-ops@example.com"]',
        ),
    ],
    "a path goes whose names another one nearly has": [
        (f'{ROUTE}GET /payment_status"]\nfunction = "payment-status"\n\n', "")
    ],
    "a rule goes whose names another one nearly has": [
        (f'{RULE}/health"]\nfunction = "health"\n\n', "")
    ],
    "two rules exchange their priorities": [
        ("priority = 20", "priority = 0"),
        ("priority = 10", "priority = 20"),
        ("priority = 0", "priority = 10"),
    ],
    "a subscriber goes": [('"email:pay.ops@example.com", ', "")],
    "a path parameter has another name": [("{payment_id}", "{id}")],
    "ids stand in no path any more": [
        (f'{ROUTE}GET /payments/{{id}}"]\nfunction = "payment-status"\n\n', ""),
        (f'{RULE}/payments/*"]\npriority = 20\nfunction = "payment-status"\n\n', ""),
    ],
    # Groups change their key in place; the keys that nothing uses any more go.
    "others own the keys of logs and topic": [
        (
            "monthly_budget_usd = 320\n",
            'monthly_budget_usd = 320\nallowed_account_ids = ["123456789012"]\n',
        ),
        (
            "[state]\n",
            (
                "[keys]\n"
                'logs = "arn:aws:kms:us-east-1:123456789012:key/2234abcd-12ab-34cd-56ef-1234567890ab"\n'
                'topic = "arn:aws:kms:us-east-1:123456789012:key/4234abcd-12ab-34cd-56ef-1234567890ab"\n\n'
                "[state]\n"
            ),
        ),
    ],
    "a function has another short name": [
        ("[functions.validate-payment]\n", '[functions.validate-payment]\nshort_name = "vpay"\n')
    ],
    "a function has another name": [
        ("[functions.validate-payment]", "[functions.validate-payments]"),
        (
            f'{RULE}/payments/validate"]\npriority = 10\n{VALIDATE}',
            f'{RULE}/payments/validate"]\npriority = 10\nfunction = "validate-payments"',
        ),
    ],
    "a zone is another one": [('"use1-az4"', '"use1-az5"')],
    # The same, with what it was: what can keep its resource keeps it.
    "a zone takes the place of another": [
        (
            '"use1-az5"]',
            '"use1-az6"]\n\n[network.zone_settings.use1-az6]\nrenamed_from = "use1-az5"',
        )
    ],
    "a plan is renamed": [
        ("[api.plans.partner]", '[api.plans.gold]\nrenamed_from = "partner"'),
        ('plan = "partner"', 'plan = "gold"'),
    ],
    "a route is renamed": [
        (
            f'{ROUTE}POST /payments/validate"]\n',
            f'{ROUTE}POST /payments/checks"]\nrenamed_from = "POST /payments/validate"\n',
        )
    ],
    "a rule is renamed": [
        (
            f'{RULE}/payments/validate"]\n',
            f'{RULE}/payments/checks"]\nrenamed_from = "/payments/validate"\n',
        )
    ],
    "a merchant is renamed": [
        (
            "[payments.merchants.mer_acme0001]",
            '[payments.merchants.mer_acme0002]\nrenamed_from = "mer_acme0001"',
        )
    ],
    "a function is renamed": [
        ("[functions.deep-health]", '[functions.whole-health]\nrenamed_from = "deep-health"'),
        ('function = "deep-health"', 'function = "whole-health"'),
    ],
    "a function with a schedule is renamed": [
        ("[functions.audit-relay]", '[functions.audit-courier]\nrenamed_from = "audit-relay"')
    ],
    "the function that migrates is renamed": [
        ("[functions.migrate]", '[functions.prepare]\nrenamed_from = "migrate"')
    ],
    "renames leave the spec": [
        ('\n\n[network.zone_settings.use1-az6]\nrenamed_from = "use1-az5"', ""),
        ('renamed_from = "partner"', ""),
        ('renamed_from = "POST /payments/validate"', ""),
        ('renamed_from = "/payments/validate"', ""),
        ('renamed_from = "mer_acme0001"', ""),
        ('renamed_from = "deep-health"', ""),
        ('renamed_from = "audit-relay"', ""),
        ('renamed_from = "migrate"', ""),
    ],
    "functions share a queue and a secret": [("[api]\n", f"{SHARED}[api]\n")],
    "batches grow, and a secret is due earlier": [
        ("size = 10,", "size = 100,"),
        ("rotate_after_days = 60", "rotate_after_days = 30"),
        ("timeout_seconds = 20", "timeout_seconds = 25"),
    ],
    "another function consumes the queue": [
        ('consumes = "settlements"\nbatch = { size = 100, window_seconds = 5 }\n', ""),
        ('uses = { queues = { settlements = "send" } }', 'consumes = "settlements"'),
    ],
    "a topic feeds the queue": [
        ("[queues.settlements]\n", '[topics.events]\n\n[queues.settlements]\ntopic = "events"\n'),
        (
            'schedule = "rate(5 minutes)"\nconsumes',
            'schedule = "rate(5 minutes)"\nuses = { topics = ["events"] }\nconsumes',
        ),
    ],
    "backups go into a vault": [("[api]\n", "[database.backup_vault]\n\n[api]\n")],
    "backups are copied and kept longer": [
        (
            "[database.backup_vault]\n",
            (
                '[database.backup_vault]\ncopy = "arn:aws:backup:us-west-2:123456789012:backup-vault:payments"\n'
                'retention_days = 60\nstart = "12:00"\n'
            ),
        )
    ],
    "the vault goes": [
        (
            (
                '[database.backup_vault]\ncopy = "arn:aws:backup:us-west-2:123456789012:backup-vault:payments"\n'
                'retention_days = 60\nstart = "12:00"\n\n'
            ),
            "",
        )
    ],
    "both entry points get names": [
        (
            'certificate = "self-signed"           # or the ARN of one; then its key is not in the state\n',
            "",
        ),
        (
            "[state]\n",
            (
                '[domain]\nzone_id = "Z0123456789ABCDEFGHIJ"\napi = "api.example.com"\n'
                'load_balancer = "direct.example.com"\n\n[state]\n'
            ),
        ),
    ],
    "the API has another name": [('"api.example.com"', '"payments.example.com"')],
    "a name goes over to the load balancer": [
        (
            'api = "payments.example.com"\nload_balancer = "direct.example.com"\n',
            'load_balancer = "payments.example.com"\n',
        )
    ],
    "the names go": [
        (
            '[domain]\nzone_id = "Z0123456789ABCDEFGHIJ"\nload_balancer = "payments.example.com"\n\n',
            "",
        )
    ],
    "queue and secret go": [
        ("[topics.events]\n\n", ""),
        ('topic = "events"\n', ""),
        ('uses = { topics = ["events"] }\n', ""),
        ("[queues.settlements]\n\n[secrets.processor-api-key]\nrotate_after_days = 30\n\n", ""),
        ('uses = { secrets = ["processor-api-key"] }\n', ""),
        ('schedule = "rate(5 minutes)"\nconsumes = "settlements"', 'schedule = "rate(5 minutes)"'),
    ],
    "some logs are kept for longer, and somebody else is woken": [
        ("[firewall]\n", "[firewall]\nlog_retention_days = 365\n"),
        ("[functions.whole-health]\n", "[functions.whole-health]\nlog_retention_days = 90\n"),
        (
            '"email:pay-ops@example.com"]',
            (
                '"https://events.pagerduty.com/integration/0123456789abcdef0123456789abcdef/'
                'enqueue"]'
            ),
        ),
    ],
}
# Those of which the preview is held against `compare` too.
PREVIEWED = {
    "a path calls another function",
    "a path parameter has another name",
    "a plan is renamed",
    "a function is renamed",
}


@pytest.fixture(scope="module", autouse=True)
def _compiler() -> None:
    build_compiler()


class Edited:
    """The committed spec after each of the edits."""

    def __init__(self, walk: Walk, folder: Path) -> None:
        """Make none yet."""
        self.walk, self._folder = walk, folder
        self._made: dict[int, Version] = {}

    def version(self, number: int) -> Version:
        """What there is after so many edits."""
        if number not in self._made:
            spec = SPEC / "staging.toml"
            folder = self._folder / str(number)
            copy = copied(spec, folder, text_after(number))
            shutil.copytree(OWN_CODE, copy.parent / "functions" / OWN_CODE.name)
            self._made[number] = Version(copy, TODAY)
        return self._made[number]


def text_after(number: int) -> str:
    text = (SPEC / "staging.toml").read_text()
    for edit in list(EDITS.values())[:number]:
        for old, new in edit:
            assert text.count(old) == 1, f"{old!r} is not once in {text}"
            text = text.replace(old, new)
    return text


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edited]:
    """One stack for all pairs: after one it stands where the next begins."""
    folder = tmp_path_factory.mktemp("pairs")
    with Walk(folder / "home") as walk:
        yield Edited(walk, folder)


@pytest.mark.parametrize(("number", "edit"), list(enumerate(EDITS)))
def test_the_engine_takes_the_steps_that_were_foretold(
    number: int, edit: str, edited: Edited
) -> None:
    """The same resources, the same steps, replacements in the same order."""
    old, new = edited.version(number), edited.version(number + 1)
    comparison = old.compared(new)
    edited.walk.begin(old)
    if edit in PREVIEWED:
        shown = foretold(comparison, "steps", "only_in_preview")
        assert differences(shown, edited.walk.preview(new)) == []
    taken = edited.walk.to(new)
    assert differences(foretold(comparison), taken.steps) == []
    assert not_foretold(comparison, taken) == []
    assert reasons(comparison) == taken.differing
    assert taken.steps
