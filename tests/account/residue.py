"""The script of the generated project that says what is left after `pulumi destroy`, run as a team runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from account.suite import ANY_KEY, GENERATED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cloud.aws import Aws

# moto has no groups and no sampling rules.
WITHOUT = ("--without", "xray")


@dataclass(frozen=True, kw_only=True)
class Left:
    """What the script said."""

    code: int
    # As its JSON has them.
    findings: Sequence[dict[str, Any]]

    @property
    def harmful(self) -> list[dict[str, Any]]:
        """What blocks, bills or stays."""
        return [finding for finding in self.findings if finding["harms"]]

    def __str__(self) -> str:
        """As rows of a table in Markdown."""
        rows = [
            f"| {each['kind']} | {each['name']} | {each['why']} | {each['blocks'] or 'no'} | "
            f"{each['bills'] or 'no'} | {each['until'] or '-'} |"
            for each in self.findings
        ]
        head = ["| kind | name | why | blocks | bills | until |", "| --- " * 6 + "|"]
        return "\n".join([*head, *rows])


def run(aws: Aws, *arguments: str, suffix: str = "main", project: Path = GENERATED) -> Left:
    """Look for what is left of a copy of the environment; everything has to be looked at."""
    command = (sys.executable, "-m", "residue", "--environment", "staging", "--suffix", suffix)
    done = subprocess.run(
        [*command, "--region", aws.region, "--json", *WITHOUT, *arguments],
        cwd=project,
        env={
            "PATH": os.environ["PATH"],
            "AWS_ENDPOINT_URL": aws.url,
            "AWS_ACCESS_KEY_ID": ANY_KEY,
            "AWS_SECRET_ACCESS_KEY": ANY_KEY,
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    told = json.loads(done.stdout)
    assert told["unseen"] == {}, told["unseen"]
    return Left(code=done.returncode, findings=told["findings"])
