"""The web application firewall: one list of rules in front of the API and the load balancer.

Requirements: API-3, LB-1, MON-1.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from naming import Naming


@dataclass(frozen=True, kw_only=True)
class FirewallArgs:
    """What the layer needs from the ones before it."""

    naming: Naming
    stage_arn: pulumi.Input[str]
    load_balancer_arn: pulumi.Input[str]
    logs_key_arn: pulumi.Input[str]


class Firewall(pulumi.ComponentResource):
    """Turns away floods and known attacks before they cost an invocation."""

    web_acl_arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: FirewallArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("paystage:index:Firewall", name, None, opts)
        naming = args.naming
        child = pulumi.ResourceOptions(parent=self)
        # Physical names are fixed, so a replacement deletes the old resource first.
        named = pulumi.ResourceOptions(parent=self, delete_before_replace=True)

        web_acl = aws.wafv2.WebAcl(
            "web-acl",
            name=naming.name("waf"),
            scope="REGIONAL",
            default_action={"allow": {}},
            rules=[
                {
                    "name": "rate",
                    "priority": 0,
                    "action": {"block": {}},
                    "statement": {
                        "rate_based_statement": {
                            "aggregate_key_type": "IP",
                            "evaluation_window_sec": 300,
                            "limit": 6000,
                        },
                    },
                    "visibility_config": {
                        "cloudwatch_metrics_enabled": True,
                        "metric_name": naming.name("waf", "rate"),
                        "sampled_requests_enabled": False,
                    },
                },
                {
                    "name": "ip-reputation",
                    "priority": 1,
                    "override_action": {"none": {}},
                    "statement": {
                        "managed_rule_group_statement": {
                            "vendor_name": "AWS",
                            "name": "AWSManagedRulesAmazonIpReputationList",
                        },
                    },
                    "visibility_config": {
                        "cloudwatch_metrics_enabled": True,
                        "metric_name": naming.name("waf", "ip-reputation"),
                        "sampled_requests_enabled": False,
                    },
                },
                {
                    "name": "common",
                    "priority": 2,
                    "override_action": {"none": {}},
                    "statement": {
                        "managed_rule_group_statement": {
                            "vendor_name": "AWS",
                            "name": "AWSManagedRulesCommonRuleSet",
                            "rule_action_overrides": [
                                {
                                    "name": "SizeRestrictions_BODY",
                                    "action_to_use": {"count": {}},
                                },
                            ],
                        },
                    },
                    "visibility_config": {
                        "cloudwatch_metrics_enabled": True,
                        "metric_name": naming.name("waf", "common"),
                        "sampled_requests_enabled": False,
                    },
                },
                {
                    "name": "known-bad-inputs",
                    "priority": 3,
                    "override_action": {"none": {}},
                    "statement": {
                        "managed_rule_group_statement": {
                            "vendor_name": "AWS",
                            "name": "AWSManagedRulesKnownBadInputsRuleSet",
                        },
                    },
                    "visibility_config": {
                        "cloudwatch_metrics_enabled": True,
                        "metric_name": naming.name("waf", "known-bad-inputs"),
                        "sampled_requests_enabled": False,
                    },
                },
                {
                    "name": "sql-injection",
                    "priority": 4,
                    "override_action": {"none": {}},
                    "statement": {
                        "managed_rule_group_statement": {
                            "vendor_name": "AWS",
                            "name": "AWSManagedRulesSQLiRuleSet",
                        },
                    },
                    "visibility_config": {
                        "cloudwatch_metrics_enabled": True,
                        "metric_name": naming.name("waf", "sql-injection"),
                        "sampled_requests_enabled": False,
                    },
                },
            ],
            # What a rule matched would be quoted; paths are hidden from the log below.
            data_protection_config={
                "data_protections": [
                    {
                        "action": "SUBSTITUTION",
                        "field": {"field_type": "BODY"},
                    },
                    {
                        "action": "SUBSTITUTION",
                        "field": {"field_type": "QUERY_STRING"},
                    },
                    {
                        "action": "SUBSTITUTION",
                        "field": {
                            "field_type": "SINGLE_HEADER",
                            "field_keys": [
                                "authorization",
                                "cookie",
                                "idempotency-key",
                                "merchant-id",
                                "payment-id",
                                "referer",
                                "user-agent",
                                "x-api-key",
                            ],
                        },
                    },
                ],
            },
            visibility_config={
                "cloudwatch_metrics_enabled": True,
                "metric_name": naming.name("waf"),
                "sampled_requests_enabled": False,
            },
            tags=naming.tags("waf"),
            opts=named,
        )
        aws.wafv2.WebAclAssociation(
            "api-association",
            resource_arn=args.stage_arn,
            web_acl_arn=web_acl.arn,
            opts=child,
        )
        aws.wafv2.WebAclAssociation(
            "balancer-association",
            resource_arn=args.load_balancer_arn,
            web_acl_arn=web_acl.arn,
            opts=child,
        )

        # WAF writes only to log groups with this prefix.
        firewall_logs = aws.cloudwatch.LogGroup(
            "firewall-logs",
            name=f"aws-waf-logs-{naming.name('waf')}",
            retention_in_days=30,
            kms_key_id=args.logs_key_arn,
            tags=naming.tags("logs", "waf"),
            opts=named,
        )
        aws.wafv2.WebAclLoggingConfiguration(
            "firewall-logging",
            resource_arn=web_acl.arn,
            log_destination_configs=[firewall_logs.arn],
            # Card numbers that a client sends where none belongs; WAF hides no more than this.
            redacted_fields=[
                {"uri_path": {}},
                {"query_string": {}},
                {"single_header": {"name": "authorization"}},
                {"single_header": {"name": "cookie"}},
                {"single_header": {"name": "idempotency-key"}},
                {"single_header": {"name": "merchant-id"}},
                {"single_header": {"name": "payment-id"}},
                {"single_header": {"name": "referer"}},
                {"single_header": {"name": "user-agent"}},
                {"single_header": {"name": "x-api-key"}},
            ],
            opts=child,
        )

        self.web_acl_arn = web_acl.arn
        self.register_outputs({"web_acl_arn": self.web_acl_arn})
