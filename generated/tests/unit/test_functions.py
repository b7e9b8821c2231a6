"""The functions: code, settings, tracing, what each one's role may do, and who may invoke it."""

from __future__ import annotations

import re

from tests.unit import granted
from tests.unit.kinds import (
    API,
    ATTACHMENT,
    BUCKET,
    DATABASE,
    EVENT_RULE,
    EVENT_TARGET,
    FUNCTION,
    INTEGRATION,
    LAYER,
    LOG_GROUP,
    METHOD,
    PATH,
    PERMISSION,
    QUEUE,
    ROLE,
    STAGE,
    TARGET_GROUP,
)
from tests.unit.mock_aws import ACCOUNT, REGION
from tests.unit.network_model import groups_of
from tests.unit.recording import PROJECT
from tests.unit.resources import Recording, Resource
from tests.unit.values import as_map, as_text, leaves

# What the code may be told about its surroundings, and nothing secret.
SECRET_NAME = re.compile(
    r"(PASSW(OR)?D|PASSPHRASE|PASS_WORD|PWD|SECRET|TOKEN|CREDENTIALS?"
    r"|(API|ACCESS|AUTH|SECRET|PRIVATE|SIGNING|ENCRYPTION)_?KEY)$",
    re.IGNORECASE,
)
# The API gives up on a function after 29 seconds.
API_TIMEOUT_SECONDS = 29
# How long whoever calls a function waits; EventBridge hands its event over and goes.
WAITING = {
    "apigateway.amazonaws.com": API_TIMEOUT_SECONDS,
    "elasticloadbalancing.amazonaws.com": 60,
    "events.amazonaws.com": 901,
}
INTERFACE_ACTIONS = {
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
}
TRACE_ACTIONS = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
AUDIT_ACTIONS = ({"s3:PutObject"}, {"s3:GetObject"})


def _queue(recording: Recording, function: Resource) -> Resource:
    return recording.target(function.get("dead_letter_config.target_arn"), QUEUE)


def test_code_is_there(recording: Recording) -> None:
    """FN-1: each function's archive holds the module that its handler names, with that handler."""
    assert recording.of(FUNCTION)
    for function in recording.of(FUNCTION):
        module, _, handler = function.text("handler").rpartition(".")
        files = as_map(function.get("code.archive"))
        path = module.replace(".", "/")
        code = files.get(f"{path}/__init__.py") or files.get(f"{path}.py")
        text = (PROJECT / as_text(as_map(code).get("asset"))).read_text("utf-8")
        assert re.search(rf"\b{re.escape(handler)}\b", text), function
        assert not any("__pycache__" in name or "tests" in name for name in files), function


def test_runtime_is_supported(recording: Recording) -> None:
    """FN-1: a Python that Lambda supports for years, on one of its two architectures."""
    for function in recording.of(FUNCTION):
        minor = re.fullmatch(r"python3\.(\d+)", function.text("runtime"))
        assert minor, function
        assert 11 <= int(minor[1]) <= 14, function
        assert function.get("architectures") in (["arm64"], ["x86_64"]), function
        assert 128 <= function.number("memory_size") <= 10240, function


def test_functions_answer_before_the_api_gives_up(recording: Recording) -> None:
    """FN-1: a function ends before the API, or else the load balancer, stops waiting for it."""
    called = [
        (recording.target(item.get("function"), FUNCTION).urn, item.text("principal"))
        for item in recording.of(PERMISSION)
    ]
    assert any(WAITING[caller] == API_TIMEOUT_SECONDS for _, caller in called)
    for function in recording.of(FUNCTION):
        # What nobody waits for may take as long as Lambda lets it.
        limit = min((WAITING[caller] for urn, caller in called if urn == function.urn), default=901)
        assert 1 <= function.number("timeout") < limit, function


def test_environment_points_to_the_staging_resources(recording: Recording) -> None:
    """FN-2: what the variables name are resources of this environment."""
    database = recording.one(DATABASE)
    stage = recording.one(STAGE).text("stage_name")
    buckets = {bucket.text("bucket") for bucket in recording.of(BUCKET)}
    for function in recording.of(FUNCTION):
        variables = granted.variables_of(function)
        assert variables.get("ENVIRONMENT") == stage, function
        assert variables.get("LOG_LEVEL") in {"DEBUG", "INFO", "WARN", "ERROR"}, function
        if "DATABASE_HOST" in variables:
            assert variables["DATABASE_HOST"] == database.outputs["address"], function
            assert variables.get("DATABASE_PORT") == str(database.outputs["port"]), function
            assert variables.get("DATABASE_NAME") == database.text("db_name"), function
        if "AUDIT_BUCKET" in variables:
            assert variables["AUDIT_BUCKET"] in buckets, function


