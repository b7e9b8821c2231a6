"""Nothing that the compiler does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pulumi

    from environment import Environment
    from naming import Naming


def extend(environment: Environment, naming: Naming, opts: pulumi.ResourceOptions) -> None:
    """Add nothing."""
    _ = (environment, naming, opts)
