"""X-Ray's groups and sampling rules."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from account.kind import Inputs, Kept, Kind

if TYPE_CHECKING:
    from account.aws import Aws

LACKS = "moto's X-Ray takes traces, and has neither groups nor sampling rules"


class Group(Kept):
    """A group of traces."""

    token = "aws:xray/group:Group"  # noqa: S105 - a type
    lacks = LACKS

    def identity(self, aws: Aws, new: Inputs) -> str:
        """Return its ARN, which ends in something of X-Ray's own."""
        name = new["groupName"]
        own = hashlib.sha256(name.encode()).hexdigest()[:26].upper()
        return aws.arn("xray", f"group/{name}/{own}")

    def properties(self, aws: Aws, new: Inputs) -> dict[str, Any]:
        """Return the same."""
        return {"arn": self.identity(aws, new)}


class SamplingRule(Kept):
    """How many requests are traced."""

    token = "aws:xray/samplingRule:SamplingRule"  # noqa: S105 - a type
    lacks = LACKS

    def identity(self, aws: Aws, new: Inputs) -> str:
        """Return its name."""
        del aws
        return new["ruleName"]

    def properties(self, aws: Aws, new: Inputs) -> dict[str, Any]:
        """Return its ARN."""
        return {"arn": aws.arn("xray", f"sampling-rule/{new['ruleName']}")}


KINDS: tuple[Kind, ...] = (Group(), SamplingRule())
