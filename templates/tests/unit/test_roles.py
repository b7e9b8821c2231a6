"""All roles and policies: who may take a role on, and that nothing is granted by wildcard."""

from __future__ import annotations

from tests.owners_keys import OWNERS_KEYS
from tests.unit.kinds import (
    ACCOUNT_SETTINGS,
    BACKUP_SELECTION,
    BUCKET,
    DATABASE,
    FLOW_LOG,
    FUNCTION,
    LOG_GROUP,
    QUEUE,
    ROLE,
    ROLE_POLICY,
    SECRET,
    TOPIC,
)
from tests.unit.mock_aws import ACCOUNT, REGION
from tests.unit.resources import Recording, Resource
from tests.unit.values import as_list, as_map, as_text, parse_json

# Who takes a role on, by the type and the argument that names the role.
SERVICES = {
    (FUNCTION, "role"): "lambda.amazonaws.com",
    (FLOW_LOG, "iam_role_arn"): "vpc-flow-logs.amazonaws.com",
    (DATABASE, "monitoring_role_arn"): "monitoring.rds.amazonaws.com",
    (ACCOUNT_SETTINGS, "cloudwatch_role_arn"): "apigateway.amazonaws.com",
    (BACKUP_SELECTION, "iam_role_arn"): "backup.amazonaws.com",
}
# Services that say on whose behalf they act, so that another account cannot use them as a deputy.
SAYS_ACCOUNT = {
    "backup.amazonaws.com",
    "monitoring.rds.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
}

# AWS has no narrower form than `*` for these.
ONLY_ON_EVERYTHING = {
    # X-Ray knows no resource-level permissions for sending.
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    # Interfaces do not exist yet when Lambda asks, and describing works on everything only. The
    # function's own code
    # is denied all of them.
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
    # AWS Backup asks it of every role of a selection; tags of a region are found, not read of one resource.
    "tag:GetResources",
}
# What these services do with their role, from AWS's own managed policies for them.
NEEDED = {
    "vpc-flow-logs.amazonaws.com": {
        "logs:CreateLogStream",
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
    },
    "monitoring.rds.amazonaws.com": {
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogStreams",
        "logs:GetLogEvents",
        "logs:PutLogEvents",
        "logs:PutRetentionPolicy",
    },
    "apigateway.amazonaws.com": {
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
        "logs:FilterLogEvents",
        "logs:GetLogEvents",
        "logs:PutLogEvents",
    },
}
ALL_GROUPS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:*"
# Listing the groups has no form for a single one.
ONLY_ON_ALL_GROUPS = {"logs:DescribeLogGroups"}
# Resources that are one for the whole account and belong to no environment.
SHARED = {
    # Enhanced monitoring of all instances writes into one group.
    "monitoring.rds.amazonaws.com": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:RDSOSMetrics",
    # One role serves every API of the region.
    "apigateway.amazonaws.com": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:",
}


def _users(recording: Recording) -> dict[str, list[str]]:
    """Give the services that take each role on, by the role's URN."""
    users: dict[str, list[str]] = {role.urn: [] for role in recording.of(ROLE)}
    for (kind, argument), service in SERVICES.items():
        for resource in recording.of(kind):
            users[recording.target(resource.get(argument), ROLE).urn].append(service)
    return users


def _service(recording: Recording, policy: Resource) -> str:
    """Give the service whose role a policy belongs to."""
    services = _users(recording)[recording.target(policy.get("role"), ROLE).urn]
    assert len(services) == 1, policy
    return services[0]


def test_each_role_serves_one_service(recording: Recording) -> None:
    """SEC-2: a role is taken on by exactly the service that uses it, on behalf of this account."""
    for role in recording.of(ROLE):
        services = _users(recording)[role.urn]
        assert len(services) == 1, f"{role} serves {services}"
        trust = role.statements("assume_role_policy")
        assert len(trust) == 1, role
        assert trust[0].allows, role
        assert trust[0].is_for(services[0]), role
        assert trust[0].actions == ["sts:AssumeRole"], role
        if services[0] in SAYS_ACCOUNT:
            assert trust[0].condition("StringEquals", "aws:SourceAccount") == [ACCOUNT], role


def test_each_role_has_one_policy_of_its_own(recording: Recording) -> None:
    """SEC-2: what a role may do stands in one inline policy; no managed policy adds to it."""
    for role in recording.of(ROLE):
        assert len(recording.attached(ROLE_POLICY, "role", role)) == 1, role
        assert not role.has("managed_policy_arns"), role
        assert not role.has("inline_policies"), role
    assert len(recording.of(ROLE_POLICY)) == len(recording.of(ROLE))
    assert not any("olicyAttachment" in token for token in recording.by_token)


