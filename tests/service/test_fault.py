"""S3-1, DB-2: nothing is lost and nothing is told that is not so, whatever breaks; in short."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service import fault
from service.stage import forget

if TYPE_CHECKING:
    from pathlib import Path

    from service.postgres import Server
    from service.stage import Aws

PAYMENTS = 600


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
    assert result.database_kills > 0
    assert result.function_kills > 0
    assert result.again["killed"] > 0
    assert found["accepted"] > 0


def test_the_check_notices_what_is_wrong(server: Server, aws: Aws, tmp_path: Path) -> None:
    """A loss, a second record, an answer that is not so: each must be seen."""
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
