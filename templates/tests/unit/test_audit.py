"""The buckets: versions, retention, encryption, access, and where access is written down."""

from __future__ import annotations

from tests.environment_class import AUDIT_RETENTION_DAYS, DISPOSABLE
from tests.unit.kinds import (
    BALANCER,
    BUCKET,
    BUCKET_LOGGING,
    BUCKET_POLICY,
    BUCKET_PUBLIC_ACCESS,
    BUCKET_VERSIONING,
    FUNCTION,
    ROLE_POLICY,
)
from tests.unit.mock_aws import ACCOUNT
from tests.unit.resources import Recording, Resource
from tests.unit.values import as_map

LIFECYCLE = "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
ENCRYPTION = "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
LOCK = "s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
OWNERSHIP = "s3/bucketOwnershipControls:BucketOwnershipControls"
ELB_LOGS = "logdelivery.elasticloadbalancing.amazonaws.com"
S3_LOGS = "logging.s3.amazonaws.com"


def _part(recording: Recording, kind: str, bucket: Resource) -> Resource:
    """Give the one resource that configures this side of a bucket."""
    found = recording.attached(kind, "bucket", bucket)
    assert len(found) == 1, f"{bucket} has {len(found)} of {kind}"
    return found[0]


def _log_bucket(recording: Recording) -> Resource:
    """Give the bucket that takes the load balancer's logs."""
    return recording.target(recording.one(BALANCER).get("access_logs.bucket"), BUCKET)


def _audit_buckets(recording: Recording) -> list[Resource]:
    logs = _log_bucket(recording)
    return [bucket for bucket in recording.of(BUCKET) if bucket is not logs]


def test_there_is_a_bucket_for_audit_records(recording: Recording) -> None:
    """S3-1: audit records have a bucket apart from logs; functions that record use it by name."""
    audit = _audit_buckets(recording)
    assert len(audit) == 1
    granted = {
        resource.partition("/")[0]
        for policy in recording.of(ROLE_POLICY)
        for rule in policy.statements()
        for resource in rule.resources
        if resource.startswith("arn:aws:s3:::")
    }
    assert granted <= {audit[0].arn}
    for function in recording.of(FUNCTION):
        bucket = function.get("environment.variables.AUDIT_BUCKET")
        assert bucket in {None, audit[0].text("bucket")}, function


def test_buckets_keep_versions(recording: Recording) -> None:
    """S3-2: versioning is enabled on all buckets."""
    assert recording.of(BUCKET)
    for bucket in recording.of(BUCKET):
        versioning = _part(recording, BUCKET_VERSIONING, bucket)
        assert versioning.text("versioning_configuration.status") == "Enabled"


def test_buckets_keep_objects_for_the_time_asked(recording: Recording) -> None:
    """S3-3: on all buckets one rule ends current and noncurrent versions after the same days."""
    for bucket in recording.of(BUCKET):
        rules = _part(recording, LIFECYCLE, bucket).maps("rules")
        assert all(rule.get("status") == "Enabled" for rule in rules), bucket
        # An explicit prefix of nothing: the rule is about every object.
        assert all(as_map(rule.get("filter")) == {"prefix": ""} for rule in rules), bucket
        ids = [rule.get("id") for rule in rules]
        assert all(ids), bucket
        assert len(set(ids)) == len(ids), bucket
        current = [rule for rule in rules if as_map(rule.get("expiration")).get("days")]
        assert len(current) == 1, bucket
        assert as_map(current[0].get("expiration")) == {"days": AUDIT_RETENTION_DAYS}
        noncurrent = as_map(current[0].get("noncurrent_version_expiration"))
        assert noncurrent == {"noncurrent_days": AUDIT_RETENTION_DAYS}


def test_buckets_are_swept(recording: Recording) -> None:
    """S3-3: delete markers and unfinished uploads go too, by a rule of their own."""
    for bucket in recording.of(BUCKET):
        rules = _part(recording, LIFECYCLE, bucket).maps("rules")
        sweeping = [
            rule
            for rule in rules
            if as_map(rule.get("expiration")) == {"expired_object_delete_marker": True}
        ]
        assert len(sweeping) == 1, bucket
        unfinished = as_map(sweeping[0].get("abort_incomplete_multipart_upload"))
        assert unfinished == {"days_after_initiation": 7}, bucket


def test_buckets_are_closed_to_the_public(recording: Recording) -> None:
    """S3-4: the four public-access blocks are on, and ACLs are switched off, on all buckets."""
    for bucket in recording.of(BUCKET):
        block = _part(recording, BUCKET_PUBLIC_ACCESS, bucket)
        for switch in (
            "block_public_acls",
            "block_public_policy",
            "ignore_public_acls",
            "restrict_public_buckets",
        ):
            assert block.is_true(switch), f"{block} {switch}"
        ownership = _part(recording, OWNERSHIP, bucket)
        assert ownership.text("rule.object_ownership") == "BucketOwnerEnforced"


def test_audit_records_are_encrypted_with_our_key(recording: Recording) -> None:
    """S3-4: audit buckets encrypt with our key, through a bucket key to save calls."""
    for bucket in _audit_buckets(recording):
        rules = _part(recording, ENCRYPTION, bucket).maps("rules")
        assert len(rules) == 1
        default = as_map(rules[0].get("apply_server_side_encryption_by_default"))
        assert default.get("sse_algorithm") == "aws:kms"
        assert recording.key_of(default.get("kms_master_key_id"), "data")
        assert rules[0].get("bucket_key_enabled") is True


