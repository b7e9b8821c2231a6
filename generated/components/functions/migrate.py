"""Lambda function `migrate`: what it may do and where it runs.

Requirements: FN-1, FN-2, FN-3, FN-4, FN-5, MON-1, SEC-2.
Uses: database (owner).
"""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws

import archives
from components.functions.arguments import FunctionsArgs
from naming import Naming

# What Lambda does with the function's role to bring it into the VPC.
NETWORK_INTERFACE_ACTIONS = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
]


class Migrate(pulumi.ComponentResource):
    """Lambda function ``migrate`` with a role of its own."""

    function_name: pulumi.Output[str]
    function_arn: pulumi.Output[str]

    def __init__(
        self,
        naming: Naming,
        args: FunctionsArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("paystage:index:Migrate", "migrate", None, opts)
        # Our own names cannot stand twice: on replacement the old resource goes first.
        named = pulumi.ResourceOptions(parent=self, delete_before_replace=True)

        # Before the function: Lambda would else make a group that nobody owns, kept for ever.
        logs = aws.cloudwatch.LogGroup(
            "migrate-logs",
            name=f"/aws/lambda/{naming.name('lambda', 'migrate')}",
            retention_in_days=30,
            kms_key_id=args.logs_key_arn,
            tags=naming.tags("logs", "migrate"),
            opts=named,
        )

        # Asynchronous calls only: API and load balancer hand errors back to the caller.
        dead_letters = aws.sqs.Queue(
            "migrate-dead-letters",
            name=naming.name("dlq", "migrate"),
            kms_master_key_id=args.data_key_arn,
            message_retention_seconds=1209600,
            tags=naming.tags("dlq", "migrate"),
            opts=named,
        )
        role = aws.iam.Role(
            "migrate-role",
            name=naming.name("role", "migrate"),
            assume_role_policy=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "lambda.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                        },
                    ],
                }
            ),
            tags=naming.tags("role", "migrate"),
            opts=named,
        )
        policy = aws.iam.RolePolicy(
            "migrate-policy",
            name=naming.name("policy", "migrate"),
            role=role.id,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "WriteOwnLogs",
                            "Effect": "Allow",
                            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                            "Resource": pulumi.Output.concat(logs.arn, ":*"),
                        },
                        {
                            "Sid": "SendDeadLetters",
                            "Effect": "Allow",
                            "Action": "sqs:SendMessage",
                            "Resource": dead_letters.arn,
                        },
                        # The one function that logs in as the master user: it makes the others'
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
                        # Lambda itself enters the VPC with these; describing has no narrower form.
                        {
                            "Sid": "EnterVpc",
                            "Effect": "Allow",
                            "Action": NETWORK_INTERFACE_ACTIONS,
                            "Resource": "*",
                        },
                        # Set on calls of the function's code only, never on Lambda's own.
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
            opts=named,
        )
        function = aws.lambda_.Function(
            "migrate",
            name=naming.name("lambda", "migrate"),
            role=role.arn,
            runtime="python3.13",
            architectures=["arm64"],
            handler="handler.handle",
            code=archives.function_code("functions/migrate", "functions/payments"),
            layers=[args.libraries_arn],
            memory_size=256,
            timeout=300,
            tracing_config={"mode": "Active"},
            logging_config={"log_format": "JSON", "log_group": logs.name},
            dead_letter_config={"target_arn": dead_letters.arn},
            kms_key_arn=args.data_key_arn,
            vpc_config={
                "subnet_ids": args.private_subnet_ids,
                "security_group_ids": [args.function_group_id],
            },
            # Lambda holds its network interfaces for up to 45 minutes; their group need not wait.
            replace_security_groups_on_destroy=True,
            replacement_security_group_ids=[args.vpc_default_security_group_id],
            environment={
                "variables": {
                    "ENVIRONMENT": naming.environment,
                    "LOG_LEVEL": "INFO",
                    "DATABASE_HOST": args.database_host,
                    "DATABASE_PORT": "5432",
                    "DATABASE_NAME": "payments",
                    "DATABASE_SECRET_ARN": args.database_secret_arn,
                    "POWERTOOLS_METRICS_NAMESPACE": naming.name("payments"),
                    "POWERTOOLS_SERVICE_NAME": "migrate",
                },
            },
            tags=naming.tags("lambda", "migrate"),
            # Destroyed first, while the role may still remove its network interfaces.
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[policy, logs],
                delete_before_replace=True,
            ),
        )
        aws.lambda_.Invocation(
            "migrations",
            function_name=function.name,
            input=json.dumps(
                {
                    "application_user": "payments_app",
                    "merchants": {"mer_acme0001": "active", "mer_integration": "active"},
                }
            ),
            # A change of code, SQL or input calls the function again; what was applied stays.
            triggers={"code": archives.digest("functions/migrate")},
            # The function reaches database and secret only when the way there is complete.
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[
                    *args.private_associations,
                    args.private_acl,
                    args.functions_to_database,
                    args.database_from_functions,
                    args.functions_to_https,
                ],
                additional_secret_outputs=["result"],
            ),
        )

        self.function_name = function.name
        self.function_arn = function.arn
        self.register_outputs(
            {
                "function_name": self.function_name,
                "function_arn": self.function_arn,
            }
        )
