"""What a deployment of an API shows: the API as it was when the deployment was made.

API Gateway Developer Guide, "Create a deployment for a REST API": a deployment is a snapshot of methods, integrations, models and
templates, and what is changed afterwards waits for the next one. Moto keeps no snapshot, so it is taken here, within the call.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulation.routes import GatewayResponse, Route

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cloud.aws import Aws

FUNCTION_OF_URI = re.compile(r":function:([^/:]+)(?::[^/]+)?/invocations$")
_DEPLOYMENTS = re.compile(r"/restapis/([^/]+)/deployments$")
_MOST = 500
# API Gateway's own, unless an integration says less; twice that, as everything runs on one machine here.
_MILLISECONDS = 29_000
_STRETCHED = 2


@dataclass(frozen=True, kw_only=True)
class Picture:
    """The API as a deployment has it."""

    name: str
    routes: Sequence[Route]
    responses: Mapping[str, GatewayResponse]
    binary_media_types: Sequence[str]


class Pictures:
    """Takes one of each deployment that is made, and one of those that stand."""

    def __init__(self, written: Aws, read: Aws) -> None:
        """Begin before anything is changed: what stands now is what the last deployment saw."""
        self._read = read
        self._taken: dict[tuple[str, str], Picture] = {}
        client = read.client("apigateway")
        for api in client.get_rest_apis(limit=_MOST)["items"]:
            for deployment in client.get_deployments(restApiId=api["id"], limit=_MOST)["items"]:
                self._take(api["id"], deployment["id"])
        self._events = written.client("apigateway").meta.events
        self._events.register("before-call", self._before)
        self._events.register("after-call", self._after)

    def close(self) -> None:
        """Take no more."""
        self._events.unregister("before-call", self._before)
        self._events.unregister("after-call", self._after)

    def of(self, api: str, deployment: str) -> Picture:
        """Return the one of a deployment."""
        return self._taken[api, deployment]

    def _before(self, event_name: str, params: Any, context: Any, **_: object) -> None:
        if event_name.endswith(".CreateDeployment"):
            context["of_api"] = params["url_path"]

    def _after(self, event_name: str, parsed: Any, context: Any, **_: object) -> None:
        found = _DEPLOYMENTS.fullmatch(context.get("of_api", ""))
        if event_name.endswith(".CreateDeployment") and found and "id" in parsed:
            self._take(found[1], parsed["id"])

    def _take(self, api: str, deployment: str) -> None:
        client = self._read.client("apigateway")
        found = client.get_rest_api(restApiId=api)
        self._taken[api, deployment] = Picture(
            name=found["name"],
            routes=_routes(client, api),
            responses=_responses(client, api),
            binary_media_types=found.get("binaryMediaTypes", []),
        )


def _routes(client: Any, api: str) -> list[Route]:
    validators = {
        each["id"]: each for each in client.get_request_validators(restApiId=api)["items"]
    }
    models = {
        each["name"]: json.loads(each["schema"])
        for each in client.get_models(restApiId=api, limit=_MOST)["items"]
        if each.get("schema")
    }
    return [
        _route(
            client.get_method(restApiId=api, resourceId=part["id"], httpMethod=verb),
            part,
            validators,
            models,
        )
        for part in client.get_resources(restApiId=api, limit=_MOST)["items"]
        for verb in part.get("resourceMethods", {})
    ]


def _route(
    method: Mapping[str, Any],
    part: Mapping[str, Any],
    validators: Mapping[str, Mapping[str, Any]],
    models: Mapping[str, Any],
) -> Route:
    validator = validators.get(method.get("requestValidatorId") or "", {})
    required = [
        name.removeprefix("method.request.")
        for name, needed in sorted((method.get("requestParameters") or {}).items())
        if needed and ".path." not in name
    ]
    # A method without an integration cannot be deployed: `tests/cloud/rules/api.py` refuses that picture.
    behind = method["methodIntegration"]
    found = FUNCTION_OF_URI.search(behind["uri"])
    assert behind["type"] == "AWS_PROXY", behind
    assert found is not None, behind
    asks_for_models = (
        (method.get("requestModels") or {}) if validator.get("validateRequestBody") else {}
    )
    return Route(
        method=method["httpMethod"],
        path=part["path"],
        resource_id=part["id"],
        function=found[1],
        models={kind.lower(): models[name] for kind, name in asks_for_models.items()},
        required=required if validator.get("validateRequestParameters") else [],
        authorization=method["authorizationType"],
        api_key_required=method.get("apiKeyRequired", False),
        # The stage's to say, which is asked at each request.
        throttle=None,
        integration_seconds=_STRETCHED * behind.get("timeoutInMillis", _MILLISECONDS) / 1000,
    )


def _responses(client: Any, api: str) -> dict[str, GatewayResponse]:
    return {
        each["responseType"]: GatewayResponse(
            status=int(each["statusCode"]) if each.get("statusCode") else None,
            templates=each.get("responseTemplates", {}),
            parameters=each.get("responseParameters", {}),
        )
        for each in client.get_gateway_responses(restApiId=api)["items"]
    }
