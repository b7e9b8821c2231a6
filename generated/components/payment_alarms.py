"""Alarms on the payments themselves: how many are rejected, how long audit records wait.

Requirements: MON-5, FN-1.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from naming import Naming


@dataclass(frozen=True, kw_only=True)
class PaymentAlarm:
    """A metric of the payment functions and the threshold at which its alarm notifies the topic."""

    name: str
    description: str
    service: str
    metric: str
    statistic: str
    threshold: float
    periods: int
    missing: str


# The relay reports the outbox's age with each run: missing data is an alarm there.
PAYMENT_ALARMS = (
    PaymentAlarm(
        name="validate-payment-rejections",
        description="payment rejection rate above 25 %",
        service="validate-payment",
        metric="RejectionRate",
        statistic="Average",
        threshold=25.0,
        periods=2,
        missing="notBreaching",
    ),
    PaymentAlarm(
        name="audit-relay-audit-difference",
        description="an audit record differs from the one in the bucket",
        service="audit-relay",
        metric="AuditDifference",
        statistic="Maximum",
        threshold=0.0,
        periods=1,
        missing="notBreaching",
    ),
    PaymentAlarm(
        name="audit-relay-outbox-age",
        description="audit records undelivered for more than 600 s, or no runs",
        service="audit-relay",
        metric="OutboxAge",
        statistic="Maximum",
        threshold=600.0,
        periods=2,
        missing="breaching",
    ),
)


@dataclass(frozen=True, kw_only=True)
class PaymentAlarmsArgs:
    """What the layer needs from the ones before it."""

    naming: Naming
    topic_arn: pulumi.Input[str]


class PaymentAlarms(pulumi.ComponentResource):
    """Alarms on payments, whatever the state of the infrastructure."""

    def __init__(
        self,
        name: str,
        args: PaymentAlarmsArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("paystage:index:PaymentAlarms", name, None, opts)
        naming = args.naming
        # Physical names are fixed, so a replacement deletes the old resource first.
        named = pulumi.ResourceOptions(parent=self, delete_before_replace=True)

        for alarm in PAYMENT_ALARMS:
            aws.cloudwatch.MetricAlarm(
                alarm.name,
                name=naming.name("alarm", alarm.name),
                alarm_actions=[args.topic_arn],
                ok_actions=[args.topic_arn],
                treat_missing_data=alarm.missing,
                alarm_description=f"{alarm.service}: {alarm.description}",
                namespace=naming.name("payments"),
                metric_name=alarm.metric,
                dimensions={"service": alarm.service},
                statistic=alarm.statistic,
                period=300,
                evaluation_periods=alarm.periods,
                comparison_operator="GreaterThanThreshold",
                threshold=alarm.threshold,
                tags=naming.tags("alarm", alarm.name),
                opts=named,
            )

        self.register_outputs({})
