"""Who a function is to the database: a user with an IAM token, or the owner with a secret."""

from __future__ import annotations

import functools
import importlib
import json
from collections.abc import Mapping
from typing import Any, cast

from payments.settings import DatabaseSettings

_TOKEN_SECONDS = 900


class LoginError(RuntimeError):
    """No login could be made; the message holds no secret."""


def iam_token(settings: DatabaseSettings, user: str) -> str:
    """Sign a token that RDS takes as the user's password when a connection is made.

    What ``boto3``'s ``generate_db_auth_token`` signs, without loading a client for it.
    """
    auth = importlib.import_module("botocore.auth")
    request = importlib.import_module("botocore.awsrequest").AWSRequest(
        method="GET",
        url=f"https://{settings.host}:{settings.port}/",
        params={"Action": "connect", "DBUser": user},
    )
    credentials = _session().get_credentials()
    if credentials is None:
        message = "there are no AWS credentials to sign a login with"
        raise LoginError(message)
    signer = auth.SigV4QueryAuth(
        credentials.get_frozen_credentials(), "rds-db", settings.region, expires=_TOKEN_SECONDS
    )
    signer.add_auth(request)
    return str(request.url).removeprefix("https://")


def managed_secret(arn: str) -> tuple[str, str]:
    """Read user and password from the secret that RDS manages; anew each time, for it rotates."""
    boto3 = importlib.import_module("boto3")
    config = importlib.import_module("botocore.config")
    settings = config.Config(
        connect_timeout=2, read_timeout=3, retries={"total_max_attempts": 4, "mode": "standard"}
    )
    answer = boto3.client("secretsmanager", config=settings).get_secret_value(SecretId=arn)
    try:
        secret = cast("object", json.loads(answer["SecretString"]))
    except ValueError:
        secret = None
    no_members: Mapping[str, object] = {}
    members = cast("Mapping[str, object]", secret) if isinstance(secret, Mapping) else no_members
    user, password = members.get("username"), members.get("password")
    if not isinstance(user, str) or not isinstance(password, str):
        # Without the text, which is the secret.
        message = "the managed secret holds no username and password"
        raise LoginError(message)
    return user, password


@functools.cache
def _session() -> Any:  # noqa: ANN401 - botocore brings no types
    # Kept: it renews the credentials by itself.
    return importlib.import_module("botocore.session").get_session()
