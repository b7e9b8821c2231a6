"""One account of AWS as the tests have it: what its types of resources are, and two ways to have them.

``Cloud`` keeps resources in memory, computes their ids, and refuses what AWS would refuse. ``account.provider`` makes them by AWS's own
calls, and refuses the same.
"""

from __future__ import annotations

from cloud.kind import Kind
from cloud.kinds import KINDS
from cloud.record import Record, Refused
from cloud.store import Cloud

__all__ = ["KINDS", "Cloud", "Kind", "Record", "Refused"]