def test_environment_holds_no_secret(recording: Recording) -> None:
    """FN-2: no variable is named like a secret or holds one; our key encrypts all of them."""
    for function in recording.of(FUNCTION):
        for name, value in granted.variables_of(function).items():
            assert value, f"{function} {name}"
            if name.endswith("SECRET_ARN") or name == "SECRETS":
                # Where secrets are, not what is in them.
                named = granted.secrets_of(recording, function)
                assert all(leaf in named for leaf in leaves(value)), function
                continue
            assert not SECRET_NAME.search(name), f"{function} {name}"
            assert "secretsmanager" not in value, f"{function} {name}"
        assert recording.key_of(function.get("kms_key_arn"), "data")


def test_each_function_is_traced(recording: Recording) -> None:
    """FN-3, XR-1: tracing is active, and the role may send traces."""
    for function in recording.of(FUNCTION):
        assert function.text("tracing_config.mode") == "Active", function
        assert granted.of(recording, function).get("*", set()) >= TRACE_ACTIONS, function


def test_each_function_brings_the_tracing_sdk(recording: Recording) -> None:
    """XR-1: the layer with the SDK is there, made for the function's runtime and architecture."""
    for function in recording.of(FUNCTION):
        layers = [recording.target(arn, LAYER) for arn in function.texts("layers")]
        assert len(layers) == 1, function
        assert function.text("runtime") in layers[0].texts("compatible_runtimes")
        assert set(function.texts("architectures")) <= set(
            layers[0].texts("compatible_architectures")
        )


def test_each_function_has_a_role_of_its_own(recording: Recording) -> None:
    """FN-4: no two functions share a role, and no other service takes it on."""
    roles = [recording.target(item.get("role"), ROLE) for item in recording.of(FUNCTION)]
    assert len({role.urn for role in roles}) == len(roles)
    for role in roles:
        trust = role.statements("assume_role_policy")
        assert len(trust) == 1, role
        assert trust[0].allows, role
        assert trust[0].is_for("lambda.amazonaws.com"), role
        assert trust[0].actions == ["sts:AssumeRole"], role


def _compares(function: Resource) -> bool:
    """Whether it holds records that wait against those in the bucket, as the relay does."""
    code = PROJECT / "functions" / function.name.replace("-", "_") / "handler.py"
    # Code of the team's own may have another entry point.
    return code.is_file() and "from payments.outbox import Relayed" in code.read_text("utf-8")


def test_roles_allow_what_the_function_uses_and_nothing_more(recording: Recording) -> None:
    """FN-4, SEC-2: logs, queue, key, interfaces, traces; database and audit where it uses them."""
    database = recording.one(DATABASE)
    for function in recording.of(FUNCTION):
        variables = granted.variables_of(function)
        grants = granted.of(recording, function)
        logs = recording.target(function.get("logging_config.log_group"), LOG_GROUP)
        expected = {
            f"{logs.arn}:*": {"logs:CreateLogStream", "logs:PutLogEvents"},
            _queue(recording, function).arn: {"sqs:SendMessage"},
            function.text("kms_key_arn"): {"kms:Decrypt", "kms:GenerateDataKey"},
            "*": INTERFACE_ACTIONS | TRACE_ACTIONS,
        }
        for uses in (granted.secrets_of, granted.queues_of, granted.topics_of):
            expected |= uses(recording, function)
        if "DATABASE_SECRET_ARN" in variables:
            expected[database.text("master_user_secret_kms_key_id")] = {"kms:Decrypt"}
        elif "DATABASE_HOST" in variables:
            user = f"{database.outputs['resource_id']}/{variables.get('DATABASE_USER')}"
            expected[f"arn:aws:rds-db:{REGION}:{ACCOUNT}:dbuser:{user}"] = {"rds-db:connect"}
        if "AUDIT_BUCKET" in variables:
            bucket = recording.target(variables["AUDIT_BUCKET"], BUCKET)
            under = [arn for arn in grants if arn.startswith(f"{bucket.arn}/")]
            assert len(under) == 1, function
            # A prefix of the bucket, not the whole of it.
            assert re.fullmatch(r"/[a-z-]+/\*", under[0].removeprefix(bucket.arn)), function
            if _compares(function):
                assert grants[under[0]] == {"s3:PutObject", "s3:GetObject"}, function
            else:
                assert grants[under[0]] in AUDIT_ACTIONS, function
            expected[under[0]] = grants[under[0]]
        assert grants == expected, function


