"""Functions as IAM sees them: what each one's role may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.integration.policies import Request, Statement, allows, statements

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_lambda.type_defs import FunctionConfigurationResponseTypeDef

    from tests.integration.cloud import Cloud


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A function as IAM sees it."""

    key: str
    arn: str
    variables: dict[str, str]
    rights: list[Statement]

    def may(self, action: str, resource: str, **context: str) -> bool:
        """Whether its role lets it; underscores in the names of keys stand for colons."""
        keys = {name.replace("_", ":", 1): value for name, value in context.items()}
        return allows(self.rights, Request(action=action, resource=resource, context=keys))


def read(
    cloud: Cloud, functions: Mapping[str, FunctionConfigurationResponseTypeDef]
) -> list[Actor]:
    """Read what each function is told, and may do."""
    return [
        Actor(
            key=key,
            arn=function["FunctionArn"],
            variables=dict(function["Environment"]["Variables"]),
            rights=_rights(cloud, function["Role"].rpartition("/")[2]),
        )
        for key, function in functions.items()
    ]


def _rights(cloud: Cloud, role: str) -> list[Statement]:
    return [
        statement
        for name in cloud.iam.list_role_policies(RoleName=role)["PolicyNames"]
        for statement in statements(
            cloud.iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        )
    ]
