"""Other specs than the team's: less, more and stricter, so that nothing holds for one spec only."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from graph.overrides import every

# Pattern in the team's spec, and what stands there in the variant.
Change = tuple[str, str]

WITH_OWN_WORDS = "with-overrides-and-an-extension"
EXTENSION = Path(__file__).with_name("extra.py")
OWN_CODE = Path(__file__).with_name("settle")
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
# What the extension adds: resources that no graph knows, and an output.
ADDED = [
    ("", "aws:sns/topic:Topic", "reports"),
    ("archive", "aws:s3/bucket:Bucket", "reports"),
    ("archive", LIFECYCLE, "reports"),
    ("archive", "aws:s3/bucketPolicy:BucketPolicy", "reports"),
    ("archive", "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "reports"),
    ("archive", ENCRYPTION, "reports"),
    ("archive", "aws:s3/bucketVersioning:BucketVersioning", "reports"),
]
ADDED_OUTPUTS = {"reports_topic_arn"}

# The status of a payment by an id in the path, which a spec may still offer to clients of before.
BY_PATH: list[Change] = [
    (
        r'^\[api\.routes\."GET /payments/status"\]$',
        (
            '[api.routes."GET /payments/{payment_id}"]\nfunction = "payment-status"\n\n'
            '[api.routes."GET /payments/status"]'
        ),
    ),
    (
        r'^\[load_balancer\.routes\."/payments/status"\]$',
        (
            '[load_balancer.routes."/payments/*"]\nfunction = "payment-status"\n\n'
            '[load_balancer.routes."/payments/status"]'
        ),
    ),
]

VARIANTS: dict[str, list[Change]] = {
    WITH_OWN_WORDS: [
        (r"^version = 1$", 'version = 1\nextensions = ["../extra.py"]'),
        # As much as some arguments of the database ask for.
        (r"^storage_gib = .*$", "storage_gib = 400\nmax_storage_gib = 1_000"),
        (r"^monthly_budget_usd = .*$", "monthly_budget_usd = 2_000"),
    ],
    "without-options": [
        (r"^\[firewall\]\n.*$", "[firewall]\nenabled = false"),
        (
            r'^certificate = "self-signed".*$',
            (
                'certificate = "arn:aws:acm:us-east-1:123456789012:certificate/'
                '12345678-1234-1234-1234-123456789012"'
            ),
        ),
        (r'^version = "14" .*$', 'version = "14.20"'),
        (r"^instance_class = .*$", 'instance_class = "db.m6g.large"'),
        (r"^\[api\]$", "[api]\nmanage_account_role = false"),
        (r'^source = "builtin:.*$', 'source = "builtin:health"'),
        (r"^uses = .*$", "uses = { }"),
        (r"^body = .*\n(required_headers.*\n)?", ""),
    ],
    "with-more": [
        *BY_PATH,
        (r'^certificate = "self-signed".*\n', ""),
        (
            r"^\[firewall\]$",
            (
                '[domain]\nzone_id = "Z0123456789ABCDEFGHIJ"\nzone_name = "payments.example.com"\n'
                'api = "api.payments.example.com"\nload_balancer = "direct.payments.example.com"\n\n'
                '[tags]\nCostCentre = "4711"\n"team:on call" = "payments.core/1"\n\n'
                "[keys]\n"
                'database = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"\n'
                'data = "arn:aws:kms:us-east-1:123456789012:key/3234abcd-12ab-34cd-56ef-1234567890ab"\n\n'
                "[firewall]\nlog_retention_days = 180"
            ),
        ),
        (r'^name = "staging"$', 'name = "stage2"\nallowed_account_ids = ["123456789012"]'),
        (
            r'^subject = "CN=acme,O=Acme" ',
            (
                'issuers = ["CN=payments staging clients,O=Example Payments"]\n'
                'subject = "CN=acme,O=Acme" '
            ),
        ),
        (r"^allowed_cidrs = .*$", 'allowed_cidrs = ["0.0.0.0/0"]\nlog_retention_days = 90'),
        (r"^\[api\]$", "[api]\nlog_retention_days = 400"),
        (r"^storage_gib = .*$", "storage_gib = 20\nlog_retention_days = 545"),
        (r"^\[network\]$", "[network]\nlog_retention_days = 731"),
        (
            r"^\[state\].*$",
            (
                "[migration]\n"
                'snapshot = "arn:aws:rds:us-east-1:123456789012:snapshot:payments-dev"\n\n[state]'
            ),
        ),
        (
            r"^\[api\.plans\.partner\]$",
            """[functions.refund]
