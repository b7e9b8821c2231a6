"""S3: buckets, and what is set on them."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from cloud import tokens as t
from cloud.aws import Aws, absent, as_list, code_of, given, pascal
from cloud.kind import Inputs, Kind, Setting
from cloud.record import Record, Ref, Unique
from cloud.rules import storage as rule

if TYPE_CHECKING:
    from cloud.store import Cloud

# Where S3 says that the bucket itself is gone: some operations answer without a body.
NO_BUCKET = ("404", "NoSuchBucket")
# Route 53's zone of the S3 endpoints of a region, as the provider knows it.
ZONES = {"us-east-1": "Z3AQBSTGFYJSTF"}

# What S3 says to whoever deletes a bucket with objects.
NOT_EMPTY = "BucketNotEmpty"


OF_BUCKET = Ref("bucket", (t.BUCKET,))


class Bucket(Kind):
    """A bucket."""

    token = "aws:s3/bucket:Bucket"  # noqa: S105 - a type
    unsaid = frozenset({"forceDestroy"})
    unique = (Unique(("bucket",), "BucketAlreadyOwnedByYou"),)
    everywhere = True
    delete_rules = (rule.is_empty,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its name, and its addresses."""
        del cloud
        name = record.inputs["bucket"]
        return {
            "id": name,
            "arn": f"arn:aws:s3:::{name}",
            "bucketDomainName": f"{name}.s3.amazonaws.com",
            "bucketRegionalDomainName": f"{name}.s3.{record.region}.amazonaws.com",
            "bucketRegion": record.region,
            **given(hostedZoneId=ZONES.get(record.region)),
        }

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it; the oldest region is the one that is not named."""
        name, elsewhere = new["bucket"], aws.region != "us-east-1"
        # There, S3 gives a bucket to its owner a second time without a word.
        taken = self.look(aws, name, new) is not None
        assert not taken, f"BucketAlreadyOwnedByYou: {name}"
        place = {"LocationConstraint": aws.region} if elsewhere else None
        locked = new.get("objectLockEnabled") or None
        aws.client("s3").create_bucket(
            Bucket=name,
            **given(CreateBucketConfiguration=place, ObjectLockEnabledForBucket=locked),
        )
        return name

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put its tags, which is always all of them."""
        del old
        s3 = aws.client("s3")
        if new["tagsAll"]:
            s3.put_bucket_tagging(Bucket=id_, Tagging={"TagSet": as_list(new["tagsAll"])})
        else:
            s3.delete_bucket_tagging(Bucket=id_)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        with absent(*NO_BUCKET):
            region = aws.client("s3").head_bucket(Bucket=id_)["BucketRegion"]
            return {
                "arn": f"arn:aws:s3:::{id_}",
                "bucketDomainName": f"{id_}.s3.amazonaws.com",
                "bucketRegion": region,
                "bucketRegionalDomainName": f"{id_}.s3.{region}.amazonaws.com",
                **given(hostedZoneId=ZONES.get(region)),
            }
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it, and all that is in it when the program says so: again as long as more comes, as the provider does."""
        s3 = aws.client("s3")
        while True:
            try:
                s3.delete_bucket(Bucket=id_)
            except ClientError as error:
                if code_of(error) != NOT_EMPTY or not known.get("forceDestroy"):
                    raise
                _empty(s3, id_)
            else:
                return


def _empty(s3: Any, bucket: str) -> None:
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        names = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
        if names:
            _delete(s3, bucket, names)


def _delete(s3: Any, bucket: str, names: list[dict[str, str]]) -> None:
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": names, "Quiet": True})
    assert not answer.get("Errors"), answer["Errors"]


class BucketObject(Kind):
    """An object that the program itself puts."""

    token = "aws:s3/bucketObjectv2:BucketObjectv2"  # noqa: S105 - a type
    refs = (OF_BUCKET,)
    # A second one is another version of the first.
    unique = (Unique(("key", "bucket")),)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its key, and a version of its content where the bucket keeps versions."""
        said = record.inputs
        bucket, key = said["bucket"], said["key"]
        kept = cloud.one(t.BUCKET_VERSIONING, bucket=bucket)
        is_kept = kept is not None and kept.inputs["versioningConfiguration"]["status"] == "Enabled"
        digest = hashlib.sha256(said.get("content", "").encode()).hexdigest()
        return {
            "id": f"{bucket}/{key}",
            "arn": f"arn:aws:s3:::{bucket}/{key}",
            **given(versionId=digest[:32] if is_kept else None),
        }

    def make(self, aws: Aws, new: Inputs) -> str:
        """Put it."""
        bucket, key = new["bucket"], new["key"]
        aws.client("s3").put_object(
            Bucket=bucket,
            Key=key,
            Body=new["content"].encode(),
            **given(ContentType=new.get("contentType")),
        )
        return f"{bucket}/{key}"

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put other content as a new version, and the tags."""
        said = ("content", "contentType")
        if old and any(old.get(name) != new.get(name) for name in said):
            self.make(aws, new)
        bucket, _, key = id_.partition("/")
        tags = {"TagSet": as_list(new["tagsAll"])}
        aws.client("s3").put_object_tagging(Bucket=bucket, Key=key, Tagging=tags)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        bucket, _, key = id_.partition("/")
        with absent(*NO_BUCKET, "NoSuchKey"):
            found = aws.client("s3").head_object(Bucket=bucket, Key=key)
            return {"arn": f"arn:aws:s3:::{id_}", **given(versionId=found.get("VersionId"))}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete all versions of it."""
        del known
        s3 = aws.client("s3")
        bucket, _, key = id_.partition("/")
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key):
            found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            names = [
                {"Key": each["Key"], "VersionId": each["VersionId"]}
                for each in found
                if each["Key"] == key
            ]
            if names:
                _delete(s3, bucket, names)


