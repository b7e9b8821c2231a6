"""PostgreSQL on RDS: two zones, encrypted, reachable from the functions only.

Requirements: DB-1, DB-2, DB-3, DB-4, DB-5, MON-1, SEC-2.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from naming import Naming


@dataclass(frozen=True, kw_only=True)
class LogExport:
    """A log that the instance sends to CloudWatch."""

    name: str


LOG_EXPORTS = (
    LogExport(name="postgresql"),
    LogExport(name="upgrade"),
    LogExport(name="iam-db-auth-error"),
)


@dataclass(frozen=True, kw_only=True)
class DatabaseArgs:
    """What the layer needs from the ones before it."""

    naming: Naming
    private_subnet_ids: list[pulumi.Output[str]]
    logs_key_arn: pulumi.Input[str]
    database_group_id: pulumi.Input[str]
    database_key_arn: pulumi.Input[str]


class Database(pulumi.ComponentResource):
    """The payment database with its subnets, its settings and its logs."""

    database_secret_arn: pulumi.Output[str]
    database_host: pulumi.Output[str]
    database_resource_id: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: DatabaseArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("paystage:index:Database", name, None, opts)
        naming = args.naming
        # Physical names are fixed, so a replacement deletes the old resource first.
        named = pulumi.ResourceOptions(parent=self, delete_before_replace=True)

        subnet_group = aws.rds.SubnetGroup(
            "subnet-group",
            name=naming.name("dbsubnet"),
            description="Private subnets of all zones",
            subnet_ids=args.private_subnet_ids,
            tags=naming.tags("dbsubnet"),
            opts=named,
        )
        parameter_group = aws.rds.ParameterGroup(
            "parameter-group",
            # Named after the family, so that a major upgrade creates a second group first.
            name=naming.name("dbparams", "postgres14"),
            family="postgres14",
            description="TLS only, slow queries logged",
            parameters=[
                {
                    "name": "rds.force_ssl",
                    "value": "1",
                    "apply_method": "pending-reboot",
                },
                # Never `all`, which would log card data.
                {"name": "log_statement", "value": "ddl"},
                {"name": "log_min_duration_statement", "value": "1000"},
                # Slow queries are logged without their bind values.
                {"name": "log_parameter_max_length", "value": "0"},
                # CloudTrail does not record logins to the database.
                {"name": "log_connections", "value": "1"},
                {"name": "log_disconnections", "value": "1"},
            ],
            tags=naming.tags("dbparams", "postgres14"),
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=False),
        )

        log_groups: list[pulumi.Resource] = []
        for export in LOG_EXPORTS:
            log_group = aws.cloudwatch.LogGroup(
                f"{export.name}-logs",
                name=f"/aws/rds/instance/{naming.name('rds')}/{export.name}",
                retention_in_days=30,
                kms_key_id=args.logs_key_arn,
                tags=naming.tags("logs", f"rds-{export.name}"),
                opts=named,
            )
            log_groups.append(log_group)

        monitoring_role = aws.iam.Role(
            "monitoring-role",
            name=naming.name("role", "rds-monitoring"),
            assume_role_policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "monitoring.rds.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                            "Condition": {"StringEquals": {"aws:SourceAccount": naming.account_id}},
                        },
                    ],
                }
            ),
            tags=naming.tags("role", "rds-monitoring"),
            opts=named,
        )
        monitoring_policy = aws.iam.RolePolicy(
            "monitoring-policy",
            name=naming.name("policy", "rds-monitoring"),
            role=monitoring_role.id,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        # Shared by all instances of the account; created when it is missing.
                        {
                            "Sid": "ShareMetricsGroup",
                            "Effect": "Allow",
                            "Action": ["logs:CreateLogGroup", "logs:PutRetentionPolicy"],
                            "Resource": pulumi.Output.concat(
                                f"arn:aws:logs:{naming.region}:",
                                naming.account_id,
                                ":log-group:RDSOSMetrics*",
                            ),
                        },
                        {
                            "Sid": "WriteMetrics",
                            "Effect": "Allow",
                            "Action": [
                                "logs:CreateLogStream",
                                "logs:PutLogEvents",
                                "logs:DescribeLogStreams",
                                "logs:GetLogEvents",
                            ],
                            "Resource": pulumi.Output.concat(
                                f"arn:aws:logs:{naming.region}:",
                                naming.account_id,
                                ":log-group:RDSOSMetrics:log-stream:*",
                            ),
                        },
                    ],
                }
            ),
            opts=named,
        )
        instance = aws.rds.Instance(
            "database",
            identifier=naming.name("rds"),
            engine="postgres",
            engine_version="14",
            # A major version follows its minors (CKV_AWS_226, RDS.13), a pinned one does not.
            auto_minor_version_upgrade=True,
            # Extended support is billed per vCPU of both nodes.
            engine_lifecycle_support="open-source-rds-extended-support-disabled",
            instance_class="db.t4g.medium",
            ca_cert_identifier="rds-ca-rsa2048-g1",
            db_name="payments",
            multi_az=True,
            db_subnet_group_name=subnet_group.name,
            parameter_group_name=parameter_group.name,
            vpc_security_group_ids=[args.database_group_id],
            publicly_accessible=False,
            storage_type="gp3",
            allocated_storage=20,
            max_allocated_storage=100,
            storage_encrypted=True,
            kms_key_id=args.database_key_arn,
            backup_retention_period=7,
            backup_window="07:00-08:00",
            maintenance_window="sun:08:30-sun:09:30",
            copy_tags_to_snapshot=True,
            username="payments_owner",
            # RDS creates, stores and rotates the password; Pulumi never sees it.
            manage_master_user_password=True,
            master_user_secret_kms_key_id=args.database_key_arn,
            iam_database_authentication_enabled=True,
            enabled_cloudwatch_logs_exports=["postgresql", "upgrade", "iam-db-auth-error"],
            monitoring_interval=60,
            monitoring_role_arn=monitoring_role.arn,
            performance_insights_enabled=True,
            performance_insights_kms_key_id=args.database_key_arn,
            # Seven days are free of charge.
            performance_insights_retention_period=7,
            database_insights_mode="standard",
            # A staging environment is destroyed with its backups.
            deletion_protection=False,
            skip_final_snapshot=True,
            delete_automated_backups=True,
            apply_immediately=True,
            tags=naming.tags("rds"),
            # RDS would make its own log groups, without key and retention.
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*log_groups, monitoring_policy],
                delete_before_replace=True,
                ignore_changes=["snapshot_identifier"],
            ),
        )

        self.database_secret_arn = instance.master_user_secrets[0].secret_arn
        self.database_host = instance.address
        self.database_resource_id = instance.resource_id
        self.register_outputs(
            {
                "database_secret_arn": self.database_secret_arn,
                "database_host": self.database_host,
                "database_resource_id": self.database_resource_id,
            }
        )
