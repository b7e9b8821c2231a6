"""The customer-managed keys: rotation, who may use them, and what each one protects."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path

import settings
from tests.environment_class import DISPOSABLE
from tests.owners_keys import OWNERS_KEYS
from tests.unit.kinds import (
    ALIAS,
    BACKUP_PLAN,
    BACKUP_VAULT,
    BUCKET,
    DATABASE,
    FUNCTION,
    KEY,
    LOG_GROUP,
    QUEUE,
    ROLE,
    SECRET,
    TOPIC,
)
from tests.unit.mock_aws import ACCOUNT, REGION
from tests.unit.policies import Statement, statements
from tests.unit.resources import Recording, Resource
from tests.unit.values import as_list, as_map, as_text

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
LOGS = f"logs.{REGION}.amazonaws.com"
# What keeps a key and lets it go. Nothing that reads or writes under it, or lets somebody else do so.
CARE = {
    *("CreateAlias", "DeleteAlias", "UpdateAlias", "UpdateKeyDescription"),
    *("EnableKey", "DisableKey", "ScheduleKeyDeletion", "CancelKeyDeletion"),
    *("EnableKeyRotation", "DisableKeyRotation", "RotateKeyOnDemand"),
    *("GetKeyRotationStatus", "ListKeyRotations"),
    *("DescribeKey", "GetKeyPolicy", "PutKeyPolicy", "ListKeyPolicies"),
    *("ListGrants", "RevokeGrant", "ListResourceTags", "TagResource", "UntagResource"),
}
CLOUDWATCH = "cloudwatch.amazonaws.com"
OWN_TOPICS = "topics"
ENCRYPTION_CONFIGURATION = (
    "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
S3_KEY = "rules.apply_server_side_encryption_by_default.kms_master_key_id"

# Every argument that may name a key, and the kind of data that it encrypts.
KEY_ARGUMENTS = (
    (LOG_GROUP, "kms_key_id", "logs"),
    (TOPIC, "kms_master_key_id", "topic"),
    (QUEUE, "kms_master_key_id", "data"),
    (FUNCTION, "kms_key_arn", "data"),
    (BACKUP_VAULT, "kms_key_arn", "database"),
    (DATABASE, "kms_key_id", "database"),
    (DATABASE, "master_user_secret_kms_key_id", "database"),
    (DATABASE, "performance_insights_kms_key_id", "database"),
    (ENCRYPTION_CONFIGURATION, S3_KEY, "data"),
)
ROLES = {kind: role for kind, _, role in KEY_ARGUMENTS}
DOCUMENT = Path(__file__).parents[2] / "docs" / "keys.md"


def _users(recording: Recording) -> dict[str, set[str]]:
    """Give the kinds of resources that each key encrypts, by the key's ARN; those of owners are in the spec."""
    users: dict[str, set[str]] = {key.arn: set() for key in recording.of(KEY)}
    users |= {key: set() for key in OWNERS_KEYS.values()}
    for kind, argument, role in KEY_ARGUMENTS:
        for resource in recording.of(kind):
            if resource.has(argument):
                # Topics of functions are under the key of their data.
                is_own = resource.component == OWN_TOPICS
                key = recording.key_of(resource.get(argument), "data" if is_own else role)
                users[key].add(OWN_TOPICS if is_own else kind)
    return users


def _own_topics(recording: Recording) -> list[Resource]:
    return [topic for topic in recording.of(TOPIC) if topic.component == OWN_TOPICS]


def _statements(recording: Recording, kind: str) -> list[Statement]:
    """Give the statements about the key that encrypts a kind of resources, or those that its owner has to add."""
    role = ROLES[kind]
    if role in OWNERS_KEYS:
        return _of_owner(recording, role)
    users = _users(recording)
    found = [key for key in recording.of(KEY) if kind in users[key.arn]]
    assert len(found) == 1, f"{len(found)} keys encrypt {kind}"
    return found[0].statements()


def _of_owner(recording: Recording, role: str) -> list[Statement]:
    """Read them in the document for the owners, as if it were this recording's environment."""
    section = DOCUMENT.read_text(encoding="utf-8").partition(f"\n## {role}\n")[2]
    text = section.partition("```json\n")[2].partition("```")[0]
    account = OWNERS_KEYS[role].split(":")[4]
    text = text.replace(f":{account}:", f":{ACCOUNT}:").replace(f'"{account}"', f'"{ACCOUNT}"')
    name = f"role-*-{settings.ENVIRONMENT}-"
    text = re.sub(rf'{re.escape(name)}[^"]*', f"{name}{recording.suffix}", text)
    return statements(f'{{"Version": "2012-10-17", "Statement": {text}}}')