class BucketSetting(Setting):
    """What is set on a bucket, one of each sort."""

    # How S3 says that nothing of the sort is set.
    unset: str
    refs = (OF_BUCKET,)
    unique = (Unique(("bucket",)),)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return the bucket's."""
        del cloud
        return {"id": record.inputs["bucket"]}

    def owner(self, new: Inputs) -> str:
        """Return the bucket."""
        return new["bucket"]

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Whether it is set."""
        del known
        with absent(*NO_BUCKET, self.unset):
            if self.get(aws.client("s3"), id_):
                return {}
        return None

    @abstractmethod
    def get(self, s3: Any, bucket: str) -> Any:
        """Ask for it; what is empty is not set."""


class BucketObjectLock(BucketSetting):
    """For how long each new object is locked."""

    token = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"  # noqa: S105 - a type
    unset = "ObjectLockConfigurationNotFoundError"

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put it."""
        del old
        retention = new["rule"]["defaultRetention"]
        aws.client("s3").put_object_lock_configuration(
            Bucket=id_,
            ObjectLockConfiguration={
                "ObjectLockEnabled": "Enabled",
                "Rule": {
                    "DefaultRetention": {"Mode": retention["mode"], "Days": retention["days"]}
                },
            },
        )

    def get(self, s3: Any, bucket: str) -> Any:
        """Ask for it."""
        return s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"].get(
            "Rule"
        )

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Take the rule away: the bucket can be locked for ever."""
        del known
        aws.client("s3").put_object_lock_configuration(
            Bucket=id_, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
        )


class BucketVersioning(BucketSetting):
    """Whether old versions stay."""

    token = "aws:s3/bucketVersioning:BucketVersioning"  # noqa: S105 - a type
    unset = ""

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put it."""
        del old
        aws.client("s3").put_bucket_versioning(
            Bucket=id_, VersioningConfiguration=_upper_mfa(new["versioningConfiguration"])
        )

    def get(self, s3: Any, bucket: str) -> Any:
        """Ask for it."""
        return s3.get_bucket_versioning(Bucket=bucket).get("Status")

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Suspend it: S3 has no way back to never."""
        if known["versioningConfiguration"]["status"] != "Disabled":
            suspended = {"Status": "Suspended"}
            aws.client("s3").put_bucket_versioning(Bucket=id_, VersioningConfiguration=suspended)


def _upper_mfa(said: Inputs) -> dict[str, Any]:
    return {{"mfaDelete": "MFADelete"}.get(name, pascal_name(name)): said[name] for name in said}


def pascal_name(name: str) -> str:
    """Return an argument's name as most of AWS's APIs spell it."""
    return f"{name[:1].upper()}{name[1:]}"


class BucketLifecycle(BucketSetting):
    """When objects expire."""

    token = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"  # noqa: S105 - a type
    unset = "NoSuchLifecycleConfiguration"

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put all rules."""
        del old
        rules = [_rule(rule) for rule in new["rules"]]
        aws.client("s3").put_bucket_lifecycle_configuration(
            Bucket=id_, LifecycleConfiguration={"Rules": rules}
        )

    def get(self, s3: Any, bucket: str) -> Any:
        """Ask for them."""
        return s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Take them away."""
        del known
        aws.client("s3").delete_bucket_lifecycle(Bucket=id_)


def _rule(said: Inputs) -> dict[str, Any]:
    return pascal({"ID" if name == "id" else name: value for name, value in said.items()})


class BucketPublicAccessBlock(BucketSetting):
    """Against the public."""

    token = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"  # noqa: S105 - a type
    unset = "NoSuchPublicAccessBlockConfiguration"

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put all four; what is not said is off."""
        del old
        names = (
            "blockPublicAcls",
            "blockPublicPolicy",
            "ignorePublicAcls",
            "restrictPublicBuckets",
        )
        aws.client("s3").put_public_access_block(
            Bucket=id_,
            PublicAccessBlockConfiguration={
                pascal_name(name): new.get(name, False) for name in names
            },
        )

    def get(self, s3: Any, bucket: str) -> Any:
        """Ask for them."""
        return s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Take them away."""
        del known
        aws.client("s3").delete_public_access_block(Bucket=id_)


class BucketOwnershipControls(BucketSetting):
    """Who owns what others write."""

    token = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"  # noqa: S105 - a type
    unset = "OwnershipControlsNotFoundError"

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put the rule."""
        del old
        aws.client("s3").put_bucket_ownership_controls(
            Bucket=id_, OwnershipControls={"Rules": [pascal(new["rule"])]}
        )

    def get(self, s3: Any, bucket: str) -> Any:
        """Ask for it."""
        return s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Take it away."""
        del known
        aws.client("s3").delete_bucket_ownership_controls(Bucket=id_)


class BucketLogging(BucketSetting):
    """Where requests are noted."""

    token = "aws:s3/bucketLogging:BucketLogging"  # noqa: S105 - a type
    unset = ""
    refs = (OF_BUCKET, Ref("targetBucket", (t.BUCKET,)))

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put it."""
        del old
        names = ("targetBucket", "targetGrants", "targetObjectKeyFormat", "targetPrefix")
        status = {"LoggingEnabled": pascal({name: new[name] for name in names if name in new})}
        aws.client("s3").put_bucket_logging(Bucket=id_, BucketLoggingStatus=status)

    def get(self, s3: Any, bucket: str) -> Any:
        """Ask for it."""
        return s3.get_bucket_logging(Bucket=bucket).get("LoggingEnabled")

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Take it away."""
        del known
        aws.client("s3").put_bucket_logging(Bucket=id_, BucketLoggingStatus={})


class BucketEncryption(BucketSetting):
    """How objects are encrypted when nobody says."""

    token = t.BUCKET_ENCRYPTION
    unset = "ServerSideEncryptionConfigurationNotFoundError"
    refs = (
        OF_BUCKET,
        Ref("rules[].applyServerSideEncryptionByDefault.kmsMasterKeyId", (t.KEY,), by="arn"),
    )

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put the rules."""
        del old
        aws.client("s3").put_bucket_encryption(
            Bucket=id_,
            ServerSideEncryptionConfiguration={"Rules": [_encryption(r) for r in new["rules"]]},
        )

    def get(self, s3: Any, bucket: str) -> Any:
        """Ask for them."""
        return s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Take them away; S3 then encrypts with keys of its own."""
        del known
        aws.client("s3").delete_bucket_encryption(Bucket=id_)


def _encryption(said: Inputs) -> dict[str, Any]:
    spelled = {"sseAlgorithm": "SSEAlgorithm", "kmsMasterKeyId": "KMSMasterKeyID"}
    by_default = said.get("applyServerSideEncryptionByDefault", {})
    rest = {name: said[name] for name in said if name != "applyServerSideEncryptionByDefault"}
    return {
        **pascal(rest),
        "ApplyServerSideEncryptionByDefault": {
            spelled.get(name, name): value for name, value in by_default.items()
        },
    }


class BucketPolicy(BucketSetting):
    """Who may do what with it."""

    token = "aws:s3/bucketPolicy:BucketPolicy"  # noqa: S105 - a type
    unset = "NoSuchBucketPolicy"
    policies = (("policy", "resource"),)
    rules = (rule.names_own_bucket,)

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put it."""
        del old
        aws.client("s3").put_bucket_policy(Bucket=id_, Policy=new["policy"])

    def get(self, s3: Any, bucket: str) -> Any:
        """Ask for it."""
        return s3.get_bucket_policy(Bucket=bucket)["Policy"]

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Take it away."""
        del known
        aws.client("s3").delete_bucket_policy(Bucket=id_)


KINDS: tuple[Kind, ...] = (
    Bucket(),
    BucketObject(),
    BucketObjectLock(),
    BucketVersioning(),
    BucketLifecycle(),
    BucketPublicAccessBlock(),
    BucketOwnershipControls(),
    BucketLogging(),
    BucketEncryption(),
    BucketPolicy(),
)
