"""What the deployed stack says of itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import cast

from tests.owners_keys import OWNERS_KEYS

VARIABLE = "PAYSTAGE_OUTPUTS"
PROJECT = Path(__file__).parents[2]


class OutputsError(Exception):
    """There are no outputs to test against; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """Outputs of the stack, by the names that the program exports them under."""

    environment: str
    suffix: str
    region: str
    account_id: str
    vpc_id: str
    database_identifier: str
    database_host: str
    audit_bucket: str
    log_bucket: str
    api_url: str
    api_id: str
    api_stage: str
    # As the spec has them.
    api_rate_per_second: float
    api_burst: int
    # The name of ours, where the spec has one.
    load_balancer_dns: str
    load_balancer_arn: str
    topic_arn: str
    # Physical names by the functions' keys in the spec.
    function_names: Mapping[str, str]
    dashboard_name: str
    # Absent where the firewall is switched off.
    web_acl_arn: str | None = None

    @property
    def tail(self) -> str:
        """Return the end of every physical name."""
        return f"-{self.environment}-{self.suffix}"

    @property
    def load_balancer_url(self) -> str:
        """Return where the load balancer answers; what stands in for it may say its scheme."""
        given = self.load_balancer_dns
        return given if "://" in given else f"https://{given}"

    def name(self, kind: str, role: str = "") -> str:
        """Return a physical name, such as ``rds-staging-main``."""
        return f"{kind}-{role}{self.tail}" if role else f"{kind}{self.tail}"

    def key(self, role: str) -> str:
        """Return by what KMS knows the key of a kind of data: the ARN of its owner's, or the alias of ours."""
        return OWNERS_KEYS.get(role, f"alias/{self.name('kms', role)}")

    @classmethod
    def read(cls) -> Outputs:
        """Read the outputs, or say how to give them."""
        path = os.environ.get(VARIABLE)
        text = _from_file(Path(path)) if path else _from_pulumi()
        try:
            values: object = json.loads(text)
        except ValueError as error:
            message = f"the outputs are not JSON: {error}"
            raise OutputsError(message) from error
        if not isinstance(values, Mapping):
            message = "the outputs are not a JSON object: use `pulumi stack output --json`"
            raise OutputsError(message)
        known = cast("Mapping[str, str]", values)
        names = [field.name for field in fields(cls)]
        missing = [name for name in names if name not in known and name != "web_acl_arn"]
        if missing:
            message = f"the stack has no output {', '.join(missing)}: is it deployed? `pulumi up`"
            raise OutputsError(message)
        # The class checks no types: a wrong one shows in the first test that uses it.
        return cls(**{name: known[name] for name in names if name in known})  # pyright: ignore[reportArgumentType]


def _from_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        message = f"{VARIABLE} names a file that cannot be read: {error}"
        raise OutputsError(message) from error


def _from_pulumi() -> str:
    pulumi = shutil.which("pulumi")
    hint = f"select a deployed stack (`pulumi stack select`), or name a file in {VARIABLE}"
    if pulumi is None:
        message = f"no `pulumi` on the path: {hint}"
        raise OutputsError(message)
    done = subprocess.run(  # noqa: S603 - a fixed command
        [pulumi, "stack", "output", "--json"],
        capture_output=True,
        check=False,
        cwd=PROJECT,
        text=True,
    )
    if done.returncode:
        message = f"`pulumi stack output --json` failed: {done.stderr.strip()}\n{hint}"
        raise OutputsError(message)
    return done.stdout
