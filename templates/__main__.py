"""The environment: settings, one provider, one component per layer, and what a deployed stack tells."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

{{ imports|safe }}from naming import Naming
from settings import Settings

settings = Settings.load()
naming = Naming(
    environment=settings.environment,
    suffix=settings.suffix,
    migration_date=settings.migration_date,
    owner=settings.owner,
)
provider = aws.Provider(
    "aws",
    region=settings.region,
    allowed_account_ids=list(settings.allowed_account_ids) or None,
    default_tags={"tags": naming.common_tags()},
)
account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOptions(provider=provider)).account_id
opts = pulumi.ResourceOptions(providers=[provider])

{{ layers|safe }}
{{ exports|safe }}
