"""The program: settings, one provider, the environment, and what a deployed stack tells."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

{% for extension in imports %}import extensions.{{ extension|safe }}
{% endfor %}from environment import Environment
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
{% if extensions.is_empty() %}environment = Environment(naming, pulumi.ResourceOptions(providers=[provider]))
{% else %}opts = pulumi.ResourceOptions(providers=[provider])
environment = Environment(naming, opts)
{% for extension in extensions %}extensions.{{ extension|safe }}.extend(environment, naming, opts)
{% endfor %}{% endif %}
{{ exports|safe }}
