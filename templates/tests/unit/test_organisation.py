"""What holds for every resource: tags, names, one provider, and that it can be destroyed."""

from __future__ import annotations

import re
from collections import defaultdict

import settings
from tests.environment_class import DISPOSABLE, ENDING
from tests.unit.kinds import (
    ALIAS,
    BALANCER,
    BUCKET,
    DASHBOARD,
    DATABASE,
    DNS_RECORD,
    LAYER,
    LOG_GROUP,
    MODEL,
    PERMISSION,
    QUEUE,
    SAMPLING_RULE,
    SNAPSHOT,
    STAGE,
    TRACE_GROUP,
)
from tests.unit.mock_aws import ACCOUNT, REGION
from tests.unit.resources import Recording, Resource
from tests.unit.sdk import arguments, is_taggable
from tests.unit.values import as_map, as_text, parse_json

COMMON_TAGS = {
    **settings.COMPANY_TAGS,
    "Environment": settings.ENVIRONMENT,
    "MigrationDate": settings.MIGRATION_DATE,
    "Owner": settings.OWNER,
}
# The argument that holds the physical name, where it is not `name`.
NAME_ARGUMENTS = {
    BUCKET: "bucket",
    DASHBOARD: "dashboard_name",
    DATABASE: "identifier",
    LAYER: "layer_name",
    PERMISSION: "statement_id",
    SAMPLING_RULE: "rule_name",
    SNAPSHOT: "target_db_snapshot_identifier",
    TRACE_GROUP: "group_name",
}
# The most characters that AWS takes for a name of that type.
LIMITS = {
    "apigateway/stage:Stage": 128,
    "backup/plan:Plan": 256,
    "backup/selection:Selection": 50,
    "backup/vault:Vault": 50,
    "cloudwatch/dashboard:Dashboard": 255,
    "cloudwatch/eventRule:EventRule": 64,
    "cloudwatch/logDeliveryDestination:LogDeliveryDestination": 60,
    "cloudwatch/logDeliverySource:LogDeliverySource": 60,
    "cloudwatch/logGroup:LogGroup": 512,
    "cloudwatch/metricAlarm:MetricAlarm": 255,
    "ec2/securityGroup:SecurityGroup": 255,
    "iam/role:Role": 64,
    "iam/rolePolicy:RolePolicy": 128,
    "kms/alias:Alias": 256,
    "lambda/function:Function": 64,
    "lambda/layerVersion:LayerVersion": 140,
    "lambda/permission:Permission": 100,
    "lb/loadBalancer:LoadBalancer": 32,
    "lb/targetGroup:TargetGroup": 32,
    "lb/trustStore:TrustStore": 32,
    "rds/instance:Instance": 63,
    "rds/parameterGroup:ParameterGroup": 255,
    "rds/snapshotCopy:SnapshotCopy": 255,
    "rds/subnetGroup:SubnetGroup": 255,
    "s3/bucket:Bucket": 63,
    "secretsmanager/secret:Secret": 512,
    "sns/topic:Topic": 256,
    "sqs/queue:Queue": 80,
    "wafv2/webAcl:WebAcl": 128,
    "xray/group:Group": 32,
    "xray/samplingRule:SamplingRule": 32,
}
# Names that stand once in an account and region: the old resource has to go before a new one can
# take its name.
# Others may exist twice, or their provider deletes first by itself.
UNIQUE_NAMES = {
    "backup/plan:Plan",
    "backup/selection:Selection",
    "backup/vault:Vault",
    "cloudwatch/dashboard:Dashboard",
    "cloudwatch/eventRule:EventRule",
    "cloudwatch/eventTarget:EventTarget",
    "cloudwatch/logDeliveryDestination:LogDeliveryDestination",
    "cloudwatch/logDeliverySource:LogDeliverySource",
    "cloudwatch/logGroup:LogGroup",
    "cloudwatch/metricAlarm:MetricAlarm",
    "apigateway/model:Model",
    "apigateway/stage:Stage",
    "ec2/securityGroup:SecurityGroup",
    "iam/role:Role",
    "iam/rolePolicy:RolePolicy",
    "kms/alias:Alias",
    "lambda/function:Function",
    "lambda/permission:Permission",
    "lb/loadBalancer:LoadBalancer",
    "lb/trustStore:TrustStore",
    "rds/instance:Instance",
    "rds/snapshotCopy:SnapshotCopy",
    "rds/subnetGroup:SubnetGroup",
    "s3/bucket:Bucket",
    "secretsmanager/secret:Secret",
    "sns/topic:Topic",
    "sqs/queue:Queue",
    "wafv2/webAcl:WebAcl",
    "xray/group:Group",
    "xray/samplingRule:SamplingRule",
}
# Without a name, and yet AWS refuses a second one: of a network to the same destination, of a key in the plans of one stage, of
# functions behind one target group.
UNIQUE_OTHERWISE = {
    "apigateway/usagePlanKey:UsagePlanKey",
    "ec2/flowLog:FlowLog",
    "ec2/natGateway:NatGateway",
    "lb/targetGroupAttachment:TargetGroupAttachment",
}
# The provider would delete them first, for their names; they have to stay until their users have
# the new ones, whose names are others.
BESIDE = {"lb/targetGroup:TargetGroup", "rds/parameterGroup:ParameterGroup"}


