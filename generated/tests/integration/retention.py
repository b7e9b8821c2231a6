"""When an object of a bucket expires, by the rules that apply to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.integration.cloud import Cloud


def expiry(cloud: Cloud, bucket: str, key: str) -> datetime:
    """Return the first moment at which S3 removes the current version of an object."""
    rules = cloud.s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    days = [
        rule["Expiration"]["Days"]
        for rule in rules
        if rule["Status"] == "Enabled"
        and "Days" in rule.get("Expiration", {})
        and key.startswith(rule.get("Filter", {}).get("Prefix", ""))
    ]
    assert days, f"nothing ever removes {key}"
    modified = cloud.s3.head_object(Bucket=bucket, Key=key)["LastModified"]
    # S3 counts from the midnight, in UTC, that follows.
    midnight = modified.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    whole = timedelta(days=min(days))
    return midnight + whole + (timedelta(days=1) if modified > midnight else timedelta())
