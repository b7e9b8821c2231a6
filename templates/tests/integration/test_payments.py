"""FN-1, S3-1, XR-1, MIG-1, DEL-3: a payment through each entry point, end to end."""

from __future__ import annotations

import json
import os
import re
import secrets
import string
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.environment_class import AUDIT_RETENTION_DAYS
from tests.integration import spec
from tests.integration.retention import expiry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.integration.cloud import Cloud
    from tests.integration.outputs import Outputs
    from tests.integration.web import EntryPoint

PATH = "/payments/validate"
# A published test number of a card scheme.
CARD = "4111111111111111"
# The relay comes each minute, and gives the function half a minute.
RECORD_SECONDS = 180
# X-Ray's own delay is some seconds; it promises nothing.
TRACE_SECONDS = float(os.environ.get("PAYSTAGE_TRACE_SECONDS", "120"))


def an_id() -> str:
    """Give a new one, of letters: one with many digits can look like a card number, and is refused then."""
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(16))


def a_payment(**changes: object) -> dict[str, Any]:
    """Give a payment that is accepted, but for the changes."""
    return {
        "payment_id": f"test_{an_id()}",
        "merchant_id": spec.MERCHANT,
        "amount_minor": spec.AMOUNT,
        "currency": spec.CURRENCY,
        "payment_method_token": "tok_integrationTests",
        **changes,
    }


@pytest.fixture(name="entry_point", params=spec.PAYMENT_ENTRY_POINTS)
def _entry_point(request: pytest.FixtureRequest) -> EntryPoint:
    return request.getfixturevalue(request.param)


def _recorded(cloud: Cloud, outputs: Outputs, payment: dict[str, Any]) -> str:
    """Key of the one audit record of a payment; the relay delivers what could not be at once."""
    deadline = time.monotonic() + RECORD_SECONDS
    while not (keys := _records(cloud, outputs, payment)) and time.monotonic() < deadline:
        time.sleep(2)
    assert len(keys) == 1, keys
    return keys[0]


def _records(cloud: Cloud, outputs: Outputs, payment: dict[str, Any]) -> list[str]:
    """Keys of the audit records of a payment; it may have been sent before midnight."""
    now = datetime.now(UTC)
    keys: list[str] = []
    for day in {now - timedelta(minutes=5), now}:
        prefix = f"payments/{day:%Y/%m/%d}/{payment['payment_id']}/"
        found = cloud.s3.list_objects_v2(Bucket=outputs.audit_bucket, Prefix=prefix)
        keys += [item["Key"] for item in found.get("Contents", [])]
    return sorted(set(keys))


def test_a_payment_is_accepted_and_recorded(
    cloud: Cloud, outputs: Outputs, entry_point: EntryPoint
) -> None:
    """FN-1, S3-1, S3-3, S3-4, DEL-3: the decision is on record, under our key, for as long as asked."""
    payment = a_payment()
    answer = entry_point.post(PATH, payment)
    assert (answer.status, answer.content["decision"]) == (200, "accepted"), answer.body
    key = _recorded(cloud, outputs, payment)
    stored = cloud.s3.get_object(Bucket=outputs.audit_bucket, Key=key)
    assert stored["ServerSideEncryption"] == "aws:kms"
    ours = cloud.kms.describe_key(KeyId=outputs.key("data"))["KeyMetadata"]
    assert stored["SSEKMSKeyId"] == ours["Arn"]
    expires = expiry(cloud, outputs.audit_bucket, key)
    kept = expires - stored["LastModified"]
    assert timedelta(days=AUDIT_RETENTION_DAYS) <= kept <= timedelta(days=AUDIT_RETENTION_DAYS + 1)
    record = json.loads(stored["Body"].read())
    assert record["payment_id"] == payment["payment_id"]
    assert record["decision"] == "accepted"
    assert payment["payment_method_token"] not in json.dumps(record)


def test_records_say_when_they_expire(cloud: Cloud, outputs: Outputs, api: EntryPoint) -> None:
    """S3-3: S3 itself names the rule, and the day."""
    payment = a_payment()
    assert api.post(PATH, payment).status == 200
    key = _recorded(cloud, outputs, payment)
    stored = cloud.s3.head_object(Bucket=outputs.audit_bucket, Key=key)
    told = re.search(r'expiry-date="([^"]+)"', stored["Expiration"])
    assert told is not None
    assert parsedate_to_datetime(told[1]) == expiry(cloud, outputs.audit_bucket, key)


