"""The cloud of the tests refuses what AWS refuses: one wrong thing at a time, in a small world that is otherwise right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cloud import KINDS, Cloud, Refused
from cloud import tokens as t
from cloud.rules.storage import OBJECTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud import Record

REGION = "us-east-1"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
ATTACHMENT = "aws:lb/targetGroupAttachment:TargetGroupAttachment"
METHOD_SETTINGS = "aws:apigateway/methodSettings:MethodSettings"


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(service: str) -> str:
    return document(
        {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    )


class World:
    """An account with a network over two zones, a function with its role, and an API with one method."""

    def __init__(self) -> None:
        self.cloud = Cloud(KINDS)
        self.vpc = self.make(t.VPC, "vpc", cidrBlock="10.0.0.0/16")
        self.gateway = self.make(t.INTERNET_GATEWAY, "gateway", vpcId=self.vpc.id)
        self.subnets = [
            self.make(
                t.SUBNET,
                f"subnet-{zone}",
                vpcId=self.vpc.id,
                cidrBlock=f"10.0.{zone}.0/24",
                availabilityZoneId=f"use1-az{zone}",
            )
            for zone in (1, 2)
        ]
        self.group = self.make(t.SECURITY_GROUP, "group", name="group", vpcId=self.vpc.id)
        self.role = self.make(
            t.ROLE, "role", name="role", assumeRolePolicy=trust("lambda.amazonaws.com")
        )
        self.make(t.LOG_GROUP, "logs", name="/aws/lambda/function")
        self.role_policy = self.make(
            t.ROLE_POLICY,
            "role-policy",
            name="policy",
            role="role",
            policy=document({"Effect": "Allow", "Action": "ec2:*Network*", "Resource": "*"}),
        )
        self.function = self.make(t.FUNCTION, "function", **self.function_inputs())
        self.api = self.make(t.REST_API, "api", name="api")
        self.method = self.make(t.METHOD, "method", **self.on_root(), authorization="NONE")

    def make(self, token: str, name: str, /, **inputs: Any) -> Record:
        urn = f"urn:pulumi:test::paystage::{token}::{name}"
        return self.cloud.create(token, urn, REGION, inputs)

    def delete(self, record: Record) -> None:
        self.cloud.delete(record.token, record.urn, record.id)

    def function_inputs(self, **more: Any) -> dict[str, Any]:
        return {
            "name": "function",
            "role": self.role.get("arn"),
            "vpcConfig": {
                "subnetIds": [subnet.id for subnet in self.subnets],
                "securityGroupIds": [self.group.id],
            },
            **more,
        }

    def on_root(self) -> dict[str, str]:
        root = self.api.get("rootResourceId")
        return {"restApi": self.api.id, "resourceId": root, "httpMethod": "GET"}

    def database_inputs(self, **more: Any) -> dict[str, Any]:
        self.make(t.SUBNET_GROUP, "subnets", name="subnets", subnetIds=[s.id for s in self.subnets])
        return {
            "identifier": "database",
            "engine": "postgres",
            "engineVersion": "14",
            "dbSubnetGroupName": "subnets",
            "skipFinalSnapshot": True,
            **more,
        }

    def nat_gateway(self) -> Record:
        address = self.make(t.EIP, "address", domain="vpc")
        return self.make(t.NAT_GATEWAY, "nat", subnetId=self.subnets[0].id, allocationId=address.id)

    def bucket_with_logs_allowed(self, resource: str) -> None:
        self.make(t.BUCKET, "bucket", bucket="bucket")
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": resource,
        }
        self.make(t.BUCKET_POLICY, "policy", bucket="bucket", policy=document(statement))

    def load_balancer(self, **more: Any) -> Record:
        subnets = [subnet.id for subnet in self.subnets]
        return self.make(t.LOAD_BALANCER, "balancer", name="balancer", subnets=subnets, **more)


def subnet_outside(world: World) -> None:
    world.make(t.SUBNET, "wrong", vpcId=world.vpc.id, cidrBlock="10.1.0.0/24")


def subnets_overlap(world: World) -> None:
    world.make(t.SUBNET, "wrong", vpcId=world.vpc.id, cidrBlock="10.0.1.128/25")


def nat_without_gateway(world: World) -> None:
    world.delete(world.gateway)
    world.nat_gateway()


def gateway_with_mapped_addresses(world: World) -> None:
    world.nat_gateway()
    world.delete(world.gateway)


def network_in_use(world: World) -> None:
    world.delete(world.vpc)


def subnet_in_use(world: World) -> None:
    world.delete(world.subnets[0])


def two_tables_for_a_subnet(world: World) -> None:
    for name in ("first", "second"):
        table = world.make(t.ROUTE_TABLE, name, vpcId=world.vpc.id)
        world.make(ASSOCIATION, f"of-{name}", subnetId=world.subnets[0].id, routeTableId=table.id)


def role_in_use(world: World) -> None:
    world.delete(world.role)


def policy_while_function_needs_it(world: World) -> None:
    world.delete(world.role_policy)


def function_without_rights(world: World) -> None:
    other = world.make(
        t.ROLE, "other", name="other", assumeRolePolicy=trust("lambda.amazonaws.com")
    )
    world.make(t.LOG_GROUP, "other-logs", name="/aws/lambda/wrong")
    world.make(t.FUNCTION, "wrong", **world.function_inputs(name="wrong", role=other.get("arn")))


def role_of_another_service(world: World) -> None:
    other = world.make(t.ROLE, "other", name="other", assumeRolePolicy=trust("ec2.amazonaws.com"))
    world.make(t.FUNCTION, "wrong", **world.function_inputs(name="wrong", role=other.get("arn")))


def dead_letters_not_allowed(world: World) -> None:
    queue = world.make(t.QUEUE, "queue", name="queue")
    world.make(t.LOG_GROUP, "other-logs", name="/aws/lambda/wrong")
    dead = {"targetArn": queue.get("arn")}
    world.make(t.FUNCTION, "wrong", **world.function_inputs(name="wrong", deadLetterConfig=dead))


def function_without_log_group(world: World) -> None:
    world.make(t.FUNCTION, "wrong", **world.function_inputs(name="wrong"))


def call_before_the_way_is_there(world: World) -> None:
    world.make("aws:lambda/invocation:Invocation", "wrong", functionName="function", input="{}")


def copy_under_the_key_of_its_original(world: World) -> None:
    world.make(
        "aws:rds/snapshotCopy:SnapshotCopy",
        "wrong",
        sourceDbSnapshotIdentifier="arn:aws:rds:us-east-1:123456789012:snapshot:dev",
        targetDbSnapshotIdentifier="copy",
    )


def permission_for_any_account(world: World) -> None:
    world.make(
        t.PERMISSION,
        "wrong",
        function="function",
        action="lambda:InvokeFunction",
        principal="apigateway.amazonaws.com",
    )


def target_without_permission(world: World) -> None:
    targets = world.make(t.TARGET_GROUP, "targets", name="targets", targetType="lambda")
    world.make(
        ATTACHMENT,
        "wrong",
        targetGroupArn=targets.get("arn"),
        targetId=world.function.get("arn"),
    )


def integration_before_method(world: World) -> None:
    world.make(t.INTEGRATION, "wrong", **{**world.on_root(), "httpMethod": "POST"})


def deployment_before_integration(world: World) -> None:
    world.make(t.DEPLOYMENT, "wrong", restApi=world.api.id)


def resource_of_another_api(world: World) -> None:
    other = world.make(t.REST_API, "other", name="other")
    world.make(
        t.API_RESOURCE,
        "wrong",
        restApi=world.api.id,
        parentId=other.get("rootResourceId"),
        pathPart="health",
    )


def stage_of_another_deployment(world: World) -> None:
    world.make(t.INTEGRATION, "integration", **world.on_root())
    deployment = world.make(t.DEPLOYMENT, "deployment", restApi=world.api.id)
    other = world.make(t.REST_API, "other", name="other")
    world.make(t.STAGE, "wrong", restApi=other.id, deployment=deployment.id, stageName="staging")


def deployment_in_use(world: World) -> None:
    world.make(t.INTEGRATION, "integration", **world.on_root())
    deployment = world.make(t.DEPLOYMENT, "deployment", restApi=world.api.id)
    world.make(
        t.STAGE, "stage", restApi=world.api.id, deployment=deployment.id, stageName="staging"
    )
    world.delete(deployment)


def settings_before_stage(world: World) -> None:
    world.make(
        METHOD_SETTINGS,
        "wrong",
        restApi=world.api.id,
        stageName="staging",
        methodPath="*/*",
        settings={},
    )


def tls_policy_without_mode(world: World) -> None:
    world.make(t.REST_API, "wrong", name="wrong", securityPolicy="SecurityPolicy_TLS13_1_3_2025_09")


def database_of_another_family(world: World) -> None:
    world.make(t.PARAMETER_GROUP, "parameters", name="parameters", family="postgres15")
    world.make(t.DATABASE, "wrong", **world.database_inputs(parameterGroupName="parameters"))


def database_without_log_groups(world: World) -> None:
    world.make(
        t.DATABASE,
        "wrong",
        **world.database_inputs(enabledCloudwatchLogsExports=["postgresql"]),
    )


def protected_database(world: World) -> None:
    world.delete(
        world.make(t.DATABASE, "database", **world.database_inputs(deletionProtection=True))
    )


def final_snapshot_without_name(world: World) -> None:
    world.delete(
        world.make(t.DATABASE, "database", **world.database_inputs(skipFinalSnapshot=False))
    )


def bucket_with_objects(world: World) -> None:
    bucket = world.make(t.BUCKET, "bucket", bucket="bucket")
    bucket.memory[OBJECTS] = True
    world.delete(bucket)


def bucket_policy_of_another(world: World) -> None:
    world.bucket_with_logs_allowed("arn:aws:s3:::other/*")


def access_logs_not_allowed(world: World) -> None:
    world.bucket_with_logs_allowed("arn:aws:s3:::bucket/elsewhere/*")
    world.load_balancer(accessLogs={"bucket": "bucket", "enabled": True})


def listener_without_certificate(world: World) -> None:
    world.make(
        t.LISTENER,
        "wrong",
        loadBalancerArn=world.load_balancer().get("arn"),
        port=443,
        protocol="HTTPS",
        defaultActions=[],
    )


PEM = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"


def bundle(world: World, content: str = PEM) -> Record:
    """Put a bundle of authorities into a bucket that keeps versions."""
    world.make(t.BUCKET, "bucket", bucket="bucket")
    enabled = {"status": "Enabled"}
    world.make(t.BUCKET_VERSIONING, "versions", bucket="bucket", versioningConfiguration=enabled)
    return world.make(t.BUCKET_OBJECT, "bundle", bucket="bucket", key="ca.pem", content=content)


def store(world: World, *, key: str = "ca.pem", **more: Any) -> Record:
    """Make a trust store of it."""
    place = {"caCertificatesBundleS3Bucket": "bucket", "caCertificatesBundleS3Key": key}
    return world.make(t.TRUST_STORE, "store", name="store", **place, **more)


def trust_store_without_its_bundle(world: World) -> None:
    bundle(world)
    store(world, key="other.pem")


def trust_store_of_another_version(world: World) -> None:
    version = bundle(world).get("versionId")
    store(world, caCertificatesBundleS3ObjectVersion=f"not-{version}")


def trust_store_of_a_private_key(world: World) -> None:
    bundle(world, f"{PEM}-----BEGIN PRIVATE KEY-----\n")
    store(world)


def verifying(world: World, **asked: Any) -> Record:
    """Make a listener that asks for certificates."""
    return world.make(
        t.LISTENER,
        "listener",
        loadBalancerArn=world.load_balancer().get("arn"),
        port=80,
        protocol="HTTP",
        defaultActions=[],
        mutualAuthentication={"mode": "verify", **asked},
    )


def listener_verifies_by_nothing(world: World) -> None:
    verifying(world)


def plain_listener_verifies(world: World) -> None:
    bundle(world)
    verifying(world, trustStoreArn=store(world).get("arn"))


def target_group_in_use(world: World) -> None:
    targets = world.make(t.TARGET_GROUP, "targets", name="targets", targetType="lambda")
    world.make(
        t.LISTENER,
        "listener",
        loadBalancerArn=world.load_balancer().get("arn"),
        port=80,
        protocol="HTTP",
        defaultActions=[{"type": "forward", "targetGroupArn": targets.get("arn")}],
    )
    world.delete(targets)


def policy_not_json(world: World) -> None:
    world.make(t.ROLE, "wrong", name="wrong", assumeRolePolicy="{Version}")


def policy_with_unknown_principal(world: World) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:role/nobody"},
        "Action": "kms:*",
        "Resource": "*",
    }
    world.make(t.KEY, "wrong", policy=document(statement))


def key_locks_out(world: World) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
        "Action": "kms:Encrypt*",
        "Resource": "*",
    }
    world.make(t.KEY, "wrong", policy=document(statement))


def waf_logs_elsewhere(world: World) -> None:
    acl = world.make(t.WEB_ACL, "acl", name="acl", scope="REGIONAL")
    logs = world.cloud.one(t.LOG_GROUP, name="/aws/lambda/function")
    assert logs is not None
    world.make(
        "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
        "wrong",
        resourceArn=acl.get("arn"),
        logDestinationConfigs=[logs.get("arn")],
    )


def firewall_in_use(world: World) -> None:
    acl = world.make(t.WEB_ACL, "acl", name="acl", scope="REGIONAL")
    world.make(
        "aws:wafv2/webAclAssociation:WebAclAssociation",
        "association",
        webAclArn=acl.get("arn"),
        resourceArn=world.load_balancer().get("arn"),
    )
    world.delete(acl)


CASES: dict[Callable[[World], None], str] = {
    subnet_outside: "InvalidSubnet.Range",
    subnets_overlap: "InvalidSubnet.Conflict",
    nat_without_gateway: "Gateway.NotAttached",
    gateway_with_mapped_addresses: "still maps a public address",
    network_in_use: "DependencyViolation: vpc",
    subnet_in_use: "DependencyViolation: subnet-1",
    two_tables_for_a_subnet: "Resource.AlreadyAssociated",
    role_in_use: "DeleteConflict: role",
    policy_while_function_needs_it: "lose the right to remove its network interfaces",
    function_without_rights: "permissions to call ec2:CreateNetworkInterface",
    role_of_another_service: "may not take on other",
    dead_letters_not_allowed: "permissions to call sqs:SendMessage",
    function_without_log_group: "would make the log group /aws/lambda/wrong itself",
    call_before_the_way_is_there: "has no way to AWS",
    copy_under_the_key_of_its_original: "keeps the key of its original",
    permission_for_any_account: "lets any account",
    target_without_permission: "may not invoke function",
    integration_before_method: "there is no method for it yet",
    deployment_before_integration: "no integration defined for method",
    resource_of_another_api: "has no such parent",
    stage_of_another_deployment: "deploys another API",
    deployment_in_use: "BadRequestException: deployment",
    settings_before_stage: "there is no stage staging yet",
    tls_policy_without_mode: "Endpoint access mode is required",
    database_of_another_family: "postgres15 is not for version 14",
    database_without_log_groups: "would make the log group /aws/rds/instance/database/postgresql",
    protected_database: "has deletion protection",
    final_snapshot_without_name: "needs a name for the final snapshot",
    bucket_with_objects: "BucketNotEmpty",
    bucket_policy_of_another: "invalid resource arn:aws:s3:::other",
    access_logs_not_allowed: "Access Denied for bucket: bucket",
    listener_without_certificate: "HTTPS and a certificate go together",
    trust_store_without_its_bundle: "CaCertificatesBundleNotFound: store",
    trust_store_of_another_version: "CaCertificatesBundleNotFound: store",
    trust_store_of_a_private_key: "InvalidCaCertificatesBundle: store",
    listener_verifies_by_nothing: "the mode verify and a trust store go together",
    plain_listener_verifies: "only HTTPS asks for certificates",
    target_group_in_use: "ResourceInUse: targets",
    policy_not_json: "is not JSON",
    policy_with_unknown_principal: "invalid principal",
    key_locks_out: "locks the account out",
    waf_logs_elsewhere: "must begin with aws-waf-logs-",
    firewall_in_use: "WAFAssociatedItemException: acl",
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_what_aws_refuses_is_refused(case: Callable[[World], None]) -> None:
    """The world before the wrong step is accepted, and the wrong step is not."""
    world = World()
    with pytest.raises(Refused, match=CASES[case]):
        case(world)
