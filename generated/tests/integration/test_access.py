"""SEC-1, SEC-2, FN-2, FN-4, S3-4, NET-5: who may do what, judged by the policies as they are deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration import spec
from tests.integration.policies import Request, Statement, allows, denies, statements
from tests.owners_keys import OWNERS_KEYS

if TYPE_CHECKING:
    from tests.integration.actors import Actor
    from tests.integration.cloud import Cloud
    from tests.integration.outputs import Outputs

# An account that is nobody's here.
FOREIGN = "999999999999"
OBJECT = "payments/2026/01/31/pay_1/record.json"


@pytest.fixture(name="keys", scope="module")
def _keys(cloud: Cloud, outputs: Outputs) -> dict[str, str]:
    """ARNs of the environment's keys by what they are for."""
    return {
        role: cloud.kms.describe_key(KeyId=outputs.key(role))["KeyMetadata"]["Arn"]
        for role in ("data", "database", "logs", "topic")
    }


def _key_policy(cloud: Cloud, key: str) -> list[Statement]:
    return statements(cloud.kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])


def test_only_listed_functions_write_audit_records(actors: list[Actor], outputs: Outputs) -> None:
    """FN-4, S3-1: whoever has the bucket in its environment, below one prefix; nobody deletes."""
    bucket = f"arn:aws:s3:::{outputs.audit_bucket}"
    writers = [actor for actor in actors if actor.may("s3:PutObject", f"{bucket}/{OBJECT}")]
    told = {key for key, function in spec.FUNCTIONS.items() if function.audit == "write"}
    assert {actor.key for actor in writers} == told
    for actor in writers:
        assert actor.variables.get("AUDIT_BUCKET") == outputs.audit_bucket, actor.key
    for actor in actors:
        assert not actor.may("s3:PutObject", f"{bucket}/elsewhere.json"), actor.key
        assert not actor.may("s3:PutObject", f"arn:aws:s3:::{outputs.log_bucket}/{OBJECT}")
        for action in ("DeleteObject", "DeleteObjectVersion", "PutObjectAcl", "PutBucketPolicy"):
            assert not actor.may(f"s3:{action}", f"{bucket}/{OBJECT}"), (actor.key, action)
            assert not actor.may(f"s3:{action}", bucket), (actor.key, action)


def test_functions_log_in_as_themselves(
    cloud: Cloud, actors: list[Actor], outputs: Outputs
) -> None:
    """FN-4, DB-1: as the one user of their environment, in this database only; never as its master."""
    (database,) = cloud.rds.describe_db_instances(DBInstanceIdentifier=outputs.database_identifier)[
        "DBInstances"
    ]
    users = {actor.variables.get("DATABASE_USER", "") for actor in actors} - {""}
    # `owner` reads the password and logs in with that.
    logging_in = {one.database for one in spec.FUNCTIONS.values()} & {"read", "write"}
    assert bool(users) is bool(logging_in)

    def user(name: str, instance: str = database["DbiResourceId"]) -> str:
        account = f"{outputs.region}:{outputs.account_id}"
        return f"arn:aws:rds-db:{account}:dbuser:{instance}/{name}"

    for actor in actors:
        own = actor.variables.get("DATABASE_USER", "")
        for name in {*users, database["MasterUsername"]}:
            assert actor.may("rds-db:connect", user(name)) is (name == own), (actor.key, name)
        assert not actor.may("rds-db:connect", user(own, "db-ANOTHER")), actor.key


def test_one_function_reads_the_password(
    cloud: Cloud, actors: list[Actor], keys: dict[str, str], outputs: Outputs
) -> None:
    """FN-2, FN-4, SEC-1: whoever is told the secret's ARN; the others may not even decrypt it."""
    (database,) = cloud.rds.describe_db_instances(DBInstanceIdentifier=outputs.database_identifier)[
        "DBInstances"
    ]
    secret = database["MasterUserSecret"]["SecretArn"]
    through = f"secretsmanager.{outputs.region}.amazonaws.com"
    for actor in actors:
        told = actor.variables.get("DATABASE_SECRET_ARN") == secret
        reads = actor.may("secretsmanager:GetSecretValue", secret)
        opens = actor.may("kms:Decrypt", keys["database"], kms_ViaService=through)
        assert (reads, opens) == (told, told), actor.key
        assert not actor.may("secretsmanager:GetSecretValue", f"{secret[:-7]}-other"), actor.key
        assert not actor.may("secretsmanager:PutSecretValue", secret), actor.key


