"""FN-1 to FN-5, SEC-2: the functions as they are configured, and what their roles may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration import spec
from tests.integration.policies import Statement, statements

if TYPE_CHECKING:
    from mypy_boto3_iam.type_defs import RoleTypeDef
    from mypy_boto3_lambda.type_defs import FunctionConfigurationResponseTypeDef

    from tests.integration.cloud import Cloud
    from tests.integration.outputs import Outputs

    Functions = dict[str, FunctionConfigurationResponseTypeDef]

# Actions for which IAM has no resource but `*`, or none that could be named before the call.
WITHOUT_RESOURCE = {
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
    "xray:PutTelemetryRecords",
    "tag:GetResources",
    "xray:PutTraceSegments",
}


def _statements(cloud: Cloud, role: str) -> list[Statement]:
    names = cloud.iam.list_role_policies(RoleName=role)["PolicyNames"]
    return [
        statement
        for name in names
        for statement in statements(
            cloud.iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        )
    ]


@pytest.fixture(name="roles", scope="module")
def _roles(cloud: Cloud, outputs: Outputs) -> list[RoleTypeDef]:
    pages = cloud.iam.get_paginator("list_roles").paginate()
    return [
        role for page in pages for role in page["Roles"] if role["RoleName"].endswith(outputs.tail)
    ]


def test_functions_are_active(functions: Functions, outputs: Outputs) -> None:
    """FN-1, REG-1: code is in place and runs in the stack's region."""
    assert functions.keys() == spec.FUNCTIONS.keys()
    for key, function in functions.items():
        assert function["State"] == "Active", key
        assert function["LastUpdateStatus"] == "Successful", key
        assert function["CodeSize"] > 0, key
        assert f":{outputs.region}:{outputs.account_id}:" in function["FunctionArn"]


def test_functions_have_the_addresses_of_the_resources(
    functions: Functions, outputs: Outputs
) -> None:
    """FN-2: the environment names this stack's resources, encrypted under a key of ours."""
    expected = {
        "ENVIRONMENT": outputs.environment,
        "AUDIT_BUCKET": outputs.audit_bucket,
        "DATABASE_HOST": outputs.database_host,
        "DATABASE_PORT": "5432",
    }
    for key, function in functions.items():
        variables = function["Environment"]["Variables"]
        for name in expected.keys() & variables.keys():
            assert variables[name] == expected[name], (key, name)
        assert function["KMSKeyArn"], key
        uses = spec.FUNCTIONS[key]
        assert ("AUDIT_BUCKET" in variables) == bool(uses.audit), key
        assert ("DATABASE_HOST" in variables) == bool(uses.database), key


def test_no_secret_lies_in_an_environment(functions: Functions) -> None:
    """FN-2: no variable is named like a secret or looks like one."""
    for key, function in functions.items():
        for name, value in function["Environment"]["Variables"].items():
            words = set(name.upper().split("_"))
            # Where a secret lies is none.
            if words & {"PASSWORD", "SECRET", "TOKEN", "CREDENTIALS"}:
                assert name.endswith("_ARN"), (key, name)
                assert value.startswith("arn:aws:secretsmanager:"), (key, name)
            assert not value.startswith(("AKIA", "ASIA", "-----BEGIN")), (key, name)


def test_functions_are_traced(functions: Functions) -> None:
    """FN-3, XR-1: X-Ray is active, and the SDK is there."""
    for key, function in functions.items():
        assert function["TracingConfig"]["Mode"] == "Active", key
        assert function["Layers"], key


def test_each_function_has_a_role_of_its_own(cloud: Cloud, functions: Functions) -> None:
    """FN-4: no role serves two functions, and only Lambda can take it on."""
    roles = [function["Role"] for function in functions.values()]
    assert len(set(roles)) == len(roles)
    for role in roles:
        name = role.rpartition("/")[2]
        document = cloud.iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        (trust,) = statements(document)
        assert trust.principals == {"lambda.amazonaws.com"}, name


def _callers(cloud: Cloud, function: str) -> set[str]:
    """Services that may call a function; none where it has no policy of its own."""
    try:
        policy = cloud.lambda_.get_policy(FunctionName=function)["Policy"]
    except cloud.lambda_.exceptions.ResourceNotFoundException:
        return set()
    return {principal for one in statements(policy) for principal in one.principals}


