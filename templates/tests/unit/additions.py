"""What an extension could add that a requirement forbids, whatever kind of resource it takes.

The tests of the requirements know the environment's own kinds. A module of the team's may take any
other that AWS has: so these judges ask what a resource does, not whether it is one of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network
from typing import cast

from tests.environment_class import AUDIT_RETENTION_DAYS, DISPOSABLE, LOG_RETENTION_DAYS
from tests.unit.mock_aws import REGION
from tests.unit.network_model import private_subnets
from tests.unit.policies import Statement, statements
from tests.unit.resources import Recording, Resource
from tests.unit.values import as_list, as_map, as_text, as_texts, leaves

# Requirements, and why they are not met.
Judged = Iterator[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Weakness:
    """One thing that an extension adds and a requirement forbids."""

    requirement: str
    resource: Resource
    why: str
    # The module that adds it.
    module: str = ""

    def __str__(self) -> str:
        """Give all that is to be known, as a failing test shows it."""
        where = f"extensions/{self.module}.py" if self.module else "an extension"
        return f"{self.requirement}: {where} adds {self.resource}: {self.why}"


@dataclass(kw_only=True)
class Added:
    """What extensions add, beside all that is registered."""

    recording: Recording
    # The same without them.
    alone: Recording
    resources: list[Resource]

    def owns(self, resource: Resource | None) -> bool:
        """Tell whether an extension added this one."""
        return resource is not None and any(resource is one for one in self.resources)

    @cached_property
    def _by_name(self) -> dict[str, Resource]:
        """Names are known beforehand, so that nobody needs a reference to speak of a resource."""
        return {
            name: resource
            for resource in self.recording.resources
            for argument in ("name", "bucket", "identifier")
            if (name := resource.text(argument)) and not self.owns(resource)
        }

    def environments(self, reference: object) -> Resource | None:
        """Give the environment's own resource that a value refers to, or names."""
        found = self.recording.referred(reference)
        if found is None:
            found = self._by_name.get(as_text(reference))
        return None if found is None or self.owns(found) else found

    def parts(self, kind: str, bucket: Resource) -> list[Resource]:
        """Give what configures this side of a bucket."""
        return self.recording.attached(kind, "bucket", bucket)


Judge = Callable[[Added, Resource], Judged]


def _service(resource: Resource) -> str:
    return resource.token.removeprefix("aws:").partition("/")[0]


def _is(resource: Resource, kind: str) -> bool:
    return resource.token == f"aws:{kind}"


def _kind(resource: Resource) -> str:
    return resource.token.rpartition(":")[2]


# Kinds that change what another resource is, by the argument that names it, and the requirement
# that the environment's own ones of the kind meet.
OWNERS = {
    "bucket": "S3-4",
    "db_instance_identifier": "DB-1",
    "function": "FN-4",
    "function_name": "FN-4",
    "key_id": "SEC-1",
    "listener_arn": "LB-2",
    "load_balancer_arn": "LB-1",
    "network_acl_id": "NET-7",
    "network_interface_id": "NET-8",
    "queue_url": "FN-4",
    "resource_arn": "LB-1",
    "rest_api": "API-1",
    "rest_api_id": "API-1",
    "role": "FN-4",
    "roles": "FN-4",
    "route_table_id": "NET-5",
    "route_table_ids": "NET-5",
    "secret_arn": "SEC-1",
    "security_group_id": "NET-6",
}
# What may be added to a resource of the environment: it reads, or puts something in.
HARMLESS = {
    "aws:lambda/alias:Alias",
    "aws:s3/bucketObject:BucketObject",
    "aws:s3/bucketObjectv2:BucketObjectv2",
    "aws:s3/objectCopy:ObjectCopy",
}


