"""X-Ray's groups and sampling rules."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from cloud.kind import Inputs, Kept, Kind
from cloud.record import Record, Unique

if TYPE_CHECKING:
    from cloud.aws import Aws
    from cloud.store import Cloud

LACKS = "moto's X-Ray takes traces, and has neither groups nor sampling rules"


def _of_group(said: Inputs) -> str:
    """Return the end of its ARN, with something of X-Ray's own."""
    name = said["groupName"]
    return f"group/{name}/{hashlib.sha256(name.encode()).hexdigest()[:26].upper()}"


class Group(Kept):
    """A group of traces."""

    token = "aws:xray/group:Group"  # noqa: S105 - a type
    lacks = LACKS
    unique = (Unique(("groupName",), "InvalidRequestException"),)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its ARN."""
        arn = f"arn:aws:xray:{record.region}:{cloud.account}:{_of_group(record.inputs)}"
        return {"id": arn, "arn": arn}

    def identity(self, aws: Aws, new: Inputs) -> str:
        """Return the same."""
        return aws.arn("xray", _of_group(new))

    def properties(self, aws: Aws, new: Inputs) -> dict[str, Any]:
        """Return the same."""
        return {"arn": self.identity(aws, new)}


class SamplingRule(Kept):
    """How many requests are traced."""

    token = "aws:xray/samplingRule:SamplingRule"  # noqa: S105 - a type
    lacks = LACKS
    unique = (Unique(("ruleName",), "InvalidRequestException"),)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its name."""
        name = record.inputs["ruleName"]
        arn = f"arn:aws:xray:{record.region}:{cloud.account}:sampling-rule/{name}"
        return {"id": name, "arn": arn}

    def identity(self, aws: Aws, new: Inputs) -> str:
        """Return its name."""
        del aws
        return new["ruleName"]

    def properties(self, aws: Aws, new: Inputs) -> dict[str, Any]:
        """Return its ARN."""
        return {"arn": aws.arn("xray", f"sampling-rule/{new['ruleName']}")}


KINDS: tuple[Kind, ...] = (Group(), SamplingRule())