def _of_aws(recording: Recording) -> list[Resource]:
    return [resource for resource in recording.resources if resource.token.startswith("aws:")]


def _name_argument(resource: Resource) -> str:
    """Give the argument that holds a resource's physical name; nothing if the type has none.

    A record of DNS has the name that clients or ACM ask for.
    """
    if resource.token == f"aws:{DNS_RECORD}":
        return ""
    argument = NAME_ARGUMENTS.get(resource.token.removeprefix("aws:"), "name")
    return argument if argument in arguments(resource.token) else ""


def _physical_name(resource: Resource) -> str:
    argument = _name_argument(resource)
    return resource.text(argument) if argument else ""


def _plain(name: str) -> str:
    """Take off what AWS asks for around a name of ours."""
    return name.removeprefix("alias/").removesuffix(f"-{ACCOUNT}")


def test_every_taggable_resource_carries_the_tags(recording: Recording) -> None:
    """TAG-1: Environment, MigrationDate and Owner are on whatever the SDK says takes tags."""
    assert recording.resources
    for resource in recording.resources:
        if is_taggable(resource.token):
            common = {key: value for key, value in resource.tags.items() if key != "Name"}
            assert common == COMMON_TAGS, resource
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", settings.MIGRATION_DATE)


def test_tags_of_the_company_are_beside_those_of_the_environment() -> None:
    """TAG-1: they take the place of none, whatever the case of their names, and leave room for a name."""
    own = {"environment", "migrationdate", "owner", "name"}
    assert not own & {name.lower() for name in settings.COMPANY_TAGS}
    # An object in S3 has at most ten tags.
    assert len(COMMON_TAGS) < 10


def test_the_provider_adds_the_tags_too(recording: Recording) -> None:
    """TAG-1: the provider's default tags are the same, for whatever AWS makes along."""
    (provider,) = (item for item in recording.providers if item.token.endswith(":aws"))
    defaults = as_map(parse_json(provider.text("default_tags")))
    assert as_map(defaults.get("tags")) == COMMON_TAGS


def test_every_resource_carries_the_suffix(recording: Recording) -> None:
    """NAME-1: the suffix is in each name, and in the Name tag of each resource that takes tags."""
    ending = f"-{settings.ENVIRONMENT}-{recording.suffix}"
    for resource in _of_aws(recording):
        if is_taggable(resource.token):
            assert as_text(resource.tags.get("Name")).endswith(ending), resource


def test_every_name_is_given(recording: Recording) -> None:
    """NAME-1: no resource that takes a name leaves it to the engine."""
    for resource in _of_aws(recording):
        if argument := _name_argument(resource):
            assert resource.text(argument), f"{resource} has no {argument}"


def test_names_follow_the_pattern(recording: Recording) -> None:
    """NAME-2: `resource-type[-role]-environment-suffix`; AWS's own rules excepted."""
    ending = f"{settings.ENVIRONMENT}-{recording.suffix}"
    pattern = rf"[a-z][a-z0-9]*(-[a-z0-9]+)*-{ending}"
    for resource in _of_aws(recording):
        tag = as_text(resource.tags.get("Name"))
        assert not is_taggable(resource.token) or re.fullmatch(pattern, tag), resource
        name = _plain(_physical_name(resource))
        kind = resource.token.removeprefix("aws:")
        if kind == LOG_GROUP:
            # A path that ends in the name of what writes, or that the writer dictates.
            dictated = name.startswith("API-Gateway-Execution-Logs_")
            parts = name.split("/")
            assert dictated or any(re.fullmatch(pattern, part) for part in parts), resource
        elif kind == MODEL:
            # Letters and digits only.
            assert name.endswith(re.sub("[^a-z0-9]", "", ending)), resource
        elif name:
            assert re.fullmatch(pattern, name), f"{resource} {name}"


