"""REST APIs: what belongs to which API, and what a deployment saw of it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from cloud import tokens as t
from cloud.record import Record, Refused

if TYPE_CHECKING:
    from cloud.store import Cloud

# What a deployment takes a picture of.
DEFINITION = (t.METHOD, t.INTEGRATION, t.MODEL, t.VALIDATOR, t.RESPONSE)
# What the stage runs: a picture of the definition, taken when the deployment was made.
PICTURE = "picture"
# The routes in it: HTTP method and path, and the function behind.
ROUTES = "routes"
LAMBDA_URI = re.compile(r":lambda:path/2015-03-31/functions/(arn:aws:lambda:[^/]+)/invocations$")


def tls_is_whole(_: Cloud, record: Record) -> None:
    """The newer security policies need an access mode."""
    policy, mode = record.inputs.get("securityPolicy", ""), record.inputs.get("endpointAccessMode")
    if policy.startswith("SecurityPolicy_") and mode is None:
        message = (
            f"BadRequest: {record.name}: Endpoint access mode is required for the security policy"
        )
        raise Refused(message)


def _api_of(cloud: Cloud, record: Record) -> Record:
    name = record.inputs.get("restApi", record.inputs.get("restApiId"))
    api = cloud.one(t.REST_API, id=name)
    assert api is not None
    return api


def resource_path(cloud: Cloud, record: Record) -> str:
    """The path that a method or an integration is on; refuses another API's resource."""
    api, id_ = _api_of(cloud, record), record.inputs["resourceId"]
    if id_ == api.get("rootResourceId"):
        return "/"
    found = cloud.one(t.API_RESOURCE, id=id_, restApi=api.id)
    if found is None:
        message = f"NotFoundException: {record.name}: the API {api.name} has no resource {id_}"
        raise Refused(message)
    return found.get("path")


def is_on_a_resource(cloud: Cloud, record: Record) -> None:
    """A method stands on a resource of its own API."""
    resource_path(cloud, record)


def parent_is_of_same_api(cloud: Cloud, record: Record) -> None:
    """A path goes on below a resource of its own API."""
    api = _api_of(cloud, record)
    if record.inputs["parentId"] != api.get("rootResourceId") and not cloud.one(
        t.API_RESOURCE, id=record.inputs["parentId"], restApi=api.id
    ):
        message = f"NotFoundException: {record.name}: the API {api.name} has no such parent"
        raise Refused(message)


def validators_and_models_exist(cloud: Cloud, record: Record) -> None:
    """What a method names is there before it."""
    api = record.inputs["restApi"]
    validator = record.inputs.get("requestValidatorId")
    if validator is not None and not cloud.needed(record, t.VALIDATOR, id=validator, restApi=api):
        message = f"BadRequest: {record.name}: the API has no validator {validator}"
        raise Refused(message)
    for name in record.inputs.get("requestModels", {}).values():
        if name in ("Empty", "Error"):
            continue
        if not cloud.needed(record, t.MODEL, name=name, restApi=api):
            message = f"BadRequest: {record.name}: the API has no model {name}"
            raise Refused(message)


def is_schema(_: Cloud, record: Record) -> None:
    """A model is a JSON Schema of the one draft that API Gateway reads."""
    try:
        schema = json.loads(record.inputs["schema"])
    except ValueError as error:
        message = f"BadRequest: {record.name}: the schema is not JSON: {error}"
        raise Refused(message) from error
    # One that names no draft is taken for that draft.
    if "draft-04" not in schema.get("$schema", "draft-04"):
        message = f"BadRequest: {record.name}: the schema is not draft-04"
        raise Refused(message)


def integration_function(record: Record) -> str | None:
    """ARN of the function behind an integration."""
    found = LAMBDA_URI.search(record.inputs.get("uri", ""))
    return found[1] if found else None


def has_method(cloud: Cloud, record: Record) -> None:
    """An integration is put behind a method that is there."""
    resource_path(cloud, record)
    same = {name: record.inputs[name] for name in ("restApi", "resourceId", "httpMethod")}
    if not cloud.needed(record, t.METHOD, **same):
        message = f"NotFoundException: {record.name}: there is no method for it yet"
        raise Refused(message)


def parts(cloud: Cloud, api: str) -> list[Record]:
    """All of an API that its clients could notice."""
    return [
        record
        for token in DEFINITION
        for record in cloud.all(token)
        if api in (record.get("restApi"), record.get("restApiId"))
    ]


def definition(cloud: Cloud, api: str) -> list[str]:
    """The same as text that changes when it does."""
    return sorted(
        f"{record.token} {json.dumps(record.inputs, sort_keys=True)}"
        for record in parts(cloud, api)
    )


