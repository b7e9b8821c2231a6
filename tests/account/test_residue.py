"""The script that a team runs after `pulumi destroy`: what was seeded is found, what is foreign is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from account.census import census, difference
from account.residue import Left, run
from cloud.aws import Aws, as_list

if TYPE_CHECKING:
    from account.endpoint import Endpoint

Seed = Callable[[Aws, str], object]

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


def _tags(name: str) -> dict[str, str]:
    return {"Environment": "staging", "Name": name}


def _tagged(what: str, name: str) -> list[dict[str, Any]]:
    return [{"ResourceType": what, "Tags": as_list(_tags(name))}]


def _vpc(aws: Aws, tail: str) -> str:
    made = aws.client("ec2").create_vpc(
        CidrBlock="10.9.0.0/16", TagSpecifications=_tagged("vpc", f"vpc{tail}")
    )
    return made["Vpc"]["VpcId"]


def _subnet(aws: Aws, tail: str) -> str:
    made = aws.client("ec2").create_subnet(
        VpcId=_vpc(aws, tail),
        CidrBlock="10.9.0.0/24",
        TagSpecifications=_tagged("subnet", f"subnet-a{tail}"),
    )
    return made["Subnet"]["SubnetId"]


def _address(aws: Aws, tail: str) -> str:
    made = aws.client("ec2").allocate_address(
        Domain="vpc", TagSpecifications=_tagged("elastic-ip", f"eip-a{tail}")
    )
    return made["AllocationId"]


def _gateway(aws: Aws, tail: str) -> object:
    return aws.client("ec2").create_nat_gateway(
        SubnetId=_subnet(aws, "-elsewhere"),
        AllocationId=_address(aws, "-elsewhere"),
        TagSpecifications=_tagged("natgateway", f"nat-a{tail}"),
    )


def _interface(aws: Aws, tail: str) -> object:
    number = "0a1b2c3d-0000-1111-2222-333344445555"
    return aws.client("ec2").create_network_interface(
        SubnetId=_subnet(aws, "-elsewhere"),
        Description=f"AWS Lambda VPC ENI-lambda-health{tail}-{number}",
    )


def _key(aws: Aws, tail: str) -> str:
    tags = [{"TagKey": key, "TagValue": value} for key, value in _tags(f"kms-data{tail}").items()]
    return aws.client("kms").create_key(Tags=tags)["KeyMetadata"]["KeyId"]


def _alias(aws: Aws, tail: str) -> object:
    key = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    return aws.client("kms").create_alias(AliasName=f"alias/kms-data{tail}", TargetKeyId=key)


def _database(aws: Aws, tail: str) -> None:
    aws.client("rds").create_db_instance(
        DBInstanceIdentifier=f"rds{tail}",
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        MasterUsername="owner",
        MasterUserPassword="only-for-this-test",
        AllocatedStorage=20,
    )


def _snapshot(aws: Aws, tail: str) -> None:
    _database(aws, f"-restored{tail}")
    aws.client("rds").create_db_snapshot(
        DBInstanceIdentifier=f"rds-restored{tail}", DBSnapshotIdentifier=f"before{tail}x"
    )


def _subscription(aws: Aws, tail: str) -> object:
    topic = aws.client("sns").create_topic(Name=f"sns-alarms{tail}")["TopicArn"]
    return aws.client("sns").subscribe(
        TopicArn=topic, Protocol="email", Endpoint="somebody@example.com"
    )


def _balancer(aws: Aws, tail: str) -> object:
    subnet = _subnet(aws, "-elsewhere")
    return aws.client("elbv2").create_load_balancer(Name=f"alb{tail}", Subnets=[subnet])


def _bucket(aws: Aws, tail: str) -> object:
    return aws.client("s3").create_bucket(Bucket=f"s3-audit{tail}-{aws.account}")


def _group(aws: Aws, tail: str) -> object:
    return aws.client("logs").create_log_group(logGroupName=f"/aws/lambda/lambda-health{tail}")


def _role(aws: Aws, tail: str) -> object:
    return aws.client("iam").create_role(
        RoleName=f"role-flowlog{tail}", AssumeRolePolicyDocument=TRUST
    )


def _alarm(aws: Aws, tail: str) -> object:
    return aws.client("cloudwatch").put_metric_alarm(
        AlarmName=f"alarm-cpu{tail}",
        MetricName="CPUUtilization",
        Namespace="AWS/RDS",
        Statistic="Average",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )


def _dashboard(aws: Aws, tail: str) -> object:
    return aws.client("cloudwatch").put_dashboard(
        DashboardName=f"dashboard{tail}", DashboardBody=json.dumps({"widgets": []})
    )


def _queue(aws: Aws, tail: str) -> object:
    return aws.client("sqs").create_queue(QueueName=f"dlq-health{tail}")


def _secret(aws: Aws, tail: str) -> object:
    return aws.client("secretsmanager").create_secret(Name=f"secret{tail}", SecretString="x")


def _rule(aws: Aws, tail: str) -> object:
    return aws.client("events").put_rule(
        Name=f"schedule-relay{tail}", ScheduleExpression="rate(1 minute)"
    )


def _api(aws: Aws, tail: str) -> object:
    return aws.client("apigateway").create_rest_api(name=f"api{tail}")


def _api_key(aws: Aws, tail: str) -> object:
    return aws.client("apigateway").create_api_key(name=f"apikey-partner{tail}", enabled=True)


def _acl(aws: Aws, tail: str) -> object:
    return aws.client("wafv2").create_web_acl(
        Name=f"waf{tail}",
        Scope="REGIONAL",
        DefaultAction={"Allow": {}},
        VisibilityConfig={
            "SampledRequestsEnabled": False,
            "CloudWatchMetricsEnabled": False,
            "MetricName": "x",
        },
    )


# With what the kind is called in the result.
SEEDS: dict[str, Seed] = {
    "API key": _api_key,
    "DB instance": _database,
    "DB snapshot": _snapshot,
    "Elastic IP address": _address,
    "KMS alias": _alias,
    "KMS key": _key,
    "NAT gateway": _gateway,
    "REST API": _api,
    "S3 bucket": _bucket,
    "VPC": _vpc,
    "alarm": _alarm,
    "dashboard": _dashboard,
    "firewall": _acl,
    "load balancer": _balancer,
    "log group": _group,
    "network interface": _interface,
    "queue": _queue,
    "role": _role,
    "schedule": _rule,
    "secret": _secret,
    "subnet": _subnet,
    "subscription": _subscription,
}


@pytest.fixture
def aws(server: Endpoint) -> Aws:
    """An empty account."""
    server.reset()
    return Aws(server.url)


def test_of_an_empty_account_is_said_that_nothing_ever_stood_there(aws: Aws) -> None:
    assert run(aws) == Left(code=3, findings=[])


def test_seeds_are_found_and_foreign_ones_are_not(aws: Aws) -> None:
    for seed in SEEDS.values():
        seed(aws, "-staging-other")
    assert run(aws) == Left(code=3, findings=[])
    for seed in SEEDS.values():
        seed(aws, "-staging-main")
    before = census(aws)
    left = run(aws)
    assert left.code == 1
    found = {finding["kind"] for finding in left.findings}
    assert found >= SEEDS.keys(), SEEDS.keys() - found
    assert not [one for one in left.findings if "other" in one["name"] + one["id"]]
    # It only reads.
    assert difference(before, census(aws)) == {}


def test_resources_that_aws_deletes_itself_are_reported_and_harmless(aws: Aws) -> None:
    key = _key(aws, "-staging-main")
    aws.client("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    left = run(aws)
    (finding,) = left.findings
    assert (left.code, finding["id"], left.harmful) == (0, key, [])
    assert finding["until"]
    assert run(aws, "--strict").code == 1


def test_a_log_group_that_rds_makes_again_blocks_the_next_deployment(aws: Aws) -> None:
    """RDS may send the last lines when the database is gone: the group has no tags, only its name."""
    name = "/aws/rds/instance/rds-staging-main/postgresql"
    aws.client("logs").create_log_group(logGroupName=name)
    aws.client("logs").create_log_group(logGroupName=name.replace("main", "other"))
    left = run(aws)
    (finding,) = left.findings
    assert (left.code, finding["name"], left.harmful) == (1, name, [finding])
    assert finding["blocks"]
    assert "RDS" in finding["why"]


def test_a_log_group_of_the_api_needs_its_id(aws: Aws) -> None:
    name = "API-Gateway-Execution-Logs_abc123/staging"
    aws.client("logs").create_log_group(logGroupName=name)
    assert run(aws).code == 3
    left = run(aws, "--api-id", "abc123")
    assert (left.code, [one["name"] for one in left.findings]) == (1, [name])
