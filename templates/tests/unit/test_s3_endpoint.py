"""The gateway endpoint by which private subnets reach S3."""

from __future__ import annotations

from tests.unit.mock_aws import ACCOUNT, REGION
from tests.unit.network_model import ROUTE_TABLE, private_subnets, route_table
from tests.unit.resources import Recording

# What people who reconcile read of the bucket itself.
LISTS = {"s3:GetLifecycleConfiguration", "s3:ListBucketVersions"}


def test_s3_is_reached_without_the_nat_gateways(recording: Recording) -> None:
    """NET-5: the S3 gateway endpoint is in each private route table, and in no public one."""
    endpoint = recording.one("ec2/vpcEndpoint:VpcEndpoint")
    assert endpoint.text("service_name") == f"com.amazonaws.{REGION}.s3"
    assert endpoint.text("vpc_endpoint_type") == "Gateway"
    private = {route_table(recording, subnet).urn for subnet in private_subnets(recording)}
    tables = [
        recording.target(table, ROUTE_TABLE).urn for table in endpoint.texts("route_table_ids")
    ]
    assert sorted(tables) == sorted(private)


def test_s3_endpoint_passes_only_what_functions_may_do(recording: Recording) -> None:
    """SEC-2: through the endpoint the account reaches its audit bucket only: objects, and their list."""
    endpoint = recording.one("ec2/vpcEndpoint:VpcEndpoint")
    buckets = {bucket.arn for bucket in recording.of("s3/bucket:Bucket")}
    rules = endpoint.statements()
    # People who reconcile list the bucket's versions.
    passed_actions = {action for rule in rules for action in rule.actions}
    assert passed_actions == {"s3:GetObject", "s3:PutObject", *LISTS}
    for rule in rules:
        assert rule.allows
        of_objects = all(resource.endswith("/*") for resource in rule.resources)
        assert set(rule.actions) == ({"s3:GetObject", "s3:PutObject"} if of_objects else LISTS)
        assert {resource.removesuffix("/*") for resource in rule.resources} <= buckets
        assert dict(rule.principals) in ({"AWS": ["*"]}, {"*": ["*"]})
        assert rule.condition("StringEquals", "aws:PrincipalAccount") == [ACCOUNT]
    # What a function's role allows on a bucket must pass the endpoint too.
    passed = {
        resource.removesuffix("/*")
        for rule in rules
        for resource in rule.resources
        if resource.endswith("/*")
    }
    for policy in recording.of("iam/rolePolicy:RolePolicy"):
        for rule in policy.statements():
            if any(action.startswith("s3:") for action in rule.actions):
                assert {resource.partition("/")[0] for resource in rule.resources} <= passed
