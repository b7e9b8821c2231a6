"""Changes made by hand in a deployed stack: the project's integration tests find each, and are quiet again afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from account import suite

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from account.conftest import Deployed
    from cloud.aws import Aws

ANYWHERE = "0.0.0.0/0"
Undo = Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Change:
    """Something that a person does in the console, and how it is put back."""

    name: str
    # Makes the change, and returns what takes it back.
    make: Callable[[Aws, Mapping[str, Any]], Undo]
    # The tests that have to find it, by file and name.
    found_by: tuple[str, ...]


def _open_a_rule(aws: Aws, outputs: Mapping[str, Any]) -> Undo:
    ec2 = aws.client("ec2")
    (database,) = aws.client("rds").describe_db_instances(
        DBInstanceIdentifier=outputs["database_identifier"]
    )["DBInstances"]
    rule = {
        "GroupId": database["VpcSecurityGroups"][0]["VpcSecurityGroupId"],
        "IpPermissions": [
            {
                "IpProtocol": "tcp",
                "FromPort": 5432,
                "ToPort": 5432,
                "IpRanges": [{"CidrIp": ANYWHERE}],
            }
        ],
    }
    ec2.authorize_security_group_ingress(**rule)
    return lambda: ec2.revoke_security_group_ingress(**rule)


def _open_an_acl(aws: Aws, outputs: Mapping[str, Any]) -> Undo:
    ec2 = aws.client("ec2")
    acls = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [outputs["vpc_id"]]}])
    (acl, *_) = [one for one in acls["NetworkAcls"] if not one["IsDefault"]]
    entry = {"NetworkAclId": acl["NetworkAclId"], "RuleNumber": 1, "Egress": False}
    ec2.create_network_acl_entry(**entry, Protocol="-1", RuleAction="allow", CidrBlock=ANYWHERE)
    return lambda: ec2.delete_network_acl_entry(**entry)


def _lead_astray(aws: Aws, outputs: Mapping[str, Any]) -> Undo:
    """A private subnet's way out goes by another zone's gateway."""
    ec2 = aws.client("ec2")
    tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [outputs["vpc_id"]]}])
    found = [
        (table["RouteTableId"], route["NatGatewayId"])
        for table in tables["RouteTables"]
        for route in table["Routes"]
        if "NatGatewayId" in route
    ]
    (table, own), (_, other), *_ = found
    route = {"RouteTableId": table, "DestinationCidrBlock": ANYWHERE}
    ec2.replace_route(**route, NatGatewayId=other)
    return lambda: ec2.replace_route(**route, NatGatewayId=own)


def _remove_a_tag(aws: Aws, outputs: Mapping[str, Any]) -> Undo:
    lambda_ = aws.client("lambda")
    arn = aws.arn("lambda", f"function:{outputs['function_names']['health']}")
    kept = lambda_.list_tags(Resource=arn)["Tags"]["MigrationDate"]
    lambda_.untag_resource(Resource=arn, TagKeys=["MigrationDate"])
    return lambda: lambda_.tag_resource(Resource=arn, Tags={"MigrationDate": kept})


def _stop_logging_access(aws: Aws, outputs: Mapping[str, Any]) -> Undo:
    s3, bucket = aws.client("s3"), outputs["audit_bucket"]
    kept = s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"]
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    return lambda: s3.put_bucket_logging(
        Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": kept}
    )


def _suspend_versions(aws: Aws, outputs: Mapping[str, Any]) -> Undo:
    s3, bucket = aws.client("s3"), outputs["audit_bucket"]
    put = s3.put_bucket_versioning
    put(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    return lambda: put(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


def _unblock_the_public(aws: Aws, outputs: Mapping[str, Any]) -> Undo:
    s3, bucket = aws.client("s3"), outputs["audit_bucket"]
    kept = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    s3.delete_public_access_block(Bucket=bucket)
    return lambda: s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=kept)


def _keep_records_for_a_week(aws: Aws, outputs: Mapping[str, Any]) -> Undo:
    s3, bucket = aws.client("s3"), outputs["audit_bucket"]
    kept = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    shorter = json.loads(json.dumps(kept))
    for rule in shorter:
        if "Days" in rule.get("Expiration", {}):
            rule["Expiration"]["Days"] = 7

    def put(rules: object) -> object:
        return s3.put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration={"Rules": rules}
        )

    put(shorter)
    return lambda: put(kept)


def _stop_rotation(aws: Aws, outputs: Mapping[str, Any]) -> Undo:
    kms = aws.client("kms")
    alias = f"alias/kms-data-{outputs['environment']}-{outputs['suffix']}"
    key = kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"]
    kms.disable_key_rotation(KeyId=key)
    return lambda: kms.enable_key_rotation(KeyId=key)


def _share_a_key(aws: Aws, outputs: Mapping[str, Any]) -> Undo:
    return _widen_a_key(aws, outputs, "database", "arn:aws:iam::999999999999:root", ["kms:Decrypt"])


def _leave_a_key_to_iam(aws: Aws, outputs: Mapping[str, Any]) -> Undo:
    """As KMS makes a key for whoever says nothing."""
    return _widen_a_key(aws, outputs, "data", f"arn:aws:iam::{aws.account}:root", ["kms:*"])


def _let_a_stranger_read(aws: Aws, outputs: Mapping[str, Any]) -> Undo:
    who = f"arn:aws:iam::{aws.account}:role/other"
    return _widen_a_key(aws, outputs, "database", who, ["kms:Decrypt"])


def _widen_a_key(
    aws: Aws, outputs: Mapping[str, Any], role: str, principal: str, actions: list[str]
) -> Undo:
    kms = aws.client("kms")
    alias = f"alias/kms-{role}-{outputs['environment']}-{outputs['suffix']}"
    key = kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"]
    kept = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    wider = json.loads(kept)
    wider["Statement"].append(
        {
            "Effect": "Allow",
            "Principal": {"AWS": principal},
            "Action": actions,
            "Resource": "*",
        }
    )
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(wider))
    return lambda: kms.put_key_policy(KeyId=key, PolicyName="default", Policy=kept)


def _silence_an_alarm(aws: Aws, outputs: Mapping[str, Any]) -> Undo:
    del outputs
    cloudwatch = aws.client("cloudwatch")
    name = cloudwatch.describe_alarms()["MetricAlarms"][0]["AlarmName"]
    cloudwatch.disable_alarm_actions(AlarmNames=[name])
    return lambda: cloudwatch.enable_alarm_actions(AlarmNames=[name])


def _raise_the_throttle(aws: Aws, outputs: Mapping[str, Any]) -> Undo:
    client = aws.client("apigateway")
    stage = {"restApiId": outputs["api_id"], "stageName": outputs["api_stage"]}
    kept = client.get_stage(**stage)["methodSettings"]["*/*"]["throttlingRateLimit"]

    def put(rate: float) -> object:
        operation = {"op": "replace", "path": "/*/*/throttling/rateLimit", "value": str(rate)}
        return client.update_stage(**stage, patchOperations=[operation])

    put(2 * kept)
    return lambda: put(kept)


def _remove_log_retention(aws: Aws, outputs: Mapping[str, Any]) -> Undo:
    logs = aws.client("logs")
    group = f"/aws/lambda/{outputs['function_names']['migrate']}"
    logs.delete_retention_policy(logGroupName=group)
    return lambda: logs.put_retention_policy(logGroupName=group, retentionInDays=30)


def _widen_a_role(aws: Aws, outputs: Mapping[str, Any]) -> Undo:
    iam = aws.client("iam")
    function = aws.client("lambda").get_function_configuration(
        FunctionName=outputs["function_names"]["payment-status"]
    )
    policy = {"RoleName": function["Role"].rpartition("/")[2], "PolicyName": "for-a-moment"}
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
    }
    iam.put_role_policy(**policy, PolicyDocument=json.dumps(document))
    return lambda: iam.delete_role_policy(**policy)


def _put_a_password_into_a_function(aws: Aws, outputs: Mapping[str, Any]) -> Undo:
    lambda_ = aws.client("lambda")
    name = outputs["function_names"]["payment-status"]
    kept = lambda_.get_function_configuration(FunctionName=name)["Environment"]["Variables"]

    def put(variables: Mapping[str, str]) -> object:
        return lambda_.update_function_configuration(
            FunctionName=name, Environment={"Variables": dict(variables)}
        )

    put({**kept, "DATABASE_PASSWORD": "for a moment"})
    return lambda: put(kept)


CHANGES = (
    Change(
        name="a rule of the database's group is opened",
        make=_open_a_rule,
        found_by=(
            "test_network.py::test_only_the_load_balancer_takes_addresses",
            "test_network.py::test_the_tiers_reference_each_other",
        ),
    ),
    Change(
        name="a network ACL is opened",
        make=_open_an_acl,
        found_by=("test_network.py::test_acls_keep_administration_out[22]",),
    ),
    Change(
        name="a zone leaves by another zone's gateway",
        make=_lead_astray,
        found_by=("test_network.py::test_each_zone_has_its_nat_gateway",),
    ),
    Change(
        name="a tag is removed",
        make=_remove_a_tag,
        found_by=("test_tags.py::test_everything_carries_both_tags",),
    ),
    Change(
        name="logging of the audit bucket is off",
        make=_stop_logging_access,
        found_by=("test_audit.py::test_reading_audit_records_leaves_a_trace",),
    ),
    Change(
        name="versioning is suspended",
        make=_suspend_versions,
        found_by=("test_audit.py::test_buckets_keep_versions[audit_bucket]",),
    ),
    Change(
        name="the block of public access is removed",
        make=_unblock_the_public,
        found_by=("test_audit.py::test_buckets_are_private[audit_bucket]",),
    ),
    Change(
        name="audit records are kept for a week",
        make=_keep_records_for_a_week,
        found_by=("test_audit.py::test_buckets_forget_after_the_time_asked[audit_bucket]",),
    ),
    Change(
        name="a key rotates no more",
        make=_stop_rotation,
        found_by=("test_keys.py::test_keys_rotate",),
    ),
    Change(
        name="another account may decrypt",
        make=_share_a_key,
        found_by=("test_access.py::test_keys_refuse_other_accounts[database]",),
    ),
    Change(
        name="a key is left to IAM",
        make=_leave_a_key_to_iam,
        found_by=(
            "test_access.py::test_keys_are_used_by_this_environment_or_through_services",
            "test_keys.py::test_keys_serve_the_account_and_named_services",
        ),
    ),
    Change(
        name="another role may decrypt",
        make=_let_a_stranger_read,
        found_by=("test_access.py::test_keys_are_used_by_this_environment_or_through_services",),
    ),
    Change(
        name="an alarm is silenced",
        make=_silence_an_alarm,
        found_by=("test_monitoring.py::test_alarms_reach_the_topic",),
    ),
    Change(
        name="the throttle is raised",
        make=_raise_the_throttle,
        found_by=("test_api.py::test_requests_are_throttled",),
    ),
    Change(
        name="a log is kept for ever",
        make=_remove_log_retention,
        found_by=("test_monitoring.py::test_logs_are_kept_for_the_time_asked",),
    ),
    Change(
        name="a role may read everything",
        make=_widen_a_role,
        found_by=("test_functions.py::test_roles_have_no_wildcards",),
    ),
    Change(
        name="a password stands in a variable",
        make=_put_a_password_into_a_function,
        found_by=("test_functions.py::test_no_secret_lies_in_an_environment",),
    ),
)


@pytest.fixture(scope="module")
def touched(deployed: Deployed) -> Iterator[set[str]]:
    """Files of tests that had to find something: in the end, when all is put back, they pass again."""
    files: set[str] = set()
    yield files
    found = suite.run(deployed.outputs, deployed.aws.url, tuple(sorted(files)))
    assert found.passed
    assert found.failed == {}, found


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_a_change_by_hand_is_found(deployed: Deployed, touched: set[str], change: Change) -> None:
    """The tests of that part find the change. That it is put back, one run shows for all of them."""
    undo = change.make(deployed.aws, deployed.outputs)
    files = tuple(sorted({test.partition("::")[0] for test in change.found_by}))
    touched.update(files)
    try:
        found = suite.run(deployed.outputs, deployed.aws.url, files)
    finally:
        undo()
    assert found.failed.keys() >= set(change.found_by), found
