"""What must hold of a stack as a whole, beyond what AWS checks one resource at a time."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from cloud import policy
from cloud import tokens as t
from cloud.rules import api
from engine import chain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cloud import Cloud, Record

# Groups that a service makes itself and shares: enhanced monitoring of every database writes to this one.
SHARED_LOG_GROUPS = ("RDSOSMetrics",)


def _of_backups(cloud: Cloud) -> Iterator[str]:
    """What AWS Backup makes once a plan runs, here and where its copies go; and the vaults of others that get them."""
    for plan in cloud.all(t.BACKUP_PLAN):
        copies = [
            copy["destinationVaultArn"]
            for rule in plan.inputs["rules"]
            for copy in rule.get("copyActions", [])
        ]
        yield from copies
        for region in {plan.region, *(arn.split(":")[3] for arn in copies)}:
            yield f"arn:aws:rds:{region}:{cloud.account}:snapshot:awsbackup:job"
            yield f"arn:aws:kms:{region}:{cloud.account}:key/of-a-vault"


def dangling_policies(cloud: Cloud) -> Iterator[str]:
    """ARNs in policies that nothing in the account answers to: a right that does not work."""
    names = [name for record in cloud.records for name in _names(cloud, record)]
    for region in {record.region for record in cloud.records}:
        names += [f"arn:aws:logs:{region}:{cloud.account}:log-group:{n}" for n in SHARED_LOG_GROUPS]
    names += _of_backups(cloud)
    for record in cloud.records:
        for argument, _ in cloud.kind(record.token).policies:
            if argument not in record.inputs:
                continue
            for statement in policy.statements(record.inputs[argument]):
                for resource in statement.resources:
                    if resource != "*" and not _answers(resource, names):
                        yield f"{record.name}: nothing is named {resource}"


def _answers(pattern: str, names: list[str]) -> bool:
    # What lies below a thing that exists needs not exist yet: objects of a bucket,
    # users of a database, streams of a log group.
    above = {pattern.removesuffix(":*"), pattern.split(":log-stream:", maxsplit=1)[0]}
    if pattern.startswith(("arn:aws:s3:", "arn:aws:rds-db:")):
        above.add(pattern.split("/", maxsplit=1)[0])
    wanted = {pattern, *above}
    return any(fnmatchcase(name, each) for name in names for each in wanted)


def _names(cloud: Cloud, record: Record) -> Iterator[str]:
    if isinstance(record.get("arn"), str):
        yield record.get("arn")
    if isinstance(record.get("executionArn"), str):
        yield record.get("executionArn")
    if record.token == t.DATABASE:
        users = f"arn:aws:rds-db:{record.region}:{cloud.account}:dbuser:{record.get('resourceId')}"
        yield users
        for secret in record.get("masterUserSecrets"):
            yield secret["secretArn"]


def stale_deployments(cloud: Cloud) -> Iterator[str]:
    """Stages that lack a part of the API, or where a route that was removed still reaches a function.

    The engine deletes last, so a deployment is made while removed routes are still there, and holds them until the next
    one. What makes them dead is that the permission to call the function is gone.
    """
    for stage in cloud.all(t.STAGE):
        deployment = cloud.one(t.DEPLOYMENT, id=stage.inputs["deployment"])
        assert deployment is not None
        seen, now = deployment.memory[api.PICTURE], api.definition(cloud, stage.inputs["restApi"])
        for part in sorted(set(now) - set(seen)):
            yield f"{stage.name}: not deployed: {part}"
        present = api.routes(cloud, stage.inputs["restApi"])
        for route, arn in deployment.memory[api.ROUTES].items():
            if route not in present and _may_call(cloud, stage, route, arn):
                yield f"{stage.name}: the removed route {route} still reaches {arn}"


def uncallable_methods(cloud: Cloud) -> Iterator[str]:
    """Methods whose function the API may not call at the stage, or that call a function that is not there."""
    for integration in cloud.all(t.INTEGRATION):
        arn = api.integration_function(integration)
        function = cloud.by_arn(arn) if arn else None
        if function is None:
            yield f"{integration.name}: there is no function {arn}"
            continue
        for stage in cloud.all(t.STAGE, restApi=integration.inputs["restApi"]):
            route = f"{integration.inputs['httpMethod']}{api.resource_path(cloud, integration)}"
            if not _may_call(cloud, stage, route, arn):
                yield f"{integration.name}: {route} may not call {function.name}"


def _may_call(cloud: Cloud, stage: Record, route: str, arn: str | None) -> bool:
    function = cloud.by_arn(arn) if arn else None
    return function is not None and any(
        permission.inputs["function"] in (function.id, arn)
        and permission.inputs["principal"] == "apigateway.amazonaws.com"
        and fnmatchcase(f"{stage.get('executionArn')}/{route}", permission.inputs["sourceArn"])
        for permission in cloud.all(t.PERMISSION)
    )


def missing_edges(cloud: Cloud, resources: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Resources that must exist first, but that nothing waits for: it went well by luck this time."""
    ancestors = chain.ancestors(resources)
    for record in cloud.records:
        needs = list(record.needs)
        if record.token == t.DEPLOYMENT:
            needs += api.parts(cloud, record.inputs["restApi"])
        for other in needs:
            # What another stack has made was there before.
            in_stack = record.urn in ancestors and other.urn in ancestors
            if in_stack and other.urn not in ancestors[record.urn]:
                yield f"{record.name} ({record.token}) does not wait for {other.name} ({other.token})"


def problems(cloud: Cloud) -> list[str]:
    """All of the above."""
    return [*dangling_policies(cloud), *stale_deployments(cloud), *uncallable_methods(cloud)]
