"""Faults that add something: what no requirement asks for, and what a tired person might put in."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.unit.network_model import (
    NETWORK_ACL,
    ROUTE_TABLE,
    SECURITY_GROUP,
    default_route,
    public_subnets,
)
from tests.unit.resources import Recording, Resource
from tests.unit.values import as_list, as_map, parse_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

FUNCTION = "lambda/function:Function"
ROLE_POLICY = "iam/rolePolicy:RolePolicy"
OTHER_ROLE = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/other"}}
EVERYTHING = {"Sid": "More", "Effect": "Allow", "Action": "*", "Resource": "*"}

Addition = tuple[str, Recording]


def additions(recording: Recording) -> Iterator[Addition]:
    """Give all additions: what was added, and the recording with it."""
    yield from _life(recording)
    yield from _network(recording)
    yield from _access(recording)
    yield from _services(recording)


def _with(
    recording: Recording,
    resources: Sequence[Resource],
    providers: Sequence[Resource] | None = None,
) -> Recording:
    return Recording(
        resources,
        suffix=recording.suffix,
        exports=recording.exports,
        components=recording.components,
        providers=recording.providers if providers is None else providers,
    )


def _swap(recording: Recording, old: Resource, new: Resource) -> Recording:
    return _with(recording, [new if item is old else item for item in recording.resources])


def _give(recording: Recording, resource: Resource, **arguments: object) -> Recording:
    """Give a resource further arguments."""
    return _swap(recording, resource, replace(resource, inputs={**resource.inputs, **arguments}))


def _copy(resource: Resource, **arguments: object) -> Resource:
    """Make a second resource like one, with names of its own."""
    inputs = {
        key: f"other-{value}" if key == "name" else value for key, value in resource.inputs.items()
    }
    return replace(
        resource,
        name=f"other-{resource.name}",
        urn=f"{resource.urn}-other",
        id=f"other-{resource.id}",
        inputs={**inputs, **arguments},
        outputs={**resource.outputs, **inputs, "arn": f"{resource.arn}-other", **arguments},
    )


def _new(like: Resource, token: str, inputs: Mapping[str, object]) -> Resource:
    """Make a resource of another type, in the component of one that is there."""
    name = token.rpartition(":")[2]
    return Resource(
        token=token,
        name=name,
        component=like.component,
        urn=f"{like.urn}-{name}",
        id=f"id-of-{name}",
        inputs=inputs,
        provider=like.provider,
    )


def _add(recording: Recording, resource: Resource) -> Recording:
    return _with(recording, [*recording.resources, resource])


def _allow(policy: Resource, statement: Mapping[str, object]) -> str:
    """Give a policy's document with a further statement."""
    body = dict(as_map(parse_json(policy.text("policy"))))
    body["Statement"] = [*as_list(body.get("Statement")), statement]
    return json.dumps(body)


def _life(recording: Recording) -> Iterator[Addition]:
    bucket, group = (
        recording.of("s3/bucket:Bucket")[0],
        recording.of("cloudwatch/logGroup:LogGroup")[0],
    )
    database = recording.one("rds/instance:Instance")
    role = recording.of("iam/role:Role")[0]
    yield "protection", _swap(recording, database, replace(database, protect=True))
    yield "retention", _swap(recording, bucket, replace(bucket, retain_on_delete=True))
    yield "a group that stays", _give(recording, group, skip_destroy=True)
    yield "an object lock", _give(recording, bucket, object_lock_enabled=True)
    yield "another provider", _swap(recording, role, replace(role, provider="urn::other::id"))
    yield "another region", _give(recording, group, region="eu-west-1")
    yield (
        "a resource outside the layers",
        _swap(recording, role, replace(role, component="elsewhere")),
    )
    bare = [
        replace(
            item, inputs={key: value for key, value in item.inputs.items() if key != "default_tags"}
        )
        for item in recording.providers
    ]
    yield "a provider without tags", _with(recording, recording.resources, bare)
    yield "a group that nobody writes to", _add(recording, _copy(group))
    wrong = str(role.inputs["name"]).replace("role-", "lambda-", 1)
    renamed = replace(
        role,
        inputs={**role.inputs, "name": wrong, "tags": {**role.tags, "Name": wrong}},
    )
    yield "a role that is named like a function", _swap(recording, role, renamed)


