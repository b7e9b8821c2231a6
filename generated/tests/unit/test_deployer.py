"""The policies for whoever deploys: they cover what the program registers, and limit what they grant."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import lru_cache
from pathlib import Path

import settings
from tests.environment_class import DISPOSABLE, ENDING
from tests.unit.kinds import BUCKET, DATABASE, FUNCTION, LOG_GROUP, QUEUE, ROLE, TOPIC
from tests.unit.policies import Statement, statements
from tests.unit.resources import Recording
from tests.unit.values import as_map, as_text, as_texts, parse_json

FOLDER = Path(__file__).parents[2] / "deployer"
# Characters that IAM takes in a managed policy, and policies that a role may carry.
LARGEST_POLICY = 6144
MOST_POLICIES = 10
READS = re.compile(r"[a-z0-9]+:(Describe|Get|List|GET$)")
# What deletes data, or the key without which it is lost.
DELETES_DATA = {
    *("kms:ScheduleKeyDeletion", "logs:DeleteLogGroup", "rds:DeleteDBInstance"),
    *("s3:DeleteBucket", "s3:DeleteObject", "s3:DeleteObjectVersion"),
}
# Removing what S3 keeps about a bucket, or a topic's policy, is a change of it; functions leave their network first.
# Subnets go back to the network ACL of their VPC, settings of an API to their defaults. A record is removed by a change of its zone, which is asked for until it is everywhere.
CHANGES_TO_REMOVE = re.compile(
    r"rds:(CreateDBSnapshot|AddTagsToResource)|s3:Put(Bucket(Logging|OwnershipControls|PublicAccessBlock|Versioning)"
    r"|(Encryption|Lifecycle)Configuration)"
    r"|sns:SetTopicAttributes|lambda:UpdateFunctionConfiguration|ec2:ReplaceNetworkAclAssociation"
    r"|apigateway:(PATCH|SetWebACL)|elasticloadbalancing:SetWebAcl"
    r"|route53:(ChangeResourceRecordSets|GetChange)"
)
REMOVES = re.compile(
    r"[a-z0-9]+:(De(lete|tach|register|scribe)|Disassociate|Re(lease|move|voke)|List|Unsubscribe"
    r"|DELETE$|ScheduleKeyDeletion$)"
)


@lru_cache(maxsize=1)
def _coverage() -> dict[str, object]:
    return dict(as_map(parse_json((FOLDER / "coverage.json").read_text(encoding="utf-8"))))


@lru_cache(maxsize=8)
def _policies(name: str) -> dict[str, list[Statement]]:
    files = as_texts(as_map(_coverage()["sets"])[name])
    return {
        file: statements((FOLDER / f"{file}.json").read_text(encoding="utf-8")) for file in files
    }


def _statements(name: str) -> list[Statement]:
    return [statement for policy in _policies(name).values() for statement in policy]


def _actions(name: str) -> set[str]:
    return {action for statement in _statements(name) for action in statement.actions}


def _own(phase: str) -> list[Statement]:
    """Give what a phase adds to looking."""
    policies = _policies(phase).items()
    return [rule for file, rules in policies if file.startswith(phase) for rule in rules]


@lru_cache(maxsize=64)
def _reached(phase: str, service: str, suffix: str) -> re.Pattern[str]:
    """Give what a phase reaches of a service, for a copy of the environment with this suffix."""
    tail = as_text(_coverage()["tail"])
    patterns = {
        pattern.replace(tail, f"-{settings.ENVIRONMENT}-{suffix}")
        for rule in _own(phase)
        for pattern in rule.resources
        if pattern.startswith(f"arn:aws:{service}:")
    }
    filled = sorted(pattern.replace("${aws:PrincipalAccount}", "*") for pattern in patterns)
    return re.compile("|".join(translate(pattern) for pattern in filled))


def test_every_kind_can_be_made_read_and_removed(recording: Recording) -> None:
    """SEC-2: the deployer's policies hold what each registered kind needs, and nothing for others."""
    kinds = as_map(_coverage()["kinds"])
    assert set(kinds) == set(recording.by_token)
    for token, value in kinds.items():
        kind = as_map(value)
        create, read = set(as_texts(kind["create"])), set(as_texts(kind["read"]))
        update, delete = set(as_texts(kind["update"])), set(as_texts(kind["delete"]))
        assert bool(create) == token.startswith("aws:"), token
        assert bool(delete) != bool(kind.get("keeps")), token
        assert create | update <= _actions("up"), token
        assert read <= _actions("preview"), token
        assert delete <= _actions("destroy"), token
        assert create | read | update | delete <= _actions("change"), token


