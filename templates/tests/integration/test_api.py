"""API-1 to API-6: the REST API as it is deployed, and as it answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.domain import API_NAME
from tests.integration import spec

if TYPE_CHECKING:
    from mypy_boto3_apigateway.type_defs import MethodTypeDef, StageResponseTypeDef

    from tests.integration.cloud import Cloud
    from tests.integration.outputs import Outputs
    from tests.integration.web import EntryPoint

WITH_BODY = {"POST", "PUT", "PATCH"}
BROKEN = '{"amount_minor": '


@pytest.fixture(name="stage", scope="module")
def _stage(cloud: Cloud, outputs: Outputs) -> StageResponseTypeDef:
    return cloud.apigateway.get_stage(restApiId=outputs.api_id, stageName=outputs.api_stage)


@pytest.fixture(name="methods", scope="module")
def _methods(cloud: Cloud, outputs: Outputs) -> dict[tuple[str, str], MethodTypeDef]:
    pages = cloud.apigateway.get_paginator("get_resources").paginate(
        restApiId=outputs.api_id, embed=["methods"]
    )
    return {
        (verb, resource["path"]): method
        for page in pages
        for resource in page["items"]
        for verb, method in resource.get("resourceMethods", {}).items()
    }


def _concrete(path: str) -> str:
    return re.sub(r"\{[^}]+\}", "integration-test", path)


def test_it_is_a_regional_rest_api(
    cloud: Cloud, outputs: Outputs, stage: StageResponseTypeDef
) -> None:
    """API-1, REG-1: regional, with a stage named for the environment."""
    api = cloud.apigateway.get_rest_api(restApiId=outputs.api_id)
    assert api["endpointConfiguration"]["types"] == ["REGIONAL"]
    assert stage["stageName"] == outputs.environment


def test_its_address_is_of_the_region(outputs: Outputs) -> None:
    """API-1, REG-1: clients come over TLS, by the API's own name or to the stage, in the region."""
    if API_NAME:
        assert outputs.api_url == f"https://{API_NAME}"
        return
    host = f"{outputs.api_id}.execute-api.{outputs.region}.amazonaws.com"
    assert outputs.api_url == f"https://{host}/{outputs.api_stage}"


def test_it_refuses_old_tls(cloud: Cloud, outputs: Outputs) -> None:
    """API-1: a policy of the current family, not the default that admits TLS 1.0."""
    api = cloud.apigateway.get_rest_api(restApiId=outputs.api_id)
    assert api["securityPolicy"].startswith("SecurityPolicy_TLS13")


def test_every_method_is_validated(
    cloud: Cloud, outputs: Outputs, methods: dict[tuple[str, str], MethodTypeDef]
) -> None:
    """API-2: a validator everywhere, which looks at bodies where there are any, by the schema that the spec has for them."""
    validators = {
        validator["id"]: validator
        for validator in cloud.apigateway.get_request_validators(
            restApiId=outputs.api_id, limit=500
        )["items"]
    }
    assert methods
    for (verb, path), method in methods.items():
        validator = validators[method["requestValidatorId"]]
        assert validator["validateRequestParameters"] is True, (verb, path)
        if verb in WITH_BODY:
            assert validator["validateRequestBody"] is True, (verb, path)
        has_schema = "application/json" in method.get("requestModels", {})
        assert has_schema is (f"{verb} {path}" in spec.DESCRIBED), (verb, path)


def _signed(
    cloud: Cloud, method: MethodTypeDef, verb: str, url: str, body: str | None
) -> dict[str, str]:
    """Headers that get a request past IAM, where IAM decides."""
    if method["authorizationType"] != "AWS_IAM":
        return {}
    return cloud.signed(verb, url, body)


def test_a_wrong_body_never_reaches_a_function(
    api: EntryPoint, cloud: Cloud, methods: dict[tuple[str, str], MethodTypeDef]
) -> None:
    """API-2: the API itself answers 400 to a body that is no JSON, whatever its schema says."""
    for (verb, template), method in methods.items():
        if not method.get("requestModels"):
            continue
        path = _concrete(template)
        headers = _signed(cloud, method, verb, api.address(path), BROKEN)
        answer = api.send(verb, path, BROKEN, headers)
        assert answer.status == 400, (verb, path, answer.status)
        # The API's own answer; a function's would be problem details.
        assert "problem" not in answer.headers["content-type"], (verb, path)


