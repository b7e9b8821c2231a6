"""The stage that serves the API: its logs, throttling and tracing, usage plans and keys.

Requirements: API-1, API-3, API-4, API-5, API-6, MON-1, XR-1.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

import archives
from fingerprint import fingerprint
from naming import Naming

# No sent paths, query strings, headers, bodies or validation messages: they may hold what a log
# must not.
ACCESS_LOG_FORMAT = {
    "request_id": "$context.requestId",
    "extended_request_id": "$context.extendedRequestId",
    "trace_id": "$context.xrayTraceId",
    "time": "$context.requestTime",
    "source_ip": "$context.identity.sourceIp",
    "api_key_id": "$context.identity.apiKeyId",
    "caller": "$context.identity.userArn",
    "method": "$context.httpMethod",
    "path": "$context.resourcePath",
    "protocol": "$context.protocol",
    "tls_version": "$context.tlsVersion",
    "cipher_suite": "$context.cipherSuite",
    "status": "$context.status",
    "error_type": "$context.error.responseType",
    "firewall": "$context.wafResponseCode",
    "response_bytes": "$context.responseLength",
    "response_ms": "$context.responseLatency",
    "integration_ms": "$context.integrationLatency",
}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much the holders of a plan's keys may ask for."""

    name: str
    quota_requests: int
    quota_period: str
    rate_per_second: int
    burst: int


PLANS = (
    Plan(name="partner", quota_requests=100000, quota_period="MONTH", rate_per_second=20, burst=40),
    Plan(
        name="integration",
        quota_requests=10000,
        quota_period="DAY",
        rate_per_second=50,
        burst=100,
    ),
)


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """A key and the plan that it counts against."""

    name: str
    plan: str


# A key meters its holder, and says whose merchant its requests are.
API_KEYS = (
    ApiKey(name="integration", plan="integration"),
    ApiKey(name="partner", plan="partner"),
)


@dataclass(frozen=True, kw_only=True)
class ApiStageArgs:
    """What the layer needs from the ones before it."""

    naming: Naming
    rest_api_id: pulumi.Input[str]
    logs_key_arn: pulumi.Input[str]
    deployment_id: pulumi.Input[str]
    function_names: dict[str, pulumi.Output[str]]