def test_functions_use_their_key_only(
    actors: list[Actor], keys: dict[str, str], outputs: Outputs
) -> None:
    """SEC-1, FN-4: they decrypt what is theirs, and encrypt through services, never by themselves."""
    for actor in actors:
        assert actor.may("kms:Decrypt", keys["data"]), actor.key
        assert not actor.may("kms:GenerateDataKey", keys["data"]), actor.key
        through = f"s3.{outputs.region}.amazonaws.com"
        writes = actor.may("s3:PutObject", f"arn:aws:s3:::{outputs.audit_bucket}/{OBJECT}")
        granted = actor.may("kms:GenerateDataKey", keys["data"], kms_ViaService=through)
        assert granted is writes, actor.key
        for role in ("logs", "topic"):
            for action in ("Decrypt", "Encrypt", "GenerateDataKey"):
                assert not actor.may(f"kms:{action}", keys[role]), (actor.key, role, action)
        for action in ("ScheduleKeyDeletion", "PutKeyPolicy", "DisableKey", "CreateGrant"):
            assert not actor.may(f"kms:{action}", keys["data"]), (actor.key, action)


def test_functions_write_their_own_log_only(actors: list[Actor], outputs: Outputs) -> None:
    """FN-4, MON-1: no function writes into another's group, or makes or deletes one."""
    account = f"{outputs.region}:{outputs.account_id}"
    for actor in actors:
        for other in actors:
            name = outputs.function_names[other.key]
            stream = f"arn:aws:logs:{account}:log-group:/aws/lambda/{name}:log-stream:x"
            assert actor.may("logs:PutLogEvents", stream) is (actor is other), actor.key
            for action in ("CreateLogGroup", "DeleteLogGroup", "DeleteLogStream"):
                assert not actor.may(f"logs:{action}", stream.rpartition(":log-stream")[0]), action


def test_functions_do_nothing_else(actors: list[Actor], outputs: Outputs) -> None:
    """FN-4, SEC-2: neither call each other nor take on roles nor change what they run in."""
    role = f"arn:aws:iam::{outputs.account_id}:role/{outputs.name('role', 'flowlog')}"
    for actor in actors:
        for action, resource in (
            ("lambda:InvokeFunction", actor.arn),
            ("lambda:UpdateFunctionCode", actor.arn),
            ("iam:PassRole", role),
            ("sts:AssumeRole", role),
            ("ec2:AuthorizeSecurityGroupIngress", "*"),
            ("rds:ModifyDBInstance", "*"),
            ("sns:Publish", outputs.topic_arn),
        ):
            assert not actor.may(action, resource), (actor.key, action)


def test_only_lambda_itself_touches_interfaces(actors: list[Actor]) -> None:
    """FN-4: Lambda's own calls carry no function; calls of the code do, and are denied."""
    for actor in actors:
        assert actor.may("ec2:CreateNetworkInterface", "*"), actor.key
        assert not actor.may(
            "ec2:CreateNetworkInterface", "*", lambda_SourceFunctionArn=actor.arn
        ), actor.key


@pytest.mark.parametrize("role", ["data", "database", "logs", "topic"])
def test_keys_refuse_other_accounts(
    cloud: Cloud, outputs: Outputs, keys: dict[str, str], role: str
) -> None:
    """SEC-1, DB-4: the account's own policies decide who cares for a key, another account's never."""
    policy = _key_policy(cloud, keys[role])
    # Who of the account cares for a key of somebody else's is its owner's business.
    accounts = {FOREIGN} if role in OWNERS_KEYS else {outputs.account_id, FOREIGN}
    for account in sorted(accounts):
        for action in ("kms:Decrypt", "kms:DescribeKey", "kms:PutKeyPolicy"):
            request = Request(
                action=action, resource=keys[role], principal=f"arn:aws:iam::{account}:role/any"
            )
            expected = account == outputs.account_id and action != "kms:Decrypt"
            assert allows(policy, request) is expected, (account, action)