def test_functions_stop_before_the_api_does(cloud: Cloud, functions: Functions) -> None:
    """FN-1, API-3: behind the API, a function answers or fails within the 29 seconds that it waits."""
    behind = [
        function
        for function in functions.values()
        if "apigateway.amazonaws.com" in _callers(cloud, function["FunctionArn"])
    ]
    assert behind
    assert {one["FunctionName"]: one["Timeout"] for one in behind if one["Timeout"] >= 29} == {}


def test_schedules_call_their_functions(cloud: Cloud, functions: Functions) -> None:
    """FN-1, S3-1, FN-4: whoever a schedule may call is called by it, the audit relay among them."""
    scheduled: set[str] = set()
    for key, function in functions.items():
        arn = function["FunctionArn"]
        if "events.amazonaws.com" not in _callers(cloud, arn):
            continue
        names = cloud.events.list_rule_names_by_target(TargetArn=arn)["RuleNames"]
        assert len(names) == 1, key
        rule = cloud.events.describe_rule(Name=names[0])
        assert rule["State"] == "ENABLED", key
        assert rule["ScheduleExpression"].startswith(("rate(", "cron(")), key
        targets = cloud.events.list_targets_by_rule(Rule=names[0])["Targets"]
        assert [target["Arn"] for target in targets] == [arn], key
        scheduled.add(key)
    assert scheduled == {key for key, one in spec.FUNCTIONS.items() if one.is_scheduled}


def test_function_logs_expire(functions: Functions, outputs: Outputs) -> None:
    """MON-1: each writes JSON into the group that was made for it."""
    for key, function in functions.items():
        logging = function["LoggingConfig"]
        assert logging["LogFormat"] == "JSON", key
        assert logging["LogGroup"] == f"/aws/lambda/{outputs.function_names[key]}"


def test_failed_calls_are_kept(functions: Functions, outputs: Outputs) -> None:
    """FN-1: asynchronous calls that fail go to a queue of the function's own."""
    queues = {key: one["DeadLetterConfig"]["TargetArn"] for key, one in functions.items()}
    assert len(set(queues.values())) == len(queues)
    for key, arn in queues.items():
        assert arn.endswith(outputs.tail), key


def test_failed_calls_are_encrypted(cloud: Cloud, functions: Functions, outputs: Outputs) -> None:
    """FN-1, SEC-1: what they hold is kept under our key, for people to look at within two weeks."""
    urls = [
        url
        for page in cloud.sqs.get_paginator("list_queues").paginate()
        for url in page.get("QueueUrls", [])
        if url.endswith(outputs.tail)
    ]
    # Others are between functions.
    urls = [url for url in urls if url.rpartition("/")[2].startswith("dlq-")]
    assert len(urls) == len(functions)
    ours = cloud.kms.describe_key(KeyId=outputs.key("data"))["KeyMetadata"]
    for url in urls:
        attributes = cloud.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])[
            "Attributes"
        ]
        assert attributes["KmsMasterKeyId"] == ours["Arn"], url
        assert int(attributes["MessageRetentionPeriod"]) == 14 * 24 * 3600, url


def test_roles_are_of_this_environment(cloud: Cloud, roles: list[RoleTypeDef]) -> None:
    """SEC-2: no role carries a policy that others share, and none can be taken on by everybody."""
    assert roles
    for role in roles:
        name = role["RoleName"]
        attached = cloud.iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        assert attached == [], name
        for trust in statements(
            cloud.iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        ):
            assert not any("*" in principal for principal in trust.principals), name


def test_roles_have_no_wildcards(cloud: Cloud, roles: list[RoleTypeDef]) -> None:
    """SEC-2, FN-4: no wildcard action; a wildcard resource only where AWS has no other form."""
    for role in roles:
        for statement in _statements(cloud, role["RoleName"]):
            if statement.effect != "Allow":
                continue
            where = (role["RoleName"], sorted(statement.actions))
            assert not any("*" in action for action in statement.actions), where
            if "*" in statement.resources:
                assert statement.actions <= WITHOUT_RESOURCE, where


def test_the_code_touches_no_network_interface(cloud: Cloud, functions: Functions) -> None:
    """FN-4: what Lambda needs to enter the VPC is denied to the function's own code."""
    for key, function in functions.items():
        denied = [
            statement
            for statement in _statements(cloud, function["Role"].rpartition("/")[2])
            if statement.effect == "Deny" and "ec2:CreateNetworkInterface" in statement.actions
        ]
        sources = [
            statement.condition.get("ArnEquals", {}).get("lambda:SourceFunctionArn")
            for statement in denied
        ]
        assert sources == [function["FunctionArn"]], key
