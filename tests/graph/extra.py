"""What the finance team gets: a topic for its reports."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from environment import Environment
from naming import Naming


def extend(environment: Environment, naming: Naming, opts: pulumi.ResourceOptions) -> None:
    """Add the topic and a bucket, under the keys of the environment."""
    topic = aws.sns.Topic(
        "reports",
        name=naming.name("sns", "reports"),
        kms_master_key_id=environment.keys.topic_key_arn,
        tags=naming.tags("sns", "reports"),
        opts=opts,
    )
    pulumi.export("reports_topic_arn", topic.arn)
    Archive(environment, naming, opts)


class Archive(pulumi.ComponentResource):
    """Reports that were sent, kept as the environment keeps its own."""

    def __init__(
        self, environment: Environment, naming: Naming, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("finance:index:Archive", "archive", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        bucket = aws.s3.Bucket(
            "reports",
            bucket=naming.name("s3", "reports"),
            force_destroy=True,
            tags=naming.tags("s3", "reports"),
            opts=child,
        )
        aws.s3.BucketPublicAccessBlock(
            "reports",
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            "reports",
            bucket=bucket.id,
            rules=[
                {
                    "apply_server_side_encryption_by_default": {
                        "sse_algorithm": "aws:kms",
                        "kms_master_key_id": environment.keys.data_key_arn,
                    },
                    "bucket_key_enabled": True,
                },
            ],
            opts=child,
        )
        versioning = aws.s3.BucketVersioning(
            "reports",
            bucket=bucket.id,
            versioning_configuration={"status": "Enabled"},
            opts=child,
        )
        aws.s3.BucketLifecycleConfiguration(
            "reports",
            bucket=bucket.id,
            rules=[
                {
                    "id": "expire",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "expiration": {"days": 90},
                    "noncurrent_version_expiration": {"noncurrent_days": 90},
                },
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[versioning]),
        )
        tls_only = {
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": "s3:*",
            "Resource": [bucket.arn, pulumi.Output.concat(bucket.arn, "/*")],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        aws.s3.BucketPolicy(
            "reports",
            bucket=bucket.id,
            policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [tls_only]}),
            opts=child,
        )
        self.register_outputs({})