def test_keys_are_used_by_this_environment_or_through_services(
    cloud: Cloud, outputs: Outputs, keys: dict[str, str]
) -> None:
    """SEC-1: another role of the account neither decrypts nor encrypts, whatever its own policies say."""
    prefix = f"arn:aws:iam::{outputs.account_id}:role/"
    own = prefix + outputs.name("role", "any")
    # Who, what, through which service; and the keys that let them.
    cases: list[tuple[str, str, str, set[str]]] = [
        (own, "Decrypt", "", {"data"}),
        (own, "GenerateDataKey", "", set()),
        (own, "GenerateDataKey", "s3", {"data"}),
        (own, "GenerateDataKey", "sqs", {"data"}),
        (own, "CreateGrant", "", set()),
        (f"{prefix}other", "Decrypt", "", set()),
        (f"{prefix}other", "Encrypt", "", set()),
        (f"{prefix}other", "CreateGrant", "", set()),
        (f"{prefix}other", "GenerateDataKey", "s3", set()),
        (f"{prefix}other", "GenerateDataKey", "sqs", set()),
        (f"{prefix}other", "Decrypt", "s3", {"data"}),
        (f"{prefix}other", "CreateGrant", "lambda", {"data"}),
        (f"{prefix}other", "CreateGrant", "rds", {"database"}),
        # Whoever puts a secret's value, or makes a database.
        (
            f"{prefix}other",
            "GenerateDataKey",
            "secretsmanager",
            {"database", "data"} if spec.SECRETS else {"database"},
        ),
        (f"{prefix}other", "Decrypt", "sns", set()),
        (f"{prefix}other", "Decrypt", "ec2", set()),
    ]
    for principal, action, service, expected in cases:
        context = {"aws:PrincipalArn": principal}
        if service:
            context["kms:ViaService"] = f"{service}.{outputs.region}.amazonaws.com"
        found = {
            role
            for role, key in keys.items()
            if allows(
                _key_policy(cloud, key),
                Request(action=f"kms:{action}", resource=key, principal=principal, context=context),
            )
        }
        assert expected <= found, (principal, action, service)
        # Owners may let others use their keys.
        assert found - set(OWNERS_KEYS) <= expected, (principal, action, service)


@pytest.mark.parametrize(
    ("role", "service", "action"),
    [("logs", "logs", "kms:Encrypt"), ("topic", "cloudwatch", "kms:GenerateDataKey")],
)
def test_services_use_keys_for_this_account_only(  # noqa: PLR0913, PLR0917 - three make the case
    cloud: Cloud, outputs: Outputs, keys: dict[str, str], role: str, service: str, action: str
) -> None:
    """SEC-1, MON-1, MON-5: each service its key, and not on behalf of somebody else."""
    principal = {
        "logs": f"logs.{outputs.region}.amazonaws.com",
        "cloudwatch": "cloudwatch.amazonaws.com",
    }[service]

    def context(account: str) -> dict[str, str]:
        group = f"arn:aws:logs:{outputs.region}:{account}:log-group:/aws/any"
        return {"aws:SourceAccount": account, "kms:EncryptionContext:aws:logs:arn": group}

    for name, key in keys.items():
        policy = _key_policy(cloud, key)
        for account in (outputs.account_id, FOREIGN):
            request = Request(
                action=action, resource=key, principal=principal, context=context(account)
            )
            expected = name == role and account == outputs.account_id
            assert allows(policy, request) is expected, (name, account)


@pytest.mark.parametrize("bucket", ["audit_bucket", "log_bucket"])
def test_buckets_deny_clear_text_to_everybody(cloud: Cloud, outputs: Outputs, bucket: str) -> None:
    """S3-4: without TLS nobody reads, writes or lists, not even the account itself."""
    name: str = getattr(outputs, bucket)
    policy = statements(cloud.s3.get_bucket_policy(Bucket=name)["Policy"])
    for principal in (f"arn:aws:iam::{outputs.account_id}:root", f"arn:aws:iam::{FOREIGN}:root"):
        for action, resource in (
            ("s3:GetObject", f"arn:aws:s3:::{name}/{OBJECT}"),
            ("s3:PutObject", f"arn:aws:s3:::{name}/{OBJECT}"),
            ("s3:ListBucket", f"arn:aws:s3:::{name}"),
        ):
            for secure in ("false", "true"):
                request = Request(
                    action=action,
                    resource=resource,
                    principal=principal,
                    context={"aws:SecureTransport": secure},
                )
                assert denies(policy, request) is (secure == "false"), (principal, action)
                assert not allows(policy, request), (principal, action)


