"""The functions with everything behind them: PostgreSQL, and moto for S3, KMS and Secrets Manager."""

from __future__ import annotations

import contextlib
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from audit_relay import handler as audit_relay
from health import handler as health
from migrate import handler as migrate
from payment_status import handler as payment_status
from service.aws_in_trouble import SLOW_SECONDS, slow_mark
from service.moto import Moto
from service.postgres import OWNER, PASSWORD, Server
from validate_payment import handler as validate_payment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

FUNCTIONS = Path(__file__).parents[2] / "templates" / "functions"
BUCKET = "audit-bucket"
RULES = {
    "currencies": {"EUR": [50, 950_000], "JPY": [50, 1_500_000], "USD": [50, 1_000_000]},
    "velocity": [600, 60],
    "idempotency_hours": 24,
}
PAYMENT: dict[str, Any] = {
    "payment_id": "pay_0001_spring",
    "merchant_id": "mer_bookshop1",
    "amount_minor": 1999,
    "currency": "USD",
    "payment_method_token": "tok_a1B2c3D4e5F6g7H8",
}
MERCHANTS = {"mer_bookshop1": "active", "mer_asleep01": "suspended"}
# The API key of each, as the id that AWS gives it.
KEYS = {merchant: f"key-of-{merchant}" for merchant in (*MERCHANTS, "mer_library1")}
OF_KEYS = {key: [merchant] for merchant, key in KEYS.items()}
SUBJECT = "CN=bookshop,O=Bookshop"
OF_SUBJECTS = {SUBJECT: ["mer_bookshop1"]}
# What is behind the name of the writing user; before migration 7 the relay was that user.
LOGINS = {"payment-status": "_read", "health": "_read", "audit-relay": "_relay"}
LOGINS_BEFORE = {**LOGINS, "audit-relay": ""}
REQUEST_ID = "5d1f3f9e-8b1c-4f0a-9d58-2b7f6f1f0c11"


@dataclass(frozen=True)
class Context:
    """Lambda's context, as far as it is used."""

    aws_request_id: str = REQUEST_ID
    seconds: float = 10.0

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends the invocation."""
        return round(self.seconds * 1000)


class Aws(Moto):
    """Moto's server, with trouble on demand."""

    def __init__(self, folder: Path) -> None:
        """Start, and wait until it answers."""
        self.trouble = folder / "trouble"
        super().__init__(Path(__file__).with_name("aws_in_trouble.py"), str(self.trouble))

    def reset(self) -> None:
        """Forget everything, once the last slow write is over: it must not come after."""
        mark = slow_mark(self.trouble)
        if mark.exists():
            left = mark.stat().st_mtime + SLOW_SECONDS + 0.5 - time.time()
            time.sleep(max(0.0, left))
        super().reset()

    def remove(self) -> None:
        """Stop."""
        self.trouble.unlink(missing_ok=True)
        self.stop()


