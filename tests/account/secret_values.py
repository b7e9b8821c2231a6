"""Every value in the account that is secret by nature, asked of AWS's own APIs: keys of clients, stored secrets, private keys."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from engine import sdk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloud.aws import Aws


def secret_values(aws: Aws) -> dict[str, str]:
    """Give the values, each with what it is."""
    return {value: what for what, value in _values(aws) if value}


def _values(aws: Aws) -> Iterator[tuple[str, str]]:
    for key in aws.client("apigateway").get_api_keys(includeValues=True)["items"]:
        yield "API key", key["value"]
    manager = aws.client("secretsmanager")
    for page in manager.get_paginator("list_secrets").paginate():
        for row in page["SecretList"]:
            text = manager.get_secret_value(SecretId=row["ARN"])["SecretString"]
            yield "stored secret", text
            yield "password", json.loads(text)["password"]
    # What no API has, because only the program made it.
    for (token, _), made in aws.kept.items():
        for name in sdk.secret_outputs(token):
            yield token, made.get(name, "")
