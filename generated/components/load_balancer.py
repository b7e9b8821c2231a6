"""The Application Load Balancer: HTTPS only, functions behind it, what it answers itself is fixed.

Requirements: LB-1, LB-2, LB-3, NET-8, MON-1.
The private key of the self-signed certificate lies in the stack's state, as a secret.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_tls as tls

import archives
from naming import Naming


@dataclass(frozen=True, kw_only=True)
class FunctionTarget:
    """A function behind the load balancer."""

    function: str
    short_name: str
    lists: bool


# Names of target groups hold 32 characters: hence the short names.
TARGETS = (
    FunctionTarget(function="validate-payment", short_name="validate", lists=True),
    FunctionTarget(function="payment-status", short_name="payment", lists=True),
    FunctionTarget(function="health", short_name="health", lists=True),
)


@dataclass(frozen=True, kw_only=True)
class ListenerRule:
    """Paths that go to a function; the lowest priority that matches wins."""

    name: str
    pattern: str
    function: str
    priority: int


LISTENER_RULES = (
    ListenerRule(
        name="payments-validate",
        pattern="/payments/validate",
        function="validate-payment",
        priority=35385,
    ),
    ListenerRule(
        name="payments-status",
        pattern="/payments/status",
        function="payment-status",
        priority=36937,
    ),
    ListenerRule(name="health", pattern="/health", function="health", priority=43837),
)


@dataclass(frozen=True, kw_only=True)
class LoadBalancerArgs:
    """What the layer needs from the ones before it."""

    naming: Naming
    load_balancer_group_id: pulumi.Input[str]
    public_subnet_ids: list[pulumi.Output[str]]
    log_bucket_id: pulumi.Input[str]
    log_bucket_policy: pulumi.Resource
    internet_gateway: pulumi.Resource
    function_names: dict[str, pulumi.Output[str]]
    function_arns: dict[str, pulumi.Output[str]]
    log_bucket_versioning: pulumi.Resource
    logs_key_arn: pulumi.Input[str]


class LoadBalancer(pulumi.ComponentResource):
    """Entry for the networks of the spec; it invokes functions and reaches nothing else."""

    load_balancer_arn: pulumi.Output[str]
    load_balancer_arn_suffix: pulumi.Output[str]
    target_group_suffixes: dict[str, pulumi.Output[str]]
    load_balancer_dns_name: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: LoadBalancerArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("paystage:index:LoadBalancer", name, None, opts)
        naming = args.naming
        child = pulumi.ResourceOptions(parent=self)
        # Physical names are fixed, so a replacement deletes the old resource first.
        named = pulumi.ResourceOptions(parent=self, delete_before_replace=True)

        certificate_key = tls.PrivateKey(
            "certificate-key",
            algorithm="RSA",
            rsa_bits=2048,
            opts=child,
        )
        self_signed = tls.SelfSignedCert(
            "self-signed",
            private_key_pem=certificate_key.private_key_pem,
            subject={"common_name": f"{naming.name('alb')}.internal"},
            dns_names=[f"{naming.name('alb')}.internal"],
            allowed_uses=["digital_signature", "key_encipherment", "server_auth"],
            validity_period_hours=8760,
            early_renewal_hours=720,
            opts=child,
        )
        certificate = aws.acm.Certificate(
            "certificate",
            certificate_body=self_signed.cert_pem,
            private_key=certificate_key.private_key_pem,
            tags=naming.tags("cert"),
            opts=child,
        )
        load_balancer = aws.lb.LoadBalancer(
            "load-balancer",
            name=naming.name("alb"),
            internal=False,
            security_groups=[args.load_balancer_group_id],
            subnets=args.public_subnet_ids,
            drop_invalid_header_fields=True,
            desync_mitigation_mode="defensive",
            enable_deletion_protection=False,
            access_logs={"bucket": args.log_bucket_id, "enabled": True},
            tags=naming.tags("alb"),
            # Creation writes a test object to the log bucket.
            # A public balancer needs the way out, and gives its addresses back before that goes.
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[args.log_bucket_policy, args.internet_gateway],
                delete_before_replace=True,
            ),
        )

        target_group_arns: dict[str, pulumi.Output[str]] = {}
        attachments: list[pulumi.Resource] = []
        target_group_suffixes: dict[str, pulumi.Output[str]] = {}
        for target in TARGETS:
            target_group = aws.lb.TargetGroup(
                f"target/{target.short_name}",
                name=naming.name("tg", target.short_name),
                target_type="lambda",
                # Otherwise a function sees the last of two headers, and not that there were two.
                lambda_multi_value_headers_enabled=target.lists,
                health_check={
                    "enabled": True,
                    "path": "/health",
                    "matcher": "200",
                    # Every node of the load balancer invokes the function for each check.
                    "interval": 300,
                    "timeout": 30,
                    "healthy_threshold": 2,
                    "unhealthy_threshold": 2,
                },
                tags=naming.tags("tg", target.short_name),
                opts=pulumi.ResourceOptions(
                    parent=self,
                    aliases=[pulumi.Alias(name=target.function)],
                    delete_before_replace=False,
                ),
            )
            target_group_arns[target.function] = target_group.arn
            target_group_suffixes[target.function] = target_group.arn_suffix
            target_permission = aws.lambda_.Permission(
                f"alb-{target.function}-{target.short_name}",
                # Earlier versions had others, which are as good.
                statement_id=naming.name("permission", f"target-{target.short_name}"),
                function=args.function_names[target.function],
                action="lambda:InvokeFunction",
                principal="elasticloadbalancing.amazonaws.com",
                source_arn=target_group.arn,
                opts=pulumi.ResourceOptions(
                    parent=self,
                    aliases=[pulumi.Alias(name=f"alb-{target.function}")],
                    delete_before_replace=True,
                    ignore_changes=["statement_id"],
                ),
            )
            attachment = aws.lb.TargetGroupAttachment(
                f"target/{target.short_name}",
                target_group_arn=target_group.arn,
                target_id=args.function_arns[target.function],
                # Refused while the balancer may not invoke the function.
                opts=pulumi.ResourceOptions(
                    parent=self,
                    depends_on=[target_permission],
                    aliases=[pulumi.Alias(name=target.function)],
                    delete_before_replace=True,
                ),
            )
            attachments.append(attachment)

        client_authorities = aws.s3.BucketObjectv2(
            "client-authorities",
            bucket=args.log_bucket_id,
            key="clients/56f197f47444ee76.pem",
            content=archives.text("certificates/clients.pem"),
            content_type="application/x-pem-file",
            tags=naming.tags("clients"),
            # What is put before has no version to name.
            # One at a time: S3 refuses changes of one bucket that meet.
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[args.log_bucket_versioning, args.log_bucket_policy],
            ),
        )
        trust_store = aws.lb.TrustStore(
            "trust-store",
            name=naming.name("trust"),
            ca_certificates_bundle_s3_bucket=args.log_bucket_id,
            ca_certificates_bundle_s3_key=client_authorities.key,
            # AWS copies this version: what is put there later changes nothing.
            ca_certificates_bundle_s3_object_version=client_authorities.version_id,
            tags=naming.tags("trust"),
            opts=named,
        )
        https_listener = aws.lb.Listener(
            "https-listener",
            load_balancer_arn=load_balancer.arn,
            port=443,
            protocol="HTTPS",
            ssl_policy="ELBSecurityPolicy-TLS13-1-2-2021-06",
            certificate_arn=certificate.arn,
            mutual_authentication={
                "mode": "verify",
                "trust_store_arn": trust_store.arn,
                "ignore_client_certificate_expiry": False,
                "advertise_trust_store_ca_names": "on",
            },
            # A path without a rule reaches no function.
            default_actions=[
                {
                    "type": "fixed-response",
                    "fixed_response": {
                        "content_type": "application/json",
                        "message_body": (
                            '{"type": "urn:paystage:problem:not-found", "title": "Not '
                            'found", "message": "Not found", "status": 404}'
                        ),
                        "status_code": "404",
                    },
                },
            ],
            tags=naming.tags("listener", "https"),
            opts=child,
        )
        aws.lb.Listener(
            "http-listener",
            load_balancer_arn=load_balancer.arn,
            port=80,
            protocol="HTTP",
            default_actions=[
                {
                    "type": "redirect",
                    "redirect": {
                        "port": "443",
                        "protocol": "HTTPS",
                        "status_code": "HTTP_301",
                    },
                },
            ],
            tags=naming.tags("listener", "http"),
            opts=child,
        )

        for rule in LISTENER_RULES:
            aws.lb.ListenerRule(
                rule.name,
                listener_arn=https_listener.arn,
                priority=rule.priority,
                conditions=[{"path_pattern": {"values": [rule.pattern]}}],
                actions=[{"type": "forward", "target_group_arn": target_group_arns[rule.function]}],
                tags=naming.tags("rule", rule.name),
                # Requests move to a function only when it is there.
                opts=pulumi.ResourceOptions(parent=self, depends_on=attachments),
            )

        balancer_logs = aws.cloudwatch.LogGroup(
            "balancer-logs",
            name=f"/aws/vendedlogs/elb/{naming.name('alb')}",
            retention_in_days=30,
            kms_key_id=args.logs_key_arn,
            tags=naming.tags("logs", "alb"),
            opts=named,
        )
        log_source = aws.cloudwatch.LogDeliverySource(
            "log-source",
            name=naming.name("delivery", "alb"),
            log_type="ALB_ACCESS_LOGS",
            resource_arn=load_balancer.arn,
            tags=naming.tags("delivery", "alb"),
            opts=named,
        )
        log_destination = aws.cloudwatch.LogDeliveryDestination(
            "log-destination",
            name=naming.name("delivery", "alb"),
            delivery_destination_configuration={"destination_resource_arn": balancer_logs.arn},
            output_format="json",
            tags=naming.tags("delivery", "alb"),
            opts=named,
        )
        aws.cloudwatch.LogDelivery(
            "log-delivery",
            delivery_source_name=log_source.name,
            delivery_destination_arn=log_destination.arn,
            tags=naming.tags("delivery", "alb"),
            opts=child,
        )

        self.load_balancer_arn = load_balancer.arn
        self.load_balancer_arn_suffix = load_balancer.arn_suffix
        self.target_group_suffixes = target_group_suffixes
        self.load_balancer_dns_name = load_balancer.dns_name
        self.register_outputs(
            {
                "load_balancer_arn": self.load_balancer_arn,
                "load_balancer_arn_suffix": self.load_balancer_arn_suffix,
                "target_group_suffixes": self.target_group_suffixes,
                "load_balancer_dns_name": self.load_balancer_dns_name,
            }
        )
