"""A cloud that notes what AWS would refuse, and does it all the same: so one deployment shows all its steps."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cloud import KINDS, Cloud, Record, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass
class RefusedCall:
    """A call that AWS would refuse. AWS names one of the reasons; which of several it looks at first, nobody says."""

    operation: str
    urn: str
    reasons: list[Refused] = field(default_factory=list)

    def causes(self) -> list[tuple[str, str, str]]:
        """The call, the type, and AWS's name of the error: none for what AWS takes in silence."""
        token = self.urn.split("::")[2].rpartition("$")[2]
        return [(self.operation, token, reason.error) for reason in self.reasons]

    def is_silent(self) -> bool:
        """Whether AWS would do it all the same."""
        return not any(reason.error for reason in self.reasons)

    def __str__(self) -> str:
        reasons = "; ".join(str(reason) for reason in self.reasons)
        return f"{self.operation} {self.urn.rpartition('::')[2]}: {reasons}"


class Forgiving(Cloud):
    """One account. What does not exist it still cannot find."""

    def __init__(self) -> None:
        """Begin with an empty account."""
        super().__init__(KINDS)
        self.refused: list[RefusedCall] = []
        # The call that a thread makes.
        self._call = threading.local()

    def stands(self, token: str, id_: str) -> None:
        """Tell of something that another stack made."""
        urn = f"urn:pulumi:another::another::{token}::{id_}"
        self.keep(Record(token, urn, "us-east-1", urn, {"arn": id_}, {"id": id_, "arn": id_}))

    def create(self, token: str, urn: str, region: str, inputs: dict[str, Any]) -> Record:
        """Make a resource."""
        with self._calling("create", urn):
            return super().create(token, urn, region, inputs)

    def update(self, token: str, urn: str, id_: str, inputs: dict[str, Any]) -> Record:
        """Change a resource."""
        with self._calling("update", urn):
            return super().update(token, urn, id_, inputs)

    def delete(self, token: str, urn: str, id_: str) -> None:
        """Delete a resource."""
        with self._calling("delete", urn):
            super().delete(token, urn, id_)

    @contextmanager
    def _calling(self, operation: str, urn: str) -> Iterator[None]:
        self._call.made = made = RefusedCall(operation, urn)
        yield
        if made.reasons:
            self.refused.append(made)

    def _hold(self, rule: Callable[..., None], *of: Any) -> None:
        try:
            super()._hold(rule, *of)
        except Refused as refusal:
            self._call.made.reasons.append(refusal)
