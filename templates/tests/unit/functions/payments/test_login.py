"""FN-2, SEC-2: how functions log in, and whose certificates they trust."""

from __future__ import annotations

import hashlib
import json
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from payments.login import LoginError, iam_token, managed_secret
from payments.settings import RDS_AUTHORITIES, DatabaseSettings, SettingsError, required
from tests.unit.functions.standins import SETTINGS

# Of the file as it was taken over; whoever changes it has to say so here.
SHA256 = "b1711d12bae51838581281e23b6cb97b1074016873b4dafc80ed14002462dd77"
NAMES = [f"Amazon RDS us-east-1 Root CA {kind} G1" for kind in ("RSA2048", "RSA4096", "ECC384")]


def test_a_token_is_what_the_sdk_would_make() -> None:
    """FN-2: the same parameters for the same user and place, signed; no client is loaded for it."""
    ours = urlsplit(f"https://{iam_token(SETTINGS, 'payments_app')}")
    client = cast("Callable[..., Any]", boto3.client)("rds", region_name="us-east-1")
    token = client.generate_db_auth_token(
        DBHostname="localhost", Port=5432, DBUsername="payments_app", Region="us-east-1"
    )
    theirs = urlsplit(f"https://{token}")
    assert (ours.netloc, ours.path) == (theirs.netloc, theirs.path) == ("localhost:5432", "/")
    changing = {"X-Amz-Date", "X-Amz-Signature"}
    told, expected = parse_qs(ours.query), parse_qs(theirs.query)
    assert set(told) == set(expected)
    assert all(told[name] == expected[name] for name in set(told) - changing)
    if told["X-Amz-Date"] == expected["X-Amz-Date"]:
        assert told["X-Amz-Signature"] == expected["X-Amz-Signature"]


@pytest.mark.parametrize("text", ["no JSON: hunter2", '["hunter2"]', '{"password": "hunter2"}'])
def test_a_secret_that_is_none_is_not_quoted(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """SEC-2: the error says what is wrong, not what was read."""

    def read(SecretId: str) -> dict[str, str]:  # noqa: N803 - AWS's name
        assert SecretId == "arn"
        return {"SecretString": text}

    def client(*_: object, **__: object) -> SimpleNamespace:
        return SimpleNamespace(get_secret_value=read)

    monkeypatch.setattr(boto3, "client", client)
    with pytest.raises(LoginError) as raised:
        managed_secret("arn", until=time.monotonic() + 60)
    assert "hunter2" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert "hunter2" not in str(raised.value.__context__)


def test_the_secret_is_read_anew_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-2: it rotates."""
    passwords = iter(["first", "second"])

    def read(SecretId: str) -> dict[str, str]:  # noqa: N803 - AWS's name
        assert SecretId == "arn"
        text = json.dumps({"username": "owner", "password": next(passwords)})
        return {"SecretString": text}

    def client(*_: object, **__: object) -> SimpleNamespace:
        return SimpleNamespace(get_secret_value=read)

    monkeypatch.setattr(boto3, "client", client)
    assert managed_secret("arn", until=time.monotonic() + 60) == ("owner", "first")
    assert managed_secret("arn", until=time.monotonic() + 60) == ("owner", "second")


def test_the_authorities_are_those_of_rds_and_no_others() -> None:
    """DB-4: three roots of this region, valid for long, in a file that nobody changed."""
    assert hashlib.sha256(RDS_AUTHORITIES.read_bytes()).hexdigest() == SHA256
    context = ssl.create_default_context(cafile=str(RDS_AUTHORITIES))
    found: Any = context.get_ca_certs()
    names = [dict(pair[0] for pair in root["subject"])["commonName"] for root in found]
    assert sorted(names) == sorted(NAMES)
    assert all(ssl.cert_time_to_seconds(str(root["notAfter"])) > 2_840_000_000 for root in found)


def test_the_server_is_always_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """DB-4: with RDS's authorities, unless a test names others; nothing turns it off."""
    assert DatabaseSettings.read().authorities == RDS_AUTHORITIES
    monkeypatch.setenv("DATABASE_CA_FILE", "/tmp/other.pem")  # noqa: S108 - a name, never opened
    assert DatabaseSettings.read().authorities == Path("/tmp/other.pem")  # noqa: S108 - the same


@pytest.mark.parametrize("name", ["DATABASE_HOST", "DATABASE_PORT", "DATABASE_NAME", "AWS_REGION"])
def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """FN-2: rather than connected to somewhere else."""
    monkeypatch.setenv(name, "")
    with pytest.raises(SettingsError, match=name):
        DatabaseSettings.read()
    with pytest.raises(SettingsError, match=name):
        required(name)


def test_a_port_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """FN-2: and its error says which variable."""
    monkeypatch.setenv("DATABASE_PORT", "5432/payments")
    with pytest.raises(SettingsError, match="DATABASE_PORT"):
        DatabaseSettings.read()