def changes_the_environment(added: Added, resource: Resource) -> Judged:
    """Judge what speaks of a resource that is not the extension's: a rule, a policy, a route."""
    if resource.token in HARMLESS:
        return
    for argument, requirement in OWNERS.items():
        for value in resource.texts(argument):
            if (owner := added.environments(value)) is not None:
                yield requirement, f"`{argument}` is the environment's {owner}"
    if _kind(resource).endswith("Policy") and _service(resource) in {"sns", "sqs", "s3"}:
        owner = added.environments(resource.get("arn"))
        if owner is not None:
            yield "SEC-2", f"`arn` is the environment's {owner}"


def open_ports(added: Added, resource: Resource) -> Judged:
    """Judge every form that a rule of a security group has."""
    whole = IPv4Network(added.alone.one("ec2/vpc:Vpc").text("cidr_block"))
    kind = _kind(resource)
    blocks = [*resource.maps("ingress")] if kind.endswith("SecurityGroup") else []
    if kind == "SecurityGroupIngressRule" or (
        kind == "SecurityGroupRule" and resource.text("type") == "ingress"
    ):
        blocks = [resource.inputs]
    keys = ("cidr_ipv4", "cidr_ipv6", "cidr_blocks", "ipv6_cidr_blocks")
    for block in blocks:
        for cidr in (cidr for key in keys for cidr in as_texts(block.get(key))):
            if ":" in cidr or not IPv4Network(cidr, strict=False).subnet_of(whole):
                yield "NET-6", f"it lets in {cidr}; only the load balancer is open to addresses"
        for key in ("prefix_list_id", "prefix_list_ids"):
            for found in as_texts(block.get(key)):
                yield "NET-6", f"it lets in the addresses of {found}"


# Kinds that lead into the VPC or out of it beside what the environment has.
WAYS = {
    "CustomerGateway",
    "EgressOnlyInternetGateway",
    "Gateway",
    "InternetGateway",
    "InternetGatewayAttachment",
    "LocalGatewayRouteTableVpcAssociation",
    "MainRouteTableAssociation",
    "PeeringConnectionAccepter",
    "VpcAttachment",
    "VpcIpv4CidrBlockAssociation",
    "VpcIpv6CidrBlockAssociation",
    "VpcPeeringConnection",
    "VpnConnection",
    "VpnGateway",
    "VpnGatewayAttachment",
}
BINDING = {"RouteTableAssociation", "NetworkAclAssociation", "NetworkAcl"}


def other_ways(added: Added, resource: Resource) -> Judged:
    """Judge routes, tables and gateways that are not the environment's."""
    kind = _kind(resource)
    if _service(resource) in {"ec2", "ec2transitgateway", "vpc"} and kind in WAYS:
        yield "NET-5", "it is a way into the network or out of it"
    if kind in BINDING:
        for subnet in (*resource.texts("subnet_id"), *resource.texts("subnet_ids")):
            if added.environments(subnet) is not None:
                requirement = "NET-5" if kind.startswith("Route") else "NET-7"
                yield requirement, "it takes a subnet of the environment from what guards it"
    if kind == "DefaultSecurityGroup" and (resource.maps("ingress") or resource.maps("egress")):
        yield "NET-6", "the VPC's own security group holds no rules"
    if kind in {"DefaultNetworkAcl", "DefaultRouteTable"}:
        yield "NET-7", "what AWS makes with the VPC stays empty"


# Arguments by which a resource is put into subnets.
PLACES = (
    *("subnet_id", "subnet_ids", "subnets", "vpc_config.subnet_ids", "vpc_zone_identifiers"),
    *("network_configuration.subnets", "vpc_options.subnet_ids"),
)
# What belongs to a subnet by nature.
OF_SUBNETS = {*BINDING, "FlowLog", "SubnetGroup", "VpcEndpoint", "VpcEndpointSubnetAssociation"}
PUBLIC = (
    *("associate_public_ip_address", "publicly_accessible", "map_public_ip_on_launch"),
    *("network_interfaces.associate_public_ip_address", "network_configuration.assign_public_ip"),
)
# Where code runs.
COMPUTE = {"Function", "Instance", "Cluster", "Service"}


