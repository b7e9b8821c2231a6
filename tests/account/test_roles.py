"""Roles and keys: what a plain deployment does not show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from account.hands import AbortedError
from cloud import tokens as t
from cloud.aws import as_map

if TYPE_CHECKING:
    from account.hands import Hands

BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"


def trust(service: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def allow(action: str) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_role_is_changed_in_place_and_back(hands: Hands) -> None:
    iam = hands.aws.client("iam")
    policy = iam.create_policy(PolicyName="boundary", PolicyDocument=allow("s3:*"))["Policy"]
    assert policy["Arn"] == BOUNDARY
    role = hands.make(t.ROLE, name="r", assumeRolePolicy=trust("lambda"), tags={"Name": "r"})
    changed = hands.change(
        role,
        assumeRolePolicy=trust("rds"),
        description="d",
        maxSessionDuration=7200,
        permissionsBoundary=BOUNDARY,
        tags={"Owner": "payments"},
    )
    assert changed["uniqueId"] == role["uniqueId"]
    found = iam.get_role(RoleName="r")["Role"]
    assert found["AssumeRolePolicyDocument"] == json.loads(trust("rds"))
    assert (found["Description"], found["MaxSessionDuration"]) == ("d", 7200)
    assert found["PermissionsBoundary"]["PermissionsBoundaryArn"] == BOUNDARY
    assert as_map(found["Tags"]) == {"Owner": "payments", "project": "paystage"}

    nothing = dict.fromkeys(("description", "maxSessionDuration", "permissionsBoundary"))
    hands.change(changed, **nothing)
    found = iam.get_role(RoleName="r")["Role"]
    assert found["MaxSessionDuration"] == 3600
    assert not found.get("Description")
    assert "PermissionsBoundary" not in found


def test_a_role_that_still_has_rights_stays_unless_the_program_says_so(hands: Hands) -> None:
    role = hands.make(t.ROLE, name="r", assumeRolePolicy=trust("lambda"))
    hands.make(t.ROLE_POLICY, name="p", role=role.id, policy=allow("s3:GetObject"))
    with pytest.raises(AbortedError, match="DeleteConflict"):
        hands.delete(role)
    hands.delete(hands.change(role, forceDetachPolicies=True))
    assert hands.read(role) is None


def test_rights_change_and_go(hands: Hands) -> None:
    iam = hands.aws.client("iam")
    role = hands.make(t.ROLE, name="r", assumeRolePolicy=trust("lambda"))
    policy = hands.make(t.ROLE_POLICY, name="p", role=role.id, policy=allow("s3:GetObject"))
    assert policy.id == "r:p"
    policy = hands.change(policy, policy=allow("s3:PutObject"))
    found = iam.get_role_policy(RoleName="r", PolicyName="p")["PolicyDocument"]
    assert found["Statement"][0]["Action"] == "s3:PutObject"

    managed = iam.create_policy(PolicyName="m", PolicyDocument=allow("s3:*"))["Policy"]["Arn"]
    attachment = hands.make(t.ROLE_POLICY_ATTACHMENT, role=role.id, policyArn=managed)
    for thing in (policy, attachment, role):
        assert hands.read(thing) is not None
        hands.delete(thing)
        assert hands.read(thing) is None
        hands.delete(thing)


def test_a_policy_that_is_none_is_refused(hands: Hands) -> None:
    role = hands.make(t.ROLE, name="r", assumeRolePolicy=trust("lambda"))
    with pytest.raises(AbortedError, match="MalformedPolicyDocument"):
        hands.make(t.ROLE_POLICY, name="p", role=role.id, policy='{"Statement": "all"}')
    with pytest.raises(AbortedError, match="EntityAlreadyExists"):
        hands.make(t.ROLE, name="r", assumeRolePolicy=trust("lambda"))


def test_an_alias_follows_its_key_and_a_key_ends_later(hands: Hands) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": []})
    one, two = (
        hands.make(t.KEY, policy=document, enableKeyRotation=True, deletionWindowInDays=7)
        for _ in range(2)
    )
    alias = hands.make(t.ALIAS, name="alias/a", targetKeyId=one["keyId"])
    assert alias["targetKeyArn"] == one["arn"]
    assert hands.change(alias, targetKeyId=two["keyId"])["targetKeyArn"] == two["arn"]
    kms = hands.aws.client("kms")
    assert kms.get_key_rotation_status(KeyId=one.id)["KeyRotationEnabled"]
    one = hands.change(one, enableKeyRotation=None)
    assert not kms.get_key_rotation_status(KeyId=one.id)["KeyRotationEnabled"]
    hands.delete(one)
    assert hands.read(one) is None
    assert kms.describe_key(KeyId=one.id)["KeyMetadata"]["KeyState"] == "PendingDeletion"
