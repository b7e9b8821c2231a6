"""The program: settings, one provider, the environment, and what a deployed stack tells."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from environment import Environment
from naming import Naming
from settings import Settings

settings = Settings.load()
provider = aws.Provider(
    "aws",
    region=settings.region,
    allowed_account_ids=list(settings.allowed_account_ids) or None,
    default_tags={"tags": settings.tags()},
)
naming = Naming(
    environment=settings.environment,
    suffix=settings.suffix,
    region=settings.region,
    account_id=aws.get_caller_identity_output(
        opts=pulumi.InvokeOptions(provider=provider)
    ).account_id,
    manages_account=settings.manages_account,
    common_tags=settings.tags(),
)
environment = Environment(naming, pulumi.ResourceOptions(providers=[provider]))

pulumi.export("environment", settings.environment)
pulumi.export("suffix", settings.suffix)
pulumi.export("region", settings.region)
pulumi.export("account_id", naming.account_id)
pulumi.export("vpc_id", environment.network.vpc_id)
pulumi.export("database_identifier", naming.name("rds"))
pulumi.export("database_host", environment.database.database_host)
pulumi.export("audit_bucket", environment.audit.audit_bucket_name)
pulumi.export("log_bucket", environment.audit.log_bucket_name)
pulumi.export("function_names", environment.functions.function_names)
pulumi.export("api_id", environment.api.rest_api_id)
pulumi.export("api_url", environment.api_stage.invoke_url)
pulumi.export("api_stage", environment.api_stage.stage_name)
pulumi.export("api_rate_per_second", 50)
pulumi.export("api_burst", 100)
pulumi.export("load_balancer_dns", environment.load_balancer.load_balancer_dns_name)
pulumi.export("load_balancer_arn", environment.load_balancer.load_balancer_arn)
pulumi.export("topic_arn", environment.monitoring.topic_arn)
pulumi.export("dashboard_name", naming.name("dashboard"))
pulumi.export("web_acl_arn", environment.firewall.web_acl_arn)
