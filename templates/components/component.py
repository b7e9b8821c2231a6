"""{{ module_doc|safe }}"""

from __future__ import annotations

{{ imports|safe }}{% if !constants.is_empty() %}
{{ constants|safe }}{% endif %}

{{ tables|safe }}{{ arguments|safe }}

class {{ class|safe }}(pulumi.ComponentResource):
    """{{ doc|safe }}"""
{% if !outputs.is_empty() %}
{{ outputs|safe }}{% endif %}
    def __init__(
        self,
        name: str,
        args: {{ args|safe }},
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__({{ token }}, name, None, opts)
{% if uses_naming %}        naming = args.naming
{% endif %}{% if uses_child %}        child = pulumi.ResourceOptions(parent=self)
{% endif %}{% if uses_named %}        # Physical names are fixed, so a replacement deletes the old resource first.
        named = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
{% endif %}{{ locals|safe }}
{{ body|safe }}
{{ assignments|safe }}        self.register_outputs({{ registered|safe }})