@pytest.mark.parametrize(
    ("service", "prefix"),
    [("logdelivery.elasticloadbalancing", "AWSLogs/{account}/"), ("logging.s3", "")],
)
def test_services_write_logs_of_this_account_only(
    cloud: Cloud, outputs: Outputs, service: str, prefix: str
) -> None:
    """S3-4, S3-1, LB-1: into the log bucket, never into the audit bucket, never for another account."""
    logging = cloud.s3.get_bucket_logging(Bucket=outputs.audit_bucket)["LoggingEnabled"]
    attributes = {
        attribute["Key"]: attribute["Value"]
        for attribute in cloud.elbv2.describe_load_balancer_attributes(
            LoadBalancerArn=outputs.load_balancer_arn
        )["Attributes"]
    }
    if service == "logging.s3":
        start, source = logging["TargetPrefix"], f"arn:aws:s3:::{outputs.audit_bucket}"
    else:
        given = attributes.get("access_logs.s3.prefix", "")
        start, source = f"{given}/" if given else "", outputs.load_balancer_arn
    for bucket in (outputs.log_bucket, outputs.audit_bucket):
        policy = statements(cloud.s3.get_bucket_policy(Bucket=bucket)["Policy"])
        for account in (outputs.account_id, FOREIGN):
            key = f"{start}{prefix.format(account=account)}log"
            request = Request(
                action="s3:PutObject",
                resource=f"arn:aws:s3:::{bucket}/{key}",
                principal=f"{service}.amazonaws.com",
                context={
                    "aws:SourceAccount": account,
                    "aws:SourceArn": source.replace(outputs.account_id, account),
                    "aws:SecureTransport": "true",
                },
            )
            expected = (bucket, account) == (outputs.log_bucket, outputs.account_id)
            assert allows(policy, request) is expected, (bucket, account)


def test_the_endpoint_of_s3_leads_to_the_audit_bucket_only(cloud: Cloud, outputs: Outputs) -> None:
    """NET-5, SEC-2: what gets hold of a function cannot carry data to a bucket of its own."""
    (endpoint,) = cloud.ec2.describe_vpc_endpoints(
        Filters=[
            {"Name": "vpc-id", "Values": [outputs.vpc_id]},
            {"Name": "service-name", "Values": [f"com.amazonaws.{outputs.region}.s3"]},
        ]
    )["VpcEndpoints"]
    policy = statements(endpoint["PolicyDocument"])
    for bucket in (outputs.audit_bucket, outputs.log_bucket, "somebody-elses"):
        for account in (outputs.account_id, FOREIGN):
            request = Request(
                action="s3:PutObject",
                resource=f"arn:aws:s3:::{bucket}/{OBJECT}",
                principal=f"arn:aws:iam::{account}:role/any",
                context={"aws:PrincipalAccount": account},
            )
            expected = (bucket, account) == (outputs.audit_bucket, outputs.account_id)
            assert allows(policy, request) is expected, (bucket, account)


def test_only_alarms_of_this_account_publish(cloud: Cloud, outputs: Outputs) -> None:
    """MON-5, SEC-2: nobody else can make people believe in an alarm."""
    attributes = cloud.sns.get_topic_attributes(TopicArn=outputs.topic_arn)["Attributes"]
    policy = statements(attributes["Policy"])
    for principal, account, expected in (
        ("cloudwatch.amazonaws.com", outputs.account_id, True),
        ("cloudwatch.amazonaws.com", FOREIGN, False),
        (f"arn:aws:iam::{FOREIGN}:root", FOREIGN, False),
    ):
        request = Request(
            action="sns:Publish",
            resource=outputs.topic_arn,
            principal=principal,
            context={"aws:SourceAccount": account, "aws:SecureTransport": "true"},
        )
        assert allows(policy, request) is expected, (principal, account)
