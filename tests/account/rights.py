"""Holds the calls of each run of the engine against the policies that the project has for whoever deploys it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from deployer.calls import Asked, asks, refused
from deployer.evaluate import policies

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cloud.aws import Aws
    from engine.stack import Run, Stack

# What is asked of AWS here and not by the genuine provider, with the reason.
NOT_THE_PROVIDERS = {
    "ec2:DescribeManagedPrefixLists": "moto has no DescribePrefixLists, which the provider calls",
    "lambda:GetFunctionConfiguration": "the provider has waited for the function already",
    "secretsmanager:GetSecretValue": "a function reads it, under its own role",
    "secretsmanager:PutSecretValue": "RDS does, when it makes the database",
}


class MissingRightsError(AssertionError):
    """The engine asked for what the policies do not allow."""


class Judged:
    """A stack whose runs may do what their policies allow, and no more."""

    def __init__(self, stack: Stack, aws: Aws, folder: Path) -> None:
        self._stack = stack
        self._aws = aws
        self._policies = folder / "deployer"
        # The end of its names, by which what is its own is known.
        self._tail: str = json.loads((self._policies / "coverage.json").read_text())["tail"]
        # What a first `up` does takes no right to remove.
        self._up = "up"
        self.asked: set[Asked] = set()

    def up(self) -> Run:
        """Does it."""
        allowed, self._up = self._up, "change"
        return self._judged(allowed, self._stack.up)

    def refresh(self) -> Run:
        """Reads what is there into the state."""
        return self._judged("preview", self._stack.refresh)

    def destroy(self) -> Run:
        """Deletes everything."""
        return self._judged("destroy", self._stack.destroy)

    def outputs(self) -> dict[str, Any]:
        """What the program exports."""
        return self._stack.outputs()

    def resources(self) -> list[dict[str, Any]]:
        """The resources in the state."""
        return self._stack.resources()

    def exported(self) -> str:
        """The state, with its secrets encrypted."""
        return self._stack.exported()

    def _judged(self, name: str, run: Callable[[], Run]) -> Run:
        before = len(self._aws.calls)
        try:
            return run()
        finally:
            calls = self._aws.calls[before:]
            held = policies(name, folder=self._policies)
            missing = {
                asked
                for asked in refused(calls, held, self._tail)
                if asked.action not in NOT_THE_PROVIDERS
            }
            self.asked |= {asked for call in calls for asked in asks(call, self._tail)}
            if missing:
                listed = sorted(f"{asked.action} on {asked.resource}" for asked in missing)
                raise MissingRightsError(f"not in the policies of `{name}`: " + "; ".join(listed))