def places(added: Added, resource: Resource) -> Judged:
    """Judge where compute and databases stand, and whether the world reaches them."""
    kind = _kind(resource)
    private = {subnet.urn for subnet in private_subnets(added.alone)}
    for path in PLACES if kind not in OF_SUBNETS else ():
        for value in resource.texts(path):
            subnet = added.recording.referred(value)
            if subnet is None or subnet.urn not in private:
                yield "NET-8", f"`{path}` names a subnet that is not one of the private ones"
    for path in PUBLIC:
        if resource.is_true(path):
            yield "NET-8", f"`{path}` gives it a public address"
    if kind in {"Eip", "EipAssociation"}:
        yield "NET-8", "public addresses are the NAT gateways' and the load balancer's"
    if kind == "LoadBalancer" and not resource.is_true("internal"):
        yield "NET-8", "a second load balancer is open to the world"
    if kind == "FunctionUrl":
        yield "API-4", "it opens a function to the world beside the API and the load balancer"
    if _is(resource, "lambda/function:Function") and not resource.texts("vpc_config.subnet_ids"):
        yield "FN-5", "it is not in the private subnets"


# Actions for which AWS knows no resource.
WITHOUT_RESOURCE = {
    *("cloudwatch:PutMetricData", "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface"),
    *("ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"),
    *("ec2:UnassignPrivateIpAddresses", "sts:GetCallerIdentity"),
    *("xray:PutTelemetryRecords", "xray:PutTraceSegments"),
}
MANAGED = "arn:aws:iam::aws:policy/"
POLICY_ARGUMENTS = ("policy_arn", "managed_policy_arns", "policy_arns", "permission_set_arn")


def rights(added: Added, resource: Resource) -> Judged:
    """Judge every document of IAM's, and policies of AWS's own, which know nothing of us."""
    for argument in POLICY_ARGUMENTS:
        for arn in resource.texts(argument):
            if arn.startswith(MANAGED) and not arn.startswith(f"{MANAGED}service-role/"):
                yield "SEC-2", f"{arn.removeprefix(MANAGED)} is not limited to this environment"
    if resource.token in {"aws:iam/accessKey:AccessKey", "aws:iam/user:User"}:
        yield "SEC-2", "users have keys that never end; roles are for services"
    if _is(resource, "lambda/function:Function"):
        role = added.recording.referred(resource.get("role"))
        if role is None:
            yield "FN-4", "its role is none that is registered, so nobody sees what it may do"


def documents(added: Added, resource: Resource) -> Judged:
    """Judge what each policy allows, wherever it stands."""
    del added
    for statement in _documents(resource):
        if not statement.allows:
            continue
        if statement.principals:
            # Whose resource it is, the policy belongs to; what counts is who is let in.
            people = {who for kind in statement.principals.values() for who in kind}
            if "*" in people and not statement.conditions:
                yield "SEC-2", "everybody is let in"
            continue
        if not statement.actions or any("*" in action for action in statement.actions):
            yield "SEC-2", f"it allows {', '.join(statement.actions) or 'all but some actions'}"
        if not statement.resources or "*" in statement.resources:
            beyond = sorted(set(statement.actions) - WITHOUT_RESOURCE)
            if beyond:
                yield "SEC-2", f"{', '.join(beyond)} is allowed on every resource"


def _documents(resource: Resource) -> Iterable[Statement]:
    texts = [value for value in _leaves(resource.inputs) if value.lstrip().startswith("{")]
    return (statement for text in texts for statement in statements(text))


