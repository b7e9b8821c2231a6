"""Who a function is to the database: a user with an IAM token, or the owner with a secret."""

from __future__ import annotations

import functools
import importlib
import json
import time
from collections.abc import Mapping
from typing import Any, cast

from payments.settings import DatabaseSettings

_TOKEN_SECONDS = 900
# Of one call of Secrets Manager.
_CONNECT_SECONDS, _READ_SECONDS = 2, 3
_MOST_TRIES = 4


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
    credentials = aws_session().get_credentials()
    if credentials is None:
        message = "there are no AWS credentials to sign a login with"
        raise LoginError(message)
    signer = auth.SigV4QueryAuth(
        credentials.get_frozen_credentials(), "rds-db", settings.region, expires=_TOKEN_SECONDS
    )
    signer.add_auth(request)
    return str(request.url).removeprefix("https://")


def managed_secret(arn: str, *, until: float) -> tuple[str, str]:
    """Read user and password from the secret that RDS manages; anew each time, for it rotates.

    Tries as often as there is time for until then, on the clock of ``time.monotonic``.
    """
    boto3 = importlib.import_module("boto3")
    config = importlib.import_module("botocore.config")
    exceptions = importlib.import_module("botocore.exceptions")
    seconds = until - time.monotonic()
    if seconds <= 0:
        message = "no time is left to read the managed secret"
        raise LoginError(message)
    share = min(1.0, seconds / (_CONNECT_SECONDS + _READ_SECONDS))
    settings = config.Config(
        connect_timeout=_CONNECT_SECONDS * share,
        read_timeout=_READ_SECONDS * share,
        retries={"total_max_attempts": _tries(seconds), "mode": "standard"},
    )
    try:
        answer = boto3.client("secretsmanager", config=settings).get_secret_value(SecretId=arn)
    except (exceptions.ClientError, exceptions.BotoCoreError) as error:
        message = f"the managed secret cannot be read now: {type(error).__name__}"
        raise LoginError(message) from None
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


def _tries(seconds: float) -> int:
    """Return how many calls fit into the time, each as slow as it may be, with the SDK's pauses of 1, 2 and 4 seconds at most."""
    for tries in range(_MOST_TRIES, 1, -1):
        if tries * (_CONNECT_SECONDS + _READ_SECONDS) + 2 ** (tries - 1) <= seconds:
            return tries
    return 1


@functools.cache
def aws_session() -> Any:  # noqa: ANN401 - botocore brings no types
    """Return botocore's session, which is kept: it renews the credentials by itself."""
    return importlib.import_module("botocore.session").get_session()