@dataclass(kw_only=True)
class Stage:
    """One environment."""

    server: Server
    aws: Aws
    database: str
    rules: Mapping[str, object] = field(default_factory=lambda: RULES)
    secret_arn: str = ""
    bucket: str = BUCKET
    logins: Mapping[str, str] = field(default_factory=lambda: LOGINS)

    def prepare(self) -> None:
        """Make database, bucket and secret, as the infrastructure does."""
        self.server.new_database(self.database)
        self.client("s3").create_bucket(Bucket=self.bucket)
        self.secret_arn = self.client("secretsmanager").create_secret(
            Name=f"rds!{self.database}",
            SecretString=json.dumps({"username": OWNER, "password": PASSWORD}),
        )["ARN"]

    def environment(self, function: str, **changes: str) -> dict[str, str]:
        """Return the variables that the function gets in the cloud, and where the stand-ins are."""
        user = f"payments_app{self.logins.get(function, '')}"
        return {
            "AUDIT_BUCKET": self.bucket,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_ENDPOINT_URL": self.aws.url,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "DATABASE_CA_FILE": str(self.server.authority),
            "DATABASE_HOST": "localhost",
            "DATABASE_NAME": self.database,
            "DATABASE_PORT": str(self.server.port),
            "DATABASE_SECRET_ARN": self.secret_arn,
            "DATABASE_USER": user,
            "ENVIRONMENT": "staging",
            "LOG_LEVEL": "INFO",
            "PAYMENT_RULES": json.dumps(self.rules),
            "POWERTOOLS_METRICS_NAMESPACE": "payments-staging",
            "POWERTOOLS_SERVICE_NAME": function,
            **changes,
        }

    def client(self, service: str) -> Any:
        """Return a client of the SDK that talks to the stand-in."""
        return boto3.client(
            service,  # pyright: ignore[reportArgumentType, reportCallIssue] - any of them
            endpoint_url=self.aws.url,
            region_name="us-east-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",  # noqa: S106 - moto takes any
        )

    def context(self) -> Context:
        """Return a context as Lambda gives it."""
        return Context()

    def migrate(self, **changes: object) -> Mapping[str, object]:
        """Call `migrate` as `pulumi up` does first."""
        event = {"application_user": "payments_app", "merchants": MERCHANTS, **changes}
        with self.acting("migrate"):
            return migrate.handle(event, Context(seconds=300))

    def bring_in(
        self,
        keys: Mapping[str, Sequence[str]] = OF_KEYS,
        subjects: Mapping[str, Sequence[str]] = OF_SUBJECTS,
        issuers: Mapping[str, Sequence[str]] | None = None,
    ) -> Mapping[str, object]:
        """Call `migrate` as `pulumi up` does then: with the merchants of API keys and subjects."""
        with self.acting("migrate"):
            event = callers_event(keys, subjects, issuers)
            return migrate.handle(event, Context(seconds=300))

    def post(
        self,
        payment: object = PAYMENT,
        *,
        key: str | None = None,
        seconds: float = 10.0,
        **changes: Any,
    ) -> dict[str, Any]:
        """Send a payment through the API to a function that has so many seconds."""
        event = api_event(payment, key=key, **changes)
        with self.acting("validate-payment"):
            return validate_payment.handle(event, Context(seconds=seconds))  # pyright: ignore[reportReturnType]

    def status(
        self,
        payment_id: str,
        *,
        context: Mapping[str, Any] | None = None,
        in_path: bool = False,
        **query: str,
    ) -> dict[str, Any]:
        """Ask for a payment, with the bookshop's key or as the context says."""
        headers = {"Payment-Id": payment_id}
        if "merchant_id" in query:
            headers["Merchant-Id"] = query["merchant_id"]
        where: dict[str, Any] = (
            {"path": f"/payments/{payment_id}", "queryStringParameters": query or None}
            if in_path
            else {"path": "/payments/status", "headers": headers}
        )
        event = {
            "httpMethod": "GET",
            "requestContext": key_context() if context is None else context,
            **where,
        }
        with self.acting("payment-status"):
            return payment_status.handle(event, Context())  # pyright: ignore[reportReturnType]

    def health(self) -> dict[str, Any]:
        """Ask for the deep check."""
        event = {"httpMethod": "GET", "path": "/health/deep", "requestContext": {}}
        with self.acting("health"):
            return health.handle(event, Context())  # pyright: ignore[reportReturnType]

    def relay(self) -> Mapping[str, Any]:
        """Run the relay once."""
        with self.acting("audit-relay"):
            return audit_relay.handle({}, Context(seconds=30))

    def sql(self, statement: str, **parameters: object) -> list[list[Any]]:
        """Run a statement as the superuser."""
        return self.server.superuser(statement, self.database, **parameters)

    def records(self) -> dict[str, dict[str, Any]]:
        """Return all audit records by their keys."""
        s3 = self.client("s3")
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]

        def read(key: str) -> dict[str, Any]:
            return json.loads(s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())

        with ThreadPoolExecutor(4) as pool:
            return dict(zip(keys, pool.map(read, keys), strict=True))

    @contextlib.contextmanager
    def acting(self, function: str) -> Iterator[None]:
        """Have the environment of a function."""
        before = dict(os.environ)
        os.environ.update(self.environment(function))
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def callers_event(
    keys: Mapping[str, Sequence[str]],
    subjects: Mapping[str, Sequence[str]],
    issuers: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, object]:
    """Return the event that brings in the merchants of API keys and of subjects, with whose certificates count."""
    callers: dict[str, dict[str, object]] = {
        channel: {
            "credentials": list(merchants),
            "merchants": [list(one) for one in merchants.values()],
        }
        for channel, merchants in (("api", keys), ("load-balancer", subjects))
    }
    if issuers is not None:
        named = [list(issuers.get(subject, ())) for subject in subjects]
        callers["load-balancer"]["issuers"] = named
    return {"callers": callers}


def forget() -> None:
    """Begin new execution environments."""
    for module in (audit_relay, health, payment_status, validate_payment):
        for name in ("database", "outbox", "rules", "trail"):
            cached = getattr(module, name, None)
            if cached is not None:
                if name == "database" and cached.cache_info().currsize:
                    cached().forget()
                cached.cache_clear()


def key_context(merchant: str = "mer_bookshop1") -> dict[str, Any]:
    """Return what API Gateway says of a request with the API key of this merchant."""
    return {"requestId": REQUEST_ID, "identity": {"apiKeyId": KEYS.get(merchant, merchant)}}


def api_event(payment: object, *, key: str | None = None, **changes: Any) -> dict[str, Any]:
    """Return the event of a REST API's proxy integration, with the key of the payment's merchant."""
    merchant = payment.get("merchant_id") if isinstance(payment, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    headers = {"Content-Type": "application/json"}
    if key is not None:
        headers["Idempotency-Key"] = key
    return {
        "httpMethod": "POST",
        "path": "/payments/validate",
        "headers": headers,
        "requestContext": key_context(str(merchant or "mer_bookshop1")),
        "body": payment if isinstance(payment, str) else json.dumps(payment),
        "isBase64Encoded": False,
        **changes,
    }


def content(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the decoded body of an answer."""
    return json.loads(answer["body"])
