"""The audit bucket's objects, in the order of their keys."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from operator import itemgetter
from typing import Any

from botocore.exceptions import ClientError

_PREFIX = "payments/"
_NO_RULES = "NoSuchLifecycleConfiguration"


def _is_for_all(rule: dict[str, Any]) -> bool:
    """Whether a rule of a life cycle is for all records: one for some says nothing of the others."""
    chosen = rule.get("Filter", {"Prefix": rule.get("Prefix", "")})
    # A filter may also ask for tags and sizes; an empty one takes everything.
    return set(chosen) <= {"Prefix"} and _PREFIX.startswith(chosen.get("Prefix", ""))


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What the bucket has under one key."""

    key: str
    # False where a marker says that it was deleted.
    present: bool
    versions: int


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """The bucket, read by its lists of versions."""

    name: str
    client: Any

    def objects(self, first: date, last: date) -> Iterator[Stored]:
        """Return what lies under the prefixes of these days."""
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            yield from self._under(f"{_PREFIX}{day:%Y/%m/%d}/")

    def kept_days(self) -> int | None:
        """Return after how many days the bucket lets go of records; None where it keeps them for good."""
        try:
            answer = self.client.get_bucket_lifecycle_configuration(Bucket=self.name)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == _NO_RULES:
                return None
            raise
        days = [
            rule["Expiration"]["Days"]
            for rule in answer["Rules"]
            if rule["Status"] == "Enabled"
            and "Days" in rule.get("Expiration", {})
            and _is_for_all(rule)
        ]
        return min(days, default=None)

    def read(self, stored: Stored) -> bytes:
        """Read the present object."""
        return self.client.get_object(Bucket=self.name, Key=stored.key)["Body"].read()

    def _under(self, prefix: str) -> Iterator[Stored]:
        for key, group in itertools.groupby(self._versions(prefix), key=itemgetter(0)):
            # The newest comes first.
            markers = [deleted for _, deleted in group]
            yield Stored(key=key, present=not markers[0], versions=markers.count(False))

    def _versions(self, prefix: str) -> Iterator[tuple[str, bool]]:
        pages = self.client.get_paginator("list_object_versions").paginate(
            Bucket=self.name, Prefix=prefix
        )
        for page in pages:
            every = [(one, False) for one in page.get("Versions") or ()]
            every += [(one, True) for one in page.get("DeleteMarkers") or ()]
            # AWS lists objects and markers apart: within a page, each by key, the newest first.
            every.sort(key=_newest_first)
            for one, deleted in every:
                yield one["Key"], deleted


def _newest_first(listed: tuple[Any, bool]) -> tuple[str, bool]:
    one, _ = listed
    return one["Key"], not one["IsLatest"]