def test_log_bucket_is_encrypted_as_load_balancers_allow(recording: Recording) -> None:
    """S3-4: the log bucket encrypts with S3's key: a load balancer cannot write under another."""
    rules = _part(recording, ENCRYPTION, _log_bucket(recording)).maps("rules")
    assert [
        dict(as_map(rule.get("apply_server_side_encryption_by_default"))) for rule in rules
    ] == [{"sse_algorithm": "AES256"}]


def test_buckets_refuse_plain_http(recording: Recording) -> None:
    """S3-4: each bucket's policy denies everybody everything without TLS."""
    for bucket in recording.of(BUCKET):
        denials = [
            rule for rule in _part(recording, BUCKET_POLICY, bucket).statements() if rule.denies
        ]
        (denial,) = [rule for rule in denials if rule.actions == ["s3:*"]]
        assert set(denial.resources) == {bucket.arn, f"{bucket.arn}/*"}
        assert dict(denial.principals) in ({"AWS": ["*"]}, {"*": ["*"]})
        assert dict(denial.conditions) == {"Bool": {"aws:SecureTransport": ["false"]}}
        # Of more the bucket's policy speaks only where records must not be written over.
        more = [rule.actions for rule in denials if rule is not denial]
        assert more in ([], [["s3:PutObject"]]), bucket
        assert bool(more) is (bucket in _audit_buckets(recording)), bucket


def test_audit_records_are_written_once(recording: Recording) -> None:
    """S3-1: who writes an object has to ask S3 to refuse one that is there: no record is written over."""
    for bucket in _audit_buckets(recording):
        rules = _part(recording, BUCKET_POLICY, bucket).statements()
        (denial,) = [rule for rule in rules if rule.actions == ["s3:PutObject"]]
        assert denial.denies
        assert denial.resources == [f"{bucket.arn}/*"]
        assert dict(denial.principals) in ({"AWS": ["*"]}, {"*": ["*"]})
        # Uploads in parts are made an object by their last request, which alone takes the header.
        assert dict(denial.conditions) == {
            "Null": {"s3:if-none-match": ["true"]},
            "Bool": {"s3:ObjectCreationOperation": ["true"]},
        }


def test_access_to_audit_records_is_written_down(recording: Recording) -> None:
    """S3-1: requests to each audit bucket are logged to the log bucket, under their own prefix."""
    logs = _log_bucket(recording)
    for bucket in _audit_buckets(recording):
        logging = _part(recording, BUCKET_LOGGING, bucket)
        assert recording.referred(logging.get("target_bucket")) is logs
        assert logging.text("target_prefix").endswith("/")
    assert not recording.attached(BUCKET_LOGGING, "bucket", logs), "it would log itself"


def test_only_log_services_write_to_the_log_bucket(recording: Recording) -> None:
    """S3-4, SEC-2: each service may put objects under its own prefix, for this account only."""
    logs = _log_bucket(recording)
    grants = [rule for rule in _part(recording, BUCKET_POLICY, logs).statements() if rule.allows]
    assert all(rule.actions == ["s3:PutObject"] for rule in grants)
    assert all(set(rule.principals) == {"Service"} for rule in grants)
    balancer = [rule for rule in grants if rule.is_for(ELB_LOGS)]
    assert [rule.resources for rule in balancer] == [[f"{logs.arn}/AWSLogs/{ACCOUNT}/*"]]
    access = [rule for rule in grants if rule.is_for(S3_LOGS)]
    prefixes = [
        logging.text("target_prefix")
        for logging in recording.of(BUCKET_LOGGING)
        if recording.referred(logging.get("target_bucket")) is logs
    ]
    assert [rule.resources for rule in access] == [[f"{logs.arn}/{prefix}*"] for prefix in prefixes]
    for rule, bucket in zip(access, _audit_buckets(recording), strict=True):
        assert rule.condition("StringEquals", "aws:SourceAccount") == [ACCOUNT]
        assert rule.condition("ArnEquals", "aws:SourceArn") == [bucket.arn]
    assert len(grants) == len(balancer) + len(access)


def test_audit_buckets_grant_nothing_to_others(recording: Recording) -> None:
    """S3-4: an audit bucket's policy only denies; what is allowed stands in the roles."""
    for bucket in _audit_buckets(recording):
        assert all(rule.denies for rule in _part(recording, BUCKET_POLICY, bucket).statements())


def test_no_bucket_is_configured_inline(recording: Recording) -> None:
    """S3-2: nothing is set twice."""
    known = {"bucket", "force_destroy", "tags"}
    if not DISPOSABLE:
        known.add("object_lock_enabled")
    for bucket in recording.of(BUCKET):
        assert set(bucket.inputs) <= known, bucket


def test_audit_records_are_locked_or_nothing_is(recording: Recording) -> None:
    """KEEP-2: records are locked in compliance mode, logs are not. DEST-1: no lock keeps an object."""
    locked = [] if DISPOSABLE else _audit_buckets(recording)
    for bucket in recording.of(BUCKET):
        locks = recording.attached(LOCK, "bucket", bucket)
        assert len(locks) == (1 if bucket in locked else 0), bucket
        assert bucket.has("object_lock_enabled") is bool(locks), bucket
        for lock in locks:
            assert bucket.is_true("object_lock_enabled")
            assert lock.text("rule.default_retention.mode") == "COMPLIANCE"
            assert 365 <= lock.number("rule.default_retention.days") <= AUDIT_RETENTION_DAYS
