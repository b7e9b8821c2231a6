"""What AWS refuses between two states is refused by AWS's own name, and goes again once nothing is in its way."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest

from cloud import KINDS, Refused
from cloud import tokens as t
from cloud.quotas import QUOTAS, value
from cloud.rules.database import WITHOUT_EXTENDED_SUPPORT, ZONES
from engine.larger import Larger
from engine.test_cloud_refuses import trust
from engine.test_domain_states import OF_DOMAINS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type
DAYS = 24.0


def again(token: str, **inputs: Any) -> Callable[[Larger], None]:
    """A second one of the same name, while the first one stands."""

    def twice(world: Larger) -> None:
        if not world.cloud.all(token, **inputs):
            world.make(token, "first", **inputs)
        world.make(token, "second", **inputs)

    twice.__name__ = f"second_{token.rpartition(':')[2]}"
    return twice


def second_function(world: Larger) -> None:
    world.make(t.FUNCTION, "second", **world.function_inputs())


def second_security_group(world: Larger) -> None:
    world.make(t.SECURITY_GROUP, "second", name="group", vpcId=world.vpc.id)


def second_database(world: Larger) -> None:
    made = world.database()
    world.make(t.DATABASE, "second", **made.inputs)


def one_path_part_twice(world: Larger) -> None:
    world.path("first", "payments")
    world.path("second", "payments")


def two_variable_parts(world: Larger) -> None:
    world.path("first", "{payment}")
    world.path("second", "{id}")


def one_method_twice(world: Larger) -> None:
    world.make(t.METHOD, "second", **world.on_root(), authorization="NONE")


def a_key_in_two_plans(world: Larger) -> None:
    world.stage("staging")
    key = world.make(t.API_KEY, "key", name="key")
    for name in ("first", "second"):
        plan = world.plan(name, "staging")
        world.make(t.USAGE_PLAN_KEY, f"in-{name}", keyId=key.id, usagePlanId=plan.id, keyType="API")


def a_key_that_is_replaced_into_another_plan(world: Larger) -> None:
    """The new one has the URN of the old one, which stands until the end."""
    world.stage("staging")
    key = world.make(t.API_KEY, "key", name="key")
    for name in ("first", "second"):
        plan = world.plan(name, "staging")
        world.make(t.USAGE_PLAN_KEY, "in", keyId=key.id, usagePlanId=plan.id, keyType="API")


def a_deployment_that_a_stage_runs(world: Larger) -> None:
    world.stage("staging")
    world.delete(world.cloud.all(t.DEPLOYMENT)[0])


def one_priority_twice(world: Larger) -> None:
    listener = world.listener()
    world.rule(listener, 1)
    world.rule(listener, 1)


def priorities_change_places(world: Larger) -> None:
    """Two updates, of which the first comes while the second one still has its priority."""
    listener = world.listener()
    first = world.rule(listener, 1)
    world.rule(listener, 2)
    world.change(first, priority=2)


def targets_of_a_rule(world: Larger) -> None:
    targets = world.targets()
    world.rule(world.listener(), 1, targets)
    world.delete(targets)


def a_certificate_of_a_listener(world: Larger) -> None:
    world.listener()
    world.delete(world.cloud.all(t.CERTIFICATE)[0])


def a_listener_before_its_certificate(world: Larger) -> None:
    world.make(
        t.LISTENER,
        "listener",
        loadBalancerArn=world.load_balancer().get("arn"),
        port=443,
        protocol="HTTPS",
        certificateArn=world.requested().get("arn"),
        defaultActions=[],
    )


def one_statement_twice(world: Larger) -> None:
    world.permission("first", "schedule")
    world.permission("second", "schedule")


def permissions_without_end(world: Larger) -> None:
    for number in range(200):
        world.permission(f"permission-{number}", f"schedule-{number}")


def a_subnet_over_another(world: Larger) -> None:
    world.make(t.SUBNET, "second", vpcId=world.vpc.id, cidrBlock="10.0.1.0/25")


def a_subnet_with_an_interface(world: Larger) -> None:
    world.delete(world.subnets[0])


def a_group_that_another_names(world: Larger) -> None:
    other = world.make(t.SECURITY_GROUP, "other", name="other", vpcId=world.vpc.id)
    world.from_group("rule", world.group, other)
    world.delete(other)


def one_rule_twice(world: Larger) -> None:
    world.from_group("first", world.group, world.group)
    world.from_group("second", world.group, world.group)


def an_address_in_two_gateways(world: Larger) -> None:
    made = world.nat_gateway()
    world.make(t.NAT_GATEWAY, "second", **{**made.inputs, "subnetId": world.subnets[1].id})


def a_subnet_group_over_two_networks(world: Larger) -> None:
    vpc = world.make(t.VPC, "elsewhere", cidrBlock="10.1.0.0/16")
    block, zone = "10.1.1.0/24", "use1-az1"
    there = world.make(t.SUBNET, "there", vpcId=vpc.id, cidrBlock=block, availabilityZoneId=zone)
    both = [world.subnets[1].id, there.id]
    world.make(t.SUBNET_GROUP, "subnets", name="subnets", subnetIds=both)


def another_network(world: Larger) -> list[str]:
    vpc = world.make(t.VPC, "elsewhere", cidrBlock="10.1.0.0/16")
    return [
        world.make(
            t.SUBNET,
            f"there-{number}",
            vpcId=vpc.id,
            cidrBlock=f"10.1.{number}.0/24",
            availabilityZoneId=f"use1-az{number}",
        ).id
        for number in (1, 2)
    ]


def a_subnet_group_moves_to_another_network(world: Larger) -> None:
    world.database()
    (group,) = world.cloud.all(t.SUBNET_GROUP)
    world.change(group, subnetIds=another_network(world))


def a_load_balancer_moves_to_another_network(world: Larger) -> None:
    world.change(world.load_balancer(), subnets=another_network(world))


def a_load_balancer_takes_a_group_of_another_network(world: Larger) -> None:
    (subnet, _) = another_network(world)
    (other,) = world.cloud.all(t.SUBNET, id=subnet)
    group = world.make(t.SECURITY_GROUP, "elsewhere", name="elsewhere", vpcId=other.get("vpcId"))
    world.change(world.load_balancer(), securityGroups=[group.id])


def a_gateway_leaves_the_network_of_a_load_balancer(world: Larger) -> None:
    world.load_balancer()
    (subnet, _) = another_network(world)
    (other,) = world.cloud.all(t.SUBNET, id=subnet)
    (gateway,) = world.cloud.all(t.INTERNET_GATEWAY)
    world.change(gateway, vpcId=other.get("vpcId"))


def exchange_a_subnet(world: Larger) -> None:
    third = world.make(
        t.SUBNET,
        "third",
        vpcId=world.vpc.id,
        cidrBlock="10.0.3.0/24",
        availabilityZoneId="use1-az3",
    )
    (group,) = world.cloud.all(t.SUBNET_GROUP)
    world.change(group, subnetIds=[world.subnets[0].id, third.id])


def a_subnet_leaves_its_group(world: Larger) -> None:
    world.database()
    exchange_a_subnet(world)


def a_subnet_leaves_in_which_nothing_stands(world: Larger) -> None:
    """What AWS chose, a look at the instance says."""
    zone = world.subnets[0].get("availabilityZoneId")
    world.database().memory[ZONES] = {zone}
    exchange_a_subnet(world)


def a_parameter_group_in_use(world: Larger) -> None:
    group = world.make(t.PARAMETER_GROUP, "parameters", name="parameters", family="postgres14")
    world.database(parameterGroupName="parameters")
    world.delete(group)


def storage_shrinks(world: Larger) -> None:
    world.change(world.database(), allocatedStorage=19)


def storage_grows_twice(world: Larger) -> None:
    database = world.change(world.database(), allocatedStorage=30)
    world.cloud.hours += 5.9
    world.change(database, allocatedStorage=40)


def a_major_version_goes_back(world: Larger) -> None:
    world.change(world.database(), engineVersion="13", allowMajorVersionUpgrade=True)


def a_minor_version_goes_back(world: Larger) -> None:
    world.change(world.database(engineVersion="14.20"), engineVersion="14.19")


def a_major_version_that_nobody_allowed(world: Larger) -> None:
    world.change(world.database(), engineVersion="15")


def a_minor_version_that_is_older_than_what_runs(world: Larger) -> None:
    """A major version alone has followed its minor ones."""
    world.change(world.database(), engineVersion="14.20")


def a_target_that_is_older_than_what_runs(world: Larger) -> None:
    world.change(
        world.database(engineVersion="14.20"), engineVersion="17.6", allowMajorVersionUpgrade=True
    )


def a_version_that_does_not_exist(world: Larger) -> None:
    world.database(engineVersion="14.3")


def a_version_after_its_standard_support(world: Larger) -> None:
    world.cloud.today = dt.date(2027, 3, 1)
    world.database(engineLifecycleSupport=WITHOUT_EXTENDED_SUPPORT)


def a_version_after_its_extended_support(world: Larger) -> None:
    world.cloud.today = dt.date(2030, 3, 1)
    world.database(engineLifecycleSupport="open-source-rds-extended-support")


def the_name_of_a_secret_that_waits(world: Larger) -> None:
    world.delete(world.make(SECRET, "first", name="secret"))
    world.make(SECRET, "second", name="secret")


def addresses_without_end(world: Larger) -> None:
    for number in range(value("elastic_ips") + 1):
        world.make(t.EIP, f"address-{number}", domain="vpc")


def paths_without_end(world: Larger) -> None:
    for number in range(value("aws.apigateway.Resource") + 1):
        world.path(f"path-{number}", f"part-{number}")


def rules_without_end(world: Larger) -> None:
    listener = world.listener()
    for number in range(value("aws.lb.ListenerRule") + 1):
        world.rule(listener, 1 + number)


CASES: dict[Callable[[Larger], None], str] = {
    again(t.ROLE, name="role", assumeRolePolicy=trust("a.amazonaws.com")): "EntityAlreadyExists",
    again(t.LOG_GROUP, name="/aws/lambda/function"): "ResourceAlreadyExistsException",
    again(t.BUCKET, bucket="bucket"): "BucketAlreadyOwnedByYou",
    again(t.QUEUE, name="queue"): "QueueNameExists",
    again(t.TARGET_GROUP, name="a", targetType="lambda"): "DuplicateTargetGroupName",
    again(t.WEB_ACL, name="acl", scope="REGIONAL"): "WAFDuplicateItemException",
    again(t.PARAMETER_GROUP, name="a", family="postgres14"): "DBParameterGroupAlreadyExists",
    again(SECRET, name="secret"): "ResourceExistsException",
    second_function: "ResourceConflictException",
    second_security_group: "InvalidGroup.Duplicate",
    second_database: "DBInstanceAlreadyExists",
    one_path_part_twice: "ConflictException",
    two_variable_parts: "BadRequestException",
    one_method_twice: "ConflictException",
    a_key_in_two_plans: "ConflictException",
    a_key_that_is_replaced_into_another_plan: "ConflictException",
    a_deployment_that_a_stage_runs: "BadRequestException",
    one_priority_twice: "PriorityInUse",
    priorities_change_places: "PriorityInUse",
    targets_of_a_rule: "ResourceInUse",
    a_certificate_of_a_listener: "ResourceInUseException",
    a_listener_before_its_certificate: "UnsupportedCertificate",
    one_statement_twice: "ResourceConflictException",
    permissions_without_end: "PolicyLengthExceededException",
    a_subnet_over_another: "InvalidSubnet.Conflict",
    a_subnet_with_an_interface: "DependencyViolation",
    a_group_that_another_names: "DependencyViolation",
    one_rule_twice: "InvalidPermission.Duplicate",
    an_address_in_two_gateways: "Resource.AlreadyAssociated",
    a_subnet_group_over_two_networks: "InvalidParameterValue",
    a_subnet_group_moves_to_another_network: "InvalidParameterValue",
    a_load_balancer_moves_to_another_network: "InvalidConfigurationRequest",
    a_load_balancer_takes_a_group_of_another_network: "InvalidConfigurationRequest",
    a_gateway_leaves_the_network_of_a_load_balancer: "DependencyViolation",
    a_subnet_leaves_its_group: "SubnetAlreadyInUse",
    a_parameter_group_in_use: "InvalidDBParameterGroupState",
    storage_shrinks: "InvalidParameterCombination",
    storage_grows_twice: "InvalidParameterCombination",
    a_major_version_goes_back: "InvalidParameterCombination",
    a_minor_version_goes_back: "InvalidParameterCombination",
    a_major_version_that_nobody_allowed: "InvalidParameterCombination",
    a_minor_version_that_is_older_than_what_runs: "InvalidParameterCombination",
    a_target_that_is_older_than_what_runs: "InvalidParameterCombination",
    a_version_that_does_not_exist: "InvalidParameterCombination",
    a_version_after_its_standard_support: "InvalidParameterCombination",
    a_version_after_its_extended_support: "InvalidParameterCombination",
    the_name_of_a_secret_that_waits: "InvalidRequestException",
    addresses_without_end: "AddressLimitExceeded",
    paths_without_end: "LimitExceededException",
    rules_without_end: "TooManyRules",
    **OF_DOMAINS,
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_what_aws_refuses_between_two_states_is_refused_by_name(
    case: Callable[[Larger], None],
) -> None:
    with pytest.raises(Refused) as raised:
        case(Larger())
    assert raised.value.error == CASES[case], raised.value


def test_what_aws_takes_in_silence_is_refused_without_a_name() -> None:
    """The same endpoint is the same subscription, and whoever deletes either deletes both."""
    world = Larger()
    world.subscription("first")
    with pytest.raises(Refused, match="would be lost without a word") as raised:
        world.subscription("second")
    assert raised.value.error == ""


def free_names(world: Larger) -> None:
    """Of these AWS lets two have one name."""
    for name in ("first", "second"):
        world.make(t.REST_API, name, name="api")
        world.make(t.API_KEY, name, name="key")
        world.stage(name)
        world.plan(name, name)


def the_same_key_for_different_stages(world: Larger) -> None:
    key = world.make(t.API_KEY, "key", name="key")
    for name in ("first", "second"):
        world.stage(name)
        plan = world.plan(name, name)
        world.make(t.USAGE_PLAN_KEY, f"in-{name}", keyId=key.id, usagePlanId=plan.id, keyType="API")


def a_path_part_once_the_other_is_gone(world: Larger) -> None:
    world.delete(world.path("first", "{payment}"))
    world.path("second", "{id}")


def storage_that_grows_again_after_six_hours(world: Larger) -> None:
    database = world.change(world.database(), allocatedStorage=30)
    world.cloud.hours += 6
    world.change(database, allocatedStorage=40)


def a_major_version_that_somebody_allowed(world: Larger) -> None:
    world.change(world.database(), engineVersion="15", allowMajorVersionUpgrade=True)


def a_target_of_the_same_release(world: Larger) -> None:
    world.change(
        world.database(engineVersion="14.20"), engineVersion="17.7", allowMajorVersionUpgrade=True
    )


def a_version_on_the_last_day_of_its_support(world: Larger) -> None:
    world.cloud.today = dt.date(2027, 2, 28)
    world.database(engineLifecycleSupport=WITHOUT_EXTENDED_SUPPORT)


def a_version_under_extended_support(world: Larger) -> None:
    world.cloud.today = dt.date(2027, 3, 1)
    world.database(engineLifecycleSupport="open-source-rds-extended-support")


def a_bare_version_after_a_whole_one(world: Larger) -> None:
    world.change(world.database(engineVersion="14.20"), engineVersion="14")


def a_gateway_leaves_a_network_without_addresses(world: Larger) -> None:
    (subnet, _) = another_network(world)
    (other,) = world.cloud.all(t.SUBNET, id=subnet)
    (gateway,) = world.cloud.all(t.INTERNET_GATEWAY)
    world.change(gateway, vpcId=other.get("vpcId"))


def a_subnet_that_joins_a_group(world: Larger) -> None:
    world.database()
    block, zone = "10.0.3.0/24", "use1-az3"
    third = world.make(
        t.SUBNET, "third", vpcId=world.vpc.id, cidrBlock=block, availabilityZoneId=zone
    )
    (group,) = world.cloud.all(t.SUBNET_GROUP)
    world.change(group, subnetIds=[*group.inputs["subnetIds"], third.id])


def the_name_of_a_secret_that_is_gone(world: Larger) -> None:
    world.delete(world.make(SECRET, "first", name="secret", recoveryWindowInDays=7))
    world.cloud.hours += 7 * DAYS
    world.delete(world.make(SECRET, "second", name="secret", recoveryWindowInDays=0))
    world.make(SECRET, "third", name="secret")


def a_rule_on_its_own_place(world: Larger) -> None:
    first = world.rule(world.listener(), 1)
    world.change(first, priority=1)
    world.change(first, priority=2)


ACCEPTED = (
    free_names,
    the_same_key_for_different_stages,
    a_path_part_once_the_other_is_gone,
    storage_that_grows_again_after_six_hours,
    a_major_version_that_somebody_allowed,
    a_target_of_the_same_release,
    a_version_on_the_last_day_of_its_support,
    a_version_under_extended_support,
    a_bare_version_after_a_whole_one,
    a_gateway_leaves_a_network_without_addresses,
    a_subnet_that_joins_a_group,
    a_subnet_leaves_in_which_nothing_stands,
    the_name_of_a_secret_that_is_gone,
    a_rule_on_its_own_place,
)


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case.__name__)
def test_what_aws_takes_is_taken(case: Callable[[Larger], None]) -> None:
    """A stand-in that refuses more than AWS would hide what the program may do."""
    case(Larger())


# EC2's model names no errors, nor does S3's all: these are from the tables of error codes in their references.
WITHOUT_MODEL = {"ec2", "vpc", "s3"}
SERVICES = {
    "lambda": "lambda",
    "lb": "elbv2",
    "cloudwatch": "logs",
    "wafv2": "wafv2",
    "sns": "sns",
    "sqs": "sqs",
}
# A class of pulumi_aws lies in `cloudwatch` where AWS has three services.
ELSEWHERE = {t.EVENT_RULE: "events"}


def named_errors() -> Iterator[tuple[str, str]]:
    """Each error that is declared, with the type of what is made or deleted when AWS gives it."""
    for token, kind in KINDS.items():
        yield from ((token, unique.error) for unique in kind.unique)
        for ref in kind.refs:
            yield from ((target, ref.in_use) for target in ref.tokens)
    yield from ((token, quota.error) for token, quota in QUOTAS.items())


def test_errors_have_the_names_that_aws_gives_them() -> None:
    """By the models of the services, where these name errors."""
    session = botocore.session.get_session()
    unknown: set[tuple[str, str]] = set()
    looked = 0
    for token, error in named_errors():
        room = token.split(":")[1].split("/")[0]
        if not error or room in WITHOUT_MODEL:
            continue
        service = ELSEWHERE.get(token, SERVICES.get(room, room))
        shapes = session.get_service_model(service).error_shapes
        known = {shape.name for shape in shapes}
        known |= {shape.metadata.get("error", {}).get("code", "") for shape in shapes}
        looked += 1
        if error not in known:
            unknown.add((token, error))
    assert looked > 30
    # EventBridge gives one of the errors that all services have.
    assert unknown == {(t.EVENT_RULE, "ValidationException")}, unknown