def test_name_tags_agree_with_names(recording: Recording) -> None:
    """NAME-1: whoever finds a resource by name or by tag finds the same."""
    for resource in _of_aws(recording):
        kind = resource.token.removeprefix("aws:")
        if is_taggable(resource.token) and kind != LOG_GROUP and _physical_name(resource):
            assert resource.tags.get("Name") == _plain(_physical_name(resource)), resource


def test_names_are_distinct(recording: Recording) -> None:
    """NAME-1: no two resources of a type share a name or a Name tag."""
    seen: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for resource in _of_aws(recording):
        for name in {_physical_name(resource), as_text(resource.tags.get("Name"))}:
            if name:
                seen[resource.token, name].append(str(resource))
    assert {key: owners for key, owners in seen.items() if len(owners) > 1} == {}


def test_names_of_a_type_begin_alike(recording: Recording) -> None:
    """NAME-2: the first word of a name tells the type of the resource."""
    first: defaultdict[str, set[str]] = defaultdict(set)
    for resource in _of_aws(recording):
        names = [as_text(resource.tags.get("Name"))]
        if resource.token.removeprefix("aws:") not in {LOG_GROUP, MODEL}:
            names.append(_plain(_physical_name(resource)))
        first[resource.token] |= {name.split("-")[0] for name in names if name}
    # Of a function's own dead letters, and of others.
    first[f"aws:{QUEUE}"] -= {"dlq"}
    assert {token: words for token, words in first.items() if len(words) > 1} == {}


def test_names_fit_with_the_longest_suffix(longest_recording: Recording) -> None:
    """NAME-2: under the longest suffix that is allowed, each name is within AWS's limit."""
    measured = 0
    for resource in _of_aws(longest_recording):
        kind = resource.token.removeprefix("aws:")
        if kind in LIMITS and _physical_name(resource):
            measured += 1
            assert len(_physical_name(resource)) <= LIMITS[kind], resource
    assert measured


def test_two_environments_do_not_collide(recording: Recording, other_recording: Recording) -> None:
    """NAME-1: under another suffix no name is the same, so that both can stand in one account."""
    names = [
        {
            (resource.token, name)
            for resource in _of_aws(item)
            for name in (_physical_name(resource), as_text(resource.tags.get("Name")))
            # The id of the API, which AWS makes, tells these groups apart.
            if name and not name.startswith("API-Gateway-Execution-Logs_")
        }
        for item in (recording, other_recording)
    ]
    assert names[0]
    assert names[0].isdisjoint(names[1])


def test_no_name_begins_as_aws_forbids(recording: Recording) -> None:
    """NAME-2: groups may not begin like ids; databases and buckets have rules of their own."""
    for group in recording.of("ec2/securityGroup:SecurityGroup"):
        assert not group.text("name").startswith("sg-"), group
    identifier = recording.one(DATABASE).text("identifier")
    assert re.fullmatch(r"[a-z](-?[a-z0-9])*", identifier)
    for bucket in recording.of(BUCKET):
        # Names of buckets are global.
        assert bucket.text("bucket").endswith(f"-{ACCOUNT}"), bucket
        assert re.fullmatch(r"[a-z0-9](-?[a-z0-9])*", bucket.text("bucket")), bucket


def test_logical_names_stay_when_the_suffix_changes(
    recording: Recording, other_recording: Recording
) -> None:
    """NAME-1: the suffix is in names only, never in the identity of a resource."""
    assert {item.urn for item in recording.resources} == {
        item.urn for item in other_recording.resources
    }
    assert not any(recording.suffix in item.name for item in recording.resources)


def _stays(resource: Resource) -> bool:
    """Tell whether it outlives an environment that may not be destroyed at any time, once that is ending."""
    return resource.token.startswith(("aws:backup/vault", "aws:s3/bucket", "aws:kms/key:"))