def test_keys_rotate(recording: Recording) -> None:
    """SEC-1: each key rotates by itself, at an interval that KMS accepts; one that others own is theirs to rotate."""
    assert len(recording.of(KEY)) == len(set(ROLES.values())) - len(OWNERS_KEYS)
    for key in recording.of(KEY):
        assert key.is_true("enable_key_rotation"), key
        assert 90 <= key.number("rotation_period_in_days") <= 2560, key


def test_keys_say_what_they_are_for(recording: Recording) -> None:
    """SEC-1: each key has a description, another one than the others."""
    descriptions = {key.text("description").strip() for key in recording.of(KEY)}
    assert "" not in descriptions
    assert len(descriptions) == len(recording.of(KEY))


def test_deleted_keys_wait_for_the_time_asked(recording: Recording) -> None:
    """DEST-1, KEEP-1: a deletion window is set; it is the time in which a mistake can be taken back."""
    least = 7 if DISPOSABLE else 30
    for key in recording.of(KEY):
        assert least <= key.number("deletion_window_in_days") <= 30, key


def test_each_key_has_its_alias(recording: Recording) -> None:
    """NAME-1: a key has no name of its own, so that one alias names it."""
    targets = [recording.target(alias.get("target_key_id"), KEY) for alias in recording.of(ALIAS)]
    assert sorted(key.urn for key in targets) == sorted(key.urn for key in recording.of(KEY))


def _of_account(rules: list[Statement], *, on_condition: bool) -> list[Statement]:
    return [
        rule for rule in rules if "AWS" in rule.principals and bool(rule.conditions) is on_condition
    ]


def test_the_account_administers_each_key_and_does_not_use_it(recording: Recording) -> None:
    """SEC-1: through its root, as roles may not exist yet; nobody is locked out, nobody decrypts by IAM alone."""
    for key in recording.of(KEY):
        for rule in key.statements():
            assert rule.allows, key
            # In a key's policy `*` is the key itself.
            assert rule.resources == ["*"], key
            assert set(rule.principals) <= {"AWS", "Service"}, key
            others = _copying(recording) if recording.of(BACKUP_VAULT) else []
            assert rule in others or rule.principals.get("AWS", [ROOT]) == [ROOT], key
        (administer,) = _of_account(key.statements(), on_condition=False)
        assert {action.removeprefix("kms:") for action in administer.actions} == CARE, key


def _copying(recording: Recording) -> list[Statement]:
    """Give what other accounts may do with the database's key."""
    return [
        rule
        for rule in _statements(recording, DATABASE)
        if any(name != ROOT for name in rule.principals.get("AWS", []))
    ]


def test_only_who_gets_copies_reads_backups_elsewhere(recording: Recording) -> None:
    """SEC-1: AWS Backup's own role in the account whose vault the plan copies to, and nobody else of it."""
    copies = [
        as_text(as_map(copy).get("destination_vault_arn")).split(":")[4]
        for plan in recording.of(BACKUP_PLAN)
        for rule in plan.maps("rules")
        for copy in as_list(rule.get("copy_actions"))
    ]
    found = _copying(recording)
    # Where the spec says that the account of the copies is the environment's, nobody else gets anything.
    assert len(found) <= len(copies)
    assert len(found) == len(copies) or set(copies) <= set(settings.ALLOWED_ACCOUNT_IDS)
    for rule in found:
        assert rule.allows
        (account,) = copies
        assert rule.principals == {"AWS": [f"arn:aws:iam::{account}:root"]}
        role = "role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup"
        expected = {"ArnEquals": {"aws:PrincipalArn": [f"arn:aws:iam::{account}:{role}"]}}
        assert dict(rule.conditions) == expected
        assert {action.removeprefix("kms:").removesuffix("*") for action in rule.actions} == {
            *("CreateGrant", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "ReEncrypt")
        }


