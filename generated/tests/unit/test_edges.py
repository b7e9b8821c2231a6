"""What has to wait for what, and what must not: the order of an update and of a destruction."""

from __future__ import annotations

from tests.unit.kinds import (
    ACCOUNT_SETTINGS,
    ATTACHMENT,
    BALANCER,
    BUCKET,
    BUCKET_LOGGING,
    BUCKET_OBJECT,
    BUCKET_POLICY,
    BUCKET_PUBLIC_ACCESS,
    BUCKET_VERSIONING,
    DATABASE,
    DEPLOYMENT,
    EIP,
    ENDPOINT,
    FLOW_LOG,
    FUNCTION,
    INTEGRATION,
    INVOCATION,
    LISTENER_RULE,
    LOG_GROUP,
    METHOD,
    METHOD_SETTINGS,
    MODEL,
    PERMISSION,
    PLAN,
    RESPONSE,
    ROLE,
    ROLE_POLICY,
    STAGE,
)
from tests.unit.network_model import (
    ASSOCIATION,
    EGRESS_RULE,
    INGRESS_RULE,
    INTERNET_GATEWAY,
    NAT_GATEWAY,
    NETWORK_ACL,
    ROUTE_TABLE,
    groups_of,
)
from tests.unit.resources import Recording, Resource
from tests.unit.values import as_map

LIFECYCLE = "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
OWNERSHIP = "s3/bucketOwnershipControls:BucketOwnershipControls"
LOG_DELIVERY = "cloudwatch/logDelivery:LogDelivery"


def _needs_all(recording: Recording, resource: Resource, others: list[Resource]) -> None:
    assert others, f"nothing for {resource} to wait for"
    for other in others:
        assert recording.needs(resource, other), f"{resource} does not wait for {other}"


def _policies(recording: Recording, resource: Resource, argument: str) -> list[Resource]:
    role = recording.target(resource.get(argument), ROLE)
    return recording.attached(ROLE_POLICY, "role", role)


def test_public_addresses_need_the_internet_gateway(recording: Recording) -> None:
    """NET-4, DEST-1: else the gateway's destruction hangs on addresses that are still mapped."""
    gateway = recording.one(INTERNET_GATEWAY)
    for kind in (EIP, NAT_GATEWAY, BALANCER):
        assert recording.of(kind)
        for resource in recording.of(kind):
            _needs_all(recording, resource, [gateway])


def test_functions_need_their_policy_and_their_log_group(recording: Recording) -> None:
    """FN-4, MON-1: else creation races the policy, and Lambda makes a group that nobody owns."""
    for function in recording.of(FUNCTION):
        _needs_all(recording, function, _policies(recording, function, "role"))
        group = recording.target(function.get("logging_config.log_group"), LOG_GROUP)
        _needs_all(recording, function, [group])


def test_targets_need_the_permission_to_be_invoked(recording: Recording) -> None:
    """LB-2: else a fresh environment fails with access denied, and only the next attempt works."""
    for attachment in recording.of(ATTACHMENT):
        group = recording.referred(attachment.get("target_group_arn"))
        permissions = [
            permission
            for permission in recording.of(PERMISSION)
            if recording.referred(permission.get("source_arn")) is group
        ]
        _needs_all(recording, attachment, permissions)


def test_load_balancer_needs_to_be_allowed_to_write(recording: Recording) -> None:
    """LB-1: creation writes a test object to the log bucket."""
    balancer = recording.one(BALANCER)
    bucket = recording.referred(balancer.get("access_logs.bucket"))
    assert bucket is not None
    _needs_all(recording, balancer, recording.attached(BUCKET_POLICY, "bucket", bucket))


def test_access_logging_needs_to_be_allowed_to_write(recording: Recording) -> None:
    """S3-1: S3 refuses a target that it may not write to."""
    for logging in recording.of(BUCKET_LOGGING):
        target = recording.referred(logging.get("target_bucket"))
        assert target is not None
        _needs_all(recording, logging, recording.attached(BUCKET_POLICY, "bucket", target))


