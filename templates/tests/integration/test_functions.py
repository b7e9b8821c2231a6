"""FN-1 to FN-5, SEC-2: the functions as they are configured, and what their roles may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

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
    assert "validate-payment" in functions
    for key, function in functions.items():
        assert function["State"] == "Active", key
        assert function["LastUpdateStatus"] == "Successful", key
        assert function["CodeSize"] > 0, key
        assert f":{outputs.region}:{outputs.account_id}:" in function["FunctionArn"]


def test_functions_are_told_where_the_resources_are(functions: Functions, outputs: Outputs) -> None:
    """FN-2: the environment names this stack's resources, encrypted under a key of ours."""
    expected = {
        "ENVIRONMENT": outputs.environment,
        "AUDIT_BUCKET": outputs.audit_bucket,
        "DATABASE_HOST": outputs.database_host,
        "DATABASE_PORT": "5432",
    }
    told: set[str] = set()
    for key, function in functions.items():
        variables = function["Environment"]["Variables"]
        for name in expected.keys() & variables.keys():
            assert variables[name] == expected[name], (key, name)
        told |= expected.keys() & variables.keys()
        assert function["KMSKeyArn"], key
    assert told == expected.keys()


def test_no_secret_lies_in_an_environment(cloud: Cloud, functions: Functions) -> None:
    """FN-2: no variable is named like a secret or is as random as one."""
    for key, function in functions.items():
        for name, value in function["Environment"]["Variables"].items():
            words = set(name.upper().split("_"))
            assert not words & {"PASSWORD", "SECRET", "TOKEN", "CREDENTIALS"}, (key, name)
            assert not value.startswith(("AKIA", "ASIA", "-----BEGIN")), (key, name)
        # The password is read by nobody but the migration, so no function may even ask for it.
        role = function["Role"].rpartition("/")[2]
        granted = {action for one in _statements(cloud, role) for action in one.actions}
        assert "secretsmanager:GetSecretValue" not in granted or key == "migrate", key


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


def test_functions_stop_before_the_api_does(functions: Functions) -> None:
    """FN-1, API-3: a function answers or fails within the 29 seconds that the API waits."""
    for key, function in functions.items():
        assert function["Timeout"] < 29, key


def test_functions_log_where_nothing_is_kept_for_ever(
    functions: Functions, outputs: Outputs
) -> None:
    """MON-1: each writes JSON into the group that was made for it."""
    for key, function in functions.items():
        logging = function["LoggingConfig"]
        assert logging["LogFormat"] == "JSON", key
        assert logging["LogGroup"] == f"/aws/lambda/{outputs.function_names[key]}"


def test_failed_calls_are_kept_encrypted(cloud: Cloud, functions: Functions) -> None:
    """FN-1: asynchronous calls that fail go to a queue under a key of ours."""
    for key, function in functions.items():
        queue = function["DeadLetterConfig"]["TargetArn"].rpartition(":")[2]
        url = cloud.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        attributes = cloud.sqs.get_queue_attributes(
            QueueUrl=url, AttributeNames=["KmsMasterKeyId"]
        )["Attributes"]
        assert attributes["KmsMasterKeyId"], key


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
