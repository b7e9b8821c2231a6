"""REST APIs: what a plain deployment does not show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from account.hands import AbortedError
from cloud import tokens as t

if TYPE_CHECKING:
    from account.hands import Hands, Thing

SETTINGS = "aws:apigateway/methodSettings:MethodSettings"
PLAN_KEY = "aws:apigateway/usagePlanKey:UsagePlanKey"
URI = (
    "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
    "arn:aws:lambda:us-east-1:123456789012:function:f/invocations"
)


@dataclass
class Api:
    """An API with one method."""

    api: Thing
    resource: Thing
    method: Thing
    integration: Thing

    @property
    def place(self) -> dict[str, str]:
        """Where the method is, in AWS's words."""
        return {
            "restApiId": self.api.id,
            "resourceId": self.resource.id,
            "httpMethod": "GET",
        }


@pytest.fixture
def api(hands: Hands) -> Api:
    made = hands.make(
        t.REST_API,
        name="a",
        endpointConfiguration={"types": "REGIONAL"},
        securityPolicy="TLS_1_2",
        tags={"Name": "a"},
    )
    within = {"restApi": made.id}
    resource = hands.make(
        t.API_RESOURCE, parentId=made["rootResourceId"], pathPart="health", **within
    )
    place = {**within, "resourceId": resource.id, "httpMethod": "GET"}
    method = hands.make(t.METHOD, authorization="NONE", **place)
    integration = hands.make(
        t.INTEGRATION, type="AWS_PROXY", integrationHttpMethod="POST", uri=URI, **place
    )
    return Api(made, resource, method, integration)


@pytest.fixture
def stage(hands: Hands, api: Api) -> Thing:
    deployment = hands.make(t.DEPLOYMENT, restApi=api.api.id, triggers={"api": "1"})
    return hands.make(
        t.STAGE,
        restApi=api.api.id,
        stageName="staging",
        deployment=deployment.id,
        xrayTracingEnabled=True,
        accessLogSettings={"destinationArn": "arn:aws:logs:a", "format": "{}"},
        tags={"Name": "s"},
    )


def test_a_part_of_a_path_gets_another_name(hands: Hands, api: Api) -> None:
    changed = hands.change(api.resource, pathPart="{id}")
    found = hands.aws.client("apigateway").get_resource(
        restApiId=api.api.id, resourceId=api.resource.id
    )
    assert (found["pathPart"], found["path"], changed["path"]) == ("{id}", "/{id}", "/{id}")
    assert "GET" in found["resourceMethods"]


def test_an_api_is_changed_in_place(hands: Hands, api: Api) -> None:
    assert api.api["executionArn"].endswith(f":123456789012:{api.api.id}")
    assert api.resource["path"] == "/health"
    hands.change(api.api, name="b", description="d", securityPolicy="TLS_1_3")
    found = hands.aws.client("apigateway").get_rest_api(restApiId=api.api.id)
    assert (found["name"], found["description"]) == ("b", "d")
    assert found["endpointConfiguration"]["types"] == ["REGIONAL"]


def test_a_method_that_changes_keeps_what_is_behind_it(hands: Hands, api: Api) -> None:
    client = hands.aws.client("apigateway")
    before = client.get_integration(**api.place)
    hands.change(api.method, authorization="AWS_IAM", apiKeyRequired=True)
    found = client.get_method(**api.place)
    assert (found["authorizationType"], found["apiKeyRequired"]) == ("AWS_IAM", True)
    after = client.get_integration(**api.place)
    for answer in (before, after):
        answer.pop("ResponseMetadata")
    assert before == after
    assert after["uri"] == URI


def test_a_method_without_anything_behind_it_can_change_too(hands: Hands, api: Api) -> None:
    hands.delete(api.integration)
    assert hands.read(api.integration) is None
    hands.change(api.method, apiKeyRequired=True)
    assert hands.read(api.integration) is None
    hands.delete(api.method)
    assert hands.read(api.method) is None
    hands.delete(api.method)


def test_an_integration_is_changed_in_place(hands: Hands, api: Api) -> None:
    other = URI.replace("function:f", "function:g")
    hands.change(api.integration, uri=other)
    found = hands.aws.client("apigateway").get_integration(**api.place)
    assert (found["uri"], found["httpMethod"]) == (other, "POST")


def test_models_validators_and_responses_change_and_go(hands: Hands, api: Api) -> None:
    client, id_ = hands.aws.client("apigateway"), api.api.id
    within = {"restApi": id_}
    model = hands.make(
        t.MODEL, name="m", contentType="application/json", schema='{"a": 1}', **within
    )
    model = hands.change(model, schema='{"a": 2}', description="d")
    found = client.get_model(restApiId=id_, modelName="m")
    assert (found["schema"], found["description"]) == ('{"a": 2}', "d")
    validator = hands.make(t.VALIDATOR, name="v", validateRequestBody=True, **within)
    validator = hands.change(validator, validateRequestBody=None, validateRequestParameters=True)
    (found,) = client.get_request_validators(restApiId=id_)["items"]
    assert (found["validateRequestBody"], found["validateRequestParameters"]) == (False, True)
    response = hands.make(t.RESPONSE, restApiId=id_, responseType="DEFAULT_4XX", statusCode="400")
    response = hands.change(response, statusCode=None, responseTemplates={"a/b": "c"})
    found = client.get_gateway_response(restApiId=id_, responseType="DEFAULT_4XX")
    assert found["responseTemplates"] == {"a/b": "c"}
    assert "statusCode" not in found
    for thing in (model, validator, response):
        assert hands.read(thing) is not None
        hands.delete(thing)
        assert hands.read(thing) is None
        hands.delete(thing)


