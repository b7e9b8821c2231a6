"""FN-1, SEC-2: card data and secrets go in everywhere, and come out nowhere.

Each output is read as a whole: answers, logs and metrics, traces, audit records, the database with
its log, and what `pulumi up` would show.
"""

from __future__ import annotations

import base64
import json
import logging
import socket
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from migrate.handler import MigrationError
from payments import telemetry
from service.postgres import OWNER, PASSWORD
from service.stage import PAYMENT, SUBJECT, Context, Stage, api_event, forget
from service.test_payments import another
from validate_payment import handler

if TYPE_CHECKING:
    from collections.abc import Iterator

CARDS = ["4111111111111111", "5555 5555 5555 4444", "3782-822463-10005", "６０１１111111111117"]  # noqa: RUF001 - full-width digits
TOKEN = "tok_chargeable0123456789abc"  # noqa: S105 - no token of anybody's
AWS_SECRET = "wJalrXUtnFEMIexampleKEYexample"  # noqa: S105 - of nobody's
MEMBERS = [
    "payment_id", "merchant_id", "amount_minor", "currency", "payment_method_token",
    "customer_id", "description", "unknown",
]  # fmt: skip


class Daemon:
    """Listens as the X-Ray daemon does."""

    def __init__(self) -> None:
        """Take any free port."""
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.3)

    @property
    def address(self) -> str:
        """Where segments go."""
        return f"127.0.0.1:{self.socket.getsockname()[1]}"

    def segments(self) -> list[dict[str, Any]]:
        """Return what has arrived."""
        found: list[dict[str, Any]] = []
        try:
            while True:
                found.append(json.loads(self.socket.recv(65_536).split(b"\n", 1)[1]))
        except TimeoutError:
            return found


@pytest.fixture(name="listener", scope="session")
def _listener() -> Iterator[Daemon]:
    # The SDK asks for the address once.
    daemon = Daemon()
    yield daemon
    daemon.socket.close()


