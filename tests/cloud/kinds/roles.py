"""IAM: roles and what they may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud import tokens as t
from cloud.aws import Aws, absent, as_list, given
from cloud.kind import Inputs, Kind
from cloud.record import Record, Ref, Unique
from cloud.rules import security as rule
from cloud.tags import dropped

if TYPE_CHECKING:
    from cloud.store import Cloud

# What IAM takes when nobody says.
SESSION_SECONDS = 3_600


class Role(Kind):
    """A role."""

    token = "aws:iam/role:Role"  # noqa: S105 - a type
    unsaid = frozenset({"forceDetachPolicies"})
    unique = (Unique(("name",), "EntityAlreadyExists"),)
    everywhere = True
    policies = (("assumeRolePolicy", "trust"),)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its name, and an id that only IAM uses."""
        name, path = record.inputs["name"], record.inputs.get("path", "/")
        return {
            "id": name,
            "arn": f"arn:aws:iam::{cloud.account}:role{path}{name}",
            "uniqueId": f"AROA{record.hex(17).upper()}",
        }

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it with all that it has, because whom it trusts must never be open."""
        made = aws.client("iam").create_role(
            RoleName=new["name"],
            AssumeRolePolicyDocument=new["assumeRolePolicy"],
            Tags=as_list(new["tagsAll"]),
            **given(
                Path=new.get("path"),
                Description=new.get("description"),
                MaxSessionDuration=new.get("maxSessionDuration"),
                PermissionsBoundary=new.get("permissionsBoundary"),
            ),
        )
        return made["Role"]["RoleName"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put everything again; a creation has said it all."""
        if not old:
            return
        iam = aws.client("iam")
        iam.update_assume_role_policy(RoleName=id_, PolicyDocument=new["assumeRolePolicy"])
        iam.update_role(
            RoleName=id_,
            Description=new.get("description", ""),
            MaxSessionDuration=new.get("maxSessionDuration", SESSION_SECONDS),
        )
        boundary = new.get("permissionsBoundary")
        if boundary is not None:
            iam.put_role_permissions_boundary(RoleName=id_, PermissionsBoundary=boundary)
        elif "permissionsBoundary" in old:
            iam.delete_role_permissions_boundary(RoleName=id_)
        gone = dropped(old, new)
        if gone:
            iam.untag_role(RoleName=id_, TagKeys=gone)
        iam.tag_role(RoleName=id_, Tags=as_list(new["tagsAll"]))

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        with absent("NoSuchEntity"):
            found = aws.client("iam").get_role(RoleName=id_)["Role"]
            return {
                "arn": found["Arn"],
                "createDate": found["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
                "uniqueId": found["RoleId"],
            }
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it; what hangs on it goes only when the program says so."""
        iam = aws.client("iam")
        if known.get("forceDetachPolicies"):
            for policy in iam.list_attached_role_policies(RoleName=id_)["AttachedPolicies"]:
                iam.detach_role_policy(RoleName=id_, PolicyArn=policy["PolicyArn"])
            for name in iam.list_role_policies(RoleName=id_)["PolicyNames"]:
                iam.delete_role_policy(RoleName=id_, PolicyName=name)
        iam.delete_role(RoleName=id_)


class RolePolicy(Kind):
    """What a role may do, as part of the role."""

    token = "aws:iam/rolePolicy:RolePolicy"  # noqa: S105 - a type
    refs = (Ref("role", (t.ROLE,), by="name", in_use="DeleteConflict"),)
    unique = (Unique(("name", "role")),)
    everywhere = True
    policies = (("policy", "identity"),)
    rules = (rule.fits,)
    delete_rules = (rule.functions_are_gone,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return both names."""
        del cloud
        return {"id": f"{record.inputs['role']}:{record.inputs['name']}"}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Put it."""
        self._put(aws, new)
        return f"{new['role']}:{new['name']}"

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put it again."""
        del id_
        if old:
            self._put(aws, new)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        role, name = id_.split(":")
        with absent("NoSuchEntity"):
            aws.client("iam").get_role_policy(RoleName=role, PolicyName=name)
            return {}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        role, name = id_.split(":")
        aws.client("iam").delete_role_policy(RoleName=role, PolicyName=name)

    def _put(self, aws: Aws, new: Inputs) -> None:
        aws.client("iam").put_role_policy(
            RoleName=new["role"], PolicyName=new["name"], PolicyDocument=new["policy"]
        )


class RolePolicyAttachment(Kind):
    """A managed policy on a role."""

    token = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"  # noqa: S105 - a type
    refs = (Ref("role", (t.ROLE,), by="name", in_use="DeleteConflict"),)
    unique = (Unique(("policyArn", "role")),)
    everywhere = True

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return both names."""
        del cloud
        return {"id": f"{record.inputs['role']}/{record.inputs['policyArn']}"}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Attach it."""
        aws.client("iam").attach_role_policy(RoleName=new["role"], PolicyArn=new["policyArn"])
        return f"{new['role']}/{new['policyArn']}"

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        role, arn = id_.split("/", 1)
        with absent("NoSuchEntity"):
            pages = aws.client("iam").get_paginator("list_attached_role_policies")
            for page in pages.paginate(RoleName=role):
                if any(policy["PolicyArn"] == arn for policy in page["AttachedPolicies"]):
                    return {}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Detach it."""
        del known
        role, arn = id_.split("/", 1)
        aws.client("iam").detach_role_policy(RoleName=role, PolicyArn=arn)


KINDS: tuple[Kind, ...] = (Role(), RolePolicy(), RolePolicyAttachment())