def test_policies_grant_no_wildcard_action(recording: Recording) -> None:
    """SEC-2: no action in a role's policy holds a wildcard."""
    for policy in recording.of(ROLE_POLICY):
        for rule in policy.statements():
            assert rule.actions, policy
            assert not any("*" in action for action in rule.actions), policy


def test_policies_grant_on_everything_only_where_aws_has_no_other_form(
    recording: Recording,
) -> None:
    """SEC-2: `*` as a resource stands only beside actions that take nothing narrower."""
    for policy in recording.of(ROLE_POLICY):
        for rule in policy.statements():
            assert rule.resources, policy
            if "*" in rule.resources:
                assert set(rule.actions) <= ONLY_ON_EVERYTHING, policy


def test_policies_say_what_is_meant_and_not_all_else(recording: Recording) -> None:
    """SEC-2: documents are of the current version, without NotAction and its like."""
    for resource in recording.resources:
        for argument in ("policy", "assume_role_policy"):
            if not resource.has(argument):
                continue
            body = as_map(parse_json(resource.text(argument)))
            assert body.get("Version") == "2012-10-17", resource
            assert as_list(body.get("Statement")), resource
            for raw in as_list(body.get("Statement")):
                rule = as_map(raw)
                assert not {"NotAction", "NotResource", "NotPrincipal"} & set(rule), resource
                assert rule.get("Effect") in {"Allow", "Deny"}, resource


def test_statements_have_distinct_ids(recording: Recording) -> None:
    """SEC-2: each statement of a grant has an id, by which a reviewer can name it."""
    for resource in recording.resources:
        if resource.has("policy"):
            ids = [rule.sid for rule in resource.statements()]
            assert all(sid.isalnum() for sid in ids), resource
            assert len(set(ids)) == len(ids), resource


def test_policies_reach_this_environment_only(recording: Recording) -> None:
    """SEC-2: each resource in a role's policy is one of ours, or a key that the spec names; shared ones are listed."""
    own = [
        resource.arn
        for kind in (LOG_GROUP, QUEUE, BUCKET, SECRET, TOPIC, "kms/key:Key")
        for resource in recording.of(kind)
    ]
    own += OWNERS_KEYS.values()
    database = recording.one(DATABASE).outputs["resource_id"]
    own.append(f"arn:aws:rds-db:{REGION}:{ACCOUNT}:dbuser:{database}")
    secrets = as_list(recording.one(DATABASE).outputs["master_user_secrets"])
    own += [as_text(as_map(secret).get("secret_arn")) for secret in secrets]
    for policy in recording.of(ROLE_POLICY):
        shared = SHARED.get(_service(recording, policy))
        if _service(recording, policy) == "backup.amazonaws.com":
            # To each its own: tests/unit/test_backups.py holds every statement.
            continue
        for rule in policy.statements():
            for arn in rule.resources:
                if arn == ALL_GROUPS and set(rule.actions) <= ONLY_ON_ALL_GROUPS:
                    continue
                inside = any(
                    arn == mine or arn.startswith((f"{mine}:", f"{mine}/")) for mine in own
                )
                beside = shared is not None and arn.startswith(shared)
                assert inside or beside or arn == "*", f"{policy} {arn}"


def test_services_may_do_what_they_need_and_nothing_more(recording: Recording) -> None:
    """SEC-2: flow logs, monitoring and API Gateway may write their logs, and do nothing else."""
    for policy in recording.of(ROLE_POLICY):
        service = _service(recording, policy)
        if service in NEEDED:
            actions = [action for rule in policy.statements() for action in rule.actions]
            assert sorted(actions) == sorted(NEEDED[service]), policy
            assert all(rule.allows and not rule.conditions for rule in policy.statements()), policy


def test_flow_logs_write_to_their_own_group(recording: Recording) -> None:
    """SEC-2, MON-1: the flow logs' role reaches the streams of the one group that they go to."""
    flow_log = recording.one(FLOW_LOG)
    group = recording.target(flow_log.get("log_destination"), LOG_GROUP)
    role = recording.target(flow_log.get("iam_role_arn"), ROLE)
    for policy in recording.attached(ROLE_POLICY, "role", role):
        writing = [
            rule.resources
            for rule in policy.statements()
            if not set(rule.actions) <= ONLY_ON_ALL_GROUPS
        ]
        assert writing == [[f"{group.arn}:*"]], policy


def test_everybody_is_only_ever_denied(recording: Recording) -> None:
    """SEC-2: a policy that speaks to everybody denies, or keeps to callers of this account."""
    for resource in recording.resources:
        for rule in resource.statements() if resource.has("policy") else ():
            if any("*" in names for names in rule.principals.values()):
                own = rule.condition("StringEquals", "aws:PrincipalAccount") == [ACCOUNT]
                assert rule.denies or own, f"{resource} {rule.sid}"
