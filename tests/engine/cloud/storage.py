"""Buckets, queues and topics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.cloud import policy
from engine.cloud import tokens as t
from engine.cloud.kind import Kind, Record, Ref, Refused

if TYPE_CHECKING:
    from engine.cloud.store import Cloud

# Where `Cloud` remembers that a bucket holds something.
OBJECTS = "objects"


def _bucket(_: Cloud, record: Record) -> dict[str, Any]:
    name = record.inputs["bucket"]
    return {
        "id": name,
        "arn": f"arn:aws:s3:::{name}",
        "bucketDomainName": f"{name}.s3.amazonaws.com",
        "bucketRegionalDomainName": f"{name}.s3.{record.region}.amazonaws.com",
        "bucketRegion": record.region,
        "hostedZoneId": "Z3AQBSTGFYJSTF",
    }


def _is_empty(_: Cloud, record: Record) -> None:
    if record.memory.get(OBJECTS) and not record.get("forceDestroy"):
        message = f"BucketNotEmpty: {record.name} holds objects and has no force_destroy"
        raise Refused(message)


def _names_own_bucket(_: Cloud, record: Record) -> None:
    arn = f"arn:aws:s3:::{record.inputs['bucket']}"
    for statement in policy.statements(record.inputs["policy"]):
        for resource in statement.resources:
            if resource != arn and not resource.startswith(f"{arn}/"):
                message = f"MalformedPolicy: {record.name} has an invalid resource {resource}"
                raise Refused(message)


def _part_of_bucket(
    name: str, *more: Ref, policies: tuple[tuple[str, str], ...] = (), **rest: Any
) -> Kind:
    """A setting of a bucket, one of each sort a bucket."""
    return Kind(
        f"aws:s3/{name[0].lower()}{name[1:]}:{name}",
        lambda _, r: {"id": r.inputs["bucket"]},
        refs=(Ref("bucket", (t.BUCKET,)), *more),
        unique=(("bucket",),),
        policies=policies,
        **rest,
    )


def _queue(cloud: Cloud, record: Record) -> dict[str, Any]:
    name = record.inputs["name"]
    url = f"https://sqs.{record.region}.amazonaws.com/{cloud.account}/{name}"
    return {"id": url, "url": url, "arn": f"arn:aws:sqs:{record.region}:{cloud.account}:{name}"}


def _topic(cloud: Cloud, record: Record) -> dict[str, Any]:
    arn = f"arn:aws:sns:{record.region}:{cloud.account}:{record.inputs['name']}"
    return {"id": arn, "arn": arn, "owner": cloud.account}


def _subscription(cloud: Cloud, record: Record) -> dict[str, Any]:
    arn = f"{record.inputs['topic']}:{record.hex(32)}"
    return {"id": arn, "arn": arn, "ownerId": cloud.account, "pendingConfirmation": True}


KINDS = (
    Kind(t.BUCKET, _bucket, unique=(("bucket",),), everywhere=True, delete_rules=(_is_empty,)),
    _part_of_bucket("BucketVersioning"),
    _part_of_bucket("BucketLifecycleConfiguration"),
    _part_of_bucket("BucketPublicAccessBlock"),
    _part_of_bucket("BucketOwnershipControls"),
    _part_of_bucket("BucketLogging", Ref("targetBucket", (t.BUCKET,))),
    _part_of_bucket(
        "BucketServerSideEncryptionConfiguration",
        Ref("rules[].applyServerSideEncryptionByDefault.kmsMasterKeyId", (t.KEY,), by="arn"),
    ),
    _part_of_bucket(
        "BucketPolicy",
        policies=(("policy", "resource"),),
        create_rules=(_names_own_bucket,),
    ),
    Kind(
        t.QUEUE,
        _queue,
        refs=(Ref("kmsMasterKeyId", (t.KEY,), by="arn"),),
        unique=(("name",),),
        policies=(("policy", "resource"),),
    ),
    Kind(
        t.TOPIC,
        _topic,
        refs=(Ref("kmsMasterKeyId", (t.KEY,), by="arn"),),
        unique=(("name",),),
        policies=(("policy", "resource"),),
    ),
    Kind(
        "aws:sns/topicPolicy:TopicPolicy",
        lambda c, r: {"id": r.inputs["arn"], "owner": c.account},
        refs=(Ref("arn", (t.TOPIC,), by="arn"),),
        unique=(("arn",),),
        policies=(("policy", "resource"),),
    ),
    Kind(
        "aws:sns/topicSubscription:TopicSubscription",
        _subscription,
        refs=(Ref("topic", (t.TOPIC,), by="arn"),),
        unique=(("topic", "protocol", "endpoint"),),
    ),
)
