"""Events of both entry points as AWS documents them, and what else the tests of the functions send."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

Event = dict[str, Any]
REQUEST_ID = "5d1f3f9e-8b1c-4f0a-9d58-2b7f6f1f0c11"
# What the entry points verified of the bookshop.
API_KEY, SUBJECT = "a1b2c3d4e5", "CN=bookshop,O=Bookshop"
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


@dataclass(frozen=True)
class LambdaContext:
    """The part of Lambda's context that the functions use."""

    aws_request_id: str = REQUEST_ID
    milliseconds: int = 10_000

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends the invocation."""
        return self.milliseconds


CONTEXT = LambdaContext()


def api_event(payload: str | None, **changes: object) -> Event:
    """Return an event of a REST API's proxy integration, as API Gateway documents it."""
    return {
        "resource": "/payments/validate",
        "path": "/payments/validate",
        "httpMethod": "POST",
        "headers": {
            "Content-Type": "application/json; charset=utf-8",
            "X-Amzn-Trace-Id": f"Root={TRACE}",
        },
        "multiValueHeaders": {"Content-Type": ["application/json; charset=utf-8"]},
        "queryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "stage": "staging",
            "identity": {"apiKeyId": API_KEY, "sourceIp": "192.0.2.1"},
        },
        "body": payload,
        "isBase64Encoded": False,
        **changes,
    }


def balancer_event(body: str, *, lists: bool = False, **changes: object) -> Event:
    """Return an event of a load balancer, as Elastic Load Balancing documents it."""
    headers = {
        "content-type": "application/json",
        "x-amzn-mtls-clientcert-subject": SUBJECT,
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
