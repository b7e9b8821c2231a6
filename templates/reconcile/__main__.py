"""Compares the payments of some days with their audit records, in the outbox and in the bucket; it only reads.

Run it where the database can be reached, as a user who may read its tables past row-level security (the
master user), with the password in PGPASSWORD. In AWS it needs s3:ListBucketVersions and
s3:GetLifecycleConfiguration on the audit bucket, s3:GetObject on its objects, and kms:Decrypt on their key.
Each object is read. A record that the bucket let go of after its retention is not missing.

Exit codes: 0 nothing is missing, double or different; 1 something is; 2 it could not look at everything,
or the command is wrong.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import boto3
import pg8000.exceptions  # pyright: ignore[reportMissingTypeStubs] - pg8000 brings no types
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from reconcile.bucket import Bucket
from reconcile.comparison import READERS, Comparison, OrderError
from reconcile.database import Tables
from reconcile.findings import Json, Lines, Printer
from scrub.connection import NoConnectionError, StringError, reason

FAILED = 2
_MEANS = {
    "SQLSTATE 42P01": ", a table is missing: is `dbname` the environment's database?",
    "SQLSTATE 42501": ", the user may not read a table: take the master user",
    "SQLSTATE 3F000": ", a schema is missing: is `dbname` the environment's database?",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    asked = _parse(arguments)
    printer: Printer = Json(sys.stdout) if asked.json else Lines(sys.stdout)
    try:
        tables = Tables.open(asked.database)
    except (StringError, NoConnectionError) as error:
        return _fail(f"no connection: {error}")
    except pg8000.exceptions.Error as error:
        return _fail(f"no connection: {reason(error)}")
    try:
        bucket = Bucket(name=asked.bucket, client=_client(asked.region))
        comparison = Comparison(
            tables=tables,
            bucket=bucket,
            first=asked.first,
            last=asked.last,
            kept_since=_kept_since(bucket),
        )
        for finding in comparison.findings():
            printer.add(finding)
        printer.end(comparison.counts)
    except pg8000.exceptions.Error as error:
        why = reason(error)
        return _fail(f"not everything was looked at: {why}{_MEANS.get(why, '')}")
    except (ClientError, BotoCoreError, OrderError, OSError) as error:
        return _fail(f"not everything was looked at: {error}")
    finally:
        tables.close()
    return 1 if comparison.counts.found else 0


def _kept_since(bucket: Bucket) -> date:
    """Return the first day of which every record must be there."""
    days = bucket.kept_days()
    return date.min if days is None else datetime.now(UTC).date() - timedelta(days=days)


def _client(region: str | None) -> Any:  # noqa: ANN401 - as boto3 gives it
    config = Config(max_pool_connections=READERS, retries={"mode": "standard"})
    # Of the services that boto3 knows, not all have their types installed.
    return boto3.client("s3", region_name=region, config=config)  # pyright: ignore[reportUnknownMemberType]


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m reconcile",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "database", help="'host=… dbname=… user=… sslmode=verify-full sslrootcert=…'"
    )
    parser.add_argument("--bucket", required=True, help="`pulumi stack output audit_bucket`")
    parser.add_argument(
        "--from", dest="first", required=True, type=_day, metavar="DATE", help="first day, in UTC"
    )
    parser.add_argument(
        "--to", dest="last", required=True, type=_day, metavar="DATE", help="last day, in UTC"
    )
    parser.add_argument("--region", default=None, help="left out: as boto3 is configured")
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args(arguments)
    if asked.last < asked.first:
        parser.error("--to is before --from")
    if not asked.bucket:
        parser.error("--bucket is empty")
    return asked


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is no date, such as 2026-12-01"
        raise argparse.ArgumentTypeError(message) from None


def _fail(message: str) -> int:
    sys.stderr.write(f"error: {message}\n")
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
