"""Customer-managed KMS keys, one for each kind of data: access to one gives nothing of another.

Requirements: SEC-1, DB-4, S3-4, MON-1, MON-5.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from naming import Naming

# What IAM policies of the account can grant: administration of a key, never its use.
ADMINISTRATION = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
]


@dataclass(frozen=True, kw_only=True)
class KeysArgs:
    """What the layer needs from the ones before it."""

    naming: Naming


class Keys(pulumi.ComponentResource):
    """Keys of the environment: the account administers them, and each policy says who uses its key."""

    logs_key_arn: pulumi.Output[str]
    data_key_arn: pulumi.Output[str]
    database_key_arn: pulumi.Output[str]
    topic_key_arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: KeysArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("paystage:index:Keys", name, None, opts)
        naming = args.naming
        child = pulumi.ResourceOptions(parent=self)
        # Physical names are fixed, so a replacement deletes the old resource first.
        named = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        # Principals of this account, as far as IAM allows.
        account_root = pulumi.Output.concat("arn:aws:iam::", naming.account_id, ":root")
        our_roles = pulumi.Output.concat(
            "arn:aws:iam::",
            naming.account_id,
            f":role/{naming.name('role', '*')}",
        )

        database_key = aws.kms.Key(
            "database-key",
            description="Storage, master secret and Performance Insights of the database",
            enable_key_rotation=True,
            rotation_period_in_days=365,
            deletion_window_in_days=7,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "AccountAdministers",
                            "Effect": "Allow",
                            "Principal": {"AWS": account_root},
                            "Action": ADMINISTRATION,
                            "Resource": "*",
                        },
                        # The services act with the deployer's permissions; IAM decides who that is.
                        {
                            "Sid": "DeployersUseThroughServices",
                            "Effect": "Allow",
                            "Principal": {"AWS": account_root},
                            "Action": [
                                "kms:CreateGrant",
                                "kms:Decrypt",
                                "kms:DescribeKey",
                                "kms:Encrypt",
                                "kms:GenerateDataKey",
                            ],
                            "Resource": "*",
                            "Condition": {
                                "StringEquals": {
                                    "kms:ViaService": [
                                        f"rds.{naming.region}.amazonaws.com",
                                        f"secretsmanager.{naming.region}.amazonaws.com",
                                    ],
                                },
                            },
                        },
                    ],
                }
            ),
            tags=naming.tags("kms", "database"),
            opts=child,
        )
        aws.kms.Alias(
            "database-alias",
            name=f"alias/{naming.name('kms', 'database')}",
            target_key_id=database_key.key_id,
            opts=named,
        )
        logs_key = aws.kms.Key(
            "logs-key",
            description="Log groups",
            enable_key_rotation=True,
            rotation_period_in_days=365,
            deletion_window_in_days=7,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "AccountAdministers",
                            "Effect": "Allow",
                            "Principal": {"AWS": account_root},
                            "Action": ADMINISTRATION,
                            "Resource": "*",
                        },
                        {
                            "Sid": "EncryptLogGroups",
                            "Effect": "Allow",
                            "Principal": {"Service": f"logs.{naming.region}.amazonaws.com"},
                            "Action": [
                                "kms:Encrypt*",
                                "kms:Decrypt*",
                                "kms:ReEncrypt*",
                                "kms:GenerateDataKey*",
                                "kms:Describe*",
                            ],
                            "Resource": "*",
                            "Condition": {
                                "ArnLike": {
                                    "kms:EncryptionContext:aws:logs:arn": pulumi.Output.concat(
                                        f"arn:aws:logs:{naming.region}:",
                                        naming.account_id,
                                        ":log-group:*",
                                    ),
                                },
                            },
                        },
                    ],
                }
            ),
            tags=naming.tags("kms", "logs"),
            opts=child,
        )
        aws.kms.Alias(
            "logs-alias",
            name=f"alias/{naming.name('kms', 'logs')}",
            target_key_id=logs_key.key_id,
            opts=named,
        )
        data_key = aws.kms.Key(
            "data-key",
            description="Audit objects, environment variables and dead letters of functions",
            enable_key_rotation=True,
            rotation_period_in_days=365,
            deletion_window_in_days=7,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "AccountAdministers",
                            "Effect": "Allow",
                            "Principal": {"AWS": account_root},
                            "Action": ADMINISTRATION,
                            "Resource": "*",
                        },
                        # The services act with the deployer's permissions; IAM decides who that is.
                        {
                            "Sid": "DeployersUseThroughServices",
                            "Effect": "Allow",
                            "Principal": {"AWS": account_root},
                            "Action": [
                                "kms:CreateGrant",
                                "kms:Decrypt",
                                "kms:DescribeKey",
                                "kms:Encrypt",
                                "kms:GenerateDataKey",
                            ],
                            "Resource": "*",
                            "Condition": {
                                "StringEquals": {
                                    "kms:ViaService": f"lambda.{naming.region}.amazonaws.com",
                                },
                            },
                        },
                        # Roles of this environment, by name; their own policies decide which of
                        # them.
                        {
                            "Sid": "FunctionsDecrypt",
                            "Effect": "Allow",
                            "Principal": {"AWS": account_root},
                            "Action": "kms:Decrypt",
                            "Resource": "*",
                            "Condition": {"ArnLike": {"aws:PrincipalArn": our_roles}},
                        },
                        {
                            "Sid": "FunctionsEncryptThroughServices",
                            "Effect": "Allow",
                            "Principal": {"AWS": account_root},
                            "Action": "kms:GenerateDataKey",
                            "Resource": "*",
                            "Condition": {
                                "StringEquals": {
                                    "kms:ViaService": [
                                        f"s3.{naming.region}.amazonaws.com",
                                        f"sqs.{naming.region}.amazonaws.com",
                                    ],
                                },
                                "ArnLike": {"aws:PrincipalArn": our_roles},
                            },
                        },
                        # Audit records and dead letters, for principals that IAM allows to read
                        # them.
                        {
                            "Sid": "PeopleReadThroughServices",
                            "Effect": "Allow",
                            "Principal": {"AWS": account_root},
                            "Action": "kms:Decrypt",
                            "Resource": "*",
                            "Condition": {
                                "StringEquals": {
                                    "kms:ViaService": [
                                        f"s3.{naming.region}.amazonaws.com",
                                        f"sqs.{naming.region}.amazonaws.com",
                                    ],
                                },
                            },
                        },
                    ],
                }
            ),
            tags=naming.tags("kms", "data"),
            opts=child,
        )
        aws.kms.Alias(
            "data-alias",
            name=f"alias/{naming.name('kms', 'data')}",
            target_key_id=data_key.key_id,
            opts=named,
        )
        topic_key = aws.kms.Key(
            "topic-key",
            description="Messages of the alarm topic",
            enable_key_rotation=True,
            rotation_period_in_days=365,
            deletion_window_in_days=7,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "AccountAdministers",
                            "Effect": "Allow",
                            "Principal": {"AWS": account_root},
                            "Action": ADMINISTRATION,
                            "Resource": "*",
                        },
                        # Without this, alarms on an encrypted topic deploy cleanly and deliver
                        # nothing.
                        {
                            "Sid": "PublishAlarms",
                            "Effect": "Allow",
                            "Principal": {"Service": "cloudwatch.amazonaws.com"},
                            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                            "Resource": "*",
                            "Condition": {"StringEquals": {"aws:SourceAccount": naming.account_id}},
                        },
                    ],
                }
            ),
            tags=naming.tags("kms", "topic"),
            opts=child,
        )
        aws.kms.Alias(
            "topic-alias",
            name=f"alias/{naming.name('kms', 'topic')}",
            target_key_id=topic_key.key_id,
            opts=named,
        )

        self.logs_key_arn = logs_key.arn
        self.data_key_arn = data_key.arn
        self.database_key_arn = database_key.arn
        self.topic_key_arn = topic_key.arn
        self.register_outputs(
            {
                "logs_key_arn": self.logs_key_arn,
                "data_key_arn": self.data_key_arn,
                "database_key_arn": self.database_key_arn,
                "topic_key_arn": self.topic_key_arn,
            }
        )