def test_a_stage_is_changed_in_place_and_back(hands: Hands, api: Api, stage: Thing) -> None:
    client, place = (
        hands.aws.client("apigateway"),
        {
            "restApiId": api.api.id,
            "stageName": "staging",
        },
    )
    found = client.get_stage(**place)
    log = {"destinationArn": "arn:aws:logs:a", "format": "{}"}
    assert (found["tracingEnabled"], found["accessLogSettings"]) == (True, log)
    again = hands.make(t.DEPLOYMENT, restApi=api.api.id, triggers={"api": "2"})
    changed = hands.change(
        stage,
        deployment=again.id,
        xrayTracingEnabled=False,
        accessLogSettings=None,
        description="d",
        tags={"Owner": "payments"},
    )
    found = client.get_stage(**place)
    assert (found["deploymentId"], found["description"]) == (again.id, "d")
    assert not found["tracingEnabled"]
    assert not found.get("accessLogSettings")
    assert found["tags"] == {"Owner": "payments", "project": "paystage"}
    hands.delete(changed)
    assert hands.read(changed) is None


def test_a_stage_that_broke_off_before_its_logging_gets_it(
    hands: Hands, api: Api, stage: Thing
) -> None:
    bare = {name: value for name, value in stage.inputs.items() if name != "accessLogSettings"}
    hands.delete(stage)
    half = hands.make(t.STAGE, **bare)
    half.inputs = stage.inputs
    hands.change(half)
    place = {"restApiId": api.api.id, "stageName": "staging"}
    found = hands.aws.client("apigateway").get_stage(**place)
    assert found["accessLogSettings"]["format"] == "{}"


def test_settings_of_methods_change_and_go_back(hands: Hands, api: Api, stage: Thing) -> None:
    said = {"restApi": api.api.id, "stageName": "staging", "methodPath": "*/*"}
    busy: dict[str, Any] = {
        "loggingLevel": "INFO",
        "throttlingRateLimit": 50,
        "metricsEnabled": True,
    }
    settings = hands.make(SETTINGS, settings=busy, **said)
    assert settings.id == f"{api.api.id}-staging-*/*"

    def found() -> dict[str, Any]:
        place = {"restApiId": api.api.id, "stageName": "staging"}
        return hands.aws.client("apigateway").get_stage(**place)["methodSettings"]["*/*"]

    assert {name: found()[name] for name in busy} == busy
    settings = hands.change(settings, settings={"throttlingRateLimit": 60})
    now = {"loggingLevel": "OFF", "throttlingRateLimit": 60, "metricsEnabled": False}
    assert {name: found()[name] for name in now} == now
    hands.delete(stage)
    assert hands.read(settings) is None
    hands.delete(settings)


def test_a_plan_follows_its_stages_and_goes_with_its_keys(
    hands: Hands, api: Api, stage: Thing
) -> None:
    client = hands.aws.client("apigateway")
    of_it = {"apiId": api.api.id, "stage": stage["stageName"]}
    plan = hands.make(
        t.USAGE_PLAN,
        name="p",
        apiStages=[of_it],
        quotaSettings={"limit": 10, "period": "DAY"},
        throttleSettings={"rateLimit": 2, "burstLimit": 4},
    )
    key = hands.make(t.API_KEY, name="k")
    joined = hands.make(PLAN_KEY, keyId=key.id, keyType="API_KEY", usagePlanId=plan.id)
    assert joined["value"] == key["value"]
    plan = hands.change(
        plan, name="q", apiStages=None, quotaSettings=None, throttleSettings={"rateLimit": 3}
    )
    found = client.get_usage_plan(usagePlanId=plan.id)
    assert (found["name"], found["apiStages"]) == ("q", [])
    assert found["throttle"]["rateLimit"] == 3
    assert "quota" not in found
    plan = hands.change(plan, apiStages=[of_it], throttleSettings=None)
    found = client.get_usage_plan(usagePlanId=plan.id)
    assert found["apiStages"] == [of_it]
    assert "throttle" not in found
    key = hands.change(key, name="l", description="d")
    assert client.get_api_key(apiKey=key.id)["name"] == "l"
    for thing in (joined, key, plan):
        assert hands.read(thing) is not None
        hands.delete(thing)
        assert hands.read(thing) is None
        hands.delete(thing)


def test_the_account_has_a_role_until_the_stack_goes(hands: Hands) -> None:
    client = hands.aws.client("apigateway")
    account = hands.make(t.API_ACCOUNT, cloudwatchRoleArn="arn:aws:iam::123456789012:role/r")
    assert account.id == "api-gateway-account"
    assert client.get_account()["cloudwatchRoleArn"] == "arn:aws:iam::123456789012:role/r"
    hands.delete(account)
    assert not client.get_account().get("cloudwatchRoleArn")


def test_what_is_gone_with_its_api_is_not_deleted_again(
    hands: Hands, api: Api, stage: Thing
) -> None:
    deployment = hands.make(t.DEPLOYMENT, restApi=api.api.id)
    hands.delete(api.api)
    for thing in (stage, deployment, api.integration, api.method, api.resource, api.api):
        assert hands.read(thing) is None
        hands.delete(thing)
    with pytest.raises(AbortedError, match="NotFound"):
        hands.make(t.DEPLOYMENT, restApi=api.api.id)


def test_an_api_without_methods_is_not_deployed(hands: Hands) -> None:
    empty = hands.make(t.REST_API, name="a")
    with pytest.raises(AbortedError, match="methods"):
        hands.make(t.DEPLOYMENT, restApi=empty.id)
