"""What the layers around the functions offer; what each may use of it, its own module grants."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class FunctionsArgs:
    """What the layer needs from the ones before it."""

    logs_key_arn: pulumi.Input[str]
    data_key_arn: pulumi.Input[str]
    database_resource_id: pulumi.Input[str]
    audit_bucket_arn: pulumi.Input[str]
    libraries_arn: pulumi.Input[str]
    private_subnet_ids: list[pulumi.Output[str]]
    function_group_id: pulumi.Input[str]
    vpc_default_security_group_id: pulumi.Input[str]
    audit_bucket_name: pulumi.Input[str]
    database_host: pulumi.Input[str]
    database_secret_arn: pulumi.Input[str]
    database_key_arn: pulumi.Input[str]
    private_associations: list[pulumi.Resource]
    private_acl: pulumi.Resource
    functions_to_database: pulumi.Resource
    database_from_functions: pulumi.Resource
    functions_to_https: pulumi.Resource