def test_reference_data_was_brought_in(entry_point: EntryPoint) -> None:
    """MIG-1, API-4, LB-2: whom the entry point verified is known, and acts for its own merchant only."""
    known, unknown = (
        entry_point.post(PATH, a_payment(merchant_id=merchant))
        for merchant in (spec.MERCHANT, "mer_unknown0000")
    )
    assert known.content["decision"] == "accepted"
    assert unknown.status == 404, unknown.body
    assert unknown.content["type"].endswith(":merchant-not-found")


def test_a_payment_is_rejected_with_reasons(
    cloud: Cloud, outputs: Outputs, entry_point: EntryPoint
) -> None:
    """FN-1: a broken rule is named, and the rejection is on record too."""
    payment = a_payment(currency="XTS")
    answer = entry_point.post(PATH, payment)
    assert (answer.status, answer.content["decision"]) == (200, "rejected"), answer.body
    assert answer.content["reasons"] == ["currency_not_allowed"]
    assert _recorded(cloud, outputs, payment)


def test_a_payment_must_say_that_it_is_json(
    cloud: Cloud, outputs: Outputs, api: EntryPoint
) -> None:
    """API-2: else the API would not look at its model; it never reaches the function."""
    payment = a_payment()
    assert api.without("Content-Type").post(PATH, payment).status == 400
    assert api.post(PATH, payment, Content_Type="text/plain").status == 415
    assert _records(cloud, outputs, payment) == []


def test_a_repeated_payment_is_recorded_once(
    cloud: Cloud, outputs: Outputs, entry_point: EntryPoint
) -> None:
    """S3-1: the same request leaves the first record as it is."""
    payment = a_payment()
    answers = [entry_point.post(PATH, payment).content for _ in range(2)]
    assert answers[0] == answers[1]
    assert _recorded(cloud, outputs, payment)


def test_a_key_stands_for_one_payment(
    cloud: Cloud, outputs: Outputs, entry_point: EntryPoint
) -> None:
    """FN-1, S3-1: again under the same key, the same answer; with another body, a conflict."""
    payment, key = a_payment(), an_id()
    first, again = (entry_point.post(PATH, payment, Idempotency_Key=key) for _ in range(2))
    assert (first.status, first.content) == (again.status, again.content)
    assert again.headers["idempotency-replayed"] == "true"
    other = a_payment()
    assert entry_point.post(PATH, other, Idempotency_Key=key).status == 409
    assert _records(cloud, outputs, other) == []


def test_a_card_number_is_refused_and_kept_nowhere(
    cloud: Cloud, outputs: Outputs, entry_point: EntryPoint
) -> None:
    """FN-1: neither accepted nor repeated nor recorded."""
    payment = a_payment(description=f"card {CARD}")
    answer = entry_point.post(PATH, payment)
    assert answer.status == 422, answer.body
    assert CARD not in answer.body
    assert _records(cloud, outputs, payment) == []


def test_a_payment_is_found_among_the_traces(
    cloud: Cloud, outputs: Outputs, api: EntryPoint
) -> None:
    """XR-1: API, function, database and bucket are on the trace that its payment id leads to."""
    payment = a_payment()
    start = datetime.now(UTC) - timedelta(minutes=1)
    assert api.post(PATH, payment).status == 200
    expression = f'annotation.payment_id = "{payment["payment_id"]}"'
    deadline = time.monotonic() + TRACE_SECONDS
    names: set[str] = set()
    while time.monotonic() < deadline and not _complete(names, outputs):
        found = cloud.xray.get_trace_summaries(
            StartTime=start,
            EndTime=datetime.now(UTC) + timedelta(minutes=1),
            FilterExpression=expression,
        )
        ids = [summary["Id"] for summary in found["TraceSummaries"]]
        names = _services(cloud, ids) if ids else set()
        time.sleep(2)
    assert outputs.function_names[spec.VALIDATES] in names
    assert any(name.endswith(f"/{outputs.api_stage}") for name in names)
    assert _complete(names, outputs), names


def _complete(names: set[str], outputs: Outputs) -> bool:
    # Functions draw the database under its name and host.
    return "S3" in names and any(name.endswith(f"@{outputs.database_host}") for name in names)


def _services(cloud: Cloud, trace_ids: Iterable[str]) -> set[str]:
    graph = cloud.xray.get_trace_graph(TraceIds=list(trace_ids))
    return {service["Name"] for service in graph["Services"]}
