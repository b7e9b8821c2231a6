"""S3-1 to S3-4: the buckets as they are configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.environment_class import AUDIT_RETENTION_DAYS, DISPOSABLE
from tests.integration.policies import Request, denies, statements

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import LifecycleRuleOutputTypeDef

    from tests.integration.cloud import Cloud
    from tests.integration.outputs import Outputs


@pytest.fixture(name="bucket", params=["audit_bucket", "log_bucket"])
def _bucket(request: pytest.FixtureRequest, outputs: Outputs) -> str:
    return {"audit_bucket": outputs.audit_bucket, "log_bucket": outputs.log_bucket}[request.param]


def test_buckets_are_in_the_region(cloud: Cloud, outputs: Outputs, bucket: str) -> None:
    """S3-1, REG-1: the bucket exists, and its objects stay in the region."""
    found = cloud.s3.get_bucket_location(Bucket=bucket)["LocationConstraint"]
    # S3 gives its first region no name.
    assert (found or "us-east-1") == outputs.region


def test_buckets_keep_versions(cloud: Cloud, bucket: str) -> None:
    """S3-2: versioning is enabled."""
    assert cloud.s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


def test_buckets_forget_after_the_time_asked(cloud: Cloud, bucket: str) -> None:
    """S3-3: current and noncurrent versions expire, everywhere in the bucket."""
    rules: list[LifecycleRuleOutputTypeDef] = cloud.s3.get_bucket_lifecycle_configuration(
        Bucket=bucket
    )["Rules"]
    whole = [
        rule
        for rule in rules
        if rule["Status"] == "Enabled" and not rule.get("Filter", {}).get("Prefix")
    ]
    current = [rule["Expiration"]["Days"] for rule in whole if "Days" in rule.get("Expiration", {})]
    noncurrent = [
        rule["NoncurrentVersionExpiration"]["NoncurrentDays"]
        for rule in whole
        if "NoncurrentVersionExpiration" in rule
    ]
    assert current == [AUDIT_RETENTION_DAYS]
    assert noncurrent == [AUDIT_RETENTION_DAYS]
    assert any(rule.get("Expiration", {}).get("ExpiredObjectDeleteMarker") for rule in whole)
    assert any("AbortIncompleteMultipartUpload" in rule for rule in whole)


def test_buckets_are_private(cloud: Cloud, bucket: str) -> None:
    """S3-4: public access is blocked in all four ways, and ACLs do not count."""
    block = cloud.s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert block == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    controls = cloud.s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]
    assert [rule["ObjectOwnership"] for rule in controls["Rules"]] == ["BucketOwnerEnforced"]


def test_buckets_refuse_clear_text(cloud: Cloud, bucket: str) -> None:
    """S3-4: everybody is denied everything without TLS, on the bucket and on its objects."""
    arn = f"arn:aws:s3:::{bucket}"
    denials = [
        statement
        for statement in statements(cloud.s3.get_bucket_policy(Bucket=bucket)["Policy"])
        if statement.effect == "Deny"
        and statement.condition == {"Bool": {"aws:SecureTransport": "false"}}
    ]
    (denial,) = denials
    assert denial.principals == {"*"}
    assert denial.actions == {"s3:*"}
    assert denial.resources == {arn, f"{arn}/*"}


def test_audit_records_are_written_once(cloud: Cloud, outputs: Outputs) -> None:
    """S3-1: whatever its role grants, nobody puts an object without `If-None-Match`."""
    name = outputs.audit_bucket
    policy = statements(cloud.s3.get_bucket_policy(Bucket=name)["Policy"])
    new = {"s3:if-none-match": "*"}
    nothing: dict[str, str] = {}
    # The parts of an upload make no object yet.
    for headers, makes, denied in (
        (nothing, "true", True),
        (new, "true", False),
        (nothing, "false", False),
    ):
        request = Request(
            action="s3:PutObject",
            resource=f"arn:aws:s3:::{name}/payments/2026/12/01/any.json",
            principal=f"arn:aws:iam::{outputs.account_id}:role/any",
            context={
                "aws:SecureTransport": "true",
                "s3:ObjectCreationOperation": makes,
                **headers,
            },
        )
        assert denies(policy, request) is denied, (headers, makes)


def test_buckets_are_open_to_named_services_only(cloud: Cloud, bucket: str) -> None:
    """S3-4: whatever is allowed, is allowed to a service that writes logs."""
    for statement in statements(cloud.s3.get_bucket_policy(Bucket=bucket)["Policy"]):
        if statement.effect == "Allow":
            assert statement.principals <= {
                "logdelivery.elasticloadbalancing.amazonaws.com",
                "logging.s3.amazonaws.com",
            }
            assert statement.actions == {"s3:PutObject"}


def test_audit_records_are_encrypted_under_a_key_of_ours(cloud: Cloud, outputs: Outputs) -> None:
    """S3-4: SSE-KMS with the customer-managed key by default."""
    configuration = cloud.s3.get_bucket_encryption(Bucket=outputs.audit_bucket)
    (rule,) = configuration["ServerSideEncryptionConfiguration"]["Rules"]
    default = rule["ApplyServerSideEncryptionByDefault"]
    assert default["SSEAlgorithm"] == "aws:kms"
    key = cloud.kms.describe_key(KeyId=default["KMSMasterKeyID"])["KeyMetadata"]
    assert key["KeyManager"] == "CUSTOMER"
    assert rule["BucketKeyEnabled"] is True


def test_logs_are_encrypted(cloud: Cloud, outputs: Outputs) -> None:
    """S3-4: the log bucket uses S3's own keys: load balancers cannot write under others."""
    configuration = cloud.s3.get_bucket_encryption(Bucket=outputs.log_bucket)
    (rule,) = configuration["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


def test_reading_audit_records_leaves_a_trace(cloud: Cloud, outputs: Outputs) -> None:
    """S3-1: access to the audit bucket is logged into the log bucket."""
    logging = cloud.s3.get_bucket_logging(Bucket=outputs.audit_bucket)["LoggingEnabled"]
    assert logging["TargetBucket"] == outputs.log_bucket


def test_audit_records_are_locked_or_nothing_is(
    cloud: Cloud, outputs: Outputs, bucket: str
) -> None:
    """DEST-1: no object lock would keep the bucket from being emptied and removed. KEEP-2: records have one."""
    if bucket == outputs.audit_bucket and not DISPOSABLE:
        lock = cloud.s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
        assert lock["Rule"]["DefaultRetention"]["Mode"] == "COMPLIANCE"
        return
    try:
        lock = cloud.s3.get_object_lock_configuration(Bucket=bucket)
    except cloud.s3.exceptions.ClientError as error:
        assert "ObjectLockConfigurationNotFound" in str(error)  # noqa: PT017 - the usual answer
    else:
        assert "ObjectLockEnabled" not in lock.get("ObjectLockConfiguration", {})