@pytest.fixture(name="daemon")
def _daemon(listener: Daemon, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    daemon = listener
    daemon.segments()
    monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", daemon.address)
    monkeypatch.setenv("LAMBDA_TASK_ROOT", "/var/task")
    monkeypatch.setenv(
        "_X_AMZN_TRACE_ID",
        "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1",
    )
    telemetry.tracer.cache_clear()
    yield daemon
    telemetry.tracer.cache_clear()


def send_everywhere(stage: Stage, card: str) -> list[Any]:
    """Send a card number in every place of a request that there is."""
    events: list[dict[str, Any]] = [api_event({**PAYMENT, member: card}) for member in MEMBERS]
    events += [
        api_event({**PAYMENT, "metadata": {"note": card}}),
        api_event({**PAYMENT, "metadata": {card: "note"}}),
        api_event({**PAYMENT, "metadata": {"deep": {"list": [card]}}}),
        api_event(f'{{"payment_id": "{card}"'),
        api_event(
            base64.b64encode(json.dumps({"card": card}).encode()).decode(), isBase64Encoded=True
        ),
        api_event(f"{card}", isBase64Encoded=True),
        api_event(PAYMENT, key=card),
        api_event(PAYMENT, path=f"/payments/{card}"),
        api_event(PAYMENT, httpMethod=card),
        api_event(PAYMENT, queryStringParameters={card: card}),
        api_event(PAYMENT, requestContext={"requestId": card, "identity": {"apiKeyId": card}}),
        api_event(PAYMENT, stageVariables={card: card}),
    ]
    traced = api_event(another(3))
    traced["headers"] |= {"X-Amzn-Trace-Id": f"Root={card}", "User-Agent": card, card: card}
    with stage.acting("validate-payment"):
        answers: list[Any] = [handler.handle(event, Context()) for event in [*events, traced]]
    for in_path in (False, True):
        answers.append(stage.status(card, in_path=in_path))
        answers.append(stage.status("pay_0001_spring", in_path=in_path, merchant_id=card))
    return answers


def everything(stage: Stage) -> str:
    """Return all that is kept: database with its log, and bucket."""
    kept = [repr(stage.records())]
    for (name,) in stage.sql(
        "SELECT relname FROM pg_class WHERE relnamespace = 'payments'::regnamespace AND relkind = 'r'"
    ):
        kept.append(repr(stage.sql(f"SELECT * FROM payments.{name}")))  # noqa: S608 - names from the catalogue
    return "\n".join([*kept, stage.server.log])


@pytest.mark.parametrize("card", CARDS)
def test_card_numbers_come_out_nowhere(
    stage: Stage,
    daemon: Daemon,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    card: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    answers = send_everywhere(stage, card)
    assert all(answer["statusCode"] in {200, 400, 403, 404, 405, 422} for answer in answers)
    written, segments = capfd.readouterr(), daemon.segments()
    assert segments
    assert '"message":"request refused"' in written.out
    haystack = "\n".join(
        [
            json.dumps(answers, ensure_ascii=False),
            written.out,
            written.err,
            repr(segments),
            everything(stage),
        ]
    )
    for form in {card, json.dumps(card).strip('"'), card.translate({32: None, 45: None})}:
        assert form not in haystack


def test_secrets_come_out_nowhere(
    stage: Stage,
    daemon: Daemon,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The payment's token, the owner's password, login tokens, AWS's keys: in good days and bad."""
    caplog.set_level(logging.DEBUG)
    # botocore's own debug lines quote what they sign; they are off unless somebody asks for them.
    logging.getLogger("botocore").setLevel(logging.INFO)
    logging.getLogger("urllib3").setLevel(logging.INFO)
    monkeypatch.setattr(stage, "environment", _with_secret(stage))
    forget()
    telemetry.tracer.cache_clear()
    payment = {**PAYMENT, "payment_method_token": TOKEN}
    told: list[object] = [
        stage.post(payment),
        stage.post({**payment, "amount_minor": 7}),
        stage.health(),
    ]
    stage.aws.trouble.write_text("[1, 0, 0]")
    told.append(stage.post(another(2, payment_method_token=TOKEN)))
    told.append(stage.relay())
    stage.server.kill()
    try:
        told.append(stage.post(another(4, payment_method_token=TOKEN)))
        told.append(stage.health())
        with pytest.raises(MigrationError) as raised:
            stage.migrate()
        told.append(str(raised.value))
    finally:
        stage.server.start()
    segments = daemon.segments()
    assert segments
    written = capfd.readouterr()
    haystack = "\n".join(
        [repr(told), written.out, written.err, caplog.text, repr(segments), everything(stage)]
    )
    for secret in (TOKEN, PASSWORD, repr(PASSWORD).strip("'\""), AWS_SECRET, "X-Amz-Signature"):
        assert secret not in haystack
    assert OWNER not in repr(told)


def _with_secret(stage: Stage) -> Any:
    environment = stage.environment

    def changed(function: str, **changes: str) -> dict[str, str]:
        return environment(function, AWS_SECRET_ACCESS_KEY=AWS_SECRET, **changes)

    return changed


def test_a_transaction_is_drawn_with_all_that_it_touched(stage: Stage, daemon: Daemon) -> None:
    """XR-1: PostgreSQL, S3, KMS and Secrets Manager are nodes; the payment's id leads there."""
    telemetry.tracer.cache_clear()
    forget()
    stage.migrate()
    event = api_event(PAYMENT, requestContext={"elb": {"targetGroupArn": "arn"}})
    event["headers"]["X-Amzn-Mtls-Clientcert-Subject"] = SUBJECT
    event["headers"]["X-Amzn-Trace-Id"] = "Root=1-00000000-abcdef012345678912345678"
    with stage.acting("validate-payment"):
        handler.handle(event, Context())
    with telemetry.tracer().work("encrypt"), stage.acting("validate-payment"):
        kms = boto3.client("kms")
        kms.encrypt(KeyId=kms.create_key()["KeyMetadata"]["KeyId"], Plaintext=b"x")
    segments = list(_all(daemon.segments()))
    remote = {segment["name"]: segment for segment in segments if segment.get("namespace")}
    database = f"{stage.database}@localhost"
    assert {database, "s3", "kms", "secretsmanager"} <= set(remote)
    assert remote[database]["sql"]["database_type"] == "PostgreSQL"
    (work,) = [one for one in segments if one["name"] == "validate-payment"]
    assert work["annotations"] == {
        "payment_id": "pay_0001_spring",
        "channel": "load-balancer",
        "decision": "accepted",
        "alb_trace_id": "1-00000000-abcdef012345678912345678",
    }
    assert {one["trace_id"] for one in segments if "trace_id" in one} == {
        "1-67891233-abcdef012345678912345678"
    }


def _all(segments: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for segment in segments:
        yield segment
        yield from _all(segment.get("subsegments", []))
