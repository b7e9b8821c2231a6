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
    Archive(naming, opts)


class Archive(pulumi.ComponentResource):
    """Reports that were sent."""

    def __init__(self, naming: Naming, opts: pulumi.ResourceOptions) -> None:
        super().__init__("finance:index:Archive", "archive", None, opts)
        aws.s3.Bucket(
            "reports",
            bucket=naming.name("s3", "reports"),
            force_destroy=True,
            tags=naming.tags("s3", "reports"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
