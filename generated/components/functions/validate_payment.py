"""Lambda function `validate-payment`: what it may do and where it runs.

Requirements: FN-1, FN-2, FN-3, FN-4, FN-5, MON-1, SEC-2.
Uses: database (write), audit (write).
"""

from __future__ import annotations

import json

import pulumi

import archives
from components.lambda_function import FunctionsArgs, LambdaFunction, LambdaFunctionArgs

# What Lambda does with the function's role to bring it into the VPC.
NETWORK_INTERFACE_ACTIONS = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
]


def validate_payment_function(
    args: FunctionsArgs,
    opts: pulumi.ResourceOptions,
    migrations: pulumi.Resource,
) -> LambdaFunction:
    """Lambda function ``validate-payment`` with a role of its own."""
    naming = args.naming
    return LambdaFunction(
        "validate-payment",
        LambdaFunctionArgs(
            shared=args,
            # New code comes after the tables that it expects: both may be new in one deployment.
            predecessors=(migrations,),
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
                                f":log-group:/aws/lambda/{naming.name('lambda', 'validate-payment')}:*",
                            ),
                        },
                        {
                            "Sid": "SendDeadLetters",
                            "Effect": "Allow",
                            "Action": "sqs:SendMessage",
                            "Resource": pulumi.Output.concat(
                                f"arn:aws:sqs:{naming.region}:",
                                naming.account_id,
                                f":{naming.name('dlq', 'validate-payment')}",
                            ),
                        },
                        # With IAM, as the database user for this access; there is no password.
                        {
                            "Sid": "LogInToDatabase",
                            "Effect": "Allow",
                            "Action": "rds-db:connect",
                            "Resource": pulumi.Output.concat(
                                f"arn:aws:rds-db:{naming.region}:",
                                naming.account_id,
                                ":dbuser:",
                                args.database_resource_id,
                                "/payments_app",
                            ),
                        },
                        {
                            "Sid": "WriteAudit",
                            "Effect": "Allow",
                            "Action": "s3:PutObject",
                            "Resource": pulumi.Output.concat(args.audit_bucket_arn, "/payments/*"),
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
                                    "kms:ViaService": [
                                        f"sqs.{naming.region}.amazonaws.com",
                                        f"s3.{naming.region}.amazonaws.com",
                                    ],
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
                                        f":function:{naming.name('lambda', 'validate-payment')}",
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
                "AUDIT_BUCKET": args.audit_bucket_name,
                "DATABASE_HOST": args.database_host,
                "DATABASE_PORT": "5432",
                "DATABASE_NAME": "payments",
                "DATABASE_USER": "payments_app",
                "PAYMENT_RULES": json.dumps(
                    {
                        "currencies": {
                            "AUD": [50, 1500000],
                            "BHD": [200, 3750000],
                            "CAD": [50, 1350000],
                            "CHF": [50, 900000],
                            "DKK": [250, 7000000],
                            "EUR": [50, 950000],
                            "GBP": [30, 800000],
                            "JPY": [50, 1500000],
                            "KRW": [500, 13500000],
                            "KWD": [150, 3050000],
                            "NOK": [300, 10500000],
                            "SEK": [300, 10500000],
                            "USD": [50, 1000000],
                        },
                        "velocity": [600, 60],
                        "idempotency_hours": 24,
                    }
                ),
                "POWERTOOLS_METRICS_NAMESPACE": naming.name("payments"),
                "POWERTOOLS_SERVICE_NAME": "validate-payment",
            },
            handler="handler.handle",
            runtime="python3.13",
            architectures=["arm64"],
            code=archives.function_code("functions/validate_payment", "functions/payments"),
            memory_size=512,
            timeout=10,
        ),
        opts,
    )