class ApiStage(pulumi.ComponentResource):
    """What holds for every request to the API, whatever its route."""

    stage_arn: pulumi.Output[str]
    invoke_url: pulumi.Output[str]
    stage_name: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: ApiStageArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("paystage:index:ApiStage", name, None, opts)
        naming = args.naming
        child = pulumi.ResourceOptions(parent=self)
        # Physical names are fixed, so a replacement deletes the old resource first.
        named = pulumi.ResourceOptions(parent=self, delete_before_replace=True)

        # Otherwise API Gateway creates this log group without key and retention.
        execution_logs = aws.cloudwatch.LogGroup(
            "execution-logs",
            name=pulumi.Output.concat(
                "API-Gateway-Execution-Logs_",
                args.rest_api_id,
                f"/{naming.environment}",
            ),
            retention_in_days=30,
            kms_key_id=args.logs_key_arn,
            tags=naming.tags("logs", "api-execution"),
            opts=named,
        )
        access_logs = aws.cloudwatch.LogGroup(
            "access-logs",
            name=f"/aws/vendedlogs/apigateway/{naming.name('api')}",
            retention_in_days=30,
            kms_key_id=args.logs_key_arn,
            tags=naming.tags("logs", "api-access"),
            opts=named,
        )

        accounts: list[pulumi.Resource] = []
        if naming.manages_account:
            account_role = aws.iam.Role(
                "account-role",
                name=naming.name("role", "apigateway"),
                assume_role_policy=json.dumps(
                    {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": {"Service": "apigateway.amazonaws.com"},
                                "Action": "sts:AssumeRole",
                            },
                        ],
                    }
                ),
                tags=naming.tags("role", "apigateway"),
                opts=named,
            )
            account_policy = aws.iam.RolePolicy(
                "account-policy",
                name=naming.name("policy", "apigateway"),
                role=account_role.id,
                policy=pulumi.Output.json_dumps(
                    {
                        "Version": "2012-10-17",
                        "Statement": [
                            # One role serves all APIs of the region; API Gateway rejects one with
                            # fewer permissions.
                            {
                                "Sid": "WriteLogsOfEveryApi",
                                "Effect": "Allow",
                                "Action": [
                                    "logs:CreateLogGroup",
                                    "logs:CreateLogStream",
                                    "logs:DescribeLogGroups",
                                    "logs:DescribeLogStreams",
                                    "logs:FilterLogEvents",
                                    "logs:GetLogEvents",
                                    "logs:PutLogEvents",
                                ],
                                "Resource": pulumi.Output.concat(
                                    f"arn:aws:logs:{naming.region}:",
                                    naming.account_id,
                                    ":log-group:*",
                                ),
                            },
                        ],
                    }
                ),
                opts=named,
            )
            # A setting of the account in this region: destroying this stack resets it.
            account = aws.apigateway.Account(
                "account",
                cloudwatch_role_arn=account_role.arn,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[account_policy]),
            )
            accounts.append(account)

        stage = aws.apigateway.Stage(
            "stage",
            rest_api=args.rest_api_id,
            deployment=args.deployment_id,
            stage_name=naming.environment,
            xray_tracing_enabled=True,
            access_log_settings={
                "destination_arn": access_logs.arn,
                "format": json.dumps(ACCESS_LOG_FORMAT),
            },
            tags=naming.tags("stage"),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[execution_logs, *accounts],
                delete_before_replace=True,
            ),
        )
        aws.apigateway.MethodSettings(
            "method-settings",
            rest_api=args.rest_api_id,
            stage_name=stage.stage_name,
            method_path="*/*",
            settings={
                # INFO writes the path of each request as it was sent.
                "logging_level": "ERROR",
                # Otherwise request and response bodies are logged.
                "data_trace_enabled": False,
                "metrics_enabled": True,
                "throttling_rate_limit": 50,
                "throttling_burst_limit": 100,
            },
            opts=child,
        )

        usage_plan_ids: dict[str, pulumi.Output[str]] = {}
        for plan in PLANS:
            usage_plan = aws.apigateway.UsagePlan(
                plan.name,
                name=naming.name("plan", plan.name),
                api_stages=[{"api_id": args.rest_api_id, "stage": stage.stage_name}],
                quota_settings={"limit": plan.quota_requests, "period": plan.quota_period},
                throttle_settings={"rate_limit": plan.rate_per_second, "burst_limit": plan.burst},
                tags=naming.tags("plan", plan.name),
                opts=child,
            )
            usage_plan_ids[plan.name] = usage_plan.id

        key_ids: list[pulumi.Output[str]] = []
        for api_key in API_KEYS:
            key = aws.apigateway.ApiKey(
                api_key.name,
                name=naming.name("apikey", api_key.name),
                tags=naming.tags("apikey", api_key.name),
                opts=child,
            )
            key_ids.append(key.id)
            aws.apigateway.UsagePlanKey(
                api_key.name,
                key_id=key.id,
                key_type="API_KEY",
                usage_plan_id=usage_plan_ids[api_key.plan],
                opts=pulumi.ResourceOptions(
                    parent=self,
                    delete_before_replace=True,
                    additional_secret_outputs=["value"],
                ),
            )

        aws.lambda_.Invocation(
            "callers",
            function_name=args.function_names["migrate"],
            # Merchants in the order of the keys.
            input=pulumi.Output.json_dumps(
                {
                    "callers": {
                        "api": {
                            "credentials": key_ids,
                            "merchants": [["mer_integration"], ["mer_acme0001"]],
                        },
                        "load-balancer": {
                            "credentials": ["CN=acme,O=Acme", "CN=integration,O=Payments Platform"],
                            "merchants": [["mer_acme0001"], ["mer_integration"]],
                        },
                    },
                }
            ),
            triggers={
                "code": archives.digest("functions/migrate"),
                "modules": fingerprint(
                    [
                        archives.text("functions/payments/arriving.py"),
                        archives.text("functions/payments/migrating.py"),
                        archives.text("functions/payments/migrations.py"),
                    ]
                ),
            },
            opts=pulumi.ResourceOptions(parent=self, additional_secret_outputs=["result"]),
        )

        self.stage_arn = stage.arn
        self.invoke_url = stage.invoke_url
        self.stage_name = stage.stage_name
        self.register_outputs(
            {
                "stage_arn": self.stage_arn,
                "invoke_url": self.invoke_url,
                "stage_name": self.stage_name,
            }
        )
