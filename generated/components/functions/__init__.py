"""The functions: one component each, because each is granted something else.

Requirements: FN-1, FN-4.
"""

from __future__ import annotations

import pulumi

from components.functions.arguments import FunctionsArgs
from components.functions.audit_relay import AuditRelay
from components.functions.deep_health import DeepHealth
from components.functions.health import Health
from components.functions.migrate import Migrate
from components.functions.payment_status import PaymentStatus
from components.functions.validate_payment import ValidatePayment
from naming import Naming


class Functions(pulumi.ComponentResource):
    """All functions of the environment."""

    function_names: dict[str, pulumi.Output[str]]
    function_arns: dict[str, pulumi.Output[str]]

    def __init__(
        self,
        naming: Naming,
        args: FunctionsArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("paystage:index:Functions", "functions", None, opts)
        child = pulumi.ResourceOptions(parent=self)

        validate_payment = ValidatePayment(naming, args, child)
        payment_status = PaymentStatus(naming, args, child)
        audit_relay = AuditRelay(naming, args, child)
        migrate = Migrate(naming, args, child)
        health = Health(naming, args, child)
        deep_health = DeepHealth(naming, args, child)

        self.function_names = {
            "validate-payment": validate_payment.function_name,
            "payment-status": payment_status.function_name,
            "audit-relay": audit_relay.function_name,
            "migrate": migrate.function_name,
            "health": health.function_name,
            "deep-health": deep_health.function_name,
        }
        self.function_arns = {
            "validate-payment": validate_payment.function_arn,
            "payment-status": payment_status.function_arn,
            "audit-relay": audit_relay.function_arn,
            "migrate": migrate.function_arn,
            "health": health.function_arn,
            "deep-health": deep_health.function_arn,
        }
        self.register_outputs(
            {
                "function_names": self.function_names,
                "function_arns": self.function_arns,
            }
        )
