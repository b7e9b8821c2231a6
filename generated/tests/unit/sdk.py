"""What the SDK itself says about a type of resource."""

from __future__ import annotations

import inspect
from functools import lru_cache

import pulumi_aws as aws


@lru_cache(maxsize=256)
def arguments(token: str) -> frozenset[str]:
    """Give the names of the arguments that a type takes: ``aws:ec2/vpc:Vpc``."""
    _, path, name = token.split(":")
    module = path.split("/")[0]
    # The one module whose name is a keyword of Python.
    package = getattr(aws, "lambda_" if module == "lambda" else module)
    initializer = getattr(package, name)._internal_init  # noqa: SLF001 - the public one has overloads
    return frozenset(inspect.signature(initializer).parameters)


def is_taggable(token: str) -> bool:
    """Tell whether a type accepts tags, without a list that somebody has to keep."""
    return token.startswith("aws:") and "tags" in arguments(token)
