"""Alarms on database, functions, API and load balancer, and the topic that they notify.

Requirements: MON-2, MON-3, MON-4, MON-5.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from naming import Naming


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    """A person or system that alarms notify."""

    name: str
    former: str
    protocol: str
    endpoint: str


# Each has to confirm once: AWS sends a message that asks for it.
SUBSCRIBERS = (
    Subscriber(
        name="email-payments-oncall-example-com-5919c3",
        former="email-payments-oncall-example-com",
        protocol="email",
        endpoint="payments-oncall@example.com",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """A metric and the threshold at which its alarm notifies the topic."""

    name: str
    description: str
    metric: str
    statistic: str
    comparison: str
    threshold: float
    periods: int


DATABASE_ALARMS = (
    Alarm(
        name="database-cpu",
        description="Database CPU above 80 %",
        metric="CPUUtilization",
        statistic="Average",
        comparison="GreaterThanThreshold",
        threshold=80.0,
        periods=3,
    ),
    Alarm(
        name="database-storage",
        description="Database free storage below 5 GiB",
        metric="FreeStorageSpace",
        statistic="Minimum",
        comparison="LessThanThreshold",
        threshold=5368709120.0,
        periods=3,
    ),
    Alarm(
        name="database-connections",
        description="Database connections above 360",
        metric="DatabaseConnections",
        statistic="Maximum",
        comparison="GreaterThanThreshold",
        threshold=360.0,
        periods=3,
    ),
    Alarm(
        name="database-credits",
        description="Database CPU credits below 10; further load is billed extra",
        metric="CPUCreditBalance",
        statistic="Minimum",
        comparison="LessThanThreshold",
        threshold=10.0,
        periods=3,
    ),
)


# The average of these metrics is a share of all requests: 0.05 is 5 %.
API_ALARMS = (
    Alarm(
        name="api-4xx",
        description="API 4XX rate above 10 %: invalid input, missing key or throttling",
        metric="4XXError",
        statistic="Average",
        comparison="GreaterThanThreshold",
        threshold=0.1,
        periods=2,
    ),
    Alarm(
        name="api-5xx",
        description="API 5XX rate above 1 %",
        metric="5XXError",
        statistic="Average",
        comparison="GreaterThanThreshold",
        threshold=0.01,
        periods=2,
    ),
)


LOAD_BALANCER_ALARMS = (
    Alarm(
        name="alb-5xx",
        description="Load balancer 5XX above 5 in 5 minutes: a function fails or cannot be invoked",
        metric="HTTPCode_ELB_5XX_Count",
        statistic="Sum",
        comparison="GreaterThanThreshold",
        threshold=5.0,
        periods=2,
    ),
    Alarm(
        name="alb-target-5xx",
        description="5XX of functions behind the load balancer above 5 in 5 minutes",
        metric="HTTPCode_Target_5XX_Count",
        statistic="Sum",
        comparison="GreaterThanThreshold",
        threshold=5.0,
        periods=2,
    ),
)


@dataclass(frozen=True, kw_only=True)
class TargetAlarm:
    """A function whose health checks the load balancer makes."""

    function: str


TARGET_ALARMS = (
    TargetAlarm(function="validate-payment"),
    TargetAlarm(function="payment-status"),
    TargetAlarm(function="health"),
)


@dataclass(frozen=True, kw_only=True)
class FunctionAlarm:
    """The error rate of a function at which its alarm notifies the topic."""

    function: str
    error_percent: int
    health_checks: int


# Health checks in a period: one from each node of the load balancer.
FUNCTION_ALARMS = (
    FunctionAlarm(function="validate-payment", error_percent=5, health_checks=3),
    FunctionAlarm(function="payment-status", error_percent=5, health_checks=3),
    FunctionAlarm(function="audit-relay", error_percent=5, health_checks=0),
    FunctionAlarm(function="migrate", error_percent=5, health_checks=0),
    FunctionAlarm(function="health", error_percent=5, health_checks=3),
    FunctionAlarm(function="deep-health", error_percent=5, health_checks=0),
)


@dataclass(frozen=True, kw_only=True)
class MonitoringArgs:
    """What the layer needs from the ones before it."""

    naming: Naming
    topic_key_arn: pulumi.Input[str]
    load_balancer_arn_suffix: pulumi.Input[str]
    target_group_suffixes: dict[str, pulumi.Output[str]]


class Monitoring(pulumi.ComponentResource):
    """Alarms and the people that they notify."""

    topic_arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: MonitoringArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("paystage:index:Monitoring", name, None, opts)
        naming = args.naming
        child = pulumi.ResourceOptions(parent=self)
        # Physical names are fixed, so a replacement deletes the old resource first.
        named = pulumi.ResourceOptions(parent=self, delete_before_replace=True)

        topic = aws.sns.Topic(
            "topic",
            name=naming.name("topic", "alarms"),
            kms_master_key_id=args.topic_key_arn,
            tags=naming.tags("topic", "alarms"),
            opts=named,
        )
        aws.sns.TopicPolicy(
            "topic-policy",
            arn=topic.arn,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "AlarmsPublish",
                            "Effect": "Allow",
                            "Principal": {"Service": "cloudwatch.amazonaws.com"},
                            "Action": "sns:Publish",
                            "Resource": topic.arn,
                            "Condition": {"StringEquals": {"aws:SourceAccount": naming.account_id}},
                        },
                        {
                            "Sid": "OnlyOverTls",
                            "Effect": "Deny",
                            "Principal": {"AWS": "*"},
                            "Action": "sns:Publish",
                            "Resource": topic.arn,
                            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                        },
                    ],
                }
            ),
            opts=child,
        )

        for subscriber in SUBSCRIBERS:
            aws.sns.TopicSubscription(
                subscriber.name,
                topic=topic.arn,
                protocol=subscriber.protocol,
                endpoint=subscriber.endpoint,
                opts=pulumi.ResourceOptions(
                    parent=self,
                    aliases=[pulumi.Alias(name=subscriber.former)],
                ),
            )

        for alarm in DATABASE_ALARMS:
            aws.cloudwatch.MetricAlarm(
                alarm.name,
                name=naming.name("alarm", alarm.name),
                alarm_actions=[topic.arn],
                ok_actions=[topic.arn],
                treat_missing_data="notBreaching",
                tags=naming.tags("alarm", alarm.name),
                alarm_description=alarm.description,
                namespace="AWS/RDS",
                metric_name=alarm.metric,
                dimensions={"DBInstanceIdentifier": naming.name("rds")},
                statistic=alarm.statistic,
                period=300,
                evaluation_periods=alarm.periods,
                comparison_operator=alarm.comparison,
                threshold=alarm.threshold,
                opts=named,
            )

        for alarm in API_ALARMS:
            aws.cloudwatch.MetricAlarm(
                alarm.name,
                name=naming.name("alarm", alarm.name),
                alarm_actions=[topic.arn],
                ok_actions=[topic.arn],
                treat_missing_data="notBreaching",
                tags=naming.tags("alarm", alarm.name),
                alarm_description=alarm.description,
                namespace="AWS/ApiGateway",
                metric_name=alarm.metric,
                dimensions={"ApiName": naming.name("api"), "Stage": naming.environment},
                statistic=alarm.statistic,
                period=300,
                evaluation_periods=alarm.periods,
                comparison_operator=alarm.comparison,
                threshold=alarm.threshold,
                opts=named,
            )

        for alarm in LOAD_BALANCER_ALARMS:
            aws.cloudwatch.MetricAlarm(
                alarm.name,
                name=naming.name("alarm", alarm.name),
                alarm_actions=[topic.arn],
                ok_actions=[topic.arn],
                treat_missing_data="notBreaching",
                tags=naming.tags("alarm", alarm.name),
                alarm_description=alarm.description,
                namespace="AWS/ApplicationELB",
                metric_name=alarm.metric,
                dimensions={"LoadBalancer": args.load_balancer_arn_suffix},
                statistic=alarm.statistic,
                period=300,
                evaluation_periods=alarm.periods,
                comparison_operator=alarm.comparison,
                threshold=alarm.threshold,
                opts=named,
            )

        for alarm in TARGET_ALARMS:
            aws.cloudwatch.MetricAlarm(
                f"{alarm.function}-health",
                name=naming.name("alarm", f"{alarm.function}-health"),
                alarm_actions=[topic.arn],
                ok_actions=[topic.arn],
                treat_missing_data="notBreaching",
                tags=naming.tags("alarm", f"{alarm.function}-health"),
                alarm_description=f"{alarm.function} fails the load balancer's health checks",
                namespace="AWS/ApplicationELB",
                metric_name="UnHealthyHostCount",
                dimensions={
                    "LoadBalancer": args.load_balancer_arn_suffix,
                    "TargetGroup": args.target_group_suffixes[alarm.function],
                },
                statistic="Maximum",
                period=300,
                evaluation_periods=2,
                comparison_operator="GreaterThanThreshold",
                threshold=0,
                opts=named,
            )

        for alarm in FUNCTION_ALARMS:
            aws.cloudwatch.MetricAlarm(
                f"{alarm.function}-errors",
                name=naming.name("alarm", f"{alarm.function}-errors"),
                alarm_actions=[topic.arn],
                ok_actions=[topic.arn],
                treat_missing_data="notBreaching",
                tags=naming.tags("alarm", f"{alarm.function}-errors"),
                alarm_description=f"{alarm.function} error rate above {alarm.error_percent} %",
                metric_queries=[
                    {
                        "id": "error_rate",
                        # With fewer than 5 calls, one failure would be a high rate.
                        "expression": (
                            f"IF(invocations - {alarm.health_checks}"
                            f" >= 5, 100 * errors / (invocations - {alarm.health_checks}), 0)"
                        ),
                        "label": "Error rate, %",
                        "return_data": True,
                    },
                    {
                        "id": "errors",
                        "metric": {
                            "namespace": "AWS/Lambda",
                            "metric_name": "Errors",
                            "dimensions": {"FunctionName": naming.name("lambda", alarm.function)},
                            "period": 300,
                            "stat": "Sum",
                        },
                    },
                    {
                        "id": "invocations",
                        "metric": {
                            "namespace": "AWS/Lambda",
                            "metric_name": "Invocations",
                            "dimensions": {"FunctionName": naming.name("lambda", alarm.function)},
                            "period": 300,
                            "stat": "Sum",
                        },
                    },
                ],
                evaluation_periods=1,
                comparison_operator="GreaterThanThreshold",
                threshold=alarm.error_percent,
                opts=named,
            )
            aws.cloudwatch.MetricAlarm(
                f"{alarm.function}-throttles",
                name=naming.name("alarm", f"{alarm.function}-throttles"),
                alarm_actions=[topic.arn],
                ok_actions=[topic.arn],
                treat_missing_data="notBreaching",
                tags=naming.tags("alarm", f"{alarm.function}-throttles"),
                alarm_description=(
                    f"{alarm.function} throttled: the account's concurrency is used up"
                ),
                namespace="AWS/Lambda",
                metric_name="Throttles",
                dimensions={"FunctionName": naming.name("lambda", alarm.function)},
                statistic="Sum",
                period=300,
                evaluation_periods=1,
                comparison_operator="GreaterThanThreshold",
                threshold=0,
                opts=named,
            )

        self.topic_arn = topic.arn
        self.register_outputs({"topic_arn": self.topic_arn})