def _leaves(value: object) -> Iterator[str]:
    """Give the texts inside a value, documents as they are."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in as_map(cast("object", value)).values():
            yield from _leaves(item)
    elif isinstance(value, (list, tuple)):
        for item in as_list(cast("object", value)):
            yield from _leaves(item)


VERSIONING = "s3/bucketVersioning:BucketVersioning"
LIFECYCLE = "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
ENCRYPTION = "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
ACCESS_BLOCK = "s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
POLICY = "s3/bucketPolicy:BucketPolicy"
BUCKETS = {"aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"}
BLOCKS = (
    *("block_public_acls", "block_public_policy"),
    *("ignore_public_acls", "restrict_public_buckets"),
)


def buckets(added: Added, resource: Resource) -> Judged:
    """Judge what a bucket is made with, as for the environment's own."""
    if resource.token not in BUCKETS:
        return
    versioning = added.parts(VERSIONING, resource)
    if not any(one.text("versioning_configuration.status") == "Enabled" for one in versioning):
        yield "S3-2", "its versions are not kept: add a BucketVersioning"
    rules = [rule for one in added.parts(LIFECYCLE, resource) for rule in one.maps("rules")]
    enabled = [rule for rule in rules if rule.get("status") == "Enabled"]
    ends = {"expiration": "days", "noncurrent_version_expiration": "noncurrent_days"}
    for key, days in ends.items():
        if not any(as_map(rule.get(key)).get(days) == AUDIT_RETENTION_DAYS for rule in enabled):
            yield "S3-3", f"no rule ends objects after {AUDIT_RETENTION_DAYS} days by `{key}`"
    defaults = [
        as_text(as_map(rule.get("apply_server_side_encryption_by_default")).get("sse_algorithm"))
        for one in added.parts(ENCRYPTION, resource)
        for rule in one.maps("rules")
    ]
    if not any(algorithm.startswith("aws:kms") for algorithm in defaults):
        yield "S3-4", "it is not encrypted under a key of ours"
    blocks = added.parts(ACCESS_BLOCK, resource)
    if not any(all(one.is_true(switch) for switch in BLOCKS) for one in blocks):
        yield "S3-4", "public access is not blocked in all four ways"
    denials = [
        rule for one in added.parts(POLICY, resource) for rule in one.statements() if rule.denies
    ]
    if not any(rule.condition("Bool", "aws:SecureTransport") == ["false"] for rule in denials):
        yield "S3-4", "it takes calls without TLS"
    if DISPOSABLE and not resource.is_true("force_destroy"):
        yield "DEST-1", "with an object in it, it cannot be destroyed: set `force_destroy`"


# By kind the arguments that have to be given, and the requirement; `True` asks for exactly that.
NEEDS: dict[str, tuple[tuple[str, str, object], ...]] = {
    "aws:cloudwatch/logGroup:LogGroup": (("kms_key_id", "MON-1", None),),
    "aws:docdb/cluster:Cluster": (("storage_encrypted", "DB-4", True),),
    "aws:dynamodb/table:Table": (("server_side_encryption.kms_key_arn", "DB-4", None),),
    "aws:ebs/volume:Volume": (("encrypted", "DB-4", True),),
    "aws:ec2/instance:Instance": (("root_block_device.encrypted", "DB-4", True),),
    "aws:ecr/repository:Repository": (("encryption_configurations.kms_key", "SEC-1", None),),
    "aws:efs/fileSystem:FileSystem": (("encrypted", "DB-4", True), ("kms_key_id", "DB-4", None)),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": (
        ("server_side_encryption.enabled", "DB-4", True),
    ),
    "aws:kinesis/stream:Stream": (("kms_key_id", "DB-4", None),),
    "aws:kms/key:Key": (("enable_key_rotation", "SEC-1", True), ("policy", "SEC-1", None)),
    "aws:lambda/function:Function": (
        ("kms_key_arn", "FN-2", None),
        ("dead_letter_config.target_arn", "FN-4", None),
    ),
    "aws:rds/cluster:Cluster": (("storage_encrypted", "DB-4", True),),
    "aws:rds/instance:Instance": (
        ("storage_encrypted", "DB-4", True),
        ("kms_key_id", "DB-4", None),
    ),
    "aws:secretsmanager/secret:Secret": (("kms_key_id", "SEC-1", None),),
    "aws:sns/topic:Topic": (("kms_master_key_id", "SEC-1", None),),
    "aws:sqs/queue:Queue": (("kms_master_key_id", "SEC-1", None),),
}


