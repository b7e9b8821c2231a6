"""X-Ray: what is sampled, one view on the environment's traces, and the libraries of the functions.

Requirements: XR-1, FN-3, API-5.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

import archives
from naming import Naming


@dataclass(frozen=True, kw_only=True)
class TracingArgs:
    """What the layer needs from the ones before it."""

    naming: Naming


class Tracing(pulumi.ComponentResource):
    """Traces of the API and the functions of this environment, and of no other."""

    libraries_arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: TracingArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("paystage:index:Tracing", name, None, opts)
        naming = args.naming
        child = pulumi.ResourceOptions(parent=self)
        # Physical names are fixed, so a replacement deletes the old resource first.
        named = pulumi.ResourceOptions(parent=self, delete_before_replace=True)

        aws.xray.Group(
            "traces",
            group_name=naming.name("xray"),
            # Load balancers send no traces to X-Ray: their traces begin at the function.
            filter_expression=(
                f'service("{naming.name("api")}/{naming.environment}")'
                f' OR service("{naming.name("lambda", "validate-payment")}")'
                f' OR service("{naming.name("lambda", "payment-status")}")'
                f' OR service("{naming.name("lambda", "audit-relay")}")'
                f' OR service("{naming.name("lambda", "migrate")}")'
                f' OR service("{naming.name("lambda", "health")}")'
                f' OR service("{naming.name("lambda", "deep-health")}")'
            ),
            tags=naming.tags("xray"),
            opts=named,
        )
        aws.xray.SamplingRule(
            "sampling",
            rule_name=naming.name("sampling"),
            version=1,
            priority=1000,
            reservoir_size=1,
            fixed_rate=1.0,
            # Only this environment's stage; functions follow its sampling decision.
            service_name=f"{naming.name('api')}/{naming.environment}",
            service_type="AWS::ApiGateway::Stage",
            resource_arn="*",
            host="*",
            http_method="*",
            url_path="*",
            tags=naming.tags("sampling"),
            opts=named,
        )
        libraries = aws.lambda_.LayerVersion(
            "libraries",
            layer_name=naming.name("layer", "libraries"),
            description="Powertools for AWS Lambda, the AWS X-Ray SDK, pg8000",
            code=archives.libraries_layer(),
            compatible_runtimes=["python3.13"],
            compatible_architectures=["arm64"],
            opts=child,
        )

        self.libraries_arn = libraries.arn
        self.register_outputs({"libraries_arn": self.libraries_arn})