def test_settings_of_a_bucket_are_changed_one_after_the_other(recording: Recording) -> None:
    """S3-4: S3 refuses a policy while it changes the access; lifecycles want versions."""
    for policy in recording.of(BUCKET_POLICY):
        bucket = recording.referred(policy.get("bucket"))
        assert bucket is not None
        for kind in (BUCKET_PUBLIC_ACCESS, OWNERSHIP):
            _needs_all(recording, policy, recording.attached(kind, "bucket", bucket))
    for lifecycle in recording.of(LIFECYCLE):
        bucket = recording.referred(lifecycle.get("bucket"))
        assert bucket is not None
        _needs_all(recording, lifecycle, recording.attached(BUCKET_VERSIONING, "bucket", bucket))


def test_bundle_of_authorities_needs_versions(recording: Recording) -> None:
    """LB-2: what is put into a bucket before it keeps versions has none that the trust store could name."""
    for bundle in recording.of(BUCKET_OBJECT):
        bucket = recording.target(bundle.get("bucket"), BUCKET)
        for kind in (BUCKET_VERSIONING, BUCKET_POLICY):
            _needs_all(recording, bundle, recording.attached(kind, "bucket", bucket))


def test_database_needs_its_log_groups_and_its_role(recording: Recording) -> None:
    """MON-1: RDS would make groups without key and retention; monitoring starts at once."""
    database = recording.one(DATABASE)
    prefix = f"/aws/rds/instance/{database.text('identifier')}/"
    groups = [item for item in recording.of(LOG_GROUP) if item.text("name").startswith(prefix)]
    assert len(groups) == len(database.texts("enabled_cloudwatch_logs_exports"))
    _needs_all(recording, database, groups)
    _needs_all(recording, database, _policies(recording, database, "monitoring_role_arn"))


def test_flow_logs_and_account_settings_need_their_roles_policy(recording: Recording) -> None:
    """MON-1, API-6: both services try the role when it is set."""
    assert recording.of(FLOW_LOG)
    for kind, argument in ((FLOW_LOG, "iam_role_arn"), (ACCOUNT_SETTINGS, "cloudwatch_role_arn")):
        for resource in recording.of(kind):
            _needs_all(recording, resource, _policies(recording, resource, argument))


def test_deployment_needs_the_whole_api(recording: Recording) -> None:
    """API-1: a deployment is a picture: what comes after it is not in it."""
    deployment = recording.one(DEPLOYMENT)
    _needs_all(recording, deployment, recording.of(INTEGRATION))
    _needs_all(recording, deployment, recording.of(RESPONSE))
    before = recording.reaches(deployment)
    for kind in (METHOD, MODEL):
        assert all(resource.urn in before for resource in recording.of(kind)), kind
    assert not deployment.delete_before_replace, "a stage still uses the old one"


def test_methods_need_their_models(recording: Recording) -> None:
    """API-2: a method names its model by a name that API Gateway must know already."""
    for method in recording.of(METHOD):
        for name in as_map(method.get("request_models")).values():
            _needs_all(recording, method, [recording.target(name, MODEL)])


def test_stage_needs_its_log_groups_and_the_accounts_role(recording: Recording) -> None:
    """API-6: API Gateway would make the group, and refuses a stage that it cannot log for."""
    stage = recording.one(STAGE)
    groups = [
        group
        for group in recording.of(LOG_GROUP)
        if group.text("name").startswith("API-Gateway-Execution-Logs_")
    ]
    _needs_all(recording, stage, groups)
    for account in recording.of(ACCOUNT_SETTINGS):
        _needs_all(recording, stage, [account])


def test_what_counts_on_the_stage_needs_the_stage(recording: Recording) -> None:
    """API-3, API-4: plans and settings take the stage's name from the stage, not from a text."""
    stage = recording.one(STAGE)
    for kind, argument in ((PLAN, "api_stages"), (METHOD_SETTINGS, "stage_name")):
        for resource in recording.of(kind):
            assert stage.urn in resource.property_dependencies.get(argument, ()), resource


