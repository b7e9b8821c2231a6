"""A cloud that notes what AWS would refuse, and does it all the same: so one deployment shows all its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud import KINDS, Cloud, Record, Refused
from cloud import tokens as t

if TYPE_CHECKING:
    from collections.abc import Callable


class Forgiving(Cloud):
    """One account. What does not exist it still cannot find."""

    def __init__(self) -> None:
        """Begin with an empty account."""
        super().__init__(KINDS)
        self.refused: list[Refused] = []

    def stands(self, arn: str) -> None:
        """Tell of a certificate that another stack made."""
        urn = f"urn:pulumi:another::another::{t.CERTIFICATE}::{arn}"
        self.keep(
            Record(t.CERTIFICATE, urn, "us-east-1", urn, {"arn": arn}, {"id": arn, "arn": arn})
        )

    def _hold(self, rule: Callable[..., None], *of: Any) -> None:
        try:
            super()._hold(rule, *of)
        except Refused as refusal:
            self.refused.append(refusal)