def routes(cloud: Cloud, api: str) -> dict[str, str | None]:
    """Function behind each route, such as `GET/health`."""
    return {
        f"{record.inputs['httpMethod']}{resource_path(cloud, record)}": integration_function(record)
        for record in cloud.all(t.INTEGRATION, restApi=api)
    }


def takes_picture(cloud: Cloud, record: Record) -> None:
    """A deployment is a snapshot: all methods are whole when it is made."""
    api = record.inputs["restApi"]
    methods = cloud.all(t.METHOD, restApi=api)
    if not methods:
        message = f"BadRequest: {record.name}: the REST API doesn't contain any methods"
        raise Refused(message)
    for method in methods:
        same = {name: method.inputs[name] for name in ("restApi", "resourceId", "httpMethod")}
        if not cloud.needed(record, t.INTEGRATION, **same):
            message = f"BadRequest: {record.name}: no integration defined for method {method.name}"
            raise Refused(message)
    record.memory.setdefault(PICTURE, definition(cloud, api))
    record.memory.setdefault(ROUTES, routes(cloud, api))


def deployment_is_of_same_api(_: Cloud, record: Record) -> None:
    """A stage runs a deployment of its own API."""
    for ref, other in record.refers:
        if ref.path == "deployment" and other.inputs["restApi"] != record.inputs["restApi"]:
            message = f"NotFoundException: {record.name}: {other.name} deploys another API"
            raise Refused(message)


def _may_log(cloud: Cloud, record: Record) -> None:
    if not cloud.needed(record, t.API_ACCOUNT):
        message = (
            f"BadRequest: {record.name}: CloudWatch Logs role ARN must be set in account settings"
        )
        raise Refused(message)


def stage_may_log(cloud: Cloud, record: Record) -> None:
    """Access logs need the account's role."""
    if record.inputs.get("accessLogSettings"):
        _may_log(cloud, record)


def settings_may_log(cloud: Cloud, record: Record) -> None:
    """Execution logs need the account's role, and a group, or API Gateway makes one."""
    if record.inputs["settings"].get("loggingLevel", "OFF") == "OFF":
        return
    _may_log(cloud, record)
    name = f"API-Gateway-Execution-Logs_{record.inputs['restApi']}/{record.inputs['stageName']}"
    if cloud.needed(record, t.LOG_GROUP, name=name) is None:
        message = (
            f"{record.name}: API Gateway would make the log group {name} itself, kept for ever"
        )
        raise Refused(message)


def stage_exists(cloud: Cloud, record: Record) -> None:
    """A plan names stages that are there."""
    for stage in record.inputs.get("apiStages", []):
        if not cloud.needed(record, t.STAGE, restApi=stage["apiId"], stageName=stage["stage"]):
            message = f"NotFoundException: {record.name}: there is no stage {stage['stage']} yet"
            raise Refused(message)


def settings_stage_exists(cloud: Cloud, record: Record) -> None:
    """Settings are of a stage that is there."""
    same = {name: record.inputs[name] for name in ("restApi", "stageName")}
    if not cloud.needed(record, t.STAGE, **same):
        message = f"NotFoundException: {record.name}: there is no stage {same['stageName']} yet"
        raise Refused(message)


def is_in_one_plan(cloud: Cloud, record: Record) -> None:
    """A key is in one plan only of those that have a stage in common."""
    mine = _stages(cloud, record.inputs["usagePlanId"])
    for other in cloud.all(t.USAGE_PLAN_KEY, keyId=record.inputs["keyId"]):
        theirs = _stages(cloud, other.inputs["usagePlanId"])
        if other.seed != record.seed and mine & theirs:
            message = (
                f"ConflictException: {record.name}: the key is in another plan of the same stage"
            )
            raise Refused(message)


def _stages(cloud: Cloud, plan: str) -> set[tuple[str, str]]:
    found = cloud.one(t.USAGE_PLAN, id=plan)
    stages = found.inputs.get("apiStages", []) if found else []
    return {(stage["apiId"], stage["stage"]) for stage in stages}


def one_variable_part(cloud: Cloud, record: Record) -> None:
    """Below a resource, one part of a path may stand for anything."""
    if not record.inputs["pathPart"].startswith("{"):
        return
    place = {name: record.inputs[name] for name in ("restApi", "parentId")}
    for other in cloud.all(t.API_RESOURCE, **place):
        if other.seed != record.seed and other.inputs["pathPart"].startswith("{"):
            part = other.inputs["pathPart"]
            message = (
                f"BadRequestException: {record.name}: a sibling ({part}) of this resource already "
                f"has a variable path part -- only one is allowed"
            )
            raise Refused(message)
