"""One page with the metrics of functions, API, database, load balancer and firewall.

Requirements: MON-2, MON-3, MON-4.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from naming import Naming


@dataclass(frozen=True, kw_only=True)
class DashboardArgs:
    """What the layer needs from the ones before it."""

    naming: Naming
    load_balancer_arn_suffix: pulumi.Input[str]


class Dashboard(pulumi.ComponentResource):
    """Where somebody looks first when an alarm has gone off."""

    def __init__(
        self,
        name: str,
        args: DashboardArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("paystage:index:Dashboard", name, None, opts)
        naming = args.naming
        # Physical names are fixed, so a replacement deletes the old resource first.
        named = pulumi.ResourceOptions(parent=self, delete_before_replace=True)

        aws.cloudwatch.Dashboard(
            "dashboard",
            dashboard_name=naming.name("dashboard"),
            dashboard_body=pulumi.Output.json_dumps(
                {
                    "widgets": [
                        {
                            "type": "metric",
                            "x": 0,
                            "y": 0,
                            "width": 8,
                            "height": 6,
                            "properties": {
                                "title": "Functions: invocations",
                                "region": naming.region,
                                "stat": "Sum",
                                "period": 300,
                                "metrics": [
                                    [
                                        "AWS/Lambda",
                                        "Invocations",
                                        "FunctionName",
                                        naming.name("lambda", "validate-payment"),
                                    ],
                                    [".", ".", ".", naming.name("lambda", "payment-status")],
                                    [".", ".", ".", naming.name("lambda", "audit-relay")],
                                    [".", ".", ".", naming.name("lambda", "migrate")],
                                    [".", ".", ".", naming.name("lambda", "health")],
                                    [".", ".", ".", naming.name("lambda", "deep-health")],
                                ],
                            },
                        },
                        {
                            "type": "metric",
                            "x": 8,
                            "y": 0,
                            "width": 8,
                            "height": 6,
                            "properties": {
                                "title": "Functions: errors and throttles",
                                "region": naming.region,
                                "stat": "Sum",
                                "period": 300,
                                "metrics": [
                                    [
                                        "AWS/Lambda",
                                        "Errors",
                                        "FunctionName",
                                        naming.name("lambda", "validate-payment"),
                                    ],
                                    [".", ".", ".", naming.name("lambda", "payment-status")],
                                    [".", ".", ".", naming.name("lambda", "audit-relay")],
                                    [".", ".", ".", naming.name("lambda", "migrate")],
                                    [".", ".", ".", naming.name("lambda", "health")],
                                    [".", ".", ".", naming.name("lambda", "deep-health")],
                                    [
                                        ".",
                                        "Throttles",
                                        ".",
                                        naming.name("lambda", "validate-payment"),
                                    ],
                                    [".", ".", ".", naming.name("lambda", "payment-status")],
                                    [".", ".", ".", naming.name("lambda", "audit-relay")],
                                    [".", ".", ".", naming.name("lambda", "migrate")],
                                    [".", ".", ".", naming.name("lambda", "health")],
                                    [".", ".", ".", naming.name("lambda", "deep-health")],
                                ],
                            },
                        },
                        {
                            "type": "metric",
                            "x": 16,
                            "y": 0,
                            "width": 8,
                            "height": 6,
                            "properties": {
                                "title": "Functions: duration, p95, ms",
                                "region": naming.region,
                                "stat": "p95",
                                "period": 300,
                                "metrics": [
                                    [
                                        "AWS/Lambda",
                                        "Duration",
                                        "FunctionName",
                                        naming.name("lambda", "validate-payment"),
                                    ],
                                    [".", ".", ".", naming.name("lambda", "payment-status")],
                                    [".", ".", ".", naming.name("lambda", "audit-relay")],
                                    [".", ".", ".", naming.name("lambda", "migrate")],
                                    [".", ".", ".", naming.name("lambda", "health")],
                                    [".", ".", ".", naming.name("lambda", "deep-health")],
                                ],
                            },
                        },
                        {
                            "type": "metric",
                            "x": 0,
                            "y": 6,
                            "width": 8,
                            "height": 6,
                            "properties": {
                                "title": "API: requests and errors",
                                "region": naming.region,
                                "stat": "Sum",
                                "period": 300,
                                "metrics": [
                                    [
                                        "AWS/ApiGateway",
                                        "Count",
                                        "ApiName",
                                        naming.name("api"),
                                        "Stage",
                                        naming.environment,
                                    ],
                                    [".", "4XXError", ".", ".", ".", "."],
                                    [".", "5XXError", ".", ".", ".", "."],
                                ],
                            },
                        },
                        {
                            "type": "metric",
                            "x": 8,
                            "y": 6,
                            "width": 8,
                            "height": 6,
                            "properties": {
                                "title": "API: latency, p95, ms",
                                "region": naming.region,
                                "stat": "p95",
                                "period": 300,
                                "metrics": [
                                    [
                                        "AWS/ApiGateway",
                                        "Latency",
                                        "ApiName",
                                        naming.name("api"),
                                        "Stage",
                                        naming.environment,
                                    ],
                                    [".", "IntegrationLatency", ".", ".", ".", "."],
                                ],
                            },
                        },
                        {
                            "type": "metric",
                            "x": 16,
                            "y": 6,
                            "width": 8,
                            "height": 6,
                            "properties": {
                                "title": "Database: CPU utilization, %",
                                "region": naming.region,
                                "stat": "Average",
                                "period": 300,
                                "metrics": [
                                    [
                                        "AWS/RDS",
                                        "CPUUtilization",
                                        "DBInstanceIdentifier",
                                        naming.name("rds"),
                                    ],
                                ],
                            },
                        },
                        {
                            "type": "metric",
                            "x": 0,
                            "y": 12,
                            "width": 8,
                            "height": 6,
                            "properties": {
                                "title": "Database: connections",
                                "region": naming.region,
                                "stat": "Average",
                                "period": 300,
                                "metrics": [
                                    [
                                        "AWS/RDS",
                                        "DatabaseConnections",
                                        "DBInstanceIdentifier",
                                        naming.name("rds"),
                                    ],
                                ],
                            },
                        },
                        {
                            "type": "metric",
                            "x": 8,
                            "y": 12,
                            "width": 8,
                            "height": 6,
                            "properties": {
                                "title": "Database: free storage space, bytes",
                                "region": naming.region,
                                "stat": "Average",
                                "period": 300,
                                "metrics": [
                                    [
                                        "AWS/RDS",
                                        "FreeStorageSpace",
                                        "DBInstanceIdentifier",
                                        naming.name("rds"),
                                    ],
                                ],
                            },
                        },
                        {
                            "type": "metric",
                            "x": 16,
                            "y": 12,
                            "width": 8,
                            "height": 6,
                            "properties": {
                                "title": "Load balancer: requests and errors",
                                "region": naming.region,
                                "stat": "Sum",
                                "period": 300,
                                "metrics": [
                                    [
                                        "AWS/ApplicationELB",
                                        "RequestCount",
                                        "LoadBalancer",
                                        args.load_balancer_arn_suffix,
                                    ],
                                    [".", "HTTPCode_ELB_5XX_Count", ".", "."],
                                    [".", "HTTPCode_Target_5XX_Count", ".", "."],
                                    [".", "ClientTLSNegotiationErrorCount", ".", "."],
                                ],
                            },
                        },
                        {
                            "type": "metric",
                            "x": 0,
                            "y": 18,
                            "width": 8,
                            "height": 6,
                            "properties": {
                                "title": "Load balancer: target response time, p95, s",
                                "region": naming.region,
                                "stat": "p95",
                                "period": 300,
                                "metrics": [
                                    [
                                        "AWS/ApplicationELB",
                                        "TargetResponseTime",
                                        "LoadBalancer",
                                        args.load_balancer_arn_suffix,
                                    ],
                                ],
                            },
                        },
                        {
                            "type": "metric",
                            "x": 8,
                            "y": 18,
                            "width": 8,
                            "height": 6,
                            "properties": {
                                "title": "Firewall: blocked requests",
                                "region": naming.region,
                                "stat": "Sum",
                                "period": 300,
                                "metrics": [
                                    [
                                        "AWS/WAFV2",
                                        "BlockedRequests",
                                        "WebACL",
                                        naming.name("waf"),
                                        "Region",
                                        naming.region,
                                        "Rule",
                                        "ALL",
                                    ],
                                ],
                            },
                        },
                    ],
                }
            ),
            opts=named,
        )

        self.register_outputs({})
