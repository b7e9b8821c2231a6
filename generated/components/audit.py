"""Payment audit objects, and the bucket that holds the access logs of S3 and the load balancer.

Requirements: S3-1, S3-2, S3-3, S3-4, DEST-1.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from naming import Naming


@dataclass(frozen=True, kw_only=True)
class AuditArgs:
    """What the layer needs from the ones before it."""

    naming: Naming
    data_key_arn: pulumi.Input[str]


class Audit(pulumi.ComponentResource):
    """Versioned, encrypted and private buckets that keep their objects for a fixed time."""

    audit_bucket_arn: pulumi.Output[str]
    audit_bucket_name: pulumi.Output[str]
    log_bucket_id: pulumi.Output[str]
    log_bucket_policy: pulumi.Resource
    log_bucket_versioning: pulumi.Resource
    log_bucket_name: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: AuditArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("paystage:index:Audit", name, None, opts)
        naming = args.naming
        child = pulumi.ResourceOptions(parent=self)
        # Physical names are fixed, so a replacement deletes the old resource first.
        named = pulumi.ResourceOptions(parent=self, delete_before_replace=True)

        audit_bucket = aws.s3.Bucket(
            "audit-bucket",
            bucket=pulumi.Output.concat(f"{naming.name('s3', 'audit')}-", naming.account_id),
            # Destroying the environment deletes the objects.
            force_destroy=True,
            tags=naming.tags("s3", "audit"),
            opts=named,
        )
        audit_bucket_public_access = aws.s3.BucketPublicAccessBlock(
            "audit-bucket-public-access",
            bucket=audit_bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        audit_bucket_ownership = aws.s3.BucketOwnershipControls(
            "audit-bucket-ownership",
            bucket=audit_bucket.id,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=child,
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            "audit-bucket-encryption",
            bucket=audit_bucket.id,
            rules=[
                {
                    "apply_server_side_encryption_by_default": {
                        "sse_algorithm": "aws:kms",
                        "kms_master_key_id": args.data_key_arn,
                    },
                    "bucket_key_enabled": True,
                },
            ],
            opts=child,
        )
        audit_bucket_versioning = aws.s3.BucketVersioning(
            "audit-bucket-versioning",
            bucket=audit_bucket.id,
            versioning_configuration={"status": "Enabled"},
            opts=child,
        )
        aws.s3.BucketLifecycleConfiguration(
            "audit-bucket-lifecycle",
            bucket=audit_bucket.id,
            rules=[
                # Noncurrent versions are kept as long, so overwriting destroys no evidence.
                {
                    "id": "expire",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "expiration": {"days": 90},
                    "noncurrent_version_expiration": {"noncurrent_days": 90},
                },
                # A rule that deletes expired delete markers cannot set days.
                {
                    "id": "clean-up",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "expiration": {"expired_object_delete_marker": True},
                    "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
                },
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[audit_bucket_versioning]),
        )
        aws.s3.BucketPolicy(
            "audit-bucket-policy",
            bucket=audit_bucket.id,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "TlsOnly",
                            "Effect": "Deny",
                            "Principal": {"AWS": "*"},
                            "Action": "s3:*",
                            "Resource": [
                                audit_bucket.arn,
                                pulumi.Output.concat(audit_bucket.arn, "/*"),
                            ],
                            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                        },
                        # Whoever writes has to say `If-None-Match`: S3 then refuses to write over
                        # an object.
                        {
                            "Sid": "OnlyNewObjects",
                            "Effect": "Deny",
                            "Principal": {"AWS": "*"},
                            "Action": "s3:PutObject",
                            "Resource": pulumi.Output.concat(audit_bucket.arn, "/*"),
                            "Condition": {
                                "Null": {"s3:if-none-match": "true"},
                                "Bool": {"s3:ObjectCreationOperation": "true"},
                            },
                        },
                    ],
                }
            ),
            # One at a time: S3 refuses changes of one bucket that meet.
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[audit_bucket_public_access, audit_bucket_ownership],
            ),
        )
        log_bucket = aws.s3.Bucket(
            "log-bucket",
            bucket=pulumi.Output.concat(f"{naming.name('s3', 'logs')}-", naming.account_id),
            # Destroying the environment deletes the objects.
            force_destroy=True,
            tags=naming.tags("s3", "logs"),
            opts=named,
        )
        log_bucket_public_access = aws.s3.BucketPublicAccessBlock(
            "log-bucket-public-access",
            bucket=log_bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        log_bucket_ownership = aws.s3.BucketOwnershipControls(
            "log-bucket-ownership",
            bucket=log_bucket.id,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=child,
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            "log-bucket-encryption",
            bucket=log_bucket.id,
            rules=[
                # Load balancers cannot write to a bucket that is encrypted with a KMS key.
                {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}},
            ],
            opts=child,
        )
        log_bucket_versioning = aws.s3.BucketVersioning(
            "log-bucket-versioning",
            bucket=log_bucket.id,
            versioning_configuration={"status": "Enabled"},
            opts=child,
        )
        aws.s3.BucketLifecycleConfiguration(
            "log-bucket-lifecycle",
            bucket=log_bucket.id,
            rules=[
                # Noncurrent versions are kept as long, so overwriting destroys no evidence.
                {
                    "id": "expire",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "expiration": {"days": 90},
                    "noncurrent_version_expiration": {"noncurrent_days": 90},
                },
                # A rule that deletes expired delete markers cannot set days.
                {
                    "id": "clean-up",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "expiration": {"expired_object_delete_marker": True},
                    "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
                },
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[log_bucket_versioning]),
        )
        log_bucket_policy = aws.s3.BucketPolicy(
            "log-bucket-policy",
            bucket=log_bucket.id,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "TlsOnly",
                            "Effect": "Deny",
                            "Principal": {"AWS": "*"},
                            "Action": "s3:*",
                            "Resource": [
                                log_bucket.arn,
                                pulumi.Output.concat(log_bucket.arn, "/*"),
                            ],
                            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                        },
                        {
                            "Sid": "LoadBalancerLogs",
                            "Effect": "Allow",
                            "Principal": {
                                "Service": "logdelivery.elasticloadbalancing.amazonaws.com",
                            },
                            "Action": "s3:PutObject",
                            "Resource": pulumi.Output.concat(
                                log_bucket.arn,
                                "/AWSLogs/",
                                naming.account_id,
                                "/*",
                            ),
                        },
                        {
                            "Sid": "BucketAccessLogs",
                            "Effect": "Allow",
                            "Principal": {"Service": "logging.s3.amazonaws.com"},
                            "Action": "s3:PutObject",
                            "Resource": pulumi.Output.concat(log_bucket.arn, "/s3/audit/*"),
                            "Condition": {
                                "StringEquals": {"aws:SourceAccount": naming.account_id},
                                "ArnEquals": {"aws:SourceArn": audit_bucket.arn},
                            },
                        },
                    ],
                }
            ),
            # One at a time: S3 refuses changes of one bucket that meet.
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[log_bucket_public_access, log_bucket_ownership],
            ),
        )
        aws.s3.BucketLogging(
            "audit-bucket-logging",
            bucket=audit_bucket.id,
            target_bucket=log_bucket.id,
            target_prefix="s3/audit/",
            # S3 refuses a target that it may not write to.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[log_bucket_policy]),
        )

        self.audit_bucket_arn = audit_bucket.arn
        self.audit_bucket_name = audit_bucket.bucket
        self.log_bucket_id = log_bucket.id
        self.log_bucket_policy = log_bucket_policy
        self.log_bucket_versioning = log_bucket_versioning
        self.log_bucket_name = log_bucket.bucket
        self.register_outputs(
            {
                "audit_bucket_arn": self.audit_bucket_arn,
                "audit_bucket_name": self.audit_bucket_name,
                "log_bucket_id": self.log_bucket_id,
                "log_bucket_name": self.log_bucket_name,
            }
        )