def test_log_deliveries_are_made_one_after_the_other(recording: Recording) -> None:
    """MON-1: AWS refuses deliveries that are made at the same time."""
    deliveries = recording.of(LOG_DELIVERY)
    for one in deliveries:
        for other in deliveries:
            ordered = one.urn in recording.reaches(other) or other.urn in recording.reaches(one)
            assert one is other or ordered, f"{one} beside {other}"


def test_database_waits_for_nothing_slow(recording: Recording) -> None:
    """DB-2: the database, which takes longest, waits for no gateway, route or balancer."""
    before = recording.reaches(recording.one(DATABASE))
    slow = (NAT_GATEWAY, EIP, ROUTE_TABLE, BALANCER, ENDPOINT, INTERNET_GATEWAY, FUNCTION, STAGE)
    for kind in slow:
        for resource in recording.of(kind):
            assert resource.urn not in before, f"the database waits for {resource}"


def test_only_functions_that_use_the_database_wait_for_it(recording: Recording) -> None:
    """DB-2: alarms, integrations and the load balancer's listeners are there before the database is."""
    database = recording.one(DATABASE)
    kinds = ("cloudwatch/metricAlarm:MetricAlarm", "lb/listener:Listener", BALANCER, INTEGRATION)
    for kind in kinds:
        for resource in recording.of(kind):
            assert database.urn not in recording.reaches(resource), resource
    for function in recording.of(FUNCTION):
        uses = function.has("environment.variables.DATABASE_HOST")
        assert (database.urn in recording.reaches(function)) is uses, function


def test_new_code_comes_after_the_tables_that_it_expects(recording: Recording) -> None:
    """MIG-1, DB-2: functions that use the database wait for its migrations; nobody waits to be told of callers."""
    calls = recording.of(INVOCATION)
    called = [recording.target(call.get("function_name"), FUNCTION) for call in calls]
    for function in recording.of(FUNCTION):
        uses = function.has("environment.variables.DATABASE_HOST")
        waits = uses and function not in called
        for call in calls:
            tells_of_callers = '"callers"' in call.text("input")
            assert recording.needs(function, call) is (waits and not tells_of_callers), function


def test_functions_wait_for_the_way_there_and_back(recording: Recording) -> None:
    """NET-6, FN-5: routes and lists of their subnets and of those in which NAT gateways stand, and rules of their groups."""
    gateways = [gateway.text("subnet_id") for gateway in recording.of(NAT_GATEWAY)]
    for function in recording.of(FUNCTION):
        for subnet in [*function.texts("vpc_config.subnet_ids"), *gateways]:
            owner = recording.referred(subnet)
            assert owner is not None
            for kind, argument in ((ASSOCIATION, "subnet_id"), (NETWORK_ACL, "subnet_ids")):
                _needs_all(recording, function, recording.attached(kind, argument, owner))
        for group in groups_of(recording, function, "vpc_config.security_group_ids"):
            out = recording.attached(EGRESS_RULE, "security_group_id", group)
            let_in = recording.attached(INGRESS_RULE, "referenced_security_group_id", group)
            _needs_all(recording, function, out)
            _needs_all(recording, function, let_in)


def test_requests_move_when_a_function_may_be_called(recording: Recording) -> None:
    """API-1, LB-2: a deployment follows the permissions, a listener's rule the targets."""
    for kind, follows in ((DEPLOYMENT, PERMISSION), (LISTENER_RULE, ATTACHMENT)):
        for resource in recording.of(kind):
            mates = [item for item in recording.of(follows) if item.component == resource.component]
            _needs_all(recording, resource, mates)


def test_nothing_waits_for_a_whole_layer(recording: Recording) -> None:
    """DEL-1: an edge to a component waits for all its children; nothing waits for so much."""
    for resource in recording.resources:
        components = {recording.by_urn[urn].component for urn in resource.dependencies}
        for component in components:
            mates = [item for item in recording.resources if item.component == component]
            waiting = {item.urn for item in mates if item.urn in resource.dependencies}
            # What an argument names, it may need all of.
            named = frozenset[str]().union(*resource.property_dependencies.values())
            is_some = len(waiting) < len(mates) or waiting <= named
            assert is_some, f"{resource} waits for all of {component}"
