"""The functions: one module each, because each is granted something else.

Requirements: FN-1, FN-4.
"""

from __future__ import annotations

import pulumi

from components.functions.audit_relay import audit_relay_function
from components.functions.deep_health import deep_health_function
from components.functions.health import health_function
from components.functions.migrate import migrate_function
from components.functions.payment_status import payment_status_function
from components.functions.validate_payment import validate_payment_function
from components.lambda_function import FunctionsArgs


class Functions(pulumi.ComponentResource):
    """All functions of the environment."""

    function_names: dict[str, pulumi.Output[str]]
    function_arns: dict[str, pulumi.Output[str]]

    def __init__(
        self,
        name: str,
        args: FunctionsArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("paystage:index:Functions", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        # Others wait for what this one does.
        first, migrations = migrate_function(args, child)
        functions = {
            "migrate": first,
            "validate-payment": validate_payment_function(args, child, migrations),
            "payment-status": payment_status_function(args, child, migrations),
            "audit-relay": audit_relay_function(args, child, migrations),
            "health": health_function(args, child),
            "deep-health": deep_health_function(args, child, migrations),
        }
        self.function_names = {key: function.function_name for key, function in functions.items()}
        self.function_arns = {key: function.function_arn for key, function in functions.items()}
        self.register_outputs(
            {
                "function_names": self.function_names,
                "function_arns": self.function_arns,
            }
        )
