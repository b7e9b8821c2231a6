"""Buckets: what a plain deployment does not show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from account.hands import AbortedError
from cloud import tokens as t
from cloud.aws import as_map, code_of

if TYPE_CHECKING:
    from account.hands import Hands

NAME = "audit-123456789012"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
PUBLIC = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
LOGGING = "aws:s3/bucketLogging:BucketLogging"

EXPIRE = {"id": "expire", "status": "Enabled", "filter": {"prefix": ""}, "expiration": {"days": 90}}
DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": "s3:*",
            "Resource": f"arn:aws:s3:::{NAME}/*",
        }
    ],
}
SETTINGS: dict[str, dict[str, Any]] = {
    VERSIONING: {"versioningConfiguration": {"status": "Enabled"}},
    LIFECYCLE: {"rules": [EXPIRE]},
    PUBLIC: {"blockPublicAcls": True},
    OWNERSHIP: {"rule": {"objectOwnership": "BucketOwnerEnforced"}},
    t.BUCKET_ENCRYPTION: {
        "rules": [
            {
                "applyServerSideEncryptionByDefault": {
                    "sseAlgorithm": "aws:kms",
                    "kmsMasterKeyId": "arn:aws:kms:us-east-1:123456789012:key/1",
                },
                "bucketKeyEnabled": True,
            }
        ]
    },
    t.BUCKET_POLICY: {"policy": json.dumps(DOCUMENT)},
}


def fill(hands: Hands) -> None:
    """Leave two versions of one object, and a marker that stands for its deletion."""
    s3 = hands.aws.client("s3")
    for body in (b"1", b"2"):
        s3.put_object(Bucket=NAME, Key="a", Body=body)
    s3.delete_object(Bucket=NAME, Key="a")


def test_a_bucket_goes_with_its_versions_only_when_the_program_says_so(hands: Hands) -> None:
    bucket = hands.make(t.BUCKET, bucket=NAME)
    hands.make(VERSIONING, bucket=NAME, versioningConfiguration={"status": "Enabled"})
    fill(hands)
    with pytest.raises(AbortedError, match="BucketNotEmpty"):
        hands.delete(bucket)
    hands.delete(hands.change(bucket, forceDestroy=True))
    assert hands.read(bucket) is None


def test_what_comes_while_a_bucket_is_emptied_goes_too(hands: Hands) -> None:
    """The provider empties it until S3 deletes it: a late access log does not keep it."""
    bucket = hands.make(t.BUCKET, bucket=NAME, forceDestroy=True)
    hands.make(VERSIONING, bucket=NAME, versioningConfiguration={"status": "Enabled"})
    fill(hands)
    s3, asked = hands.aws.client("s3"), []

    def arrive(**_: object) -> None:
        asked.append(1)
        if len(asked) == 2:
            s3.put_object(Bucket=NAME, Key="late", Body=b"1")

    s3.meta.events.register("before-call.s3.DeleteBucket", arrive)
    hands.delete(bucket)
    s3.meta.events.unregister("before-call.s3.DeleteBucket", arrive)
    assert (len(asked), hands.read(bucket)) == (3, None)


ONLY_NEW = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{NAME}/*",
            "Condition": {
                "Null": {"s3:if-none-match": "true"},
                "Bool": {"s3:ObjectCreationOperation": "true"},
            },
        }
    ],
}


def test_a_policy_lets_nobody_write_over_an_object(hands: Hands) -> None:
    """Whoever does not say that it must be new is refused, and so is one that is not."""
    hands.make(t.BUCKET, bucket=NAME)
    hands.make(t.BUCKET_POLICY, bucket=NAME, policy=json.dumps(ONLY_NEW))
    s3 = hands.aws.client("s3")
    with pytest.raises(ClientError, match="403"):
        s3.put_object(Bucket=NAME, Key="a", Body=b"0")
    s3.put_object(Bucket=NAME, Key="a", Body=b"1", IfNoneMatch="*")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket=NAME, Key="a", Body=b"2", IfNoneMatch="*")
    with pytest.raises(ClientError, match="403"):
        s3.put_object(Bucket=NAME, Key="a", Body=b"3")
    assert s3.get_object(Bucket=NAME, Key="a")["Body"].read() == b"1"


def test_the_tags_of_a_bucket_are_those_that_are_said(hands: Hands) -> None:
    bucket = hands.make(t.BUCKET, bucket=NAME, tags={"Name": "audit"})
    hands.change(bucket, tags={"Owner": "payments"})
    found = hands.aws.client("s3").get_bucket_tagging(Bucket=NAME)["TagSet"]
    assert as_map(found) == {"Owner": "payments", "project": "paystage"}


def test_a_name_that_somebody_has_is_refused(hands: Hands) -> None:
    hands.aws.client("s3").create_bucket(Bucket="taken")
    with pytest.raises(AbortedError, match="BucketAlready"):
        hands.make(t.BUCKET, bucket="taken")


@pytest.mark.parametrize("token", SETTINGS)
def test_a_setting_is_found_until_it_is_taken_away(hands: Hands, token: str) -> None:
    bucket = hands.make(t.BUCKET, bucket=NAME)
    setting = hands.make(token, bucket=NAME, **SETTINGS[token])
    assert setting.id == NAME
    assert hands.read(setting) is not None
    hands.delete(setting)
    if token == VERSIONING:
        found = hands.aws.client("s3").get_bucket_versioning(Bucket=NAME)
        assert found["Status"] == "Suspended"
    else:
        assert hands.read(setting) is None
    hands.delete(bucket)
    assert hands.read(setting) is None
    hands.delete(setting)


def test_settings_say_all_that_the_arguments_say(hands: Hands) -> None:
    hands.make(t.BUCKET, bucket=NAME)
    s3 = hands.aws.client("s3")
    for token, said in SETTINGS.items():
        hands.make(token, bucket=NAME, **said)
    block = s3.get_public_access_block(Bucket=NAME)["PublicAccessBlockConfiguration"]
    assert [name for name, on in block.items() if on] == ["BlockPublicAcls"]
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=NAME)["Rules"]
    assert (rule["ID"], rule["Expiration"]["Days"]) == ("expire", 90)
    found = s3.get_bucket_encryption(Bucket=NAME)["ServerSideEncryptionConfiguration"]
    (rule,) = found["Rules"]
    assert rule["BucketKeyEnabled"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    with pytest.raises(ClientError) as refused:
        s3.get_bucket_logging(Bucket="nobody")
    assert code_of(refused.value) == "NoSuchBucket"


def test_rules_that_change_take_the_place_of_the_old_ones(hands: Hands) -> None:
    hands.make(t.BUCKET, bucket=NAME)
    rules = hands.make(LIFECYCLE, bucket=NAME, rules=[EXPIRE])
    later = {**EXPIRE, "expiration": {"days": 91}}
    hands.change(rules, rules=[later])
    s3 = hands.aws.client("s3")
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=NAME)["Rules"]
    assert rule["Expiration"]["Days"] == 91


def test_an_argument_that_s3_does_not_know_is_an_error(hands: Hands) -> None:
    with pytest.raises(AbortedError, match="drops \\['acl'\\]"):
        hands.make(t.BUCKET, bucket=NAME, acl="private")
    with pytest.raises(AbortedError, match="Nonsense"):
        hands.make(LIFECYCLE, bucket=NAME, rules=[{**EXPIRE, "nonsense": 1}])