def _network(recording: Recording) -> Iterator[Addition]:
    function = recording.of(FUNCTION)[0]
    private = next(
        table for table in recording.of(ROUTE_TABLE) if default_route(table).get("nat_gateway_id")
    )
    rule = recording.of("vpc/securityGroupIngressRule:SecurityGroupIngressRule")[0]
    group = recording.target(
        as_list(function.get("vpc_config.security_group_ids"))[0], SECURITY_GROUP
    )
    open_rule = {
        **{
            key: value
            for key, value in rule.inputs.items()
            if key != "referenced_security_group_id"
        },
        "security_group_id": group.id,
        "cidr_ipv4": "0.0.0.0/0",
        "from_port": 22,
        "to_port": 22,
    }
    yield "SSH to the functions", _add(recording, replace(_copy(rule), inputs=open_rule))
    inline = [{"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]}]
    yield "an inline rule", _give(recording, group, ingress=inline)
    for table in recording.of(NETWORK_ACL):
        let_in = {
            "rule_no": 10,
            "action": "allow",
            "protocol": "tcp",
            "cidr_block": "0.0.0.0/0",
            "from_port": 22,
            "to_port": 22,
        }
        ingress = [*as_list(table.get("ingress")), let_in]
        yield f"SSH through {table.name}", _give(recording, table, ingress=ingress)
    routes = [*as_list(private.get("routes")), {"cidr_block": "10.0.0.0/8", "gateway_id": "igw"}]
    yield "a second way out", _give(recording, private, routes=routes)
    public = public_subnets(recording)[0].id
    subnets = recording.one("rds/subnetGroup:SubnetGroup")
    both = [*subnets.texts("subnet_ids"), public]
    yield "a database in a public subnet", _give(recording, subnets, subnet_ids=both)
    vpc = as_map(function.get("vpc_config"))
    places = {**vpc, "subnet_ids": [*as_list(vpc.get("subnet_ids")), public]}
    yield "a function in a public subnet", _give(recording, function, vpc_config=places)
    database = recording.one("rds/instance:Instance")
    gateway = recording.of("ec2/natGateway:NatGateway")[0]
    waiting = replace(database, dependencies=database.dependencies | {gateway.urn})
    yield "a database that waits for a gateway", _swap(recording, database, waiting)


def _access(recording: Recording) -> Iterator[Addition]:
    policy = recording.of(ROLE_POLICY)[0]
    yield "an administrator", _give(recording, policy, policy=_allow(policy, EVERYTHING))
    broad = {**EVERYTHING, "Action": "s3:GetObject"}
    yield "objects of every bucket", _give(recording, policy, policy=_allow(policy, broad))
    attachment = {"role": policy.text("role"), "policy_arn": "arn:aws:iam::aws:policy/Admin"}
    kind = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    yield "a managed policy", _add(recording, _new(policy, kind, attachment))
    key = recording.of("kms/key:Key")[0]
    stranger = {**EVERYTHING, "Action": "kms:Decrypt", "Principal": "*"}
    yield "a key for everybody", _give(recording, key, policy=_allow(key, stranger))
    root = next(rule for rule in key.statements() if "AWS" in rule.principals).principals["AWS"]
    for name, more in (
        ("a key that is left to IAM", {"Action": "kms:*"}),
        ("a key for another role", {"Action": "kms:Decrypt", "Condition": OTHER_ROLE}),
    ):
        statement = {**EVERYTHING, "Principal": {"AWS": root}, **more}
        yield name, _give(recording, key, policy=_allow(key, statement))
    for bucket_policy in recording.of("s3/bucketPolicy:BucketPolicy"):
        public = {**EVERYTHING, "Action": "s3:GetObject", "Principal": "*"}
        opened = _give(recording, bucket_policy, policy=_allow(bucket_policy, public))
        yield f"a public {bucket_policy.name}", opened
    function = recording.of(FUNCTION)[0]
    variables = as_map(function.get("environment.variables"))
    for name, value in (
        ("DATABASE_PASSWORD", "hunter2"),
        ("CERTIFICATE", "-----BEGIN PRIVATE KEY-----"),
    ):
        environment = {"variables": {**variables, name: value}}
        yield f"{name} in the environment", _give(recording, function, environment=environment)
    yield "a password", _give(recording, recording.one("rds/instance:Instance"), password="hunter2")  # noqa: S106
    api_key = recording.of("apigateway/apiKey:ApiKey")[0]
    yield "a key's value in the program", _give(recording, api_key, value="x" * 20)


def _services(recording: Recording) -> Iterator[Addition]:
    function = recording.of(FUNCTION)[0]
    yield "no concurrency", _give(recording, function, reserved_concurrent_executions=0)
    for twin in ("cloudwatch/logDelivery:LogDelivery", "apigateway/account:Account"):
        for resource in recording.of(twin):
            yield f"a second {resource.token}", _add(recording, _copy(resource))
    for secret in recording.of("secretsmanager/secret:Secret")[:1]:
        kind = "aws:secretsmanager/secretVersion:SecretVersion"
        value = {"secret_id": secret.id, "secret_string": "of the processor"}
        yield "a value of a secret", _add(recording, _new(secret, kind, value))
    queue = recording.of("sqs/queue:Queue")[0]
    yield "a queue without tags", _add(recording, _new(queue, queue.token, {"name": "queue"}))
    kind = "aws:xray/encryptionConfig:EncryptionConfig"
    yield "a setting of the region", _add(recording, _new(queue, kind, {"type": "NONE"}))
    method = recording.of("apigateway/method:Method")[0]
    yield "a method that leads nowhere", _add(recording, _copy(method, http_method="DELETE"))
    http = next(
        item for item in recording.of("lb/listener:Listener") if item.text("protocol") == "HTTP"
    )
    rule = recording.of("lb/listenerRule:ListenerRule")[0]
    unencrypted = _copy(rule, listener_arn=http.arn, priority=1)
    yield "a function behind plain HTTP", _add(recording, unencrypted)
    stage = recording.one("apigateway/stage:Stage")
    line = as_map(parse_json(stage.text("access_log_settings.format")))
    told = json.dumps({**line, "body": "$input.body"})
    settings = {**as_map(stage.get("access_log_settings")), "format": told}
    yield "bodies in the access log", _give(recording, stage, access_log_settings=settings)
    topic_policy = next(
        item
        for item in recording.of("sns/topicPolicy:TopicPolicy")
        if item.component == "monitoring"
    )
    anyone = {**EVERYTHING, "Action": "sns:Publish", "Principal": {"AWS": "*"}}
    yield (
        "a topic for everybody",
        _give(recording, topic_policy, policy=_allow(topic_policy, anyone)),
    )
