"""AWS's APIs as the tests of the account reach them."""

from __future__ import annotations

from pathlib import Path

from service.moto import Moto

ACCOUNT = "123456789012"


class Endpoint(Moto):
    """Moto's server, whose buckets know that requests come over TLS."""

    def __init__(self) -> None:
        """Start, and wait until it answers."""
        super().__init__(Path(__file__).with_name("server.py"))