def test_names_of_the_program_are_the_names_of_the_policies(recording: Recording) -> None:
    """Whatever has its name in an ARN is reached, in making and, unless it is kept, in removing."""
    kinds = {token: as_map(kind) for token, kind in as_map(_coverage()["kinds"]).items()}
    for kind in (BUCKET, DATABASE, FUNCTION, LOG_GROUP, QUEUE, ROLE, TOPIC):
        service = kind.split("/")[0].replace("cloudwatch", "logs")
        for resource in recording.of(kind):
            for phase in ("up",) if kinds[f"aws:{kind}"].get("keeps") else ("up", "destroy"):
                reached = _reached(phase, service, recording.suffix)
                arns = (resource.arn, f"{resource.arn}:*")
                assert any(reached.match(arn) for arn in arns), f"{phase}: {resource.arn}"


def test_policies_fit() -> None:
    """Each is a document that IAM takes, and a role can carry those that belong together."""
    sets = as_map(_coverage()["sets"])
    assert set(sets) == {"preview", "up", "change", "destroy"}
    for name in sets:
        policies = _policies(name)
        assert 0 < len(policies) <= MOST_POLICIES
        for file, rules in policies.items():
            text = (FOLDER / f"{file}.json").read_text(encoding="utf-8")
            assert len(re.sub(r"\s", "", text)) <= LARGEST_POLICY, file
            sids = [rule.sid for rule in rules]
            assert rules, file
            assert len(set(sids)) == len(sids), file
            assert all(re.fullmatch("[A-Za-z0-9]+", sid) for sid in sids), file
            assert all(rule.allows and rule.actions and rule.resources for rule in rules), file


def test_no_wildcard_but_with_a_reason() -> None:
    """SEC-2: the deployer has no wildcard action, and a wildcard resource only where a reason is listed."""
    coverage = _coverage()
    anywhere, openly = as_map(coverage["anywhere"]), as_map(coverage["open"])
    found: set[str] = set()
    for rule in _statements("change"):
        assert not [action for action in rule.actions if "*" in action], rule.sid
        if "*" in rule.resources:
            found.add(rule.sid)
            assert rule.condition("StringEquals", "aws:RequestedRegion") == [settings.REGION]
        else:
            assert all(resource.startswith("arn:aws:") for resource in rule.resources), rule.sid
    assert found == set(anywhere)
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for sid, reasons in [*anywhere.items(), *openly.items()]:
        assert all(reason in readme for reason in as_texts(reasons)), sid


def test_looking_changes_nothing() -> None:
    """A preview's policies only read, and see variables of functions through Lambda alone."""
    for rule in _own("preview"):
        if rule.actions == ["kms:Decrypt"]:
            services = rule.condition("StringEquals", "kms:ViaService")
            assert services == [f"lambda.{settings.REGION}.amazonaws.com"]
            continue
        assert all(READS.match(action) for action in rule.actions), rule.sid


def test_who_deploys_deletes_data_only_where_that_may_go() -> None:
    """DEST-1, KEEP-1: what holds data is deleted by nobody who deploys, before its environment is ending."""
    found = _actions("change") & DELETES_DATA
    assert bool(found) is (DISPOSABLE or ENDING), found
    assert DISPOSABLE or found <= {"rds:DeleteDBInstance"}, "more than ending takes"


def test_removing_makes_nothing() -> None:
    """What `destroy` adds to looking removes, or changes what AWS does not let go otherwise."""
    for rule in _own("destroy"):
        for action in rule.actions:
            assert REMOVES.match(action) or CHANGES_TO_REMOVE.fullmatch(action), action


def test_what_names_do_not_limit_tags_limit() -> None:
    """Every change is limited by our names, by tag, by service, or is listed with the reason."""
    tail = as_text(_coverage()["tail"])
    listed = {*as_map(_coverage()["anywhere"]), *as_map(_coverage()["open"])}
    for rule in [*_own("up"), *_own("destroy")]:
        limits = {key for keys in rule.conditions.values() for key in keys}
        values = {
            value
            for operator in ("StringLike", "StringLikeIfExists")
            for key in ("aws:ResourceTag/Name", "aws:RequestTag/Name")
            for value in rule.condition(operator, key)
        }
        assert values <= {f"*{tail}"}, rule.sid
        named = all(tail in resource for resource in rule.resources)
        services = {"iam:AWSServiceName", "iam:PassedToService", "kms:ViaService"}
        assert named or values or limits & services or rule.sid in listed, rule.sid


def test_roles_are_passed_to_services_alone() -> None:
    """SEC-2: the deployer passes roles of the environment only, and only to the services that use them."""
    rules = [rule for rule in _statements("change") if "iam:PassRole" in rule.actions]
    tail = as_text(_coverage()["tail"])
    assert rules
    for rule in rules:
        assert rule.actions == ["iam:PassRole"]
        assert all(f":role/role-*{tail}" in resource for resource in rule.resources)
        assert set(rule.condition("StringEquals", "iam:PassedToService")) >= {
            "lambda.amazonaws.com"
        }
