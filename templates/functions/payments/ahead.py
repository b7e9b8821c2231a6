"""What is read while Lambda starts a function, so that no request has to wait for it."""

from __future__ import annotations

import contextlib
import importlib
import os

_DATABASE = ("pg8000.native", "pg8000.exceptions", "botocore.auth", "botocore.session")
_AUDIT = ("botocore.client", "botocore.config")
_TRACING = ("aws_lambda_powertools.tracing", "aws_xray_sdk.core")


def read_ahead(*, audit: bool = False) -> None:
    """Read the modules that the first request needs.

    Lambda gives a function that starts a whole processor, and one that runs only its memory's share.
    Elsewhere nothing is read: what imports a handler there may have no use for any of it.
    """
    if not os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE"):
        return
    traced = _TRACING if os.environ.get("AWS_XRAY_DAEMON_ADDRESS") else ()
    for name in (*_DATABASE, *(_AUDIT if audit else ()), *traced):
        # What is missing is missed where it is needed, with a place that says for what.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
