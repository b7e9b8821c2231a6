"""Keys, aliases, roles and their policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud import policy
from cloud import tokens as t
from cloud.record import Record, Refused

if TYPE_CHECKING:
    from cloud.store import Cloud

# Inline policies of one role together, without white space.
ROLE_POLICY_CHARACTERS = 10_240


def fits(cloud: Cloud, record: Record) -> None:
    """The inline policies of a role have a limit together."""
    texts = [
        other.inputs["policy"]
        for other in cloud.all(t.ROLE_POLICY, role=record.inputs["role"])
        if other.seed != record.seed
    ]
    length = sum(len("".join(text.split())) for text in [*texts, record.inputs["policy"]])
    if length > ROLE_POLICY_CHARACTERS:
        message = (
            f"LimitExceeded: {record.name}: inline policies of the role have {length} characters"
        )
        raise Refused(message)


def functions_are_gone(cloud: Cloud, record: Record) -> None:
    """A function gives its interfaces back by its own right."""
    role = cloud.one(t.ROLE, name=record.inputs["role"])
    for function in cloud.all(t.FUNCTION):
        if role is not None and function.inputs["role"] == role.get("arn"):
            message = f"{record.name}: {function.name} would lose the right to remove its network interfaces"
            raise Refused(message)


def policies_that_allow(
    cloud: Cloud, role: Record, action: str, resource: str | None
) -> list[Record]:
    """Inline policies of a role that allow an action."""
    return [
        attached
        for attached in cloud.all(t.ROLE_POLICY, role=role.get("name"))
        if any(
            statement.allows(action, resource)
            for statement in policy.statements(attached.inputs["policy"])
        )
    ]


def must_allow(ref_path: str, *actions: str) -> Any:
    """A rule: the role at this argument has these rights already, on whatever; AWS looks."""

    def rule(cloud: Cloud, record: Record) -> None:
        for ref, role in record.refers:
            if ref.path == ref_path:
                for action in actions:
                    must_have_right(cloud, record, role, action, None)

    return rule


def must_have_right(
    cloud: Cloud, record: Record, role: Record, action: str, resource: str | None
) -> None:
    """Refuses a resource whose role may not yet do what AWS tries with it."""
    found = policies_that_allow(cloud, role, action, resource)
    record.needs += found
    if not found:
        message = (
            f"InvalidParameterValueException: {record.name}: the role {role.name} does not have "
            f"permissions to call {action} on {resource or 'anything'}"
        )
        raise Refused(message)


def trusts(role: Record, service: str) -> bool:
    """Whether a service may take on the role."""
    return any(
        ("Service", service) in statement.principals
        for statement in policy.statements(role.inputs["assumeRolePolicy"])
    )


def must_trust(ref_path: str, service: str) -> Any:
    """A rule: the role at this argument is one that the service may take on."""

    def rule(_: Cloud, record: Record) -> None:
        for ref, role in record.refers:
            if ref.path == ref_path and not trusts(role, service):
                message = f"{record.name}: {service} may not take on {role.name}"
                raise Refused(message)

    return rule
