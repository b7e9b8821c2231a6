"""What a function is told and granted: its variables, its role's policy, and what both name."""

from __future__ import annotations

from tests.unit.kinds import DATABASE, FUNCTION, MAPPING, QUEUE, ROLE, ROLE_POLICY, SECRET, TOPIC
from tests.unit.policies import Statement
from tests.unit.resources import Recording, Resource
from tests.unit.values import as_list, as_map, as_text, parse_json

GET = "secretsmanager:GetSecretValue"
RECEIVING = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}


def variables_of(function: Resource) -> dict[str, str]:
    """Give its environment variables."""
    variables = as_map(function.get("environment.variables"))
    return {name: as_text(value) for name, value in variables.items()}


def rules_of(recording: Recording, function: Resource) -> list[Statement]:
    """Give what the function's role may do, which stands in one policy."""
    role = recording.target(function.get("role"), ROLE)
    policies = recording.attached(ROLE_POLICY, "role", role)
    assert len(policies) == 1, f"{role} has {len(policies)} policies"
    return policies[0].statements()


def grants_of(rules: list[Statement]) -> dict[str, set[str]]:
    """Give the allowed actions by resource."""
    grants: dict[str, set[str]] = {}
    for rule in rules:
        for resource in rule.resources if rule.allows else ():
            grants.setdefault(resource, set()).update(rule.actions)
    return grants


def of(recording: Recording, function: Resource) -> dict[str, set[str]]:
    """Give the actions that the function's role allows, by resource."""
    return grants_of(rules_of(recording, function))


def master_secret(recording: Recording) -> str:
    """Give the ARN of the secret that RDS manages."""
    (secret,) = as_list(recording.one(DATABASE).outputs["master_user_secrets"])
    return as_text(as_map(secret).get("secret_arn"))


def secrets_of(recording: Recording, function: Resource) -> dict[str, set[str]]:
    """Give the secrets that a function's variables name, each with what it needs to do with it."""
    variables = variables_of(function)
    master = {"DATABASE_SECRET_ARN": master_secret(recording)}
    found = {master[name]: {GET} for name in variables if name in master}
    for secret in recording.of(SECRET):
        own = f"{secret.name.upper().replace('-', '_')}_SECRET_ARN"
        if variables.get(own) == secret.arn:
            found.setdefault(secret.arn, set()).add(GET)
        if as_map(parse_json(variables.get("SECRETS", ""))).get(secret.name) == secret.arn:
            found.setdefault(secret.arn, set()).add("secretsmanager:ListSecretVersionIds")
    return found


def queues_of(recording: Recording, function: Resource) -> dict[str, set[str]]:
    """Give what a function may do with queues, by their ARNs: by variables and mappings."""
    grants = of(recording, function)
    found: dict[str, set[str]] = {}
    for name, url in variables_of(function).items():
        # One of the team's own variables may name another queue, which grants nothing.
        for queue in (item for item in recording.of(QUEUE) if item.outputs["url"] == url):
            assert name == f"{queue.name.upper().replace('-', '_')}_QUEUE_URL", function
            sends = "sqs:SendMessage" in grants.get(queue.arn, set())
            found[queue.arn] = {"sqs:SendMessage"} if sends else set(RECEIVING)
    for mapping in recording.of(MAPPING):
        if recording.target(mapping.get("function_name"), FUNCTION) is function:
            queue = recording.target(mapping.get("event_source_arn"), QUEUE)
            found[queue.arn] = found.get(queue.arn, set()) | RECEIVING
    return found


def topics_of(recording: Recording, function: Resource) -> dict[str, set[str]]:
    """Give the topics that a function's variables name."""
    variables = variables_of(function)
    return {
        topic.arn: {"sns:Publish"}
        for topic in recording.of(TOPIC)
        if variables.get(f"{topic.name.upper().replace('-', '_')}_TOPIC_ARN") == topic.arn
    }
