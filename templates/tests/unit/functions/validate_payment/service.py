"""The payment validation as Lambda loads it, a bucket behind it, and events of both doors."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

Event = dict[str, Any]
FOLDER = Path(__file__).parents[4] / "functions" / "validate_payment"
MODULES = [path.stem for path in FOLDER.glob("*.py")]
CONTEXT = SimpleNamespace(aws_request_id="5d1f3f9e-8b1c-4f0a-9d58-2b7f6f1f0c11")
TRACE = "1-67891233-abcdef012345678912345678"
PAYMENT: Event = {
    "payment_id": "pay_0001_spring",
    "merchant_id": "mer_bookshop1",
    "amount_minor": 1999,
    "currency": "USD",
    "payment_method_token": "tok_a1B2c3D4e5F6g7H8",
}
# Published test numbers of the card schemes, in the ways that people write them.
CARDS = [
    "4111111111111111",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "4111.1111.1111.1111",
    "tok_4111111111111111",
    "x5555555555554444x",
    "378282246310005",
    "3782 822463 10005",
    "6011111111111117",
    "30569309025904",
    "3530111333300000",
    "2223003122003222",
    "6200000000000005",
    "411111111111111112271234",
    "４１１１１１１１１１１１１１１１",
    "4111\u20111111\u20111111\u20111111",
]


class ClientError(Exception):
    """Looks like the SDK's error."""

    def __init__(self, code: str) -> None:
        """Fail as S3 would with this code."""
        super().__init__(f"An error occurred ({code})")
        self.response = {"Error": {"Code": code}}


@dataclass
class Store:
    """A bucket that keeps what it is told to keep, and fails when told to."""

    objects: dict[str, bytes] = field(default_factory=dict[str, bytes])
    failures: list[str] = field(default_factory=list[str])

    def put_object(self, **parameters: str | bytes) -> object:
        """Store an object, or raise the next failure."""
        assert parameters["Bucket"] == "audit-bucket"
        assert parameters["IfNoneMatch"] == "*", "a record could be overwritten"
        if self.failures:
            raise ClientError(self.failures.pop(0))
        key = str(parameters["Key"])
        if key in self.objects:
            raise ClientError(code="PreconditionFailed")
        self.objects[key] = cast("bytes", parameters["Body"])
        return {}

    @property
    def records(self) -> list[Event]:
        """The stored records, decoded."""
        return [json.loads(body) for body in self.objects.values()]


@dataclass
class Service:
    """The loaded function and the bucket behind it."""

    handler: ModuleType
    store: Store

    def post(self, payment: object, **event: object) -> Event:
        """Send a payment through API Gateway."""
        return self.handle(api_event(json.dumps(payment), **event))

    def handle(self, event: Mapping[str, object]) -> Event:
        """Hand an event to the function as Lambda does."""
        return self.handler.handle(event, CONTEXT)


def api_event(payload: str | None, **changes: object) -> Event:
    """Return an event of a REST API's proxy integration, as API Gateway documents it."""
    return {
        "resource": "/payments/validate",
        "path": "/payments/validate",
        "httpMethod": "POST",
        "headers": {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": "7c9e6679",
            "X-Amzn-Trace-Id": f"Root={TRACE}",
        },
        "multiValueHeaders": {"Content-Type": ["application/json; charset=utf-8"]},
        "queryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "stage": "staging",
            "identity": {"apiKeyId": "a1b2c3d4e5", "sourceIp": "192.0.2.1"},
        },
        "body": payload,
        "isBase64Encoded": False,
        **changes,
    }


def balancer_event(body: str, *, lists: bool = False, **changes: object) -> Event:
    """Return an event of a load balancer, as Elastic Load Balancing documents it."""
    headers = {
        "content-type": "application/json",
        "x-amzn-trace-id": f"Self=1-67891234-12456789abcdef012345678;Root={TRACE}",
    }
    event: Event = {
        "requestContext": {
            "elb": {
                "targetGroupArn": "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/tg/6d0ecf"
            }
        },
        "httpMethod": "POST",
        "path": "/payments/validate",
        "body": body,
        "isBase64Encoded": False,
        **changes,
    }
    if lists:
        event["multiValueHeaders"] = {name: [value] for name, value in headers.items()}
        event["multiValueQueryStringParameters"] = {}
    else:
        event["headers"] = headers
        event["queryStringParameters"] = {}
    return event


def content(answer: Event) -> Event:
    """Return the decoded body of an answer."""
    return json.loads(answer["body"])


def codes(answer: Event) -> dict[str, str]:
    """Return pointer and code of each error in problem details."""
    return {error["pointer"]: error["code"] for error in content(answer).get("errors", [])}