def test_a_missing_parameter_never_reaches_a_function(
    api: EntryPoint, cloud: Cloud, methods: dict[tuple[str, str], MethodTypeDef]
) -> None:
    """API-2: the API itself answers 400 where a required header or query parameter is missing."""
    for (verb, path), method in methods.items():
        required = {
            name.split(".")[2]
            for name, is_required in method.get("requestParameters", {}).items()
            if is_required and not name.startswith("method.request.path.")
        }
        for name in required:
            bare, body = api.without(name), "{}" if verb in WITH_BODY else None
            headers = _signed(cloud, method, verb, api.address(_concrete(path)), body)
            answer = bare.send(verb, _concrete(path), body, headers)
            assert answer.status == 400, (verb, path, name, answer.status)


def test_requests_are_throttled(outputs: Outputs, stage: StageResponseTypeDef) -> None:
    """API-3: rate and burst of the spec hold for every method, and none has others."""
    for method, settings in stage["methodSettings"].items():
        assert settings["throttlingRateLimit"] == outputs.api_rate_per_second, method
        assert settings["throttlingBurstLimit"] == outputs.api_burst, method
    assert "*/*" in stage["methodSettings"]


def test_usage_plans_are_bound_to_the_stage(cloud: Cloud, outputs: Outputs) -> None:
    """API-4: each has quota, throttle and at least one enabled key."""
    plans = [
        plan
        for plan in cloud.apigateway.get_usage_plans(limit=500)["items"]
        if any(
            (stage["apiId"], stage["stage"]) == (outputs.api_id, outputs.api_stage)
            for stage in plan.get("apiStages", [])
        )
    ]
    assert plans
    for plan in plans:
        assert plan["quota"]["limit"] > 0, plan["name"]
        assert plan["throttle"]["rateLimit"] > 0, plan["name"]
        assert plan["throttle"]["burstLimit"] > 0, plan["name"]
        keys = cloud.apigateway.get_usage_plan_keys(usagePlanId=plan["id"])["items"]
        assert keys, plan["name"]
        for key in keys:
            assert cloud.apigateway.get_api_key(apiKey=key["id"])["enabled"] is True


def test_a_plan_cannot_be_bypassed(
    api: EntryPoint, methods: dict[tuple[str, str], MethodTypeDef]
) -> None:
    """API-4: without a key, a method that asks for one answers 403; no other goes without than the spec says."""
    bare = api.without("x-api-key")
    for (verb, path), method in methods.items():
        if method["apiKeyRequired"]:
            body = "{}" if verb in WITH_BODY else None
            answer = bare.send(verb, _concrete(path), body)
            assert answer.status == 403, (verb, path, answer.status)
        else:
            assert f"{verb} {path}" in spec.OPEN


def test_requests_are_traced(stage: StageResponseTypeDef) -> None:
    """API-5: X-Ray is on."""
    assert stage["tracingEnabled"] is True


def test_requests_are_logged_without_their_bodies(stage: StageResponseTypeDef) -> None:
    """API-6: access and execution logs, metrics, and no bodies in them."""
    settings = stage["methodSettings"]["*/*"]
    assert settings["loggingLevel"] in {"ERROR", "INFO"}
    assert settings["dataTraceEnabled"] is False
    assert settings["metricsEnabled"] is True
    access = stage["accessLogSettings"]
    assert ":log-group:" in access["destinationArn"]
    for field in ("$context.requestId", "$context.tlsVersion", "$context.cipherSuite"):
        assert field in access["format"], field


def test_the_account_lets_the_api_log(cloud: Cloud) -> None:
    """API-6: without the account's role, execution is logged nowhere."""
    assert cloud.apigateway.get_account().get("cloudwatchRoleArn")


def test_what_is_behind_iam_refuses_strangers(
    api: EntryPoint, methods: dict[tuple[str, str], MethodTypeDef]
) -> None:
    """API-1, FN-4: an API key is not enough where IAM decides."""
    for (verb, path), method in methods.items():
        if method["authorizationType"] == "AWS_IAM":
            answer = api.send(verb, _concrete(path), "{}" if verb in WITH_BODY else None)
            assert answer.status == 403, (verb, path, answer.status)