def kept_safe(added: Added, resource: Resource) -> Judged:
    """Judge encryption at rest, and keys."""
    for path, requirement, value in NEEDS.get(resource.token, ()):
        if not resource.has(path) or (value is not None and resource.get(path) != value):
            yield requirement, f"`{path}` is not set" + ("" if value is None else f" to {value}")
    if _is(resource, "ssm/parameter:Parameter") and resource.text("type") != "SecureString":
        yield "SEC-1", "`type` is not SecureString"
    if _is(resource, "kms/key:Key"):
        users = {who for rule in _documents(resource) for who in leaves(rule.principals)}
        if "*" in users:
            yield "SEC-1", "everybody may use the key"
    del added


def observed(added: Added, resource: Resource) -> Judged:
    """Judge logs and traces."""
    is_group = _is(resource, "cloudwatch/logGroup:LogGroup")
    if is_group and resource.get("retention_in_days") != LOG_RETENTION_DAYS:
        yield "MON-1", f"`retention_in_days` is not {LOG_RETENTION_DAYS}"
    if _is(resource, "lambda/function:Function"):
        if resource.text("tracing_config.mode") != "Active":
            yield "XR-1", "`tracing_config` does not trace it"
        group = added.recording.referred(resource.get("logging_config.log_group"))
        if group is None:
            yield "MON-1", "it has no log group of its own, and Lambda makes one that is kept"
    if _is(resource, "apigateway/stage:Stage") and not resource.is_true("xray_tracing_enabled"):
        yield "XR-1", "`xray_tracing_enabled` is not set"


HOLDING_BACK = (
    *("deletion_protection", "enable_deletion_protection", "deletion_protection_enabled"),
    *("disable_api_termination", "force_retain", "retain_on_delete", "skip_destroy"),
)
DATABASES = {"aws:rds/instance:Instance", "aws:rds/cluster:Cluster", "aws:docdb/cluster:Cluster"}


def can_go(added: Added, resource: Resource) -> Judged:
    """Judge what would stop `pulumi destroy`, or stay behind it, where everything can be destroyed."""
    del added
    if not DISPOSABLE:
        return
    if resource.protect:
        yield "DEST-1", "it is protected"
    if resource.retain_on_delete:
        yield "DEST-1", "it is retained"
    for path in HOLDING_BACK:
        if resource.is_true(path):
            yield "DEST-1", f"`{path}` keeps it"
    if resource.token in DATABASES and not resource.is_true("skip_final_snapshot"):
        yield "DEST-1", "it goes with a snapshot that stays: set `skip_final_snapshot`"
    is_secret = _is(resource, "secretsmanager/secret:Secret")
    if is_secret and resource.get("recovery_window_in_days") != 0:
        yield "DEST-1", "its name stays taken: set `recovery_window_in_days` to 0"


def in_the_region(added: Added, resource: Resource) -> Judged:
    """Judge where it stands: a resource may name a region of its own."""
    del added
    if resource.token.startswith("aws:") and resource.text("region") not in {"", REGION}:
        yield "REG-1", f"`region` is {resource.text('region')}"


JUDGES: tuple[Judge, ...] = (
    *(changes_the_environment, open_ports, other_ways, places, rights, documents, buckets),
    *(kept_safe, observed, can_go, in_the_region),
)


def weaknesses(added: Added, sources: dict[tuple[str, str], str]) -> list[Weakness]:
    """Judge all that extensions add; ``sources`` tells the module by type and name."""
    return [
        Weakness(
            requirement=requirement,
            resource=resource,
            why=why,
            module=sources.get((resource.token, resource.name), ""),
        )
        for resource in added.resources
        for judge in JUDGES
        for requirement, why in judge(added, resource)
    ]
