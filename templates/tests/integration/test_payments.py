"""FN-1, S3-1, XR-1: a payment through both doors, end to end."""

from __future__ import annotations

import json
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.integration.cloud import Cloud
    from tests.integration.outputs import Outputs
    from tests.integration.web import Door

PATH = "/payments/validate"
# A published test number of a card scheme.
CARD = "4111111111111111"
# X-Ray's own delay is some seconds; it promises nothing.
TRACE_SECONDS = 120


def _payment(**changes: object) -> dict[str, Any]:
    return {
        "payment_id": f"test_{uuid.uuid4().hex[:8]}_{uuid.uuid4().hex[:4]}",
        "merchant_id": "mer_integration",
        "amount_minor": 1999,
        "currency": "USD",
        "payment_method_token": "tok_integrationTests",
        **changes,
    }


@pytest.fixture(name="door", params=["api", "balancer"])
def _door(request: pytest.FixtureRequest) -> Door:
    return request.getfixturevalue(request.param)


def _records(cloud: Cloud, outputs: Outputs, payment: dict[str, Any]) -> list[str]:
    """Keys of the audit records of a payment; it may have been sent before midnight."""
    now = datetime.now(UTC)
    keys: list[str] = []
    for day in {now - timedelta(minutes=5), now}:
        prefix = f"payments/{day:%Y/%m/%d}/{payment['payment_id']}/"
        found = cloud.s3.list_objects_v2(Bucket=outputs.audit_bucket, Prefix=prefix)
        keys += [item["Key"] for item in found.get("Contents", [])]
    return sorted(set(keys))


def test_a_payment_is_accepted_and_recorded(cloud: Cloud, outputs: Outputs, door: Door) -> None:
    """FN-1, S3-1, S3-3, S3-4: the decision is on record, encrypted, and will expire."""
    payment = _payment()
    answer = door.post(PATH, payment)
    assert (answer.status, answer.content["decision"]) == (200, "accepted"), answer.body
    (key,) = _records(cloud, outputs, payment)
    stored = cloud.s3.get_object(Bucket=outputs.audit_bucket, Key=key)
    assert stored["ServerSideEncryption"] == "aws:kms"
    assert 'rule-id="' in stored["Expiration"]
    record = json.loads(stored["Body"].read())
    assert record["payment_id"] == payment["payment_id"]
    assert record["decision"] == "accepted"
    assert payment["payment_method_token"] not in json.dumps(record)


def test_a_payment_is_rejected_with_reasons(cloud: Cloud, outputs: Outputs, door: Door) -> None:
    """FN-1: a broken rule is named, and the rejection is on record too."""
    payment = _payment(currency="XTS")
    answer = door.post(PATH, payment)
    assert (answer.status, answer.content["decision"]) == (200, "rejected"), answer.body
    assert answer.content["reasons"] == ["currency_not_allowed"]
    assert len(_records(cloud, outputs, payment)) == 1


def test_a_payment_must_say_that_it_is_json(cloud: Cloud, outputs: Outputs, api: Door) -> None:
    """API-2: else the API would not look at its model; it never reaches the function."""
    payment = _payment()
    assert api.without("Content-Type").post(PATH, payment).status == 400
    assert api.post(PATH, payment, Content_Type="text/plain").status == 415
    assert _records(cloud, outputs, payment) == []


def test_a_repeated_payment_is_recorded_once(cloud: Cloud, outputs: Outputs, door: Door) -> None:
    """S3-1: the same request leaves the first record as it is."""
    payment = _payment()
    answers = [door.post(PATH, payment).content for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(_records(cloud, outputs, payment)) == 1


def test_a_card_number_is_refused_and_kept_nowhere(
    cloud: Cloud, outputs: Outputs, door: Door
) -> None:
    """FN-1: neither accepted nor repeated nor recorded."""
    payment = _payment(description=f"card {CARD}")
    answer = door.post(PATH, payment)
    assert answer.status == 422, answer.body
    assert CARD not in answer.body
    assert _records(cloud, outputs, payment) == []


def test_a_payment_is_found_among_the_traces(cloud: Cloud, outputs: Outputs, api: Door) -> None:
    """XR-1: API, function and bucket are on the trace that its payment id leads to."""
    payment = _payment()
    start = datetime.now(UTC) - timedelta(minutes=1)
    assert api.post(PATH, payment).status == 200
    expression = f'annotation.payment_id = "{payment["payment_id"]}"'
    deadline = time.monotonic() + TRACE_SECONDS
    names: set[str] = set()
    while time.monotonic() < deadline and "S3" not in names:
        found = cloud.xray.get_trace_summaries(
            StartTime=start,
            EndTime=datetime.now(UTC) + timedelta(minutes=1),
            FilterExpression=expression,
        )
        ids = [summary["Id"] for summary in found["TraceSummaries"]]
        names = _services(cloud, ids) if ids else set()
        time.sleep(2)
    assert outputs.function_names["validate-payment"] in names
    assert any(name.endswith(f"/{outputs.api_stage}") for name in names)
    assert "S3" in names


def _services(cloud: Cloud, trace_ids: Iterable[str]) -> set[str]:
    graph = cloud.xray.get_trace_graph(TraceIds=list(trace_ids))
    return {service["Name"] for service in graph["Services"]}
