"""REST APIs: what belongs to which API, and what a deployment saw of it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from engine.cloud import tokens as t
from engine.cloud.kind import Kind, Record, Ref, Refused
from engine.cloud.security import must_allow, must_trust

if TYPE_CHECKING:
    from engine.cloud.store import Cloud

# What a deployment takes a picture of.
DEFINITION = (t.METHOD, t.INTEGRATION, t.MODEL, t.VALIDATOR, t.RESPONSE)
# What the stage runs: a picture of the definition, taken when the deployment was made.
PICTURE = "picture"
# The routes in it: HTTP method and path, and the function behind.
ROUTES = "routes"
LAMBDA_URI = re.compile(r":lambda:path/2015-03-31/functions/(arn:aws:lambda:[^/]+)/invocations$")


def _api(cloud: Cloud, record: Record) -> dict[str, Any]:
    id_ = record.hex(10)
    return {
        "id": id_,
        "arn": f"arn:aws:apigateway:{record.region}::/restapis/{id_}",
        "executionArn": f"arn:aws:execute-api:{record.region}:{cloud.account}:{id_}",
        "rootResourceId": record.hex(10, "root"),
    }


def _tls_is_whole(_: Cloud, record: Record) -> None:
    policy, mode = record.inputs.get("securityPolicy", ""), record.inputs.get("endpointAccessMode")
    if policy.startswith("SecurityPolicy_") and mode is None:
        message = (
            f"BadRequest: {record.name}: Endpoint access mode is required for the security policy"
        )
        raise Refused(message)


def _resource(cloud: Cloud, record: Record) -> dict[str, Any]:
    parent = cloud.one(t.API_RESOURCE, id=record.inputs["parentId"])
    above = parent.get("path") if parent else ""
    return {"id": record.hex(6), "path": f"{above}/{record.inputs['pathPart']}"}


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


def _is_on_a_resource(cloud: Cloud, record: Record) -> None:
    resource_path(cloud, record)


def _parent_is_of_same_api(cloud: Cloud, record: Record) -> None:
    api = _api_of(cloud, record)
    if record.inputs["parentId"] != api.get("rootResourceId") and not cloud.one(
        t.API_RESOURCE, id=record.inputs["parentId"], restApi=api.id
    ):
        message = f"NotFoundException: {record.name}: the API {api.name} has no such parent"
        raise Refused(message)


def _validators_and_models_exist(cloud: Cloud, record: Record) -> None:
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


def _is_schema(_: Cloud, record: Record) -> None:
    try:
        schema = json.loads(record.inputs["schema"])
    except ValueError as error:
        message = f"BadRequest: {record.name}: the schema is not JSON: {error}"
        raise Refused(message) from error
    if "draft-04" not in schema.get("$schema", ""):
        message = f"BadRequest: {record.name}: the schema is not draft-04"
        raise Refused(message)


def integration_function(record: Record) -> str | None:
    """ARN of the function behind an integration."""
    found = LAMBDA_URI.search(record.inputs.get("uri", ""))
    return found[1] if found else None


def _has_method(cloud: Cloud, record: Record) -> None:
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


def _deployment(_: Cloud, record: Record) -> dict[str, Any]:
    return {"id": record.hex(6), "createdDate": "2026-12-01T00:00:00Z"}


def _takes_picture(cloud: Cloud, record: Record) -> None:
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


def _stage(cloud: Cloud, record: Record) -> dict[str, Any]:
    api, name = record.inputs["restApi"], record.inputs["stageName"]
    execution = f"arn:aws:execute-api:{record.region}:{cloud.account}:{api}/{name}"
    return {
        "id": f"ags-{api}-{name}",
        "arn": f"arn:aws:apigateway:{record.region}::/restapis/{api}/stages/{name}",
        "executionArn": execution,
        "invokeUrl": f"https://{api}.execute-api.{record.region}.amazonaws.com/{name}",
    }


def _deployment_is_of_same_api(_: Cloud, record: Record) -> None:
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


def _stage_may_log(cloud: Cloud, record: Record) -> None:
    if record.inputs.get("accessLogSettings"):
        _may_log(cloud, record)


def _settings_may_log(cloud: Cloud, record: Record) -> None:
    if record.inputs["settings"].get("loggingLevel", "OFF") == "OFF":
        return
    _may_log(cloud, record)
    name = f"API-Gateway-Execution-Logs_{record.inputs['restApi']}/{record.inputs['stageName']}"
    if cloud.needed(record, t.LOG_GROUP, name=name) is None:
        message = (
            f"{record.name}: API Gateway would make the log group {name} itself, kept for ever"
        )
        raise Refused(message)


def _stage_exists(cloud: Cloud, record: Record) -> None:
    for stage in record.inputs.get("apiStages", []):
        if not cloud.needed(record, t.STAGE, restApi=stage["apiId"], stageName=stage["stage"]):
            message = f"NotFoundException: {record.name}: there is no stage {stage['stage']} yet"
            raise Refused(message)


def _settings_stage_exists(cloud: Cloud, record: Record) -> None:
    same = {name: record.inputs[name] for name in ("restApi", "stageName")}
    if not cloud.needed(record, t.STAGE, **same):
        message = f"NotFoundException: {record.name}: there is no stage {same['stageName']} yet"
        raise Refused(message)


def _with_arn(path: str, **more: Any) -> Any:
    def outputs(_: Cloud, record: Record) -> dict[str, Any]:
        id_ = record.hex(10)
        arn = f"arn:aws:apigateway:{record.region}::/{path}/{id_}"
        return {"id": id_, "arn": arn, **{name: make(record) for name, make in more.items()}}

    return outputs


OF_API = Ref("restApi", (t.REST_API,))

KINDS = (
    Kind(t.REST_API, _api, create_rules=(_tls_is_whole,)),
    Kind(
        t.API_RESOURCE,
        _resource,
        refs=(OF_API, Ref("parentId", (t.REST_API, t.API_RESOURCE), by="id|rootResourceId")),
        unique=(("pathPart", "parentId", "restApi"),),
        create_rules=(_parent_is_of_same_api,),
    ),
    Kind(
        t.VALIDATOR,
        lambda _, r: {"id": r.hex(6)},
        refs=(OF_API,),
        unique=(("name", "restApi"),),
    ),
    Kind(
        t.MODEL,
        lambda _, r: {"id": r.hex(6)},
        refs=(OF_API,),
        unique=(("name", "restApi"),),
        create_rules=(_is_schema,),
    ),
    Kind(
        t.RESPONSE,
        lambda _, r: {"id": f"aggr-{r.inputs['restApiId']}-{r.inputs['responseType']}"},
        refs=(Ref("restApiId", (t.REST_API,)),),
        unique=(("responseType", "restApiId"),),
    ),
    Kind(
        t.METHOD,
        lambda _, r: {
            "id": f"agm-{r.inputs['restApi']}-{r.inputs['resourceId']}-{r.inputs['httpMethod']}"
        },
        refs=(
            OF_API,
            Ref("resourceId", (t.API_RESOURCE, t.REST_API), by="id|rootResourceId"),
            Ref("requestValidatorId", (t.VALIDATOR,)),
        ),
        unique=(("httpMethod", "resourceId", "restApi"),),
        create_rules=(_is_on_a_resource, _validators_and_models_exist),
    ),
    Kind(
        t.INTEGRATION,
        lambda _, r: {
            "id": f"agi-{r.inputs['restApi']}-{r.inputs['resourceId']}-{r.inputs['httpMethod']}"
        },
        refs=(OF_API, Ref("resourceId", (t.API_RESOURCE, t.REST_API), by="id|rootResourceId")),
        unique=(("httpMethod", "resourceId", "restApi"),),
        create_rules=(_has_method,),
    ),
    Kind(t.DEPLOYMENT, _deployment, refs=(OF_API,), create_rules=(_takes_picture,)),
    Kind(
        t.STAGE,
        _stage,
        refs=(
            OF_API,
            Ref("deployment", (t.DEPLOYMENT,)),
            Ref("accessLogSettings.destinationArn", (t.LOG_GROUP,), by="arn"),
        ),
        unique=(("stageName", "restApi"),),
        create_rules=(_deployment_is_of_same_api, _stage_may_log),
    ),
    Kind(
        "aws:apigateway/methodSettings:MethodSettings",
        lambda _, r: {
            "id": f"{r.inputs['restApi']}-{r.inputs['stageName']}-{r.inputs['methodPath']}"
        },
        refs=(OF_API,),
        unique=(("methodPath", "stageName", "restApi"),),
        create_rules=(_settings_stage_exists, _settings_may_log),
    ),
    Kind(
        t.API_ACCOUNT,
        lambda _, __: {
            "id": "api-gateway-account",
            "apiKeyVersion": "4",
            "features": ["UsagePlans"],
        },
        refs=(Ref("cloudwatchRoleArn", (t.ROLE,), by="arn"),),
        create_rules=(
            must_trust("cloudwatchRoleArn", "apigateway.amazonaws.com"),
            must_allow("cloudwatchRoleArn", "logs:CreateLogStream", "logs:PutLogEvents"),
        ),
        setting=True,
    ),
    Kind(
        t.USAGE_PLAN,
        _with_arn("usageplans"),
        refs=(Ref("apiStages[].apiId", (t.REST_API,)),),
        unique=(("name",),),
        create_rules=(_stage_exists,),
    ),
    Kind(
        t.API_KEY,
        _with_arn("apikeys", value=lambda r: r.inputs.get("value", r.hex(40, "value"))),
        unique=(("name",),),
    ),
    Kind(
        "aws:apigateway/usagePlanKey:UsagePlanKey",
        lambda _, r: {
            "id": r.inputs["keyId"],
            "value": next(
                other.get("value") for _ref, other in r.refers if other.token == t.API_KEY
            ),
        },
        refs=(Ref("keyId", (t.API_KEY,)), Ref("usagePlanId", (t.USAGE_PLAN,))),
        unique=(("keyId", "usagePlanId"),),
    ),
)
