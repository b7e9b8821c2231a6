"""A value that changes when, and only when, what it is made from changes."""

from __future__ import annotations

import hashlib
from typing import Any

import pulumi


def fingerprint(value: Any) -> pulumi.Output[str]:  # noqa: ANN401 - whatever JSON can hold, outputs inside
    """SHA-256 of the value's JSON, in hexadecimal digits."""
    text = pulumi.Output.json_dumps(value, sort_keys=True)
    return text.apply(lambda text: hashlib.sha256(text.encode()).hexdigest())
