"""Lambda function `migrate`: what it may do and where it runs.

Requirements: FN-1, FN-2, FN-3, FN-4, FN-5, MON-1, SEC-2.
Uses: database (owner).
"""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws

import archives
from components.lambda_function import FunctionsArgs, LambdaFunction, LambdaFunctionArgs
from fingerprint import fingerprint

# What Lambda does with the function's role to bring it into the VPC.
NETWORK_INTERFACE_ACTIONS = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
]


def migrate_function(
    args: FunctionsArgs,
    opts: pulumi.ResourceOptions,
) -> tuple[LambdaFunction, pulumi.Resource]:
    """Lambda function ``migrate`` with a role of its own."""
    naming = args.naming
    function = LambdaFunction(
        "migrate",
        LambdaFunctionArgs(
            shared=args,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "WriteOwnLogs",
                            "Effect": "Allow",
                            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                            "Resource": pulumi.Output.concat(
                                f"arn:aws:logs:{naming.region}:",
                                naming.account_id,
                                f":log-group:/aws/lambda/{naming.name('lambda', 'migrate')}:*",
                            ),
                        },
                        {
                            "Sid": "SendDeadLetters",
                            "Effect": "Allow",
                            "Action": "sqs:SendMessage",
                            "Resource": pulumi.Output.concat(
                                f"arn:aws:sqs:{naming.region}:",
                                naming.account_id,
                                f":{naming.name('dlq', 'migrate')}",
                            ),
                        },
                        # The only function that logs in as the master user: it creates the other
                        # users.
                        {
                            "Sid": "ReadMasterSecret",
                            "Effect": "Allow",
                            "Action": "secretsmanager:GetSecretValue",
                            "Resource": args.database_secret_arn,
                        },
                        {
                            "Sid": "DecryptMasterSecret",
                            "Effect": "Allow",
                            "Action": "kms:Decrypt",
                            "Resource": args.database_key_arn,
                            "Condition": {
                                "StringEquals": {
                                    "kms:ViaService": (
                                        f"secretsmanager.{naming.region}.amazonaws.com"
                                    ),
                                },
                            },
                        },
                        # Lambda decrypts the environment variables with the function's role.
                        {
                            "Sid": "Decrypt",
                            "Effect": "Allow",
                            "Action": "kms:Decrypt",
                            "Resource": args.data_key_arn,
                        },
                        {
                            "Sid": "EncryptThroughServices",
                            "Effect": "Allow",
                            "Action": "kms:GenerateDataKey",
                            "Resource": args.data_key_arn,
                            "Condition": {
                                "StringEquals": {
                                    "kms:ViaService": f"sqs.{naming.region}.amazonaws.com",
                                },
                            },
                        },
                        # Lambda attaches the function to the VPC with these; describing has no
                        # narrower form.
                        {
                            "Sid": "EnterVpc",
                            "Effect": "Allow",
                            "Action": NETWORK_INTERFACE_ACTIONS,
                            "Resource": "*",
                        },
                        # Set on calls by the function's code only, never on calls by Lambda.
                        {
                            "Sid": "CodeTouchesNoInterface",
                            "Effect": "Deny",
                            "Action": NETWORK_INTERFACE_ACTIONS,
                            "Resource": "*",
                            "Condition": {
                                "ArnEquals": {
                                    "lambda:SourceFunctionArn": pulumi.Output.concat(
                                        f"arn:aws:lambda:{naming.region}:",
                                        naming.account_id,
                                        f":function:{naming.name('lambda', 'migrate')}",
                                    ),
                                },
                            },
                        },
                        # X-Ray has no resource-level permissions.
                        {
                            "Sid": "Trace",
                            "Effect": "Allow",
                            "Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
                            "Resource": "*",
                        },
                    ],
                }
            ),
            environment={
                "ENVIRONMENT": naming.environment,
                "LOG_LEVEL": "INFO",
                "DATABASE_HOST": args.database_host,
                "DATABASE_PORT": "5432",
                "DATABASE_NAME": "payments",
                "DATABASE_SECRET_ARN": args.database_secret_arn,
                "POWERTOOLS_METRICS_NAMESPACE": naming.name("payments"),
                "POWERTOOLS_SERVICE_NAME": "migrate",
            },
            handler="handler.handle",
            runtime="python3.13",
            architectures=["arm64"],
            code=archives.function_code("functions/migrate", "functions/payments"),
            memory_size=256,
            timeout=300,
        ),
        opts,
    )
    migrations = aws.lambda_.Invocation(
        "migrations",
        function_name=function.function_name,
        input=json.dumps(
            {
                "application_user": "payments_app",
                "merchants": {"mer_acme0001": "active", "mer_integration": "active"},
            }
        ),
        # A change of code, SQL or input invokes the function again; applied migrations stay.
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
        opts=pulumi.ResourceOptions(parent=function, additional_secret_outputs=["result"]),
    )
    return function, migrations