def test_code_may_not_touch_network_interfaces(recording: Recording) -> None:
    """FN-4: what Lambda needs to enter the VPC is denied to the function's own code."""
    for function in recording.of(FUNCTION):
        denials = [rule for rule in granted.rules_of(recording, function) if rule.denies]
        assert len(denials) == 1, function
        assert set(denials[0].actions) == INTERFACE_ACTIONS
        assert denials[0].resources == ["*"]
        # Lambda's own calls do not carry the key; on the Allow it would keep Lambda out too.
        assert dict(denials[0].conditions) == {
            "ArnEquals": {"lambda:SourceFunctionArn": [function.arn]}
        }


def test_data_keys_are_made_through_services_only(recording: Recording) -> None:
    """FN-4: the key encrypts for the queue and, where a function records, for the bucket."""
    for function in recording.of(FUNCTION):
        rules = [rule for rule in granted.rules_of(recording, function) if rule.allows]
        writes = any("s3:PutObject" in rule.actions for rule in rules)
        publishes = bool(granted.topics_of(recording, function))
        uses = {"sqs": True, "s3": writes, "sns": publishes}
        services = {service for service, is_used in uses.items() if is_used}
        making = [rule for rule in rules if "kms:GenerateDataKey" in rule.actions]
        assert [dict(rule.conditions) for rule in making] == [
            {
                "StringEquals": {
                    "kms:ViaService": making[0].condition("StringEquals", "kms:ViaService")
                }
            }
        ]
        assert set(making[0].condition("StringEquals", "kms:ViaService")) == {
            f"{service}.{REGION}.amazonaws.com" for service in services
        }
        # Of other grants only that of the master secret's key has one: it opens nothing else.
        others = [rule for rule in rules if rule.conditions and rule is not making[0]]
        assert all(
            rule.condition("StringEquals", "kms:ViaService")
            == [f"secretsmanager.{REGION}.amazonaws.com"]
            for rule in others
        )
        assert len(others) == ("DATABASE_SECRET_ARN" in granted.variables_of(function)), function


def test_lost_events_are_kept(recording: Recording) -> None:
    """FN-4: each function has a queue of its own for events that it could not handle, encrypted."""
    queues = [_queue(recording, function) for function in recording.of(FUNCTION)]
    of_functions = [item for item in recording.of(QUEUE) if item.component != "queues"]
    assert len({queue.urn for queue in queues}) == len(queues) == len(of_functions)
    for queue in queues:
        assert recording.key_of(queue.get("kms_master_key_id"), "data")
        # Longer than the default of four days, up to what SQS allows.
        assert 345_600 < queue.number("message_retention_seconds") <= 1_209_600, queue


def test_logs_are_structured_and_in_the_own_group(recording: Recording) -> None:
    """MON-1, XR-1: JSON, so that a payment id can be searched, in the function's own group."""
    for function in recording.of(FUNCTION):
        assert function.text("logging_config.log_format") == "JSON", function
        group = recording.target(function.get("logging_config.log_group"), LOG_GROUP)
        assert group.text("name") == f"/aws/lambda/{function.text('name')}"


def test_groups_are_let_go_on_destroy(recording: Recording) -> None:
    """DEST-1: Lambda's interfaces, which outlive the function, move to the empty default group."""
    default = recording.one("ec2/vpc:Vpc").outputs["default_security_group_id"]
    for function in recording.of(FUNCTION):
        assert function.is_true("replace_security_groups_on_destroy"), function
        assert function.texts("replacement_security_group_ids") == [default], function


def test_each_function_is_in_the_functions_group(recording: Recording) -> None:
    """NET-6, FN-5: each function is in one security group, the same for all."""
    groups = [
        groups_of(recording, function, "vpc_config.security_group_ids")
        for function in recording.of(FUNCTION)
    ]
    assert all(len(group) == 1 for group in groups)
    assert len({group[0].urn for group in groups}) == 1