def test_what_holds_data_is_protected_and_nothing_else(recording: Recording) -> None:
    """DEST-1: nothing is protected, and none stays behind. KEEP-1: what holds data is, or stays once it is ending."""
    for resource in (*recording.resources, *recording.components):
        kind = resource.token.removeprefix("aws:")
        outlives = kind == LOG_GROUP or resource.token.endswith("Objectv2")
        holds_data = not DISPOSABLE and (kind == DATABASE or _stays(resource)) and not outlives
        stays = not DISPOSABLE and (outlives or (ENDING and _stays(resource)))
        assert resource.protect is (holds_data and not ENDING), resource
        assert resource.retain_on_delete is stays, resource
        assert not resource.is_true("skip_destroy"), resource
        assert not resource.is_true("prevent_destroy"), resource


def test_database_goes_without_a_trace_or_not_by_a_slip(recording: Recording) -> None:
    """DEST-1: no protection, no final snapshot, no backup that stays. KEEP-1: all three. Changes at once."""
    database = recording.one(DATABASE)
    is_protected = not (DISPOSABLE or ENDING)
    assert database.get("deletion_protection") is is_protected
    assert database.get("skip_final_snapshot") is DISPOSABLE
    assert database.get("delete_automated_backups") is DISPOSABLE
    assert database.has("final_snapshot_identifier") is not DISPOSABLE
    assert database.is_true("apply_immediately")


def test_buckets_go_with_their_objects_or_not_by_a_slip(recording: Recording) -> None:
    """DEST-1: a bucket that is not empty does not block the destruction. KEEP-1: it does."""
    for bucket in recording.of(BUCKET):
        assert bucket.get("force_destroy") is DISPOSABLE, bucket


def test_load_balancer_can_go_or_not_by_a_slip(recording: Recording) -> None:
    """DEST-1: deletion protection of the load balancer is off. KEEP-1: it is on."""
    is_protected = not (DISPOSABLE or ENDING)
    assert recording.one(BALANCER).get("enable_deletion_protection") is is_protected


def test_explicit_names_are_free_before_they_are_taken_again(recording: Recording) -> None:
    """DEST-1: what can stand only once, mostly for its name, is deleted before it is replaced.

    A function that is renamed has other names, so that it is made before the old one goes.
    """
    orders = dict.fromkeys(UNIQUE_NAMES | UNIQUE_OTHERWISE, True) | dict.fromkeys(BESIDE, False)
    renamed = {
        f"{component.component}/{component.name}".lstrip("/")
        for component in recording.components
        if set(component.aliases) - {component.name}
    }
    for resource in recording.resources:
        expected = orders.get(resource.token.removeprefix("aws:"))
        if expected is not None and resource.component in renamed:
            expected = False
        assert resource.delete_before_replace is expected, resource


def test_everything_is_made_by_the_one_provider(recording: Recording) -> None:
    """REG-1: each resource of AWS goes through the program's own provider, bound to the region."""
    (provider,) = (item for item in recording.providers if item.token.endswith(":aws"))
    assert provider.text("region") == REGION == settings.REGION
    reference = f"{provider.urn}::{provider.id}"
    for resource in _of_aws(recording):
        assert resource.provider == reference, resource
        assert resource.get("region") in {None, REGION}, resource


def test_every_resource_belongs_to_a_component(recording: Recording) -> None:
    """DEL-1: resources stand in the component of their layer, components in the stack."""
    paths = {
        f"{item.component}/{item.name}" if item.component else item.name
        for item in recording.components
    }
    for resource in recording.resources:
        assert resource.component in paths, resource
    for component in recording.components:
        assert re.fullmatch(r"paystage:index:[A-Z][A-Za-z0-9]+", component.token), component


def test_stage_carries_the_environments_name_as_required(recording: Recording) -> None:
    """API-1, NAME-1: the stage is the one exception: its API carries the suffix, itself its tag."""
    assert recording.one(STAGE).text("stage_name") == settings.ENVIRONMENT


def test_aliases_name_keys_of_this_environment(recording: Recording) -> None:
    """NAME-1: what has no name of its own is found through its alias."""
    for alias in recording.of(ALIAS):
        assert alias.text("name").startswith("alias/"), alias
