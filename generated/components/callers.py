"""An alarm on callers of the load balancer that do not get in.

Requirements: MON-5, LB-2.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from naming import Naming


@dataclass(frozen=True, kw_only=True)
class CallersArgs:
    """What the layer needs from the ones before it."""

    naming: Naming
    topic_arn: pulumi.Input[str]
    load_balancer_arn_suffix: pulumi.Input[str]


class Callers(pulumi.ComponentResource):
    """Callers show certificates, and certificates end."""

    def __init__(
        self,
        name: str,
        args: CallersArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("paystage:index:Callers", name, None, opts)
        naming = args.naming
        # Physical names are fixed, so a replacement deletes the old resource first.
        named = pulumi.ResourceOptions(parent=self, delete_before_replace=True)

        aws.cloudwatch.MetricAlarm(
            "alb-handshakes",
            name=naming.name("alarm", "alb-handshakes"),
            alarm_actions=[args.topic_arn],
            ok_actions=[args.topic_arn],
            treat_missing_data="notBreaching",
            alarm_description=(
                "Failed TLS handshakes above 20 in 5 minutes: certificates missing, foreign or "
                "expired"
            ),
            namespace="AWS/ApplicationELB",
            metric_name="ClientTLSNegotiationErrorCount",
            dimensions={"LoadBalancer": args.load_balancer_arn_suffix},
            statistic="Sum",
            period=300,
            evaluation_periods=2,
            comparison_operator="GreaterThanThreshold",
            threshold=20,
            tags=naming.tags("alarm", "alb-handshakes"),
            opts=named,
        )

        self.register_outputs({})
