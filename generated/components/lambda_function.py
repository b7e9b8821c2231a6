"""A Lambda function with a role of its own: what all functions of the environment have in common.

Requirements: FN-1, FN-2, FN-3, FN-4, FN-5, MON-1, SEC-2.
What a function may do, its environment and its settings are in its own module.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from naming import Naming


@dataclass(frozen=True, kw_only=True)
class FunctionsArgs:
    """What the layer needs from the ones before it."""

    naming: Naming
    logs_key_arn: pulumi.Input[str]
    data_key_arn: pulumi.Input[str]
    database_secret_arn: pulumi.Input[str]
    database_key_arn: pulumi.Input[str]
    libraries_arn: pulumi.Input[str]
    private_subnet_ids: list[pulumi.Output[str]]
    function_group_id: pulumi.Input[str]
    vpc_default_security_group_id: pulumi.Input[str]
    database_host: pulumi.Input[str]
    private_associations: list[pulumi.Resource]
    public_associations: list[pulumi.Resource]
    private_acl: pulumi.Resource
    public_acl: pulumi.Resource
    functions_to_database: pulumi.Resource
    database_from_functions: pulumi.Resource
    functions_to_https: pulumi.Resource
    database_resource_id: pulumi.Input[str]
    audit_bucket_arn: pulumi.Input[str]
    audit_bucket_name: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class LambdaFunctionArgs:
    """What one function may do and how it runs."""

    # What the layers around the functions offer to all of them.
    shared: FunctionsArgs
    policy: pulumi.Input[str]
    environment: dict[str, pulumi.Input[str]]
    handler: str
    runtime: str
    architectures: list[str]
    code: pulumi.Archive
    memory_size: int
    timeout: int
    schedule: str | None = None
    # What is done before the function is made or changed.
    predecessors: tuple[pulumi.Resource, ...] = ()


class LambdaFunction(pulumi.ComponentResource):
    """A function with its role and policy, its log group, and a queue for calls that failed."""

    function_name: pulumi.Output[str]
    function_arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: LambdaFunctionArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        # Earlier versions had a component type for each function: `HealthCheck` for `health-check`.
        earlier = "".join(part.capitalize() for part in name.split("-"))
        renamed = pulumi.ResourceOptions(aliases=[pulumi.Alias(type_=f"paystage:index:{earlier}")])
        super().__init__(
            "paystage:index:LambdaFunction",
            name,
            None,
            pulumi.ResourceOptions.merge(opts, renamed),
        )
        shared, naming = args.shared, args.shared.naming
        # Physical names are fixed, so a replacement deletes the old resource first.
        named = pulumi.ResourceOptions(parent=self, delete_before_replace=True)

        # Before the function: otherwise Lambda creates an unmanaged log group that never expires.
        logs = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name=f"/aws/lambda/{naming.name('lambda', name)}",
            retention_in_days=30,
            kms_key_id=shared.logs_key_arn,
            tags=naming.tags("logs", name),
            opts=named,
        )

        # Asynchronous invocations only: the API and the load balancer return errors to the client.
        dead_letters = aws.sqs.Queue(
            f"{name}-dead-letters",
            name=naming.name("dlq", name),
            kms_master_key_id=shared.data_key_arn,
            message_retention_seconds=1209600,
            tags=naming.tags("dlq", name),
            opts=named,
        )
        role = aws.iam.Role(
            f"{name}-role",
            name=naming.name("role", name),
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
            tags=naming.tags("role", name),
            opts=named,
        )
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            name=naming.name("policy", name),
            role=role.id,
            policy=args.policy,
            opts=named,
        )
        function = aws.lambda_.Function(
            name,
            name=naming.name("lambda", name),
            role=role.arn,
            runtime=args.runtime,
            architectures=args.architectures,
            handler=args.handler,
            code=args.code,
            layers=[shared.libraries_arn],
            memory_size=args.memory_size,
            timeout=args.timeout,
            tracing_config={"mode": "Active"},
            logging_config={"log_format": "JSON", "log_group": logs.name},
            dead_letter_config={"target_arn": dead_letters.arn},
            kms_key_arn=shared.data_key_arn,
            vpc_config={
                "subnet_ids": shared.private_subnet_ids,
                "security_group_ids": [shared.function_group_id],
            },
            # Lambda keeps its network interfaces for up to 45 minutes; the group does not wait for
            # them.
            replace_security_groups_on_destroy=True,
            replacement_security_group_ids=[shared.vpc_default_security_group_id],
            environment={"variables": args.environment},
            tags=naming.tags("lambda", name),
            # Destroyed first, while the role may still remove its network interfaces.
            # Called, or moved to other subnets, only when the way to database and AWS is complete.
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[
                    policy,
                    logs,
                    *shared.private_associations,
                    *shared.public_associations,
                    shared.private_acl,
                    shared.public_acl,
                    shared.functions_to_database,
                    shared.database_from_functions,
                    shared.functions_to_https,
                    *args.predecessors,
                ],
                delete_before_replace=True,
            ),
        )

        if args.schedule is not None:
            schedule = aws.cloudwatch.EventRule(
                f"{name}-schedule",
                name=naming.name("schedule", name),
                description=f"Calls the function {name}",
                schedule_expression=args.schedule,
                tags=naming.tags("schedule", name),
                opts=named,
            )
            aws.lambda_.Permission(
                f"{name}-schedule",
                statement_id=naming.name("permission", f"{name}-schedule"),
                function=function.name,
                action="lambda:InvokeFunction",
                principal="events.amazonaws.com",
                source_arn=schedule.arn,
                opts=named,
            )
            aws.cloudwatch.EventTarget(
                f"{name}-schedule",
                rule=schedule.name,
                target_id="function",
                arn=function.arn,
                opts=named,
            )

        self.function_name = function.name
        self.function_arn = function.arn
        self.register_outputs(
            {
                "function_name": self.function_name,
                "function_arn": self.function_arn,
            }
        )
