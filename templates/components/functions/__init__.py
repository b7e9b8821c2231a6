"""The functions: one module each, because each is granted something else.

Requirements: FN-1, FN-4.
"""

from __future__ import annotations

import pulumi

{{ imports|safe }}

class Functions(pulumi.ComponentResource):
    """All functions of the environment."""
{% if !outputs.is_empty() %}
{{ outputs|safe }}{% endif %}
    def __init__(
        self,
        name: str,
        args: FunctionsArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("paystage:index:Functions", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
{{ first|safe }}        functions = {
{{ members|safe }}        }
{{ assignments|safe }}        self.register_outputs({{ registered|safe }})