def test_keys_are_used_by_functions_and_through_services(recording: Recording) -> None:
    """SEC-1: each key by this environment's roles or through the services that encrypt with it."""
    deploy = {"CreateGrant", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey"}
    own = (f"arn:aws:iam::{ACCOUNT}:role/role-*-{settings.ENVIRONMENT}-{recording.suffix}",)
    stored = (f"s3.{REGION}.amazonaws.com", f"sqs.{REGION}.amazonaws.com")
    shared = (f"sns.{REGION}.amazonaws.com",) if _own_topics(recording) else ()
    managed = (f"rds.{REGION}.amazonaws.com", f"secretsmanager.{REGION}.amazonaws.com")
    expected: dict[str, list[tuple[set[str], tuple[str, ...], tuple[str, ...]]]] = {
        DATABASE: [
            (deploy, (), managed),
            *[
                (deploy - {"Encrypt"} | {"RetireGrant"}, (), (f"backup.{REGION}.amazonaws.com",))
                for _ in recording.of(BACKUP_VAULT)
            ],
        ],
        FUNCTION: [
            (deploy, (), (f"lambda.{REGION}.amazonaws.com",)),
            ({"Decrypt"}, own, ()),
            ({"GenerateDataKey"}, own, stored + shared),
            ({"Decrypt"}, (), stored),
            *[
                ({"Decrypt", "GenerateDataKey"}, (), (managed[1],))
                for _ in recording.of(SECRET)[:1]
            ],
        ],
        LOG_GROUP: [],
        TOPIC: [],
    }
    for kind, uses in expected.items():
        found = [
            (
                {action.removeprefix("kms:") for action in rule.actions},
                tuple(rule.condition("ArnLike", "aws:PrincipalArn")),
                tuple(rule.condition("StringEquals", "kms:ViaService")),
            )
            for rule in _of_account(_statements(recording, kind), on_condition=True)
            if rule.principals["AWS"] == [ROOT]
        ]
        assert found == uses, kind


def test_every_role_of_a_function_is_one_that_the_key_knows(recording: Recording) -> None:
    """SEC-1, FN-4: whoever runs with a role of another name could not even start."""
    (pattern,) = {
        name
        for rule in _statements(recording, FUNCTION)
        for name in rule.condition("ArnLike", "aws:PrincipalArn")
    }
    for function in recording.of(FUNCTION):
        assert fnmatchcase(recording.target(function.get("role"), ROLE).arn, pattern), function


def test_services_may_use_only_the_keys_that_they_need(recording: Recording) -> None:
    """SEC-1: logs and alarms may use the keys of log groups and topics; nobody another."""
    expected = {"logs": {LOGS}, "topic": {CLOUDWATCH}}
    if _own_topics(recording):
        expected["data"] = {"sns.amazonaws.com"}
    for kind, role in ROLES.items():
        if kind == BACKUP_VAULT:
            # It has the key of the database, where there is one.
            continue
        rules = _statements(recording, kind)
        services = {service for rule in rules for service in rule.principals.get("Service", [])}
        assert services == expected.get(role, set()), kind


def test_log_groups_can_encrypt(recording: Recording) -> None:
    """SEC-1, MON-1: the logs service may do what it needs, for log groups of this account only."""
    rules = [rule for rule in _statements(recording, LOG_GROUP) if rule.is_for(LOGS)]
    assert len(rules) == 1
    assert {action.removeprefix("kms:").removesuffix("*") for action in rules[0].actions} == {
        "Encrypt",
        "Decrypt",
        "ReEncrypt",
        "GenerateDataKey",
        "Describe",
    }
    assert rules[0].condition("ArnLike", "kms:EncryptionContext:aws:logs:arn") == [
        f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:*"
    ]


def test_alarms_can_be_delivered_through_the_encrypted_topic(recording: Recording) -> None:
    """SEC-1, MON-5: CloudWatch may use the topic's key, on behalf of this account only."""
    rules = [rule for rule in _statements(recording, TOPIC) if rule.is_for(CLOUDWATCH)]
    assert len(rules) == 1
    assert set(rules[0].actions) == {"kms:Decrypt", "kms:GenerateDataKey*"}
    assert rules[0].condition("StringEquals", "aws:SourceAccount") == [ACCOUNT]


def test_each_kind_of_data_has_a_key_of_its_own(recording: Recording) -> None:
    """SEC-1: database, logs, alarms and the functions' data share no key, and no key is idle."""
    users = _users(recording)
    data = {QUEUE, FUNCTION, ENCRYPTION_CONFIGURATION}
    if _own_topics(recording):
        data.add(OWN_TOPICS)
    assert sorted(sorted(kinds) for kinds in users.values()) == sorted(
        [
            sorted({DATABASE, *(BACKUP_VAULT for _ in recording.of(BACKUP_VAULT))}),
            [LOG_GROUP],
            [TOPIC],
            sorted(data),
        ]
    )


def test_what_can_be_encrypted_with_a_key_is(recording: Recording) -> None:
    """SEC-1, DB-4, S3-4: every log group, topic, queue, function and database names a key."""
    for kind, argument, _ in KEY_ARGUMENTS:
        if kind != ENCRYPTION_CONFIGURATION:
            assert all(resource.has(argument) for resource in recording.of(kind)), kind
    assert recording.of(BUCKET)


def test_sns_delivers_for_this_account_only(recording: Recording) -> None:
    """SEC-1: where functions have topics, SNS may decrypt and encrypt what it puts into queues, for this account."""
    rules = [rule for rule in _statements(recording, FUNCTION) if rule.is_for("sns.amazonaws.com")]
    assert len(rules) == len(_own_topics(recording)[:1])
    for rule in rules:
        assert set(rule.actions) == {"kms:Decrypt", "kms:GenerateDataKey"}
        assert dict(rule.conditions) == {"StringEquals": {"aws:SourceAccount": [ACCOUNT]}}
