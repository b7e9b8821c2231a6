"""Lambda function `health`: what it may do and where it runs.

Requirements: FN-1, FN-2, FN-3, FN-4, FN-5, MON-1, SEC-2.
Uses: nothing.
"""

from __future__ import annotations

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


def health_function(
    args: FunctionsArgs,
    opts: pulumi.ResourceOptions,
) -> LambdaFunction:
    """Lambda function ``health`` with a role of its own."""
    naming = args.naming
    return LambdaFunction(
        "health",
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
                                f":log-group:/aws/lambda/{naming.name('lambda', 'health')}:*",
                            ),
                        },
                        {
                            "Sid": "SendDeadLetters",
                            "Effect": "Allow",
                            "Action": "sqs:SendMessage",
                            "Resource": pulumi.Output.concat(
                                f"arn:aws:sqs:{naming.region}:",
                                naming.account_id,
                                f":{naming.name('dlq', 'health')}",
                            ),
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
                                        f":function:{naming.name('lambda', 'health')}",
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
                "POWERTOOLS_METRICS_NAMESPACE": naming.name("payments"),
                "POWERTOOLS_SERVICE_NAME": "health",
            },
            handler="handler.handle",
            runtime="python3.13",
            architectures=["arm64"],
            code=archives.function_code("functions/health", "functions/payments"),
            memory_size=128,
            timeout=5,
        ),
        opts,
    )
