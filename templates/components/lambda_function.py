"""A Lambda function with a role of its own: what all functions of the environment have in common.

Requirements: {{ requirements|safe }}.
What a function may do, its environment and its settings are in its own module.
"""

from __future__ import annotations

{{ imports|safe }}

{{ shared|safe }}

@dataclass(frozen=True, kw_only=True)
class LambdaFunctionArgs:
    """What one function may do and how it runs."""

    # What the layers around the functions offer to all of them.
    shared: FunctionsArgs
{{ fields|safe }}{% if has_predecessors %}    # What is done before the function is made or changed.
    predecessors: tuple[pulumi.Resource, ...] = ()
{% endif %}{% if has_renamed %}    # What the function was called in stacks that still have it under that name.
    renamed_from: str | None = None
{% endif %}

class LambdaFunction(pulumi.ComponentResource):
    """A function with its role and policy, its log group, and a queue for calls that failed."""

{{ outputs|safe }}
    def __init__(
        self,
        name: str,
        args: LambdaFunctionArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        # Earlier versions had a component type for each function: `HealthCheck` for `health-check`.
        earlier = "".join(part.capitalize() for part in name.split("-"))
{% if has_renamed %}        aliases = [pulumi.Alias(type_=f"paystage:index:{earlier}")]
        if args.renamed_from is not None:
            aliases.append(pulumi.Alias(name=args.renamed_from))
        renamed = pulumi.ResourceOptions(aliases=aliases)
{% else %}        renamed = pulumi.ResourceOptions(aliases=[pulumi.Alias(type_=f"paystage:index:{earlier}")])
{% endif %}        super().__init__(
            "paystage:index:LambdaFunction",
            name,
            None,
            pulumi.ResourceOptions.merge(opts, renamed),
        )
        shared, naming = args.shared, args.shared.naming
{% if uses_child %}        child = pulumi.ResourceOptions(parent=self)
{% endif %}{% if uses_named %}        # Physical names are fixed, so a replacement deletes the old resource first.
{% if has_renamed %}        # A renamed function has new names: its new resources are created first.
        named = pulumi.ResourceOptions(parent=self, delete_before_replace=args.renamed_from is None)
{% else %}        named = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
{% endif %}{% endif %}
{{ body|safe }}
{{ assignments|safe }}        self.register_outputs({{ registered|safe }})
