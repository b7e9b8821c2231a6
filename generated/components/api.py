"""The REST API: its routes, what their requests must hold, and the functions behind them.

Requirements: API-1, API-2, FN-4.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import pulumi
import pulumi_aws as aws

from fingerprint import fingerprint
from naming import Naming

# JSON schema, draft 4: what API Gateway understands.
PAYMENT_SCHEMA = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "title": "Payment",
    "description": (
        "A card payment to validate. Holds a token from the payment provider, never a card number."
    ),
    "type": "object",
    "additionalProperties": False,
    "required": ["payment_id", "merchant_id", "amount_minor", "currency", "payment_method_token"],
    "properties": {
        "payment_id": {
            "description": "Chosen by the merchant, unique among the merchant's payments.",
            "type": "string",
            "pattern": "^[A-Za-z0-9_-]{8,64}$",
        },
        "merchant_id": {"type": "string", "pattern": "^mer_[A-Za-z0-9]{6,32}$"},
        "amount_minor": {
            "description": (
                "In the currency's smallest unit: 1999 is USD 19.99. Ten digits before the decimal "
                "point, up to four behind it."
            ),
            "type": "integer",
            "minimum": 1,
            "maximum": 99999999999999,
        },
        "currency": {
            "description": "ISO 4217 code.",
            "type": "string",
            "pattern": "^[A-Z]{3}$",
        },
        "payment_method_token": {"type": "string", "pattern": "^tok_[A-Za-z0-9]{16,64}$"},
        "customer_id": {"type": "string", "pattern": "^cus_[A-Za-z0-9]{6,32}$"},
        "description": {
            "description": "Shown on the customer's statement.",
            "type": "string",
            "minLength": 1,
            "maxLength": 140,
        },
        "metadata": {
            "type": "object",
            "maxProperties": 20,
            "additionalProperties": False,
            "patternProperties": {"^[\\s\\S]{1,40}$": {"type": "string", "maxLength": 200}},
        },
    },
}


@dataclass(frozen=True, kw_only=True)
class Path:
    """A path of the API and the one above it."""

    path: str
    name: str
    parent: str
    part: str


# Parents come first. A name leaves out the names of parameters: one that is renamed is the same
# path.
PATHS = (
    Path(path="payments", name="payments", parent="", part="payments"),
    Path(path="payments/validate", name="payments/validate", parent="payments", part="validate"),
    Path(path="payments/status", name="payments/status", parent="payments", part="status"),
    Path(path="health", name="health", parent="", part="health"),
    Path(path="health/deep", name="health/deep", parent="health", part="deep"),
)


@dataclass(frozen=True, kw_only=True)
class Route:
    """A method of a path, what its requests must hold, and the function behind it."""

    name: str
    method: str
    path: str
    function: str
    models: dict[str, str]
    required: dict[str, bool]
    authorization: str
    api_key_required: bool
    invoked_by: str


# `$default` is every media type without a model of its own: otherwise its bodies would not be
# validated.
ROUTES = (
    Route(
        name="post-payments-validate",
        method="POST",
        path="payments/validate",
        function="validate-payment",
        models={"application/json": "payment", "$default": "payment"},
        required={"method.request.header.Content-Type": True},
        authorization="NONE",
        api_key_required=True,
        invoked_by="POST/payments/validate",
    ),
    Route(
        name="get-payments-status",
        method="GET",
        path="payments/status",
        function="payment-status",
        models={},
        required={},
        authorization="NONE",
        api_key_required=True,
        invoked_by="GET/payments/status",
    ),
    Route(
        name="get-health",
        method="GET",
        path="health",
        function="health",
        models={},
        required={},
        authorization="NONE",
        api_key_required=False,
        invoked_by="GET/health",
    ),
    Route(
        name="get-health-deep",
        method="GET",
        path="health/deep",
        function="deep-health",
        models={},
        required={},
        authorization="AWS_IAM",
        api_key_required=False,
        invoked_by="GET/health/deep",
    ),
)


@dataclass(frozen=True, kw_only=True)
class GatewayResponse:
    """A class of answers that API Gateway gives without asking a function."""

    name: str
    type: str


RESPONSES = (
    GatewayResponse(name="client-errors", type="DEFAULT_4XX"),
    GatewayResponse(name="server-errors", type="DEFAULT_5XX"),
)


@dataclass(frozen=True, kw_only=True)
class ApiArgs:
    """What the layer needs from the ones before it."""

    naming: Naming
    function_names: dict[str, pulumi.Output[str]]


class Api(pulumi.ComponentResource):
    """Public entry for merchants; every request is validated before a function sees it."""

    rest_api_id: pulumi.Output[str]
    deployment_id: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: ApiArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("paystage:index:Api", name, None, opts)
        naming = args.naming
        child = pulumi.ResourceOptions(parent=self)
        # Physical names are fixed, so a replacement deletes the old resource first.
        named = pulumi.ResourceOptions(parent=self, delete_before_replace=True)

        rest_api = aws.apigateway.RestApi(
            "rest-api",
            name=naming.name("api"),
            endpoint_configuration={"types": "REGIONAL"},
            security_policy="SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
            # The API cannot be reached through a custom domain name.
            endpoint_access_mode="STRICT",
            tags=naming.tags("api"),
            opts=child,
        )
        validator = aws.apigateway.RequestValidator(
            "validator",
            rest_api=rest_api.id,
            name=naming.name("validator"),
            validate_request_body=True,
            validate_request_parameters=True,
            opts=child,
        )
        payment_model = aws.apigateway.Model(
            "payment-model",
            rest_api=rest_api.id,
            name=naming.alphanumeric("model", "payment"),
            content_type="application/json",
            schema=json.dumps(PAYMENT_SCHEMA),
            opts=named,
        )

        path_resource_ids: dict[str, pulumi.Output[str]] = {"": rest_api.root_resource_id}
        for path in PATHS:
            path_resource = aws.apigateway.Resource(
                path.name,
                rest_api=rest_api.id,
                parent_id=path_resource_ids[path.parent],
                path_part=path.part,
                opts=pulumi.ResourceOptions(parent=self, aliases=[pulumi.Alias(name=path.path)]),
            )
            path_resource_ids[path.path] = path_resource.id

        integrations: list[pulumi.Resource] = []
        permissions: list[pulumi.Resource] = []
        for route in ROUTES:
            method = aws.apigateway.Method(
                route.name,
                rest_api=rest_api.id,
                resource_id=path_resource_ids[route.path],
                http_method=route.method,
                authorization=route.authorization,
                api_key_required=route.api_key_required,
                request_validator_id=validator.id,
                request_parameters=route.required,
                request_models={
                    key: naming.alphanumeric("model", role) for key, role in route.models.items()
                },
                opts=pulumi.ResourceOptions(parent=self, depends_on=[payment_model]),
            )
            integration = aws.apigateway.Integration(
                route.name,
                rest_api=rest_api.id,
                resource_id=path_resource_ids[route.path],
                http_method=method.http_method,
                type="AWS_PROXY",
                # Lambda is always invoked by POST.
                integration_http_method="POST",
                uri=pulumi.Output.concat(
                    f"arn:aws:apigateway:{naming.region}:lambda:path/2015-03-31/functions/arn:aws:lambda:{naming.region}:",
                    naming.account_id,
                    f":function:{naming.name('lambda', route.function)}/invocations",
                ),
                opts=child,
            )
            integrations.append(integration)
            permission = aws.lambda_.Permission(
                f"api-{route.name}-{route.function}",
                # Earlier versions had others, which are as good.
                statement_id=naming.name("permission", f"route-{route.name}"),
                function=args.function_names[route.function],
                action="lambda:InvokeFunction",
                principal="apigateway.amazonaws.com",
                source_arn=pulumi.Output.concat(
                    rest_api.execution_arn,
                    f"/{naming.environment}/{route.invoked_by}",
                ),
                opts=pulumi.ResourceOptions(
                    parent=self,
                    aliases=[pulumi.Alias(name=f"api-{route.name}")],
                    delete_before_replace=True,
                    ignore_changes=["statement_id"],
                ),
            )
            permissions.append(permission)

        gateway_responses: list[pulumi.Resource] = []
        for response in RESPONSES:
            gateway_response = aws.apigateway.Response(
                response.name,
                rest_api_id=rest_api.id,
                response_type=response.type,
                # The message is already quoted.
                response_templates={
                    "application/json": (
                        '{"type": "urn:paystage:problem:api:$context.error.responseType", '
                        '"title": $context.error.messageString, "message": '
                        '$context.error.messageString, "request_id": "$context.requestId"}'
                    ),
                },
                opts=child,
            )
            gateway_responses.append(gateway_response)

        deployment = aws.apigateway.Deployment(
            "deployment",
            rest_api=rest_api.id,
            # A deployment is a snapshot of the API; any change to its inputs needs a new one.
            triggers={
                "api": fingerprint(
                    {
                        "paths": [asdict(row) for row in PATHS],
                        "routes": [asdict(row) for row in ROUTES],
                        "responses": [asdict(row) for row in RESPONSES],
                        "models": {"payment": PAYMENT_SCHEMA},
                        "validator": {
                            "validate_request_body": True,
                            "validate_request_parameters": True,
                        },
                        "response_templates": {
                            "application/json": (
                                '{"type": '
                                '"urn:paystage:problem:api:$context.error.responseType", '
                                '"title": $context.error.messageString, "message": '
                                '$context.error.messageString, "request_id": '
                                '"$context.requestId"}'
                            ),
                        },
                        "security_policy": "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
                        "endpoint_access_mode": "STRICT",
                        # Names of functions and models contain the suffix.
                        "name": naming.name("api"),
                    }
                ),
            },
            # Requests move to a function only when it may be called.
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*integrations, *permissions, *gateway_responses],
            ),
        )

        self.rest_api_id = rest_api.id
        self.deployment_id = deployment.id
        self.register_outputs(
            {
                "rest_api_id": self.rest_api_id,
                "deployment_id": self.deployment_id,
            }
        )