source = "builtin:health"
schedule = "rate(1 hour)"
uses = { database = "read", audit = "read" }

[functions.reshape]
source = "builtin:health"
schedule = "cron(0 3 ? * SUN *)"
uses = { database = "owner" }

[database.backup_vault]
start = "12:05"
retention_days = 60
copy = "arn:aws:backup:us-west-2:123456789012:backup-vault:payments"
copy_retention_days = 400

[secrets.processor-api-key]
description = "API key of the card processor"
rotate_after_days = 60

[secrets.ledger-token]

[queues.settlements]
retention_days = 7

[topics.payment-events]

[queues.ledger]
topic = "payment-events"

[queues.notices]
visibility_timeout_seconds = 120
alarm_age_minutes = 5

[functions.settle]
source = "functions/settle"
log_retention_days = 365
timeout_seconds = 20
consumes = "settlements"
batch = { size = 100, window_seconds = 5, concurrency = 5 }
uses = { secrets = ["processor-api-key", "ledger-token"], queues = { notices = "send" } }

[functions.announce]
source = "functions/settle"
schedule = "rate(5 minutes)"
uses = { topics = ["payment-events"], queues = { settlements = "send", notices = "receive", ledger = "receive" } }

[functions.secret-ages]
source = "builtin:secret-ages"
schedule = "rate(12 hours)"

[api.routes."GET /chargebacks/{refund_id}"]
function = "refund"
required_query = ["currency"]

[api.routes."DELETE /refunds/{proxy+}"]
function = "refund"

[api.plans.internal]
quota = { requests = 10, period = "day" }
throttle = { rate_per_second = 2, burst = 4 }
api_keys = ["one", "two"]

[api.plans.partner]""",
        ),
        (
            r'^\[load_balancer\.routes\."/health"\]$',
            (
                '[load_balancer.routes."/payments/refunds/*"]\nfunction = "refund"\n\n'
                '[load_balancer.routes."/health"]'
            ),
        ),
        (
            r"^notify = .*$",
            (
                'notify = ["email:payments-oncall@example.com", "https://example.com/alarms", '
                '"https://events.eu.pagerduty.com/integration/0123456789abcdef0123456789abcdef/enqueue"]'
            ),
        ),
    ],
}


def write(variant: str, spec: Path, folder: Path) -> Path:
    """Write a variant of the team's spec, with the files beside it, and give its path."""
    path = write_changed(VARIANTS[variant], spec, folder)
    shutil.copy(EXTENSION, folder.parent)
    shutil.copytree(OWN_CODE, folder / "functions" / OWN_CODE.name)
    if variant == WITH_OWN_WORDS:
        path.write_text(path.read_text("utf-8") + "".join(every(spec)), "utf-8")
    return path


def write_changed(changes: list[Change], spec: Path, folder: Path) -> Path:
    """Write the team's spec with these changes, with the files beside it, and give its path."""
    shutil.copytree(spec.parent, folder)
    text = spec.read_text("utf-8")
    for pattern, replacement in changes:
        changed = re.sub(pattern, lambda _, new=replacement: new, text, flags=re.MULTILINE)
        assert changed != text, f"{pattern} is not in the team's spec"
        text = changed
    path = folder / spec.name
    path.write_text(text, "utf-8")
    return path