def test_concurrency_is_reserved_only_where_accounts_allow_it(recording: Recording) -> None:
    """FN-1: a reservation, which new accounts refuse, is a positive number if there is one."""
    for function in recording.of(FUNCTION):
        reserved = function.get("reserved_concurrent_executions")
        assert reserved is None or function.number("reserved_concurrent_executions") > 0, function


def _path(recording: Recording, resource: Resource) -> str:
    """Give the path of an API resource as the ARN of an invocation names it."""
    part = resource.text("path_part")
    above = recording.referred(resource.get("parent_id"))
    own = "*" if part.startswith("{") else part
    return own if above is None else f"{_path(recording, above)}/{own}"


def test_the_api_may_invoke_each_function_on_its_own_routes_only(recording: Recording) -> None:
    """FN-4, API-1: for each method one permission, for this API, stage, method and path."""
    api = recording.one(API)
    stage = recording.one(STAGE).text("stage_name")
    expected: list[tuple[str, str]] = []
    for integration in recording.of(INTEGRATION):
        function = recording.target(integration.get("uri"), FUNCTION)
        above = recording.referred(integration.get("resource_id"))
        path = "" if above is None or above.token != f"aws:{PATH}" else _path(recording, above)
        method = integration.text("http_method").replace("ANY", "*")
        source = f"{api.outputs['execution_arn']}/{stage}/{method}/{path}"
        expected.append((function.urn, source))
    permissions = [
        (recording.target(item.get("function"), FUNCTION).urn, item.text("source_arn"))
        for item in recording.of(PERMISSION)
        if item.text("principal") == "apigateway.amazonaws.com"
    ]
    assert sorted(permissions) == sorted(expected)
    assert len(expected) == len(recording.of(METHOD)) > 0


def test_the_load_balancer_may_invoke_each_target_from_its_group_only(recording: Recording) -> None:
    """FN-4, LB-2: for each target group one permission, on behalf of this very group."""
    expected = [
        (
            recording.target(item.get("target_id"), FUNCTION).urn,
            recording.target(item.get("target_group_arn"), TARGET_GROUP).arn,
        )
        for item in recording.of(ATTACHMENT)
    ]
    permissions = [
        (recording.target(item.get("function"), FUNCTION).urn, item.text("source_arn"))
        for item in recording.of(PERMISSION)
        if item.text("principal") == "elasticloadbalancing.amazonaws.com"
    ]
    assert sorted(permissions) == sorted(expected)


def test_permissions_invoke_and_nothing_else(recording: Recording) -> None:
    """FN-4: each permission allows one service to invoke, under a statement id of its own."""
    services = {
        "apigateway.amazonaws.com",
        "elasticloadbalancing.amazonaws.com",
        "events.amazonaws.com",
    }
    ids = [(item.text("function"), item.text("statement_id")) for item in recording.of(PERMISSION)]
    assert len(set(ids)) == len(ids)
    for permission in recording.of(PERMISSION):
        assert permission.text("action") == "lambda:InvokeFunction", permission
        assert permission.text("principal") in services, permission
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,100}", permission.text("statement_id")), permission


def test_what_is_scheduled_may_be_called(recording: Recording) -> None:
    """FN-4: a schedule calls one function, which lets that schedule call it and no other."""
    rules = recording.of(EVENT_RULE)
    for rule in rules:
        assert re.fullmatch(r"(rate|cron)\(.+\)", rule.text("schedule_expression")), rule
        targets = recording.attached(EVENT_TARGET, "rule", rule)
        assert len(targets) == 1, rule
        assert targets[0].text("target_id") == "function", rule
        assert rule.text("description"), rule
        function = recording.target(targets[0].get("arn"), FUNCTION)
        (permission,) = recording.attached(PERMISSION, "source_arn", rule)
        assert recording.target(permission.get("function"), FUNCTION) is function, rule
    by_schedule = [
        item
        for item in recording.of(PERMISSION)
        if item.text("principal") == "events.amazonaws.com"
    ]
    assert len(by_schedule) == len(rules)


def test_no_secret_stands_in_an_argument(recording: Recording) -> None:
    """FN-2, SEC-1: nothing that is registered outside the certificate holds a private key."""
    for resource in recording.of(FUNCTION):
        for leaf in leaves(resource.inputs):
            assert not (isinstance(leaf, str) and "PRIVATE KEY" in leaf), resource
