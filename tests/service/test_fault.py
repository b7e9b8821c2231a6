"""S3-1, DB-2: nothing is lost and nothing is told that is not so, whatever breaks; in short."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service import fault
from service.breaking import FAULTS
from service.stage import forget

if TYPE_CHECKING:
    from pathlib import Path

    from service.postgres import Server
    from service.stage import Aws

PAYMENTS = 400


def test_whatever_breaks_every_payment_is_decided_once(
    server: Server, aws: Aws, tmp_path: Path
) -> None:
    aws.reset()
    forget()
    stage = fault.stage_for(server, aws, PAYMENTS)
    requests = fault.asks(PAYMENTS, 1)
    try:
        result = fault.run(stage, requests, tmp_path / "log")
        fault.settle(stage)
        found = fault.check(stage, requests, result)
    finally:
        forget()
    print(fault.report(result, found))
    # Else it would show nothing.
    assert set(result.faults) == set(FAULTS)
    assert result.function_kills > 0
    assert result.deployments["well"] > 0
    assert result.again["killed"] > 0
    assert result.given_up
    assert found["accepted"] > 0


def test_the_check_notices_what_is_wrong(server: Server, aws: Aws, tmp_path: Path) -> None:
    """A loss, a second record, an answer that is not so, or none in time: each must be seen."""
    aws.reset()
    forget()
    stage = fault.stage_for(server, aws, 30)
    requests = fault.asks(30, 2)
    result = fault.run(stage, requests, tmp_path / "log", troubled=False)
    fault.settle(stage)
    fault.check(stage, requests, result)
    identity, answers = next(iter(result.answers.items()))
    told = set(answers)
    answers.add(next(iter(told)).replace("USD", "EUR"))
    with pytest.raises(AssertionError):
        fault.check(stage, requests, result)
    result.answers[identity] = told
    result.again["killed"] += 1
    with pytest.raises(AssertionError, match="nobody was killed"):
        fault.check(stage, requests, result)
    result.again["killed"] -= 1
    in_time = result.shares["validate-payment"]
    result.shares["validate-payment"] = 1.0
    with pytest.raises(AssertionError, match="after its time"):
        fault.check(stage, requests, result)
    result.shares["validate-payment"] = in_time
    kept = "SELECT caller, key_sha256, answer FROM payments.idempotency_keys LIMIT 1"
    ((caller, digest, answer),) = stage.sql(kept)
    change = "UPDATE payments.idempotency_keys SET answer = :answer WHERE caller = :caller AND key_sha256 = :digest"
    stage.sql(change, answer=answer.replace("USD", "EUR"), caller=caller, digest=digest)
    with pytest.raises(AssertionError, match="stands for something else"):
        fault.check(stage, requests, result)
    stage.sql(change, answer=answer, caller=caller, digest=digest)
    key = next(iter(stage.records()))
    s3 = stage.client("s3")
    body = s3.get_object(Bucket="audit-bucket", Key=key)["Body"].read()
    s3.put_object(Bucket="audit-bucket", Key=f"{key}.again", Body=body)
    with pytest.raises(AssertionError, match="recorded twice"):
        fault.check(stage, requests, result)
    for name in (key, f"{key}.again"):
        s3.delete_object(Bucket="audit-bucket", Key=name)
    with pytest.raises(AssertionError, match="not at all"):
        fault.check(stage, requests, result)
    s3.put_object(Bucket="audit-bucket", Key=key, Body=body)
    stage.sql("DELETE FROM payments.decisions WHERE payment_uid = 1")
    with pytest.raises(AssertionError, match="missing"):
        fault.check(stage, requests, result)
    forget()
